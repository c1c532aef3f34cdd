//! Objects that a table refused are tried again once it takes them.

use serde_json::json;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, Json, Report, StripeSync, SyncAllOptions, Syncer, reexport::sqlx};

use super::database::{Database, Pool};

/// Objects that are refused.
const REFUSED: usize = 5;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    name: Option<String>,
    #[stripe(raw)]
    object: Json<serde_json::Value>,
}

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    /// A table that refuses some of the objects, and a run that found it so.
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(51).start().await.unwrap();
        for number in 0..20 {
            let name = match number < REFUSED {
                true => "a name that is long",
                false => "short",
            };
            let customer = json!({"id": format!("cus_{number}"), "name": name});
            fake.create("customer", customer).unwrap();
        }
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Customer>().await.unwrap();
        let world = Self {
            fake,
            database,
            syncer,
        };
        world.narrow().await;
        // No event tells of them any more, and no list of what is newer shows them.
        world
            .fake
            .advance(std::time::Duration::from_secs(3 * 86_400));
        let report = world.syncer.sync_all::<Customer>().await.unwrap();
        assert_eq!(report.failed, REFUSED as u64, "{report}");
        world
    }

    async fn end(self) {
        self.database.remove().await;
    }

    async fn run(&self, sql: &'static str) {
        let sql = sqlx::raw_sql(sql);
        match &self.database.pool {
            Pool::Sqlite(pool) => sql.execute(pool).await.map(drop),
            Pool::Postgres(pool) => sql.execute(pool).await.map(drop),
            Pool::MySql(pool) => sql.execute(pool).await.map(drop),
        }
        .unwrap();
    }

    async fn narrow(&self) {
        self.run(match &self.database.pool {
            // Its columns have no width.
            Pool::Sqlite(_) => {
                "CREATE TRIGGER narrow BEFORE INSERT ON customers WHEN length(NEW.name) > 5 \
                 BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: name is too long'); END"
            }
            Pool::Postgres(_) => "ALTER TABLE customers ALTER COLUMN name TYPE varchar(5)",
            Pool::MySql(_) => "ALTER TABLE customers MODIFY name varchar(5)",
        })
        .await;
    }

    async fn widen(&self) {
        self.run(match &self.database.pool {
            Pool::Sqlite(_) => "DROP TRIGGER narrow",
            Pool::Postgres(_) => "ALTER TABLE customers ALTER COLUMN name TYPE text",
            Pool::MySql(_) => "ALTER TABLE customers MODIFY name text",
        })
        .await;
    }

    async fn newer(&self, retries: u64) -> Report {
        let newer = SyncAllOptions::default()
            .incremental(true)
            .max_delete_checks(retries);
        let run = self.syncer.sync_all_with::<Customer>(newer);
        run.await.unwrap()
    }

    async fn still_failed(&self) -> usize {
        self.syncer.failed_rows::<Customer>().await.unwrap().len()
    }
}

async fn what_failed_is_tried_again_by_a_run_over_what_is_newer(world: &World) {
    let report = world.newer(1_000).await;
    assert_eq!(
        (report.failed, report.inserted),
        (REFUSED as u64, 0),
        "{report}"
    );
    assert!(!report.is_complete());
    world.widen().await;
    let report = world.newer(1_000).await;
    assert_eq!(
        (report.failed, report.inserted),
        (0, REFUSED as u64),
        "{report}"
    );
    assert_eq!(world.still_failed().await, 0);
    assert_eq!(world.database.rows("customers").await.len(), 20);
    // Nothing is left to try.
    world.fake.reset_requests();
    let report = world.newer(1_000).await;
    assert_eq!(report.inserted + report.updated, 0, "{report}");
    let reads = world.fake.requests();
    let reads = reads
        .iter()
        .filter(|read| read.endpoint == "/v1/customers/{id}");
    assert_eq!(reads.count(), 0, "{report}");
}

/// The reads for it are bounded, and each failure has its turn.
async fn what_failed_is_tried_again_within_the_reads_of_a_run(world: &World) {
    world.widen().await;
    for (inserted, left) in [(2, 3), (2, 1), (1, 0)] {
        let report = world.newer(2).await;
        assert_eq!(report.inserted, inserted, "{report}");
        assert_eq!(world.still_failed().await, left);
        let warned = report.warnings.join("\n");
        assert_eq!(
            warned.contains(&format!("{left} objects that failed")),
            left > 0,
            "{warned}"
        );
    }
}

on_each_database! { World, start, end:
    what_failed_is_tried_again_by_a_run_over_what_is_newer
    what_failed_is_tried_again_within_the_reads_of_a_run
}
