//! The application's pool, and connections that are lent from it.

use std::time::Duration;

use sqlx::Connection as _;

use crate::store::db::connection::{database_enum, each_database, within};
use crate::store::db::{Conn, Link, Settings, TxError};

database_enum! {
    /// The application's pool of an enabled database.
    #[derive(Clone)]
    enum Pool: sqlx::Pool
}

database_enum! {
    enum PoolConnection: sqlx::pool::PoolConnection
}

database_enum! {
    /// A transaction on a connection on loan. It is rolled back when it is dropped.
    enum Transaction<'l>: sqlx::Transaction
}

/// A connection on loan. It returns to the pool only if [`give_back`](Self::give_back) is called: after a
/// panic, after a future that was dropped halfway, and after a server that fell silent it is closed, and the server
/// undoes what it had begun.
pub(crate) struct Loan {
    connection: Option<PoolConnection>,
    /// Whether closing the connection would lose the database with it.
    in_memory: bool,
    /// How long the server may take to respond.
    limit: Duration,
}

/// A connection on loan with some work on it.
pub(crate) enum Session<'l> {
    /// The work is one transaction.
    Transaction(Transaction<'l>),
    /// Each statement commits by itself.
    Alone(&'l mut PoolConnection),
}

impl Pool {
    /// Takes a connection.
    ///
    /// # Errors
    /// When none is free or can be made within the limit.
    pub(crate) async fn lend(&self, limit: Duration) -> Result<Loan, TxError> {
        let in_memory = self.is_in_memory();
        let connection = each_database!(self, Self(pool) => enum PoolConnection({
            let taken = async {
                if !in_memory {
                    return pool.acquire().await;
                }
                // A task of its own, which is not dropped: the pool closes a connection whose test is cut off, and the
                // database would be gone with it.
                let pool = pool.clone();
                let taken = tokio::spawn(async move { pool.acquire().await });
                taken.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
            };
            within(limit, taken).await?
        }));
        Ok(Loan {
            connection: Some(connection),
            in_memory,
            limit,
        })
    }

    /// Closes the connections that nobody uses: when a server fell silent on one, it may have on all of them, and each
    /// would be waited for in turn.
    pub(crate) fn close_idle(&self) {
        if self.is_in_memory() {
            return;
        }
        each_database!(self, Self(pool) => {
            while let Some(connection) = pool.try_acquire() {
                drop(connection.detach());
            }
        });
    }

    /// Whether a database lives in one connection, and ends with it.
    fn is_in_memory(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(pool) => {
                let options = pool.connect_options();
                let file = options.get_filename().to_string_lossy().into_owned();
                file.is_empty() || file.contains(":memory:") || file.contains("sqlx-in-memory")
            }
            #[allow(unreachable_patterns, reason = "SQLite may be the only database")]
            _ => false,
        }
    }
}

impl Loan {
    /// Begins a transaction with this statement, or none without one.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn enter(
        &mut self,
        begin: Option<&'static str>,
        limit: Duration,
    ) -> Result<Session<'_>, TxError> {
        let connection = self.connection.as_mut();
        let connection = connection.ok_or(sqlx::Error::PoolClosed)?;
        let Some(statement) = begin else {
            return Ok(Session::Alone(connection));
        };
        let transaction = each_database!(connection, PoolConnection(conn) => enum Transaction(
            within(limit, conn.begin_with(statement)).await?
        ));
        Ok(Session::Transaction(transaction))
    }

    /// Gives the connection back to the pool: nothing is under way on it. The pool asks the server once more before it takes it, and
    /// waits for the response without a limit of its own; a connection without a response is closed, so that the pool may
    /// open another.
    pub(crate) fn give_back(mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        // No line leads to a database in memory, and it would be gone with its connection.
        if self.in_memory {
            return;
        }
        each_database!(&mut connection, PoolConnection(connection) => {
            // What a drop of it does, too.
            let returned = connection.return_to_pool();
            tokio::spawn(tokio::time::timeout(self.limit, returned));
        });
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        // A database in memory would be gone with its connection, and SQLite's driver undoes what was begun in order.
        if self.in_memory {
            return;
        }
        // Without a message to the server, which may never respond: it rolls back when it finds the connection closed.
        each_database!(connection, PoolConnection(connection) => drop(connection.detach()));
    }
}

impl Session<'_> {
    /// The connection, for the work.
    pub(crate) fn conn<'s>(&'s mut self, settings: &'s Settings) -> Conn<'s> {
        let link = match self {
            Self::Transaction(work) => {
                each_database!(work, Transaction(conn) => enum Link(&mut **conn))
            }
            Self::Alone(work) => {
                each_database!(work, PoolConnection(conn) => enum Link(&mut **conn))
            }
        };
        Conn::new(link, settings)
    }

    /// Commits the transaction or undoes it, if there is one.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn end(self, commits: bool, limit: Duration) -> Result<(), TxError> {
        let Self::Transaction(transaction) = self else {
            return Ok(());
        };
        each_database!(transaction, Transaction(work) => match commits {
            true => within(limit, work.commit()).await,
            false => within(limit, work.rollback()).await,
        })
    }
}
