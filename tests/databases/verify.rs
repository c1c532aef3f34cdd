//! Verifications: what was changed by hand is found, named and mended.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, Drift, Json, StripeSync, SyncAllOptions, Syncer, Verification, VerifyOptions,
};

use super::database::Database;

mod children;
mod compare;
mod hooked;
mod hostile;
mod listed;
mod strange;
mod tables;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    balance: Option<i64>,
    created: stripe_sync::reexport::chrono::DateTime<stripe_sync::reexport::chrono::Utc>,
    #[stripe(raw)]
    object: Json<Value>,
    #[stripe(local)]
    notes: Option<String>,
}

/// Only its lists say which coupons there are; each is read by its id.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
struct Coupon {
    id: String,
    name: Option<String>,
}

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(20).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        Self {
            fake,
            database,
            syncer,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// Objects of long ago, which no event tells of, in their table.
    async fn mirrored<M: StripeSync>(&self, objects: usize) -> Vec<String> {
        self.fake.generate(M::MODEL.object(), objects).unwrap();
        self.fake.advance(Duration::from_secs(86_400));
        self.syncer.ensure_table::<M>().await.unwrap();
        let options = SyncAllOptions::default();
        let report = self.syncer.sync_all_with::<M>(options).await.unwrap();
        assert_eq!(report.inserted, objects as u64, "{report}");
        self.fake.reset_requests();
        self.fake.ids(M::MODEL.object())
    }

    async fn verify<M: StripeSync>(&self, options: VerifyOptions) -> Verification {
        let verification = self.syncer.verify_with::<M>(options).await;
        verification.unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Without a wait between two reads.
fn at_once() -> VerifyOptions {
    VerifyOptions::default().grace(Duration::ZERO)
}

/// The lines of a verification that name drift.
fn named(drifts: &[Drift]) -> BTreeSet<String> {
    drifts.iter().map(ToString::to_string).collect()
}

fn set<const N: usize>(lines: [String; N]) -> BTreeSet<String> {
    lines.into_iter().collect()
}

on_each_database! {
    World, start, end:
    what_was_changed_by_hand_is_found_named_and_mended
    a_table_with_hard_deletions_is_mended
    a_quick_verification_looks_at_ids
    a_sample_reads_some_rows
    only_what_is_newer_is_compared
    many_rows_are_compared_in_parts
    one_column_may_be_left_out_to_test_the_test
}

async fn what_was_changed_by_hand_is_found_named_and_mended(world: &World) {
    let ids = world.mirrored::<Customer>(250).await;
    let verification = world.verify::<Customer>(VerifyOptions::default()).await;
    assert!(verification.is_equal(), "{verification}");
    assert_eq!(verification.counts.equal, 250, "{verification}");
    // Three pages and test clocks; nothing is read by its id.
    assert_eq!(verification.requests, 4, "{verification}");

    let run = async |sql: String| world.database.run(&sql).await;
    run(format!("DELETE FROM customers WHERE id = '{}'", ids[3])).await;
    let update = |set: &str, id: &String| format!("UPDATE customers SET {set} WHERE id = '{id}'");
    run(update("email = 'mallory@example.org'", &ids[20])).await;
    run(update("balance = 77", &ids[120])).await;
    run(update("email = NULL, notes = 'mine'", &ids[121])).await;
    run(update(r#"object = '{"id": "cus_x"}'"#, &ids[200])).await;
    run("INSERT INTO customers (id, balance, created, object) SELECT 'cus_added', balance, created, object FROM customers WHERE id = '{}'"
        .replace("{}", &ids[5]))
    .await;
    run(update("stripe_deleted_at = CURRENT_TIMESTAMP", &ids[249])).await;
    // What is the application's own is no drift.
    run(update("notes = 'called twice'", &ids[0])).await;

    let found = world.verify::<Customer>(at_once()).await;
    let expected = set([
        format!("missing {}", ids[3]),
        format!("differing {}: email", ids[20]),
        format!("differing {}: balance", ids[120]),
        format!("differing {}: email", ids[121]),
        format!("differing {}: object", ids[200]),
        "extra cus_added".to_owned(),
        format!("missing {}", ids[249]),
    ]);
    assert_eq!(named(&found.drifts), expected, "{found}");
    assert!(!found.is_equal());
    let counts = found.counts;
    assert_eq!(
        (counts.equal, counts.differing, counts.missing, counts.extra),
        (244, 4, 2, 1),
        "{found}"
    );
    // The pages, and a second read of each of the seven.
    assert_eq!(found.requests, 4 + 7, "{found}");

    let mended = world.verify::<Customer>(at_once().fix(true)).await;
    assert_eq!(mended.counts.fixed, 7, "{mended}");
    assert!(mended.is_equal(), "{mended}");
    assert!(mended.drifts.iter().all(|drift| drift.fixed), "{mended}");
    let after = world.verify::<Customer>(at_once()).await;
    assert_eq!(
        (after.counts.equal, after.counts.drifted()),
        (250, 0),
        "{after}"
    );
    assert_eq!(after.requests, 4, "{after}");
    let notes = format!("SELECT notes FROM customers WHERE id = '{}'", ids[121]);
    assert_eq!(
        world.database.texts(&notes).await,
        [Some("mine".to_owned())]
    );
}

async fn a_table_with_hard_deletions_is_mended(world: &World) {
    let ids = world.mirrored::<Coupon>(30).await;
    let run = async |sql: &str| world.database.run(sql).await;
    run("INSERT INTO coupons (id, name) VALUES ('by_hand', 'x')").await;
    run(&format!("DELETE FROM coupons WHERE id = '{}'", ids[1])).await;
    run(&format!(
        "UPDATE coupons SET name = 'x' WHERE id = '{}'",
        ids[2]
    ))
    .await;
    // Deleted at Stripe, and nobody told.
    world.fake.delete(&ids[7]).unwrap();
    let mended = world.verify::<Coupon>(at_once().fix(true)).await;
    let expected = set([
        "extra by_hand (fixed)".to_owned(),
        format!("missing {} (fixed)", ids[1]),
        format!("differing {}: name (fixed)", ids[2]),
        format!("extra {} (fixed)", ids[7]),
    ]);
    assert_eq!(named(&mended.drifts), expected, "{mended}");
    let after = world.verify::<Coupon>(at_once()).await;
    assert_eq!(
        (after.counts.equal, after.counts.drifted()),
        (29, 0),
        "{after}"
    );
}

async fn a_quick_verification_looks_at_ids(world: &World) {
    let ids = world.mirrored::<Customer>(30).await;
    let run = async |sql: String| world.database.run(&sql).await;
    run(format!("DELETE FROM customers WHERE id = '{}'", ids[3])).await;
    run(format!(
        "UPDATE customers SET email = 'x' WHERE id = '{}'",
        ids[4]
    ))
    .await;
    let found = world.verify::<Customer>(at_once().quick(true)).await;
    assert_eq!(
        named(&found.drifts),
        set([format!("missing {}", ids[3])]),
        "{found}"
    );
    assert_eq!(found.counts.equal, 29, "{found}");
}

async fn a_sample_reads_some_rows(world: &World) {
    let ids = world.mirrored::<Customer>(30).await;
    let found = world.verify::<Customer>(at_once().sample(10)).await;
    assert_eq!((found.counts.equal, found.requests), (10, 10), "{found}");
    world
        .database
        .run("UPDATE customers SET balance = balance + 1")
        .await;
    world.fake.delete(&ids[0]).unwrap();
    let found = world.verify::<Customer>(at_once().sample(1_000)).await;
    let counts = found.counts;
    assert_eq!((counts.differing, counts.extra), (29, 1), "{found}");
    assert_eq!(found.requests, 60, "{found}");
}

async fn only_what_is_newer_is_compared(world: &World) {
    let ids = world.mirrored::<Customer>(30).await;
    let since = world.fake.now();
    for number in 0..5 {
        let customer = json!({"email": format!("{number}@example.org")});
        world.fake.create("customer", customer).unwrap();
    }
    world.fake.delete(&ids[1]).unwrap();
    let since = stripe_sync::reexport::chrono::DateTime::from_timestamp(since, 0).unwrap();
    let found = world.verify::<Customer>(at_once().since(since)).await;
    let counts = found.counts;
    assert_eq!(
        (counts.missing, counts.equal, counts.extra),
        (5, 0, 0),
        "{found}"
    );
}

/// More than are held before they are stored, and than one question about rows returns.
async fn many_rows_are_compared_in_parts(world: &World) {
    world.mirrored::<Coupon>(4_500).await;
    world
        .database
        .run("INSERT INTO coupons (id, name) VALUES ('zzz', 'x')")
        .await;
    let found = world.verify::<Coupon>(at_once()).await;
    assert_eq!(
        named(&found.drifts),
        set(["extra zzz".to_owned()]),
        "{found}"
    );
    assert_eq!((found.counts.equal, found.requests), (4_500, 46), "{found}");
    let left = world
        .database
        .texts("SELECT account FROM stripe_sync_listed WHERE table_name LIKE '%verified%'");
    assert!(left.await.is_empty());
}

async fn one_column_may_be_left_out_to_test_the_test(world: &World) {
    let ids = world.mirrored::<Customer>(3).await;
    let spoil = format!("UPDATE customers SET email = 'x' WHERE id = '{}'", ids[1]);
    world.database.run(&spoil).await;
    assert!(!world.verify::<Customer>(at_once()).await.is_equal());
    let blind = world.verify::<Customer>(at_once().blind_in("email")).await;
    assert!(blind.is_equal(), "{blind}");
}
