//! What goes wrong between the processes of a soak and their database: a line that falls silent, is cut or is slow, or, where there
//! is no line, somebody else who keeps the file locked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;
use stripe_sync::reexport::sqlx::sqlite::SqliteConnectOptions;
use stripe_sync::reexport::sqlx::{self, ConnectOptions as _};
use tokio::task::JoinHandle;

use crate::child;
use crate::database::Pool;
use crate::proxy::Proxy;

/// The most answers of the server until a strike falls.
const SOON: i64 = 40;
/// The slowest line, and the longest lock: longer than the processes wait for one.
const SLOWEST: u64 = 40;
const LONGEST_LOCK: u64 = 6_500;

/// The line to a database.
pub(super) enum Line {
    Proxied {
        proxy: Proxy,
        place: String,
        delays: u64,
    },
    File {
        options: Arc<SqliteConnectOptions>,
        place: String,
        locks: Arc<AtomicU64>,
        locking: Option<JoinHandle<()>>,
    },
}

impl Line {
    /// A line to the database of a pool.
    pub(super) async fn to(pool: &Pool) -> Self {
        let delays = 0;
        match pool {
            Pool::Sqlite(sqlite) => Self::File {
                options: sqlite.connect_options(),
                place: child::place(pool),
                locks: Arc::default(),
                locking: None,
            },
            Pool::Postgres(pool) => {
                let options = (*pool.connect_options()).clone();
                let proxy = Proxy::start(options.get_port()).await;
                let options = options.host("127.0.0.1").port(proxy.port());
                let place = options.to_url_lossy().to_string();
                Self::Proxied {
                    proxy,
                    place,
                    delays,
                }
            }
            Pool::MySql(pool) => {
                let options = (*pool.connect_options()).clone();
                let proxy = Proxy::start(options.get_port()).await;
                let options = options.host("127.0.0.1").port(proxy.port());
                let place = options.to_url_lossy().to_string();
                Self::Proxied {
                    proxy,
                    place,
                    delays,
                }
            }
        }
    }

    /// Where the processes find the database.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Proxied { place, .. } | Self::File { place, .. } => place.clone(),
        }
    }

    /// Something goes wrong now, or a little later.
    pub(super) fn strike(&mut self, rng: &mut Rng) {
        match self {
            Self::Proxied { proxy, delays, .. } => {
                proxy.delay(Duration::ZERO);
                match rng.u8(0..4) {
                    0 => proxy.fall_silent_after(rng.i64(0..SOON)),
                    1 | 2 => proxy.cut_after(rng.i64(0..SOON)),
                    _ => {
                        *delays += 1;
                        proxy.delay(Duration::from_millis(rng.u64(1..SLOWEST)));
                    }
                }
            }
            Self::File {
                options,
                locks,
                locking,
                ..
            } => {
                if locking.as_ref().is_some_and(|lock| !lock.is_finished()) {
                    return;
                }
                let longest = [50, 500, LONGEST_LOCK][rng.usize(0..3)];
                let length = Duration::from_millis(rng.u64(0..longest));
                let (options, locks) = (Arc::clone(options), Arc::clone(locks));
                *locking = Some(tokio::spawn(async move {
                    let mut connection = options.connect().await.unwrap();
                    // Others may have it.
                    let begin = sqlx::raw_sql("BEGIN IMMEDIATE");
                    if begin.execute(&mut connection).await.is_ok() {
                        locks.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(length).await;
                    }
                }));
            }
        }
    }

    /// Nothing goes wrong any more. Returns what did.
    pub(super) async fn mend(self) -> String {
        match self {
            Self::Proxied { proxy, delays, .. } => {
                proxy.behave();
                format!(
                    "{} strikes and {delays} delays of the line",
                    proxy.strikes()
                )
            }
            Self::File { locks, locking, .. } => {
                if let Some(locking) = locking {
                    locking.await.unwrap();
                }
                format!("{} locks of the file", locks.load(Ordering::Relaxed))
            }
        }
    }
}
