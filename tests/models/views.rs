//! The views, row by row against what is computed from the fake's objects.

mod customers;
mod failures;
mod ledger;
mod rows;
mod subscriptions;
mod world;

use serde_json::json;
use stripe_sync::reexport::chrono::Utc;
use stripe_sync_models::views;

use self::rows::assert_rows;
use self::world::Views;

impl Views {
    /// Creates the views.
    async fn create_all(&self) {
        for view in views::all() {
            let sql = view.create_sql(self.syncer.registry(), self.kind).unwrap();
            self.execute(sql).await.unwrap();
        }
    }

    /// Expects every view to have the rows that the objects make.
    async fn assert_all(&self) {
        let now = Utc::now().timestamp();
        let found = self
            .rows(
                &views::ACTIVE_SUBSCRIPTIONS,
                subscriptions::COLUMNS,
                &["id"],
            )
            .await;
        assert_rows(
            &found,
            &subscriptions::expected(self, now),
            "active_subscriptions",
        );
        let key = ["customer", "currency"];
        let found = self
            .rows(&views::CUSTOMER_OVERVIEW, customers::COLUMNS, &key)
            .await;
        assert_rows(&found, &customers::expected(self), "customer_overview");
        let found = self
            .rows(&views::BALANCE_LEDGER, ledger::COLUMNS, &["id"])
            .await;
        assert_rows(&found, &ledger::expected(self, now), "balance_ledger");
        let found = self
            .rows(&views::FAILED_PAYMENTS, failures::COLUMNS, &["kind", "id"])
            .await;
        assert_rows(&found, &failures::expected(self), "failed_payments");
    }
}

async fn an_account_as_they_are(world: &Views) {
    for object in [
        "customer",
        "subscription",
        "charge",
        "refund",
        "payment_intent",
        "invoice",
        "payout",
    ] {
        world.fake.generate(object, 30).unwrap();
    }
    world.sync().await;
    world.create_all().await;
    world.assert_all().await;
}

async fn scratch(world: &Views) {
    let price = world.price(json!({ "currency": "usd", "unit_amount": 1000 }));
    let coupon = world.coupon(json!({ "percent_off": 25, "duration": "forever" }));
    let discount = world.discount(&coupon, json!({}));
    world.subscription(json!({ "items": [{ "price": price, "quantity": 3 }], "status": "active", "discounts": [discount] }));
    world.sync().await;
    println!("{}", world.database.name());
}

on_each_database! {
    Views, start, end:
    an_account_as_they_are
    scratch
}
