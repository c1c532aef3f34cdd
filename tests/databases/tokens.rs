//! Rows with tokens that this bookkeeping has not given: a dump, a copy of one table, lost bookkeeping, another schema's.
//! What changed is written and what is gone is marked, in the same run.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, IdOutcome, Json, Placement, StoreError, StripeSync, SyncError, Syncer,
};

use super::database::Database;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
struct Coupon {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

const ROWS: usize = 230;
/// Of a counter that went far.
const TOKEN: i64 = 5_000_000;

/// A mirror and what changed since: one object, and one that is gone without a trace.
struct World {
    fake: FakeStripe,
    database: Database,
    changed: String,
    gone: String,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(73).start().await.unwrap();
        fake.generate("customer", ROWS).unwrap();
        fake.generate("coupon", 5).unwrap();
        let database = Database::create(kind).await;
        let world = Self {
            changed: fake.ids("customer")[20].clone(),
            gone: fake.ids("customer")[120].clone(),
            fake,
            database,
        };
        let syncer = world.syncer();
        syncer.ensure_table::<Customer>().await.unwrap();
        syncer.ensure_table::<Coupon>().await.unwrap();
        syncer.sync_all::<Customer>().await.unwrap();
        syncer.sync_all::<Coupon>().await.unwrap();
        world
    }

    /// In a process of its own.
    fn syncer(&self) -> Syncer {
        Syncer::new(self.fake.stripe().unwrap(), self.database.store())
    }

    fn change(&self) {
        let name = json!({"name": "changed"});
        self.fake.update(&self.changed, name).unwrap();
        self.fake.delete(&self.gone).unwrap();
        self.fake.delete(&self.fake.ids("coupon")[1]).unwrap();
        // Events of more than 30 days ago are gone.
        self.fake
            .advance(std::time::Duration::from_secs(40 * 86_400));
        self.fake.reset_requests();
    }

    async fn is_true(&self) {
        for (object, table) in [("customer", "customers"), ("coupon", "coupons")] {
            let truth = self.fake.truth(object).into_iter();
            let truth: BTreeMap<String, Value> = truth
                .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
                .collect();
            assert_eq!(self.database.rows(table).await, truth, "{table}");
        }
    }

    /// One run of each does it, and reads what it must.
    async fn one_run_is_enough(&self) {
        let syncer = self.syncer();
        let report = syncer.sync_all::<Customer>().await.unwrap();
        assert_eq!(
            (report.updated, report.deleted, report.failed),
            (1, 1, 0),
            "{report}"
        );
        assert_eq!(syncer.sync_all::<Coupon>().await.unwrap().deleted, 1);
        self.is_true().await;
        let reads = self.fake.request_counts();
        let reads = reads.get("GET /v1/customers/{id}").copied();
        // The one that is gone, and the one that changed, if its page began before its row's token.
        assert!((1..=2).contains(&reads.unwrap_or_default()), "{reads:?}");
        let report = syncer.sync_all::<Customer>().await.unwrap();
        assert_eq!((report.unchanged, report.written()), (ROWS as u64 - 1, 0));
    }

    async fn end(self) {
        self.database.remove().await;
    }
}

on_each_database! {
    World, start, end:
    lost_bookkeeping
    a_copy_with_tokens_of_all_sizes
    rows_of_another_bookkeeping
    a_row_that_only_the_sweep_meets
    rows_with_tokens_that_the_clock_gives_again
    by_ids
    another_placement
    a_token_that_no_counter_reaches
}

async fn lost_bookkeeping(world: &World) {
    for table in ["customers", "coupons"] {
        let raise = format!("UPDATE {table} SET stripe_observed_at = {TOKEN}");
        world.database.run(&raise).await;
    }
    world.database.lose_bookkeeping().await;
    world.change();
    world.one_run_is_enough().await;
}

/// Some rows are from before the first sync, some of a counter that went further than the first rows say.
async fn a_copy_with_tokens_of_all_sizes(world: &World) {
    for (number, id) in world.fake.ids("customer").iter().enumerate() {
        let token = [0, 7, TOKEN, 3 * TOKEN, 9 * TOKEN][number % 5];
        let set = format!("UPDATE customers SET stripe_observed_at = {token} WHERE id = '{id}'");
        world.database.run(&set).await;
    }
    world.database.lose_bookkeeping().await;
    world.change();
    let syncer = world.syncer();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.updated, report.deleted), (1, 1), "{report}");
    syncer.sync_all::<Coupon>().await.unwrap();
    world.is_true().await;
}

/// The table is bound, and its rows came from a dump of another database afterwards.
async fn rows_of_another_bookkeeping(world: &World) {
    for table in ["customers", "coupons"] {
        let raise = format!("UPDATE {table} SET stripe_observed_at = {TOKEN}");
        world.database.run(&raise).await;
    }
    world.change();
    world.one_run_is_enough().await;
}

async fn a_row_that_only_the_sweep_meets(world: &World) {
    for id in [&world.gone, &world.fake.ids("coupon")[1]] {
        for table in ["customers", "coupons"] {
            let raise =
                format!("UPDATE {table} SET stripe_observed_at = {TOKEN} WHERE id = '{id}'");
            world.database.run(&raise).await;
        }
    }
    world.change();
    world.one_run_is_enough().await;
}

/// The counter was raised before, by as much as it is raised now, and lost again: rows that were written in between have
/// the tokens that the next run takes.
async fn rows_with_tokens_that_the_clock_gives_again(world: &World) {
    /// As many rows as are looked at when a table is bound, and some more.
    const LOOKED_AT: i64 = 130;
    const RAISED: i64 = 1_000_000;
    let first = format!("SELECT id FROM customers LIMIT {LOOKED_AT}");
    let first = world.database.texts(&first).await;
    let first = first.into_iter().flatten();
    let first: Vec<String> = first.map(|id| format!("'{id}'")).collect();
    let first = first.join(", ");
    for (row, id) in (1..).zip(world.fake.ids("customer")) {
        if first.contains(&format!("'{id}'")) {
            continue;
        }
        let token = RAISED + row;
        let set = format!("UPDATE customers SET stripe_observed_at = {token} WHERE id = '{id}'");
        world.database.run(&set).await;
        world.fake.delete(&id).unwrap();
    }
    let low = format!("UPDATE customers SET stripe_observed_at = 1 WHERE id IN ({first})");
    world.database.run(&low).await;
    world.database.lose_bookkeeping().await;
    let away = std::time::Duration::from_secs(40 * 86_400);
    world.fake.advance(away);
    let report = world.syncer().sync_all::<Customer>().await.unwrap();
    assert_eq!(report.deleted, ROWS as u64 - LOOKED_AT as u64, "{report}");
    world.is_true().await;
}

async fn by_ids(world: &World) {
    let raise = format!("UPDATE customers SET stripe_observed_at = {TOKEN}");
    world.database.run(&raise).await;
    world.change();
    let ids = [world.changed.as_str(), world.gone.as_str()];
    let syncer = world.syncer();
    let done = syncer.sync_by_ids::<Customer>(ids).await.unwrap();
    assert_eq!(done.outcome(&world.changed), Some(&IdOutcome::Updated));
    assert_eq!(done.outcome(&world.gone), Some(&IdOutcome::Deleted));
    let reads = world.fake.request_counts();
    assert!(reads["GET /v1/customers/{id}"] <= 4, "{reads:?}");
    syncer.sync_all::<Coupon>().await.unwrap();
    world.is_true().await;
}

/// Two placements of the bookkeeping over one table: each has a counter of its own.
async fn another_placement(world: &World) {
    let raise = format!("UPDATE customers SET stripe_observed_at = {TOKEN}");
    world.database.run(&raise).await;
    world.change();
    let other = Syncer::builder(world.fake.stripe().unwrap(), world.database.store())
        .bookkeeping(Placement::default().prefix("other_"))
        .build();
    let report = other.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.updated, report.deleted), (1, 1), "{report}");
    // And back: those that the other one wrote are above this one's counter.
    let name = json!({"name": "again"});
    world.fake.update(&world.changed, name).unwrap();
    let syncer = world.syncer();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.updated, report.deleted), (1, 0), "{report}");
    syncer.sync_all::<Coupon>().await.unwrap();
    world.is_true().await;
}

async fn a_token_that_no_counter_reaches(world: &World) {
    let (most, id) = (i64::MAX, &world.changed);
    let set = format!("UPDATE customers SET stripe_observed_at = {most} WHERE id = '{id}'");
    world.database.run(&set).await;
    world.change();
    let error = world.syncer().sync_all::<Customer>().await.unwrap_err();
    let is = matches!(
        error.root(),
        SyncError::Store(StoreError::TokenOutOfReach { .. })
    );
    assert!(is, "{error:?}");
    assert!(error.to_string().contains("set it to 0"), "{error}");
    let mend = format!("UPDATE customers SET stripe_observed_at = 0 WHERE id = '{id}'");
    world.database.run(&mend).await;
    world.one_run_is_enough().await;
}
