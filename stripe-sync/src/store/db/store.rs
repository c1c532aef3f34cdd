//! The database of the mirrored tables: a pool, its settings, and what was learned of the tables.

pub(crate) mod facts;
pub(crate) mod place;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stripe_sync_schema::bookkeeping::Placement;

use crate::model::registry::Registry;
use crate::store::db::connection::each_database;
use crate::store::db::pool::Pool;
use crate::store::db::{DatabaseKind, Scope, StoreError};
use place::Places;

/// How long a statement may take, and how long a connection may be waited for, unless the application says otherwise:
/// as long as sqlx's pools wait for a connection.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest name of a channel, in bytes: that of an identifier of PostgreSQL.
const LONGEST_CHANNEL: usize = 63;

/// How long a statement that changes a table may take: it may rewrite every row.
pub(crate) const DDL_TIMEOUT: Duration = Duration::from_secs(3600);

/// How long a statement may take that looks at every row of a table: a large one on a slow disk needs minutes.
pub(crate) const SCAN_TIMEOUT: Duration = Duration::from_secs(600);

/// The database of the mirrored tables, made from a pool of sqlx. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pool: Pool,
    pub(crate) settings: Arc<Settings>,
    pub(crate) places: Arc<Places>,
    /// Whether the bookkeeping tables are known to exist, and what was asked about the user's tables.
    pub(crate) known: Arc<Capabilities>,
}

/// What the application chose.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where the bookkeeping tables are.
    pub(crate) placement: Placement,
    /// The bound of each statement, and of waiting for a connection.
    pub(crate) statement_timeout: Duration,
    /// Whether a pooler may send each transaction to another connection of the server.
    pub(crate) transaction_pooler: bool,
    /// The channel on which changed rows are told to those who listen, if they are.
    pub(crate) notify: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            placement: Placement::default(),
            statement_timeout: STATEMENT_TIMEOUT,
            transaction_pooler: false,
            notify: None,
        }
    }
}

impl Settings {
    /// Whether a connection of this database has no state between transactions. There are such poolers before PostgreSQL
    /// only.
    pub(crate) fn is_pooled(&self, kind: DatabaseKind) -> bool {
        self.transaction_pooler && kind.dialect().pooled
    }

    /// Checks what the application chose, before anything is written.
    ///
    /// # Errors
    /// When the bookkeeping tables cannot be placed so, the database has no NOTIFY, or the channel's name is none.
    pub(crate) fn validate(&self, kind: DatabaseKind) -> Result<(), StoreError> {
        self.placement.validate()?;
        match &self.notify {
            Some(_) if !kind.dialect().notifies => Err(StoreError::NoNotify { database: kind }),
            Some(channel) if !is_channel(channel) => Err(StoreError::NotifyChannel {
                channel: channel.clone(),
            }),
            _ => Ok(()),
        }
    }
}

/// Whether `LISTEN` takes a name without quotation marks, and means this very channel: it makes letters small.
fn is_channel(name: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter == b'_';
    (1..=LONGEST_CHANNEL).contains(&name.len())
        && name.bytes().next().is_some_and(is_letter)
        && name
            .bytes()
            .all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

/// A table, an account and a mode, and what the table is bound to.
pub(crate) type KnownOwner = (String, Scope, i64);

/// What was learned of the database and does not change while a program runs.
#[derive(Debug, Default)]
pub(crate) struct Capabilities {
    pub(crate) prepared: tokio::sync::OnceCell<()>,
    /// What was seen of the tables.
    pub(crate) facts: facts::KnownFacts,
    /// What tables were bound to when this process wrote to them.
    pub(crate) bound: Mutex<HashSet<KnownOwner>>,
}

/// A pool of an enabled database.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pool of a database that stripe-sync was compiled for",
    label = "stripe-sync needs a feature for this pool",
    note = "`SqlitePool` needs stripe-sync's feature `sqlite`, `PgPool` the feature `postgres`, `MySqlPool` the feature `mysql`"
)]
pub trait IntoStore {
    /// Returns the database behind the pool.
    fn into_store(self) -> Store;
}

impl IntoStore for Store {
    fn into_store(self) -> Store {
        self
    }
}

macro_rules! into_store {
    ($($feature:literal $pool:ident $variant:ident;)*) => {$(
        #[cfg(feature = $feature)]
        impl From<sqlx::$pool> for Store {
            fn from(pool: sqlx::$pool) -> Self {
                Self::new(Pool::$variant(pool))
            }
        }

        #[cfg(feature = $feature)]
        impl IntoStore for sqlx::$pool {
            fn into_store(self) -> Store {
                self.into()
            }
        }

        #[cfg(feature = $feature)]
        impl IntoStore for &sqlx::$pool {
            fn into_store(self) -> Store {
                self.clone().into_store()
            }
        }
    )*};
}
into_store! {
    "sqlite" SqlitePool Sqlite;
    "postgres" PgPool Postgres;
    "mysql" MySqlPool MySql;
}

impl Store {
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
        allow(dead_code, reason = "without a database there is no pool")
    )]
    pub(crate) fn new(pool: Pool) -> Self {
        Self {
            pool,
            settings: Arc::default(),
            places: Arc::default(),
            known: Arc::default(),
        }
    }

    /// The same with other settings, and with the tables where a registry places them.
    pub(crate) fn with(self, settings: Settings, registry: &Registry) -> Self {
        let places = registry.entries();
        let places = places.filter_map(|(model, table)| Some((model, table?.clone())));
        Self {
            pool: self.pool,
            settings: Arc::new(settings),
            places: Arc::new(Places::new(places)),
            known: Arc::default(),
        }
    }

    /// Which database it is.
    pub fn kind(&self) -> DatabaseKind {
        each_database!(&self.pool, Pool(_) => enum DatabaseKind)
    }
}

impl fmt::Debug for Store {
    /// Shows which database it is, and not how it is reached: that holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.kind())
            .finish_non_exhaustive()
    }
}
