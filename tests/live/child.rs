//! The worker process that is killed: this test binary again, told in an environment variable what to serve.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stripe_sync::client::RateBudget;
use stripe_sync::live::{EventPolicy, Live, LiveBuilder};
use stripe_sync::reexport::sqlx::mysql::MySqlPoolOptions;
use stripe_sync::reexport::sqlx::postgres::PgPoolOptions;
use stripe_sync::reexport::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use stripe_sync::reexport::sqlx::{
    self, AssertSqlSafe, ConnectOptions as _, MySql, Postgres, Sqlite,
};
use stripe_sync::webhook::{HandlerForm, WebhookSecret};
use stripe_sync::{IntoStore as _, Store, Stripe, Syncer};

use super::database::Pool;
use super::filters::{Active, Gold, Hard};
use super::histories::parents;
use super::service::{Coupon, Customer, Subscription};
use super::soak::application::{ATTEMPTS, Application, Handlers, Moment};

/// The environment variable of an [`Order`].
pub(crate) const ORDER: &str = "STRIPE_SYNC_WORKER";
/// What handlers write: inside the transaction, and after it.
pub(crate) const TABLES: [&str; 2] = [
    "CREATE TABLE effects (event VARCHAR(255) NOT NULL)",
    "CREATE TABLE told (event VARCHAR(255) NOT NULL)",
];
/// Often enough to matter within a test.
const CATCH_UP_EVERY: Duration = Duration::from_millis(400);
const CONNECTIONS: u32 = 4;
/// sqlx's default.
const CONNECTIONS_OF_A_SOAK: u32 = 10;

/// What a process is to serve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) stripe: String,
    pub(crate) key: String,
    pub(crate) secret: String,
    /// The file, or the URL.
    pub(crate) database: String,
    /// Where the content of customers, coupons and subscriptions comes from.
    pub(crate) copies: bool,
    /// The secret of the destination of thin events, if there is one.
    pub(crate) thin: Option<String>,
    /// Whether handlers follow thin events.
    pub(crate) follows_thin: bool,
    /// Whether it is the version before, which does not mirror coupons.
    pub(crate) is_old: bool,
    /// What the application of a soak does.
    pub(crate) soak: Option<Application>,
}

/// The place of a database, for another process.
pub(crate) fn place(pool: &Pool) -> String {
    match pool {
        Pool::Sqlite(pool) => {
            let options = pool.connect_options();
            options.get_filename().display().to_string()
        }
        Pool::Postgres(pool) => pool.connect_options().to_url_lossy().to_string(),
        Pool::MySql(pool) => pool.connect_options().to_url_lossy().to_string(),
    }
}

/// A pool that waits for its database when it is used.
fn open(place: &str, connections: u32) -> Pool {
    if place.starts_with("postgres") {
        let pool = PgPoolOptions::new().max_connections(connections);
        return Pool::Postgres(pool.connect_lazy(place).unwrap());
    }
    if place.starts_with("mysql") {
        let pool = MySqlPoolOptions::new().max_connections(connections);
        return Pool::MySql(pool.connect_lazy(place).unwrap());
    }
    let options = SqliteConnectOptions::new()
        .filename(place)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().max_connections(connections);
    Pool::Sqlite(pool.connect_lazy_with(options))
}

/// The service with handlers that write down which events they saw.
pub(crate) fn builder(order: &Order, pool: &Pool) -> LiveBuilder {
    let stripe = Stripe::builder(order.key.clone())
        .base_url(order.stripe.clone())
        .budget(RateBudget::unlimited());
    let store: Store = match pool {
        Pool::Sqlite(pool) => pool.into_store(),
        Pool::Postgres(pool) => pool.into_store(),
        Pool::MySql(pool) => pool.into_store(),
    };
    let (syncer, attempts) = match order.soak {
        Some(_) => {
            let stripe = Application::client(stripe).build().unwrap();
            (Application::syncer(stripe, store), Some(ATTEMPTS))
        }
        None => (Syncer::new(stripe.build().unwrap(), store), None),
    };
    let policy = match order.copies {
        true => EventPolicy::Snapshot,
        false => EventPolicy::Refetch,
    };
    let builder = Live::builder(syncer)
        .model_with::<Customer>(policy)
        .model_with::<Subscription>(policy)
        .model_with::<Active>(policy)
        .model_with::<Hard>(policy)
        .model_with::<Gold>(policy);
    let builder = parents::models(builder, policy)
        .secret(WebhookSecret::new(&order.secret).unwrap())
        .handler_form(match order.follows_thin {
            true => HandlerForm::Thin,
            false => HandlerForm::Snapshot,
        })
        .catch_up_every(CATCH_UP_EVERY);
    let builder = match &order.thin {
        Some(secret) => builder.secret(WebhookSecret::new(secret).unwrap()),
        None => builder,
    };
    let builder = match order.is_old {
        true => builder,
        false => builder.model_with::<Coupon>(policy),
    };
    let builder = match attempts {
        Some(attempts) => builder.max_attempts(attempts),
        None => builder,
    };
    let soak = order.soak.clone().map(Handlers::new).map(Arc::new);
    noting(builder, pool, soak)
}

/// The handlers that write down which events they saw, and go wrong as those of a soak do.
pub(crate) fn noting(
    builder: LiveBuilder,
    pool: &Pool,
    soak: Option<Arc<Handlers>>,
) -> LiveBuilder {
    macro_rules! handlers {
        ($database:ident, $pool:ident, $mark:literal) => {{
            let (inside, after, pool) = (soak.clone(), soak, $pool.clone());
            builder
                .in_transaction_boxed::<$database, _>("*", move |event, connection| {
                    let sql = concat!("INSERT INTO effects (event) VALUES (", $mark, ")");
                    let insert = sqlx::query(sql).bind(event.id());
                    let soak = inside.clone();
                    Box::pin(async move {
                        insert.execute(connection).await?;
                        match soak {
                            Some(soak) => soak.pass(Moment::InTransaction).await,
                            None => Ok(()),
                        }
                    })
                })
                .on("*", move |event| {
                    let (pool, soak) = (pool.clone(), after.clone());
                    async move {
                        let sql = concat!("INSERT INTO told (event) VALUES (", $mark, ")");
                        let insert = sqlx::query(sql).bind(event.id());
                        let Some(soak) = soak else {
                            insert.execute(&pool).await?;
                            return Ok(());
                        };
                        soak.pass(Moment::AfterCommit).await?;
                        // Not the pool's: it tests what comes back to it without a limit, on a line that may be silent.
                        let mut connection = pool.connect_options().connect().await?;
                        insert.execute(&mut connection).await?;
                        soak.pass(Moment::AfterCommit).await
                    }
                })
        }};
    }
    match pool {
        Pool::Sqlite(pool) => handlers!(Sqlite, pool, "?"),
        Pool::Postgres(pool) => handlers!(Postgres, pool, "$1"),
        Pool::MySql(pool) => handlers!(MySql, pool, "?"),
    }
}

/// Ignored, because it is no test: it is what [`Process`](super::process::Process) runs. It ends when it is killed.
#[test]
#[ignore = "the process that other tests start and kill"]
fn run() {
    let Ok(order) = env::var(ORDER) else { return };
    let order: Order = serde_json::from_str(&order).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let connections = match order.soak {
            Some(_) => CONNECTIONS_OF_A_SOAK,
            None => CONNECTIONS,
        };
        let pool = open(&order.database, connections);
        let live = builder(&order, &pool).build().unwrap();
        if let Some(soak) = &order.soak {
            soak.receive(&live).await;
        }
        live.run().await;
    });
}

/// Makes the tables of the handlers.
pub(crate) async fn make_tables(pool: &Pool) {
    for table in TABLES {
        let sql = sqlx::raw_sql(AssertSqlSafe(table));
        match pool {
            Pool::Sqlite(pool) => drop(sql.execute(pool).await.unwrap()),
            Pool::Postgres(pool) => drop(sql.execute(pool).await.unwrap()),
            Pool::MySql(pool) => drop(sql.execute(pool).await.unwrap()),
        }
    }
}
