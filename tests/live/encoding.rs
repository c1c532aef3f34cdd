//! A database whose texts are not Unicode's.

use serde_json::{Value, json};
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::postgres::{PgConnection, PgPool};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Connection as _};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{Json, StripeSync, Syncer};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    name: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
struct Coupon {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// LATIN1 has umlauts and no emoji: deliveries are kept all the same, and the row that cannot be encoded fails by name.
#[tokio::test]
async fn what_cannot_be_encoded_fails_one_row() {
    let server = std::env::var("STRIPE_SYNC_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned());
    let mut admin = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .unwrap();
    let database = format!("stripe_sync_latin1_{}", std::process::id());
    let create = format!(
        "CREATE DATABASE {database} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    );
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(&mut admin)
        .await
        .unwrap();
    let pool = PgPool::connect(&format!("{server}/{database}"))
        .await
        .unwrap();

    let fake = FakeStripe::builder().seed(5).start().await.unwrap();
    let syncer = Syncer::new(fake.stripe().unwrap(), pool.clone());
    syncer.ensure_table::<Customer>().await.unwrap();
    syncer.ensure_table::<Coupon>().await.unwrap();
    fake.webhook_endpoint("https://example.com")
        .events(["*"])
        .create()
        .unwrap();
    let live = Live::builder(syncer.clone())
        .model::<Customer>()
        .model::<Coupon>()
        .build()
        .unwrap();
    for (id, name) in [
        ("cus_1", "Jürgen"),
        ("cus_2", "party 🎉"),
        ("cus_3", "plain"),
    ] {
        fake.create("customer", json!({"id": id, "name": name}))
            .unwrap();
    }
    fake.create("coupon", json!({"id": "co_1", "name": "50 € 🎉"}))
        .unwrap();
    for delivery in fake.take_deliveries() {
        let response = live.receive_trusted(delivery.body).await;
        assert_eq!(response.status().as_u16(), 200);
    }
    let processed = live.drain().await.unwrap();
    assert!(
        processed.objects == 2 && processed.retried >= 2,
        "{processed:?}"
    );
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.failed, report.unchanged), (1, 2), "{report}");
    let failure = &report.failures[0];
    assert_eq!(
        (failure.id.as_str(), failure.column.as_deref()),
        ("cus_2", Some("name"))
    );
    assert!(
        failure.reason.contains("encoding") && failure.reason.is_ascii(),
        "{failure}"
    );
    let name: String = sqlx::query_scalar("SELECT name FROM customers WHERE id = 'cus_1'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(name, "Jürgen");

    pool.close().await;
    let drop = format!("DROP DATABASE {database} WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(drop))
        .execute(&mut admin)
        .await
        .unwrap();
}
