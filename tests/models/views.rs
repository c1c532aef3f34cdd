//! The views, row by row against what is computed from the fake's objects.

mod cases;
mod customers;
mod failures;
mod ledger;
mod payments;
mod random;
mod rows;
mod strange;
mod subscriptions;
mod world;

use serde_json::{Value, json};
use stripe_sync::reexport::chrono::Utc;
use stripe_sync_models::views;

use self::rows::{Rows, assert_rows};
use self::strange::{
    a_model_that_lacks_a_column_has_no_view, an_amount_is_unknown_where_a_discount_is,
    every_column_may_be_null, views_stand_beside_their_tables,
};
use self::world::Views;

impl Views {
    /// Creates the views.
    async fn create_all(&self) {
        for view in views::all() {
            let sql = view.create_sql(self.syncer.registry(), self.kind).unwrap();
            self.execute(sql).await.unwrap();
        }
    }

    /// The rows of every view.
    async fn read_all(&self) -> [(&'static str, Rows); 4] {
        let mut all = Vec::new();
        for (view, columns, key) in [
            (
                &views::ACTIVE_SUBSCRIPTIONS,
                subscriptions::COLUMNS,
                &["id"][..],
            ),
            (
                &views::CUSTOMER_OVERVIEW,
                customers::COLUMNS,
                &["customer", "currency"],
            ),
            (&views::BALANCE_LEDGER, ledger::COLUMNS, &["id"]),
            (&views::FAILED_PAYMENTS, failures::COLUMNS, &["kind", "id"]),
        ] {
            all.push((view.name(), self.rows(view, columns, key).await));
        }
        all.try_into().unwrap()
    }

    /// Expects every view to have the rows that the objects make.
    async fn assert_all(&self) {
        let now = Utc::now().timestamp();
        let expected = [
            subscriptions::expected(self, now),
            customers::expected(self),
            ledger::expected(self, now),
            failures::expected(self),
        ];
        for ((view, found), expected) in self.read_all().await.iter().zip(&expected) {
            assert_rows(found, expected, view);
        }
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
    for (view, rows) in world.read_all().await {
        assert!(!rows.is_empty(), "{view}");
    }
}

/// Worlds that are made by chance.
const SEEDS: std::ops::Range<u64> = 1..4;

async fn accounts_by_chance(world: &Views) {
    for seed in SEEDS {
        println!("seed {seed}");
        let world = Views::start(world.kind).await;
        random::subscriptions(&world, seed, 30);
        payments::happen(&world, seed, 120);
        world.sync().await;
        world.create_all().await;
        world.assert_all().await;
        world.end().await;
    }
}

async fn customers_have_what_they_paid_and_owe(world: &Views) {
    let [jenny, nobody] = payments::customers(world);
    world.sync().await;
    world.create_all().await;
    world.assert_all().await;
    let key = ["customer", "currency"];
    let found = world
        .rows(&views::CUSTOMER_OVERVIEW, customers::COLUMNS, &key)
        .await;
    let sums = |customer: &str, currency: Value| {
        let row = &found[&format!("{} {currency}", json!(customer))];
        let sums = [
            "payments",
            "lifetime_paid",
            "lifetime_refunded",
            "outstanding",
            "open_invoices",
            "last_payment_amount",
        ];
        sums.map(|sum| row[sum].as_i64())
    };
    // The last one is that of the invoice of 10 that is paid.
    let expected = [4, 2_110, 800, 375, 2, 10].map(Some);
    assert_eq!(sums(&jenny, json!("usd")), expected);
    assert_eq!(sums(&jenny, json!("eur")), [1, 700, 0, 0, 0, 700].map(Some));
    assert_eq!(sums(&nobody, Value::Null)[..5], [Some(0); 5]);
    assert_eq!(found.len(), 3);
}

async fn payments_fail_until_they_are_paid(world: &Views) {
    let mut expected = payments::failures(world);
    world.sync().await;
    world.create_all().await;
    world.assert_all().await;
    let found = world
        .rows(&views::FAILED_PAYMENTS, failures::COLUMNS, &["kind", "id"])
        .await;
    expected.sort();
    let mut keys: Vec<(&str, &str)> = (found.values())
        .map(|row| (row["kind"].as_str().unwrap(), row["id"].as_str().unwrap()))
        .collect();
    keys.sort_unstable();
    let expected: Vec<(&str, &str)> = expected
        .iter()
        .map(|(kind, id)| (*kind, id.as_str()))
        .collect();
    assert_eq!(keys, expected);
}

async fn each_subscription_brings_what_is_written_beside_it(world: &Views) {
    let cases = cases::make(world);
    world.sync().await;
    world.create_all().await;
    let found = world
        .rows(
            &views::ACTIVE_SUBSCRIPTIONS,
            subscriptions::COLUMNS,
            &["id"],
        )
        .await;
    let mut wrong = Vec::new();
    for (id, (about, (amount, before))) in &cases {
        let row = &found[&json!(id).to_string()];
        let amounts = [
            &row["monthly_amount"],
            &row["monthly_amount_before_discounts"],
        ];
        if amounts != [&json!(amount), &json!(before)] {
            wrong.push(format!(
                "{about}: expected {amount:?} and {before:?}, got {amounts:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(found.len(), cases.len());
    world.assert_all().await;
}

on_each_database! {
    Views, start, end:
    an_account_as_they_are
    accounts_by_chance
    customers_have_what_they_paid_and_owe
    payments_fail_until_they_are_paid
    each_subscription_brings_what_is_written_beside_it
    every_column_may_be_null
    an_amount_is_unknown_where_a_discount_is
    views_stand_beside_their_tables
    a_model_that_lacks_a_column_has_no_view
}
