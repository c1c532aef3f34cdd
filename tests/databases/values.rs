//! Values on their way to a column and back: what Stripe sent, or NULL, or a failure by name.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::FromRow;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, IdOutcome, Json, StripeObject, StripeSync, SyncAllOptions, Syncer,
    reexport::chrono::DateTime, reexport::chrono::Utc,
};

use super::database::{Database, Pool};

/// A member that Stripe's schema calls required, and that Stripe sends as null, or not at all.
#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    amount_overpaid: Option<i64>,
    currency: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
struct Coupon {
    id: String,
    percent_off: Option<Decimal>,
}

/// The struct is read with sqlx's own derive.
#[derive(Debug, FromRow, StripeSync)]
#[stripe(object = "customer", table = "customers", on_delete = soft)]
struct Customer {
    id: String,
    created: DateTime<Utc>,
    #[stripe(deleted_at)]
    deleted_at: Option<DateTime<Utc>>,
    #[stripe(synced_at)]
    synced_at: Option<DateTime<Utc>>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    #[stripe(sql_type = "char(3)")]
    currency: String,
    #[stripe(sql_type = "json", raw)]
    object: Json<Value>,
}

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(10).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Invoice>().await.unwrap();
        syncer.ensure_table::<Coupon>().await.unwrap();
        Self {
            fake,
            database,
            syncer,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// Writes an object that Stripe sent in this form.
    async fn sync<M: StripeSync>(&self, object: &Value) {
        let token = self.syncer.start_read().await.unwrap();
        let object = StripeObject::from_json(object.to_string()).unwrap();
        let outcome = self.syncer.sync::<M>(object.read_since(token)).await;
        let written = [IdOutcome::Inserted, IdOutcome::Updated];
        assert!(written.contains(outcome.as_ref().unwrap()), "{outcome:?}");
    }
}

on_each_database! {
    World, start, end:
    null_of_a_required_member_is_null_and_nothing_is_kept
    a_long_fraction_is_kept_and_not_written_again
}

async fn null_of_a_required_member_is_null_and_nothing_is_kept(world: &World) {
    let invoice = |id: &str, more: Value| {
        let mut object = json!({"id": id, "object": "invoice", "livemode": false, "created": 1});
        let members = more.as_object().unwrap().clone();
        object.as_object_mut().unwrap().extend(members);
        object
    };
    let overpaid = "SELECT CAST(amount_overpaid AS CHAR(9)) FROM invoices ORDER BY id";
    let trimmed = async || {
        let texts = world.database.texts(overpaid).await.into_iter();
        let texts = texts.map(|text| text.map(|text| text.trim_end().to_owned()));
        texts.collect::<Vec<_>>()
    };
    let usd = json!({"currency": "usd"});
    // Inserted: nothing and null are NULL.
    world.sync::<Invoice>(&invoice("in_1", usd.clone())).await;
    let null = json!({"currency": "usd", "amount_overpaid": null});
    world.sync::<Invoice>(&invoice("in_2", null.clone())).await;
    let seven = json!({"currency": "usd", "amount_overpaid": 7});
    world.sync::<Invoice>(&invoice("in_3", seven.clone())).await;
    world.sync::<Invoice>(&invoice("in_4", seven)).await;
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(trimmed().await, [None, None, some("7"), some("7")]);
    // Updated: nothing keeps what is stored, null clears it.
    let eur = json!({"currency": "eur"});
    world.sync::<Invoice>(&invoice("in_3", eur)).await;
    world.sync::<Invoice>(&invoice("in_4", null)).await;
    assert_eq!(trimmed().await, [None, None, some("7"), None]);
    let currencies = world
        .database
        .texts("SELECT currency FROM invoices ORDER BY id")
        .await;
    assert_eq!(currencies, ["usd", "usd", "eur", "usd"].map(some));
}

async fn a_long_fraction_is_kept_and_not_written_again(world: &World) {
    let percent = "33.333333333333336";
    let coupon = json!({"id": "third", "percent_off": percent.parse::<f64>().unwrap()});
    world.fake.create("coupon", coupon).unwrap();
    let report = world.syncer.sync_all::<Coupon>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    let stored = world
        .database
        .texts("SELECT CAST(percent_off AS CHAR(80)) FROM coupons")
        .await;
    let stored: Decimal = stored[0].as_ref().unwrap().trim().parse().unwrap();
    assert_eq!(stored, percent.parse().unwrap());
    let fresh = SyncAllOptions::default().rewrite_unchanged(true);
    let report = world.syncer.sync_all_with::<Coupon>(fresh).await.unwrap();
    assert_eq!((report.written(), report.unchanged), (0, 1), "{report}");
}

#[tokio::test]
async fn sqlx_reads_the_struct_on_sqlite() {
    let world = World::start(DatabaseKind::Sqlite).await;
    let Pool::Sqlite(pool) = &world.database.pool else {
        panic!("expected SQLite");
    };
    world.syncer.ensure_table::<Customer>().await.unwrap();
    for (id, created) in [("cus_1", 1_751_027_896), ("cus_2", 1_700_000_000)] {
        let new = json!({"id": id, "created": created});
        world.fake.create("customer", new).unwrap();
    }
    world.syncer.sync_all::<Customer>().await.unwrap();
    world.fake.delete("cus_2").unwrap();
    world
        .syncer
        .sync_by_ids::<Customer>(["cus_2"])
        .await
        .unwrap();
    let rows: Vec<Customer> =
        sqlx::query_as("SELECT * FROM customers ORDER BY datetime(created) DESC")
            .fetch_all(pool)
            .await
            .unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.created.timestamp()))
        .collect();
    assert_eq!(
        told,
        [("cus_1", 1_751_027_896), ("cus_2", 1_700_000_000)],
        "{rows:?}"
    );
    assert!(rows[0].deleted_at.is_none() && rows[0].synced_at.is_some());
    assert!(rows[1].deleted_at.is_some(), "{rows:?}");
    world.end().await;
}

#[tokio::test]
async fn a_type_keeps_its_length_on_postgres() {
    let world = World::start(DatabaseKind::Postgres).await;
    world.syncer.ensure_table::<Price>().await.unwrap();
    let price = json!({"id": "price_1", "currency": "usd", "nickname": "nul\u{0}nul"});
    world.fake.create("price", price).unwrap();
    let report = world.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    let kept = world
        .database
        .texts("SELECT currency || ' ' || (object::text LIKE '%nul\\\\u0000nul%') FROM prices")
        .await;
    assert_eq!(kept, [Some("usd true".to_owned())]);
    world.end().await;
}
