//! The two doors: what every piece of work with the database goes through.
//!
//! They are macros, because the future of an `async` closure that borrows cannot be said to be `Send` yet: a run that
//! writes could not be spawned. The work stands where they are called, with `?` and `return` as in a closure.

use std::time::Duration;

use crate::store::db::pool::{Loan, Session};
use crate::store::db::retry::pooler_trouble;
use crate::store::db::row::Row;
use crate::store::db::{Bind, Settings, Store, StoreError, TxError};

/// Does some work in a transaction, and commits it. The work is done again, from its beginning, after a deadlock or
/// another transaction in its way, and on another connection when its own broke or fell silent, which is safe: what a
/// transaction does a second time is what it did already. A panic, or a future that is dropped, undoes it.
///
/// `transaction!(store, table, async |conn| { .. })` evaluates to `Result<T, StoreError>`, the work to
/// `Result<T, TxError>`. `table` is named in errors. `begin = statement` begins another way, and `again = |error| ..` is
/// asked about each error first: it returns whether the work is done again at once.
macro_rules! transaction {
    ($store:expr, $table:expr, async |$conn:ident| $work:block) => {
        $crate::store::db::door::transaction!(
            $store,
            $table,
            begin = $store.kind().dialect().begin,
            async |$conn| $work
        )
    };
    ($store:expr, $table:expr, begin = $begin:expr, async |$conn:ident| $work:block) => {
        $crate::store::db::door::transaction!(
            $store,
            $table,
            begin = $begin,
            again = |_| false,
            async |$conn| $work
        )
    };
    (
        $store:expr, $table:expr, begin = $begin:expr, again = $again:expr,
        async |$conn:ident| $work:block
    ) => {
        $crate::store::db::door::work!($store, $table, Some($begin), $again, async |$conn| $work)
    };
}
pub(crate) use transaction;

/// Does some work that needs no transaction: each of its statements commits by itself, unless a pooler makes it one
/// transaction. It is done again as a [`transaction!`] is, so it must not mind being done twice.
macro_rules! query {
    ($store:expr, $table:expr, async |$conn:ident| $work:block) => {
        $crate::store::db::door::work!($store, $table, None, |_| false, async |$conn| $work)
    };
}
pub(crate) use query;

/// Single statements outside of a transaction: each is a [`query!`] of its own.
impl Store {
    /// Runs a statement and returns how many rows it touched.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn execute(
        &self,
        table: &str,
        sql: &str,
        binds: &[Bind<'_>],
    ) -> Result<u64, StoreError> {
        query!(self, table, async |conn| { conn.execute(sql, binds).await })
    }

    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn rows<R: Row>(
        &self,
        table: &str,
        sql: &str,
        binds: &[Bind<'_>],
    ) -> Result<Vec<R>, StoreError> {
        query!(self, table, async |conn| { conn.rows(sql, binds).await })
    }

    /// Runs a statement and returns its first row, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn row<R: Row>(
        &self,
        table: &str,
        sql: &str,
        binds: &[Bind<'_>],
    ) -> Result<Option<R>, StoreError> {
        query!(self, table, async |conn| { conn.row(sql, binds).await })
    }

    /// Runs a statement that always has a row, and returns it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn one<R: Row>(
        &self,
        table: &str,
        sql: &str,
        binds: &[Bind<'_>],
    ) -> Result<R, StoreError> {
        query!(self, table, async |conn| { conn.one(sql, binds).await })
    }
}

/// What stands behind both doors: the attempts at some work, which begins with this statement or with none.
macro_rules! work {
    ($store:expr, $table:expr, $begin:expr, $again:expr, async |$conn:ident| $work:block) => {
        // On the heap: what nests this future would hit the compiler's recursion limit.
        Box::pin(async {
            let mut door = $crate::store::db::door::Door::new($store, $table);
            loop {
                let mut loan = match door.open().await {
                    Ok(loan) => loan,
                    Err(error) => match door.failed(error).await {
                        Ok(()) => continue,
                        Err(error) => break Err(error),
                    },
                };
                let (result, sound) = match door.enter(&mut loan, $begin).await {
                    Err(error) => {
                        let sound = !error.lost_connection();
                        (Err(error), sound)
                    }
                    Ok(mut session) => {
                        let result: Result<_, $crate::store::db::retry::TxError> = {
                            let mut conn = session.conn(door.settings());
                            let done = {
                                let $conn = &mut conn;
                                async { $work }.await
                            };
                            conn.leave_utc(done).await
                        };
                        door.end(session, result).await
                    }
                };
                if sound {
                    loan.give_back();
                }
                match result {
                    Ok(value) => break Ok(value),
                    Err(error) => {
                        #[allow(clippy::redundant_closure_call, reason = "it may be a closure")]
                        let at_once = ($again)(&error);
                        if !at_once && let Err(error) = door.failed(error).await {
                            break Err(error);
                        }
                    }
                }
            }
        })
        .await
    };
}
pub(crate) use work;

/// How often contended work is tried. With the pauses below that is some three seconds of other people's locks, on top
/// of the time that each attempt waits by itself.
const CONTENDED_ATTEMPTS: u32 = 10;
/// How often work is tried whose connection broke: the next connection may be of the same server that is going down.
const BROKEN_ATTEMPTS: u32 = 4;
/// How often work is tried whose server fell silent: each attempt waits for the whole of the bound.
const SILENT_ATTEMPTS: u32 = 2;
/// The longest pause before the second attempt; it doubles from one to the next.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What the macros do, as far as it can be said without the work: the attempts at it.
pub(crate) struct Door<'d> {
    store: &'d Store,
    table: &'d str,
    attempts: u32,
}

impl<'d> Door<'d> {
    pub(crate) fn new(store: &'d Store, table: &'d str) -> Self {
        Self {
            store,
            table,
            attempts: 0,
        }
    }

    pub(crate) fn settings(&self) -> &'d Settings {
        &self.store.settings
    }

    fn limit(&self) -> Duration {
        self.store.settings.statement_timeout
    }

    /// Takes a connection from the pool.
    ///
    /// # Errors
    /// When none is free or can be made within the limit.
    pub(crate) async fn open(&self) -> Result<Loan, TxError> {
        self.store.pool.lend(self.limit()).await
    }

    /// Begins a transaction with this statement. Without one there is none, unless a pooler stands before the database: it
    /// may send what is outside of a transaction to any connection.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn enter<'l>(
        &self,
        loan: &'l mut Loan,
        begin: Option<&'static str>,
    ) -> Result<Session<'l>, TxError> {
        let kind = self.store.kind();
        let pooled = self.settings().is_pooled(kind);
        let begin = begin.or_else(|| pooled.then_some(kind.dialect().begin));
        loan.enter(begin, self.limit()).await
    }

    /// Commits what was done, or undoes it. Returns also whether the connection can serve others.
    pub(crate) async fn end<T>(
        &self,
        session: Session<'_>,
        result: Result<T, TxError>,
    ) -> (Result<T, TxError>, bool) {
        // The server does not respond on such a connection.
        if matches!(&result, Err(error) if error.lost_connection()) {
            return (result, false);
        }
        let ended = session.end(result.is_ok(), self.limit()).await;
        let sound = ended.is_ok();
        // The first error is the cause of the second.
        (result.and_then(|value| ended.map(|()| value)), sound)
    }

    /// Waits before the work is done again.
    ///
    /// # Errors
    /// When another attempt would not help, or there were enough.
    pub(crate) async fn failed(&mut self, error: TxError) -> Result<(), StoreError> {
        if error.is_silence() {
            self.store.pool.close_idle();
        }
        self.attempts += 1;
        let most = match &error {
            TxError::Contended { .. } => CONTENDED_ATTEMPTS,
            TxError::Silent(_) | TxError::Broken(sqlx::Error::PoolTimedOut) => SILENT_ATTEMPTS,
            TxError::Broken(_) => BROKEN_ATTEMPTS,
            _ => 1,
        };
        if self.attempts >= most {
            return Err(self.give_up(error));
        }
        tracing::debug!(
            name: "stripe_sync.replay",
            table = self.table,
            attempts = self.attempts,
            reason = %error,
            "work with the database is done again"
        );
        let longest = FIRST_PAUSE
            .saturating_mul(1 << self.attempts.min(10))
            .min(LONGEST_PAUSE);
        // Jitter: two transactions that met should not meet again.
        tokio::time::sleep(longest.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        Ok(())
    }

    /// The error of work that is not done again.
    fn give_up(&self, error: TxError) -> StoreError {
        let table = self.table.to_owned();
        let database = self.store.kind();
        match error {
            TxError::Refused(error) => error,
            TxError::Data(cause) | TxError::Other(cause) | TxError::Broken(cause) => {
                match pooler_trouble(&cause) {
                    Some(trouble) => StoreError::Pooler {
                        table,
                        trouble,
                        cause,
                    },
                    None => StoreError::Database {
                        table,
                        database,
                        cause,
                    },
                }
            }
            TxError::Silent(limit) => StoreError::Silent {
                table,
                database,
                limit,
            },
            TxError::Row(error) => StoreError::UnexpectedRow {
                table,
                database,
                cause: error.into(),
            },
            TxError::Contended {
                reason,
                source: cause,
            } => StoreError::Contended {
                table,
                tries: self.attempts,
                reason,
                cause,
            },
        }
    }
}
