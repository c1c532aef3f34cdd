//! What becomes of values, known and unknown, good and bad, in columns of the crate's own types.

use custom_types::currency::Currency;
use custom_types::models::{Price, Product, Recurring, Subscription};
use custom_types::product_id::ProductId;
use custom_types::status::Status;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use stripe_sync::reexport::sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::reexport::sqlx::{self, SqlitePool};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    ColumnType, Context, FromEnum, MapError, Origin, StripeObject, StripeSync, Syncer,
};

fn map<M: StripeSync>(object: &Value) -> Result<M, MapError> {
    let object = StripeObject::from_json(object.to_string()).unwrap();
    M::from_stripe(&object, &Context::new(Origin::Direct))
}

/// A price as Stripe sends it, with other values for some members.
fn price(changes: Value) -> Value {
    let mut price = json!({
        "id": "price_1", "object": "price", "product": "prod_1", "currency": "eur", "unit_amount_decimal": "1250",
        "recurring": null, "metadata": {},
    });
    for (name, value) in changes.as_object().unwrap() {
        price[name] = value.clone();
    }
    price
}

#[test]
fn every_type_holds_its_value() {
    let object = price(json!({
        "unit_amount_decimal": "0.000000000001",
        "recurring": { "interval": "month", "interval_count": 3, "usage_type": "licensed" },
        "metadata": { "seats": "25" },
    }));
    let expected = Price {
        id: "price_1".to_owned(),
        product: ProductId("prod_1".to_owned()),
        currency: "eur".parse::<Currency>().unwrap(),
        unit_amount_decimal: Some(Decimal::new(1, 12)),
        recurring: Some(Recurring {
            interval: "month".to_owned(),
            interval_count: 3,
        }),
        seats: Some(25),
    };
    assert_eq!(map::<Price>(&object).unwrap(), expected);
}

#[test]
fn null_and_absent_are_none() {
    let object = price(json!({ "unit_amount_decimal": null }));
    let price = map::<Price>(&object).unwrap();
    assert_eq!(
        (price.unit_amount_decimal, price.recurring, price.seats),
        (None, None, None)
    );
}

#[test]
fn a_reference_is_its_id_in_all_three_forms() {
    for product in [
        json!("prod_1"),
        json!({ "id": "prod_1", "object": "product", "name": "Tea" }),
        json!({ "id": "prod_1", "object": "product", "deleted": true }),
    ] {
        let object = price(json!({ "product": product }));
        let id = map::<Price>(&object).unwrap().product;
        assert_eq!(id, ProductId("prod_1".to_owned()));
    }
    let product = json!({ "id": "prod_1", "object": "product", "name": "Tea" });
    assert_eq!(
        map::<Product>(&product).unwrap().id,
        ProductId("prod_1".to_owned())
    );
}

#[test]
fn a_word_that_the_enum_does_not_know_is_kept() {
    let status = |word: &str| {
        let object = json!({ "id": "sub_1", "object": "subscription", "status": word });
        map::<Subscription>(&object).unwrap().status
    };
    assert_eq!(status("past_due"), Status::PastDue);
    assert_eq!(
        status("hibernating"),
        Status::Other("hibernating".to_owned())
    );
}

/// What is written is read back as the same value.
#[test]
fn columns_read_back_what_they_wrote() {
    for word in ["active", "trialing", "past_due", "canceled", "hibernating"] {
        let status = Status::from_enum(word);
        assert_eq!(Status::from_cell(status.clone().into_cell()), Ok(status));
    }
    let id = ProductId("prod_1".to_owned());
    assert_eq!(ProductId::from_cell(id.clone().into_cell()), Ok(id));
}

#[test]
fn a_bad_value_is_named_by_its_column_and_never_shown() {
    for (changes, column, reason) in [
        (
            json!({ "currency": "EURO" }),
            "currency",
            "expected a currency code of three letters",
        ),
        (
            json!({ "currency": 7 }),
            "currency",
            "expected text, Stripe sent",
        ),
        (
            json!({ "metadata": { "seats": "many" } }),
            "seats",
            "expected a whole number",
        ),
        (
            json!({ "unit_amount_decimal": "12,50" }),
            "unit_amount_decimal",
            "decimal",
        ),
        (
            json!({ "recurring": { "interval": "month" } }),
            "recurring",
            "interval_count",
        ),
        (json!({ "product": {} }), "product", "expected an id"),
    ] {
        let error = map::<Price>(&price(changes.clone())).unwrap_err();
        assert_eq!(error.column(), Some(column), "{changes}: {error}");
        assert!(error.reason().contains(reason), "{changes}: {error}");
        for secret in ["EURO", "many", "12,50"] {
            assert!(!error.to_string().contains(secret), "{error}");
        }
    }
}

#[tokio::test]
async fn a_bad_value_is_one_line_in_the_report() {
    let (fake, pool, syncer) = stage().await;
    syncer.ensure_table::<Price>().await.unwrap();
    let fine = json!({
        "id": "price_fine", "product": "prod_1", "currency": "eur", "unit_amount_decimal": "0.05", "type": "recurring",
        "recurring": { "interval": "year", "interval_count": 1 }, "metadata": { "seats": "25" },
    });
    fake.unchecked().create("price", fine).unwrap();
    let odd = json!({ "id": "price_odd", "metadata": { "seats": "many" } });
    fake.create("price", odd).unwrap();

    let report = syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 1), "{report}");
    let failure = &report.failures[0];
    assert_eq!(
        (failure.id.as_str(), failure.column.as_deref()),
        ("price_odd", Some("seats"))
    );

    let row: (String, String, String, String, i64) = sqlx::query_as(
        "SELECT product, currency, unit_amount_decimal, recurring, seats FROM prices",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(
        (row.0.as_str(), row.1.as_str(), row.2.as_str()),
        ("prod_1", "eur", "0.05")
    );
    let recurring: Value = serde_json::from_str(&row.3).unwrap();
    assert_eq!(
        recurring,
        json!({ "interval": "year", "interval_count": 1 })
    );
    assert_eq!(row.4, 25);
}

#[tokio::test]
async fn an_unknown_word_is_a_row_like_any_other() {
    let (fake, pool, syncer) = stage().await;
    syncer.ensure_table::<Subscription>().await.unwrap();
    fake.unchecked()
        .create("subscription", json!({ "status": "hibernating" }))
        .unwrap();
    let report = syncer.sync_all::<Subscription>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    let status: String = sqlx::query_scalar("SELECT status FROM subscriptions")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(status, "hibernating");
}

async fn stage() -> (FakeStripe, SqlitePool, Syncer) {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    let stripe = fake.stripe().unwrap();
    // A database in memory belongs to one connection.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await
        .unwrap();
    let syncer = Syncer::new(stripe, pool.clone());
    (fake, pool, syncer)
}
