//! The process that is killed: this test binary again, told in an environment variable what to mirror.

use std::env;
use std::time::Duration;

use futures_util::future;
use serde::{Deserialize, Serialize};
use stripe_sync::client::RateBudget;
use stripe_sync::reexport::sqlx::postgres::PgPoolOptions;
use stripe_sync::reexport::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use stripe_sync::{IntoStore as _, Store, StoreError, Stripe, SyncError, Syncer};

use super::models::resource;

/// The environment variable of an [`Order`].
pub(crate) const ORDER: &str = "STRIPE_SYNC_CHILD";
/// What a process says that did nothing because another one does it.
pub(crate) const ANOTHER_RUNS: &str = "another run goes";

/// What a process says before the name of a resource whose lists showed nothing.
pub(crate) const NOTHING: &str = "nothing was shown of";

/// Several processes and several histories share the connections of one server.
const CONNECTIONS: u32 = 4;

/// What a process is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) stripe: String,
    pub(crate) key: String,
    pub(crate) database: Place,
    pub(crate) objects: Vec<String>,
    /// All at once instead of one after the other.
    pub(crate) together: bool,
    /// Only what is newer than the last run.
    pub(crate) incremental: bool,
}

/// A database that another process can open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Place {
    File(String),
    Url(String),
}

impl Place {
    async fn open(&self) -> Store {
        match self {
            Self::File(name) => {
                let options = SqliteConnectOptions::new()
                    .filename(name)
                    .busy_timeout(Duration::from_secs(5));
                let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
                pool.connect_with(options).await.unwrap().into_store()
            }
            Self::Url(url) => {
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
                pool.connect(url).await.unwrap().into_store()
            }
        }
    }
}

/// Ignored, because it is no test: it is what [`Process`](super::process::Process) runs.
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
    runtime.block_on(mirror(&order));
}

async fn mirror(order: &Order) {
    let stripe = Stripe::builder(order.key.clone())
        .base_url(order.stripe.clone())
        .budget(RateBudget::unlimited())
        .build()
        .unwrap();
    let syncer = Syncer::new(stripe, order.database.open().await);
    let runs = order
        .objects
        .iter()
        .map(|object| (resource(object).sync_all)(&syncer, order.incremental));
    let results = if order.together {
        future::join_all(runs).await
    } else {
        let mut results = Vec::new();
        for run in runs {
            results.push(run.await);
        }
        results
    };
    for (object, result) in order.objects.iter().zip(results) {
        match result {
            Ok(report) => {
                println!("{report}");
                if report
                    .warnings
                    .iter()
                    .any(|warning| warning.contains("showed nothing"))
                {
                    println!("{NOTHING} {object}.");
                }
                assert_eq!(report.failed, 0, "{report}");
            }
            Err(SyncError::Store(StoreError::WalkRunning { .. })) => panic!("{ANOTHER_RUNS}"),
            Err(error) => panic!("{error}"),
        }
    }
}
