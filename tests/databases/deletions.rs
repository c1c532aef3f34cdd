//! Deletions that the database refuses fail alone, by name.

use serde_json::Value;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, IdOutcome, Json, StripeSync, Syncer};

use super::database::Database;

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
struct Coupon {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
    ids: Vec<String>,
}

impl World {
    /// Thirty coupons. An order of the user's names the third, and a draft the second, whose key is looked at when the
    /// transaction ends where the database can do so. They and the fourth are deleted at Stripe.
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(12).start().await.unwrap();
        let ids = fake.generate("coupon", 30).unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Coupon>().await.unwrap();
        assert_eq!(syncer.sync_all::<Coupon>().await.unwrap().inserted, 30);
        let id = match kind {
            DatabaseKind::MySql => "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            _ => "text",
        };
        let deferred = match kind {
            DatabaseKind::MySql => "",
            _ => " DEFERRABLE INITIALLY DEFERRED",
        };
        for (table, key, named) in [("orders", "", &ids[2]), ("drafts", deferred, &ids[1])] {
            let create = format!(
                "CREATE TABLE {table} (coupon {id} NOT NULL, \
                 FOREIGN KEY (coupon) REFERENCES coupons (id){key})"
            );
            database.run(&create).await;
            let insert = format!("INSERT INTO {table} (coupon) VALUES ('{named}')");
            database.run(&insert).await;
        }
        for id in &ids[1..4] {
            fake.delete(id).unwrap();
        }
        Self {
            fake,
            database,
            syncer,
            ids,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    async fn assert_rows(&self, rows: i64) {
        let found = self.database.number("SELECT COUNT(*) FROM coupons");
        assert_eq!(found.await, rows);
    }
}

on_each_database! {
    World, start, end:
    one_that_is_held_fails_alone_in_a_run
    one_that_is_held_fails_alone_by_ids
}

async fn one_that_is_held_fails_alone_in_a_run(world: &World) {
    // Their events are gone: the sweep finds them.
    let away = std::time::Duration::from_secs(40 * 86_400);
    world.fake.advance(away);
    let report = world.syncer.sync_all::<Coupon>().await.unwrap();
    assert_eq!((report.deleted, report.failed), (1, 2), "{report}");
    let failed: Vec<&str> = report.failures.iter().map(|one| &*one.id).collect();
    assert!(
        failed.contains(&&*world.ids[1]) && failed.contains(&&*world.ids[2]),
        "{report}"
    );
    world.assert_rows(29).await;
    for table in ["orders", "drafts"] {
        world.database.run(&format!("DELETE FROM {table}")).await;
    }
    let report = world.syncer.sync_all::<Coupon>().await.unwrap();
    assert_eq!((report.deleted, report.failed), (2, 0), "{report}");
    world.assert_rows(27).await;
}

async fn one_that_is_held_fails_alone_by_ids(world: &World) {
    let asked = world.ids[..5].to_vec();
    let report = world.syncer.sync_by_ids::<Coupon>(asked).await.unwrap();
    let outcome = |number: usize| report.outcome(&world.ids[number]).unwrap();
    assert_eq!(outcome(0), &IdOutcome::Unchanged);
    for held in [1, 2] {
        let IdOutcome::Failed(failure) = outcome(held) else {
            panic!("expected a failure, got {:?}", outcome(held));
        };
        assert!(failure.reason.contains("held"), "{failure}");
    }
    assert_eq!(outcome(3), &IdOutcome::Deleted);
    world.assert_rows(29).await;
}
