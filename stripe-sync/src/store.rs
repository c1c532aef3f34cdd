//! The road to the database: what a table holds, and how rows reach it.
//!
//! The store knows nothing of HTTP and is not generic over the model: it works on a [`Model`](crate::Model), on rows of
//! cells and on ids. [`db`] is the ground, with the two doors through which all work goes. What differs between databases
//! is in `sqlite`, `postgres` and `mysql`, the same items in each; everything else is written once, over
//! [`Conn`](db::connection::Conn).

mod attempt;
mod batch;
mod binding;
mod blame;
mod bookkeeping;
mod check;
mod children;
mod closing;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod codec;
mod db;
mod ddl;
mod delete;
mod facts;
mod failed;
mod filter;
#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "each database needs other limits")
)]
mod fit;
mod followed;
mod hooked;
#[cfg(feature = "live")]
mod kept;
mod left;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "mysql")]
mod mysql;
mod owner;
mod phase;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "live")]
mod presence;
mod refusal;
mod remarks;
mod room;
mod scope;
mod seen;
mod shares;
mod slices;
#[cfg(feature = "sqlite")]
mod sqlite;
mod states;
mod stored;
mod sweep;
mod tables;
mod target;
#[cfg(test)]
mod tests;
mod texts;
mod time;
mod upsert;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod values;
mod walk;
mod written;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use batch::{KeyedRow, PageState, Span, WriteBatch, Written};
pub use check::{Difference, DifferenceKind};
#[cfg(feature = "live")]
pub(crate) use db::connection::Conn;
pub use db::dialect::DatabaseKind;
pub use db::error::{PoolerTrouble, StoreError};
pub(crate) use ddl::create_table;
pub(crate) use delete::{Deletion, Gone};
pub(crate) use failed::OVERTAKEN;
pub use failed::{FailedRow, Failure};
pub(crate) use filter::describe as describe_filter;
pub(crate) use followed::Followed;
#[cfg(feature = "live")]
pub(crate) use kept::KeptChange;
#[cfg(feature = "live")]
pub use live::{ChangeKind, EventState, InboxEvent, Source};
#[cfg(feature = "live")]
pub(crate) use live::{
    Claim, Cursor, Dated, Due, EVENT, Following, Forwarded, Handlers, Known, LONGEST_PAUSE,
    Message, NewEvent, Selection, Standing, StoredChange, Subject, Tellable, Turn,
};
pub use phase::WalkPhase;
#[cfg(feature = "live")]
pub(crate) use presence::Presence;
pub(crate) use scope::Scope;
use scope::scope_binds;
pub(crate) use shares::Share;
pub(crate) use slices::{Advance, NewSlice, Slice};
pub(crate) use sweep::Counted;
pub use tables::{Placement, PlacementError, TablesError, bookkeeping_statements};
pub(crate) use walk::{Opening, WalkLease};

use crate::registry::Registry;
use db::place::Places;
use db::pool::Pool;

/// How long a statement may take, and how long a connection may be waited for, unless the application says otherwise:
/// as long as sqlx's pools wait for a connection.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a statement that changes a table may take: it may write every row anew.
const DDL_TIMEOUT: Duration = Duration::from_secs(3600);

/// The database of the mirrored tables, made from a pool of sqlx. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    settings: Arc<Settings>,
    places: Arc<Places>,
    /// Whether the bookkeeping tables are known to exist, and what was asked about the user's tables.
    known: Arc<Capabilities>,
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
}

impl Settings {
    /// Whether a connection of this database keeps nothing between transactions. There are such poolers before PostgreSQL
    /// only.
    fn is_pooled(&self, kind: DatabaseKind) -> bool {
        self.transaction_pooler && kind.is_postgres()
    }
}

/// What was learned of the database and does not change while a program runs.
#[derive(Debug, Default)]
struct Capabilities {
    prepared: tokio::sync::OnceCell<()>,
    /// What was seen of the tables.
    facts: facts::KnownFacts,
    /// What tables were bound to when this process wrote to them.
    bound: Mutex<HashSet<owner::KnownOwner>>,
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
    fn new(pool: Pool) -> Self {
        Self {
            pool,
            settings: Arc::new(Settings {
                placement: Placement::default(),
                statement_timeout: STATEMENT_TIMEOUT,
                transaction_pooler: false,
            }),
            places: Arc::default(),
            known: Arc::default(),
        }
    }

    /// The same with other settings, and with the tables where a registry says.
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
        match &self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(_) => DatabaseKind::Sqlite,
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => DatabaseKind::Postgres,
            #[cfg(feature = "mysql")]
            Pool::MySql(_) => DatabaseKind::MySql,
            #[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
            Pool::None(never) => match never.never() {},
        }
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
