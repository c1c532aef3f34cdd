//! The two doors: what every piece of work with the database goes through.
//!
//! They are macros, because the future of an `async` closure that borrows cannot be said to be `Send` yet: a run that
//! writes could not be spawned. The work stands where they are called, with `?` and `return` as in a closure.

use std::time::Duration;

use crate::store::db::pool::{Loan, Session};
use crate::store::db::retry::Retry;
use crate::store::db::row::Row;
use crate::store::db::{Bind, Store, StoreError, TxError};

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
                let done = match door.enter(&mut loan, $begin).await {
                    Err(error) => $crate::store::db::door::Done::new(Err(error)),
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
                match done.into_result(loan) {
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

/// What the macros do, as far as it can be said without the work.
pub(crate) struct Door<'d> {
    store: &'d Store,
    retry: Retry<'d>,
}

impl<'d> Door<'d> {
    pub(crate) fn new(store: &'d Store, table: &'d str) -> Self {
        Self {
            store,
            retry: Retry::new(table, store.kind()),
        }
    }

    pub(crate) fn settings(&self) -> &'d crate::store::db::store::Settings {
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
    /// When the database refuses or is silent.
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

    /// Commits what was done, or undoes it.
    pub(crate) async fn end<T>(&self, session: Session<'_>, result: Result<T, TxError>) -> Done<T> {
        let ended = match &result {
            Ok(_) => session.commit(self.limit()).await,
            // Nobody answers on this connection any more.
            Err(error) if error.lost_connection() => return Done::new(result),
            Err(_) => session.roll_back(self.limit()).await,
        };
        match (result, ended) {
            (Ok(_), Err(error)) => Done::broken(error),
            // The first error says more than the second.
            (Err(error), Err(_)) => Done::broken(error),
            (result, Ok(())) => Done::new(result),
        }
    }

    /// Waits before the work is done again.
    ///
    /// # Errors
    /// When that would not help, or was done often enough.
    pub(crate) async fn failed(&mut self, error: TxError) -> Result<(), StoreError> {
        if error.is_silence() {
            self.store.pool.close_idle();
        }
        self.retry.again(error).await
    }
}

/// What came of some work, and whether its connection can serve others.
pub(crate) struct Done<T> {
    result: Result<T, TxError>,
    sound: bool,
}

impl<T> Done<T> {
    pub(crate) fn new(result: Result<T, TxError>) -> Self {
        let sound = !matches!(&result, Err(error) if error.lost_connection());
        Self { result, sound }
    }

    /// The work failed in a way that leaves its connection in an unknown state.
    pub(crate) fn broken(error: TxError) -> Self {
        Self {
            result: Err(error),
            sound: false,
        }
    }

    pub(crate) fn into_result(self, loan: Loan) -> Result<T, TxError> {
        if self.sound {
            loan.give_back();
        }
        self.result
    }
}
