//! A fake Stripe, a database, and the service between them.

use std::collections::BTreeMap;

use serde_json::Value;
use stripe_sync::client::RateBudget;
use stripe_sync::live::{Live, LiveBuilder, ProcessStats};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{
    Delivery, FakeEndpoint, FakeStripe, FakeStripeBuilder, without_secrets,
};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{DatabaseKind, Json, Stripe, StripeSync, Syncer};

use super::database::{Database, Pool};
use super::strange::strange;

/// Times that a statement waits for its turn.
const BUSY: u32 = 50;
pub(crate) const URL: &str = "https://example.com/stripe";

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub(crate) struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
pub(crate) struct Coupon {
    id: String,
    name: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub(crate) struct Subscription {
    id: String,
    status: String,
    #[stripe(raw)]
    object: Json<Value>,
}

pub(crate) struct Service {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
    pub(crate) syncer: Syncer,
    pub(crate) endpoint: FakeEndpoint,
}

impl Service {
    pub(crate) async fn start(kind: DatabaseKind) -> Self {
        Self::of(FakeStripe::builder().seed(11), kind).await
    }

    /// Of an account with a share of strange objects.
    pub(crate) async fn start_strange(kind: DatabaseKind) -> Self {
        Self::of(FakeStripe::builder().seed(11).nasty(strange()), kind).await
    }

    async fn of(fake: FakeStripeBuilder, kind: DatabaseKind) -> Self {
        let fake = fake.start().await.unwrap();
        let database = Database::create(kind).await;
        let stripe = Stripe::builder(fake.secret_key().to_owned())
            .base_url(fake.base_url())
            .budget(RateBudget::unlimited())
            .max_retries(0)
            .build()
            .unwrap();
        let syncer = Syncer::new(stripe, database.store());
        syncer.ensure_table::<Customer>().await.unwrap();
        syncer.ensure_table::<Coupon>().await.unwrap();
        syncer.ensure_table::<Subscription>().await.unwrap();
        let endpoint = fake.webhook_endpoint(URL).events(["*"]).create().unwrap();
        Self {
            fake,
            database,
            syncer,
            endpoint,
        }
    }

    pub(crate) async fn end(self) {
        self.database.remove().await;
    }

    /// The service of a process, with everything but handlers.
    pub(crate) fn builder(&self) -> LiveBuilder {
        Live::builder(self.syncer.clone())
            .model::<Customer>()
            .model::<Coupon>()
            .model::<Subscription>()
            .secret(WebhookSecret::new(&self.endpoint.secret).unwrap())
    }

    pub(crate) fn live(&self) -> Live {
        self.builder().build().unwrap()
    }

    /// Runs a statement of the test's own; again while the workers' are in its way.
    pub(crate) async fn run(&self, sql: &str) {
        for _ in 0..BUSY {
            if self.try_to_run(sql).await {
                return;
            }
        }
        panic!("the database was busy {BUSY} times: {sql}");
    }

    /// Runs a statement of the test's own, unless the workers' are in its way.
    pub(crate) async fn try_to_run(&self, sql: &str) -> bool {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let result = match &self.database.pool {
            Pool::Sqlite(pool) => sql.execute(pool).await.map(drop),
            Pool::Postgres(pool) => sql.execute(pool).await.map(drop),
            Pool::MySql(pool) => sql.execute(pool).await.map(drop),
        };
        match result {
            Err(error) if is_contention(&error.to_string()) => false,
            result => {
                result.unwrap();
                true
            }
        }
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .unwrap()
    }

    /// The rows that are not marked, as Stripe's objects.
    pub(crate) async fn rows(&self, table: &str) -> BTreeMap<String, Value> {
        let select = |object: &str| {
            AssertSqlSafe(format!(
                "SELECT id, {object} FROM {table} WHERE stripe_deleted_at IS NULL"
            ))
        };
        let rows: Vec<(String, String)> = match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::query_as(select("object")).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_as(select("object::text")).fetch_all(pool).await,
            Pool::MySql(pool) => {
                let select = select("CAST(object AS CHAR)");
                sqlx::query_as(select).fetch_all(pool).await
            }
        }
        .unwrap();
        rows.into_iter()
            .map(|(id, object)| (id, serde_json::from_str(&object).unwrap()))
            .collect()
    }

    /// Every object of the model is in its table as Stripe has it, without secrets, and nothing else is.
    pub(crate) async fn assert_truth<M: StripeSync>(&self) {
        let truth: BTreeMap<String, Value> = self
            .fake
            .truth(M::MODEL.object())
            .into_iter()
            .map(without_secrets)
            .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
            .collect();
        assert_eq!(self.rows(&M::MODEL.table()).await, truth);
    }

    /// How many requests an endpoint got.
    pub(crate) fn requests(&self, endpoint: &str) -> usize {
        let requests = self.fake.requests();
        let of = requests
            .iter()
            .filter(|request| request.endpoint == endpoint);
        of.count()
    }
}

/// Whether a database says that others were faster: SQLite is busy, or the others were chosen to win a deadlock.
fn is_contention(error: &str) -> bool {
    error.contains("locked") || error.to_lowercase().contains("deadlock")
}

/// What the service answers a delivery, which is signed now.
pub(crate) async fn deliver(live: &Live, delivery: &Delivery) -> u16 {
    let now = chrono_now();
    let headers = delivery.headers(now).into_iter().map(|(name, value)| {
        let name: http::HeaderName = name.parse().unwrap();
        (name, http::HeaderValue::from_str(&value).unwrap())
    });
    let response = live
        .receive(&headers.collect(), delivery.body.clone())
        .await;
    response.status().as_u16()
}

/// Delivers all that is due.
pub(crate) async fn deliver_all(service: &Service, live: &Live) {
    for delivery in service.fake.take_deliveries() {
        assert_eq!(deliver(live, &delivery).await, 200);
    }
}

/// Unix seconds of the real clock, which is what a receiver compares signatures with.
pub(crate) fn chrono_now() -> i64 {
    stripe_sync::reexport::chrono::Utc::now().timestamp()
}

/// Processes all that is due; nothing may fail.
pub(crate) async fn process(live: &Live) -> ProcessStats {
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    processed
}
