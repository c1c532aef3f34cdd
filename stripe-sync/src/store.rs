//! The road to the database: what a table holds, and how rows reach it.
//!
//! The store knows nothing of HTTP and is not generic over the model: it works on a [`Model`], on rows of cells and on
//! ids. What differs between databases is in `sqlite`, `postgres` and `mysql`, the same items in each; everything else
//! is written once, over [`Conn`](connection::Conn).

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod asked;
mod attempt;
mod batch;
mod binding;
mod blame;
mod bookkeeping;
mod check;
mod children;
mod closing;
mod connection;
mod ddl;
mod delete;
mod dialect;
mod error;
mod failed;
mod fault;
mod hooked;
mod items;
#[cfg(feature = "live")]
mod kept;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "mysql")]
mod mysql;
mod phase;
mod pieces;
#[cfg(feature = "postgres")]
mod postgres;
mod seen;
mod shares;
mod slices;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stored;
mod sweep;
mod target;
#[cfg(test)]
mod tests;
mod time;
mod tombstones;
mod uncut;
mod upsert;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod values;
mod walk;

use std::fmt;
use std::sync::Arc;

pub(crate) use batch::{KeyedRow, PageState, Span, WriteBatch, Written};
pub(crate) use binding::Scope;
pub use check::{Difference, DifferenceKind};
pub(crate) use ddl::create_table;
pub(crate) use delete::Deletion;
pub use dialect::DatabaseKind;
pub use error::StoreError;
pub(crate) use failed::OVERTAKEN;
pub use failed::{FailedRow, Failure};
#[cfg(feature = "live")]
pub(crate) use kept::KeptChange;
#[cfg(feature = "live")]
pub use live::{ChangeKind, EventState, Source};
#[cfg(feature = "live")]
pub(crate) use live::{
    Claim, Dated, Due, EVENT, Following, Handlers, Known, Message, NewEvent, Selection, Standing,
    StoredChange, StoredEvent, Subject, Tellable,
};
pub(crate) use phase::Phase;
pub(crate) use shares::Share;
pub(crate) use slices::{Advance, NewSlice, Slice};
pub(crate) use sweep::Counted;
pub(crate) use walk::{Opening, WalkLease};

#[cfg(feature = "live")]
pub(crate) use connection::Conn;
#[cfg(not(feature = "live"))]
use connection::Conn;
use connection::Transaction;

/// The database of the mirrored tables, made from a pool of sqlx. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// Whether the bookkeeping tables are known to exist, and what was asked about the user's tables.
    seen: Arc<Seen>,
}

#[derive(Clone)]
enum Pool {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlPool),
}

/// What was learned of the database and does not change while a program runs.
#[derive(Debug, Default)]
struct Seen {
    prepared: tokio::sync::OnceCell<()>,
    /// Whether the tables of live events are known to exist.
    #[cfg(feature = "live")]
    live: tokio::sync::OnceCell<()>,
    /// Tables with a unique key besides the model's.
    #[cfg(feature = "mysql")]
    second_keys: asked::Asked,
    /// Tables that take COPY.
    #[cfg(feature = "postgres")]
    take_copy: asked::Asked,
}

macro_rules! from_pool {
    ($($feature:literal $pool:ident $variant:ident;)*) => {$(
        #[cfg(feature = $feature)]
        impl From<sqlx::$pool> for Store {
            fn from(pool: sqlx::$pool) -> Self {
                Self {
                    pool: Pool::$variant(pool),
                    seen: Arc::default(),
                }
            }
        }

        #[cfg(feature = $feature)]
        impl From<&sqlx::$pool> for Store {
            fn from(pool: &sqlx::$pool) -> Self {
                Self::from(pool.clone())
            }
        }
    )*};
}
from_pool! {
    "sqlite" SqlitePool Sqlite;
    "postgres" PgPool Postgres;
    "mysql" MySqlPool MySql;
}

impl Store {
    /// Which database it is.
    pub fn kind(&self) -> DatabaseKind {
        match self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(_) => DatabaseKind::Sqlite,
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => DatabaseKind::Postgres,
            #[cfg(feature = "mysql")]
            Pool::MySql(_) => DatabaseKind::MySql,
        }
    }

    /// A transaction that may write: on SQLite it is the only one, on MySQL it reads what is committed, as
    /// PostgreSQL's do.
    async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        self.begin_with(self.kind().dialect().begin).await
    }

    async fn begin_with(&self, statement: &'static str) -> Result<Transaction, sqlx::Error> {
        Ok(match &self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(pool) => Transaction::Sqlite(pool.begin_with(statement).await?),
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => Transaction::Postgres(pool.begin_with(statement).await?),
            #[cfg(feature = "mysql")]
            Pool::MySql(pool) => Transaction::MySql(pool.begin_with(statement).await?),
        })
    }
}

/// Runs an expression with a connection of the pool, outside of any transaction.
macro_rules! with_connection {
    ($store:expr, |$conn:ident| $body:expr) => {
        match &$store.pool {
            #[cfg(feature = "sqlite")]
            $crate::store::Pool::Sqlite(pool) => {
                let mut connection = pool.acquire().await?;
                let mut $conn = $crate::store::Conn::Sqlite(&mut connection);
                $body
            }
            #[cfg(feature = "postgres")]
            $crate::store::Pool::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                let mut $conn = $crate::store::Conn::Postgres(&mut connection);
                $body
            }
            #[cfg(feature = "mysql")]
            $crate::store::Pool::MySql(pool) => {
                let mut connection = pool.acquire().await?;
                let mut $conn = $crate::store::Conn::MySql(&mut connection);
                $body
            }
        }
    };
}
use with_connection;

impl fmt::Debug for Store {
    /// Shows which database it is, and not how it is reached: that holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.kind())
            .finish_non_exhaustive()
    }
}
