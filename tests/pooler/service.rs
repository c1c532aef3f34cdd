//! A fake Stripe, a database, and two clients of it through a pooler.

use std::collections::BTreeMap;

use serde_json::Value;
use stripe_sync::client::RateBudget;
use stripe_sync::reexport::sqlx::postgres::PgConnectOptions;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, PgPool};
use stripe_sync::testing::FakeStripe;
use stripe_sync::{DatabaseKind, Json, Stripe, StripeSync, Syncer};

use super::bouncer::{Bouncer, Setup};
use super::database::{Database, Pool, postgres};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub(crate) struct Customer {
    id: String,
    email: Option<String>,
    balance: Option<i64>,
    created: stripe_sync::reexport::chrono::DateTime<stripe_sync::reexport::chrono::Utc>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Its status is of a type that this database alone has.
#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub(crate) struct Subscription {
    id: String,
    #[stripe(sql_type = "subscription_status")]
    status: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A database, a pooler before it, and a Stripe.
pub(crate) struct Service {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
    pub(crate) bouncer: Bouncer,
}

impl Service {
    pub(crate) async fn start(setup: Setup) -> Self {
        let database = Database::create(DatabaseKind::Postgres).await;
        let service = Self {
            fake: FakeStripe::builder().seed(14).start().await.unwrap(),
            bouncer: Bouncer::start(&postgres(), setup).await,
            database,
        };
        let statuses = "CREATE TYPE subscription_status AS ENUM ('active', 'canceled', 'incomplete', \
                        'incomplete_expired', 'past_due', 'paused', 'trialing', 'unpaid')";
        sqlx::raw_sql(statuses)
            .execute(service.direct())
            .await
            .unwrap();
        service
    }

    /// The database without the pooler.
    pub(crate) fn direct(&self) -> &PgPool {
        let Pool::Postgres(pool) = &self.database.pool else {
            unreachable!("the database is PostgreSQL's");
        };
        pool
    }

    /// A client's own pool through the pooler.
    pub(crate) async fn pool(&self) -> PgPool {
        self.bouncer
            .pool(self.database.name(), |options| options)
            .await
    }

    /// A client's own pool, set up in some way.
    pub(crate) async fn pool_with(
        &self,
        set_up: impl FnOnce(PgConnectOptions) -> PgConnectOptions,
    ) -> PgPool {
        self.bouncer.pool(self.database.name(), set_up).await
    }

    pub(crate) fn stripe(&self) -> Stripe {
        Stripe::builder(self.fake.secret_key().to_owned())
            .base_url(self.fake.base_url())
            .budget(RateBudget::unlimited())
            .build()
            .unwrap()
    }

    /// A client with the switch.
    pub(crate) async fn syncer(&self) -> Syncer {
        Syncer::builder(self.stripe(), self.pool().await)
            .transaction_pooler(true)
            .build()
    }

    /// Every object of the model is in its table as Stripe has it, and nothing else is.
    pub(crate) async fn assert_truth<M: StripeSync>(&self) {
        let truth = self.fake.truth(M::MODEL.object());
        let truth = truth
            .into_iter()
            .map(|object| (object["id"].as_str().unwrap().to_owned(), object));
        let sql = format!(
            "SELECT id, object::text FROM {} WHERE stripe_deleted_at IS NULL",
            M::MODEL.table()
        );
        let rows: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(self.direct())
            .await
            .unwrap();
        let rows = rows
            .into_iter()
            .map(|(id, object)| (id, serde_json::from_str(&object).unwrap()));
        assert_eq!(
            rows.collect::<BTreeMap<String, Value>>(),
            truth.collect::<BTreeMap<String, Value>>()
        );
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(self.direct())
            .await
            .unwrap()
    }

    pub(crate) async fn end(self) {
        drop(self.bouncer);
        self.database.remove().await;
    }
}
