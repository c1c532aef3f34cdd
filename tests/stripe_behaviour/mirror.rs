//! A fake Stripe, a SQLite table in memory, a syncer between them, and the comparison at the end.

use std::collections::BTreeMap;

use serde_json::Value;
use stripe_sync::client::RateBudget;
use stripe_sync::reexport::sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Row, SqlitePool};
use stripe_sync::testing::{FakeStripe, without_secrets};
use stripe_sync::{Report, Stripe, StripeSync, Syncer};

pub(crate) struct Mirror {
    pub(crate) fake: FakeStripe,
    pub(crate) pool: SqlitePool,
    pub(crate) syncer: Syncer,
}

impl Mirror {
    pub(crate) async fn start(seed: u64) -> Self {
        let fake = FakeStripe::builder().seed(seed).start().await.unwrap();
        let syncer_of = fake.secret_key().to_owned();
        Self::with_key(fake, &syncer_of).await
    }

    pub(crate) async fn with_key(fake: FakeStripe, key: &str) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await
            .unwrap();
        let syncer = syncer(&fake, key, &pool);
        Self { fake, pool, syncer }
    }

    /// Makes the table if need be, and runs `sync_all`.
    pub(crate) async fn sync_all<M: StripeSync>(&self) -> Report {
        self.syncer.ensure_table::<M>().await.unwrap();
        let report = self.syncer.sync_all::<M>().await.unwrap();
        println!("{report}");
        report
    }

    /// The whole objects in the column `object`, by id.
    pub(crate) async fn rows(&self, table: &str) -> BTreeMap<String, Value> {
        sqlx::query(AssertSqlSafe(format!(
            "SELECT id, object FROM {table} WHERE stripe_deleted_at IS NULL"
        )))
        .fetch_all(&self.pool)
        .await
        .unwrap()
        .iter()
        .map(|row| {
            let object: String = row.get("object");
            (row.get("id"), serde_json::from_str(&object).unwrap())
        })
        .collect()
    }

    /// Every object that a list can show is in the table as Stripe has it, and nothing else is.
    pub(crate) async fn assert_truth<M: StripeSync>(&self) {
        let truth: BTreeMap<String, Value> = self
            .fake
            .listable(M::MODEL.object())
            .into_iter()
            .map(without_secrets)
            .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
            .collect();
        let rows = self.rows(&M::MODEL.table()).await;
        let missing: Vec<_> = truth.keys().filter(|id| !rows.contains_key(*id)).collect();
        let surplus: Vec<_> = rows.keys().filter(|id| !truth.contains_key(*id)).collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "{} of {} rows missing, {} too many",
            missing.len(),
            truth.len(),
            surplus.len()
        );
        for (id, object) in &truth {
            assert_eq!(&rows[id], object, "{id}");
        }
    }

    /// A key that may read these objects, and its account and events.
    pub(crate) fn restricted_key<const N: usize>(&self, objects: [&str; N]) -> String {
        let always = ["account", "event"];
        let objects = objects.into_iter().chain(always);
        self.fake.add_restricted_key(objects).unwrap()
    }

    /// A syncer of the same tables with another key.
    pub(crate) fn with_other_key(&self, key: &str) -> Syncer {
        syncer(&self.fake, key, &self.pool)
    }

    /// How many requests an endpoint got.
    pub(crate) fn requests(&self, endpoint: &str) -> usize {
        self.fake
            .requests()
            .iter()
            .filter(|request| request.endpoint == endpoint)
            .count()
    }
}

pub(crate) fn syncer(fake: &FakeStripe, key: &str, pool: &SqlitePool) -> Syncer {
    let stripe = Stripe::builder(key.to_owned())
        .base_url(fake.base_url())
        .budget(RateBudget::unlimited())
        .build()
        .unwrap();
    Syncer::new(stripe, pool.clone())
}
