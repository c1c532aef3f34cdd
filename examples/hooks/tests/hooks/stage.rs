//! A fake Stripe, an empty database, and a syncer between them.

use stripe_sync::reexport::sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, SqlitePool};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{Stripe, Syncer};

pub struct Stage {
    pub fake: FakeStripe,
    pub stripe: Stripe,
    pub pool: SqlitePool,
}

impl Stage {
    pub async fn new() -> Self {
        let fake = FakeStripe::builder().seed(1).start().await.unwrap();
        let stripe = fake.stripe().unwrap();
        // A database in memory belongs to one connection.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await
            .unwrap();
        Self { fake, stripe, pool }
    }

    /// A syncer whose hooks find `state`.
    pub fn syncer<T: Send + Sync + 'static>(&self, state: T) -> Syncer {
        Syncer::builder(self.stripe.clone(), self.pool.clone())
            .state(state)
            .build()
    }

    /// The first column of a query.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    pub async fn execute(&self, statement: &str) {
        sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&self.pool)
            .await
            .unwrap();
    }
}
