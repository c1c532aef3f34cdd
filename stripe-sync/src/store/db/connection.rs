//! One connection of any enabled database: statements with cells in and rows out.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(unused_variables, reason = "without a database nothing is sent")
)]
#[cfg(test)]
pub(crate) mod recording;

use std::future::Future;
use std::time::Duration;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use stripe_sync_schema::bookkeeping::Bookkeeping;

use crate::cell::{Cell, CellType};
use crate::store::db::row::Row;
use crate::store::db::{Bind, DatabaseKind, Settings, TxError};
use stripe_sync_schema::bookkeeping::Placement;

/// Declares an enum that has a variant for each enabled database, of a type that is generic over the database.
macro_rules! database_enum {
    ($(#[$attribute:meta])* enum $name:ident $(<$life:lifetime>)?: $($of:ident)::+) => {
        $(#[$attribute])*
        pub(crate) enum $name $(<$life>)? {
            #[cfg(feature = "sqlite")]
            Sqlite($($of)::+<$($life,)? sqlx::Sqlite>),
            #[cfg(feature = "postgres")]
            Postgres($($of)::+<$($life,)? sqlx::Postgres>),
            #[cfg(feature = "mysql")]
            MySql($($of)::+<$($life,)? sqlx::MySql>),
            #[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
            None(
                $crate::store::db::connection::Never,
                $(std::marker::PhantomData<&$life ()>)?
            ),
        }
    };
}
pub(crate) use database_enum;

/// Matches such an enum. With `enum Other(..)` or `enum Other`, the result is the variant of another enum for the same
/// database.
macro_rules! each_database {
    (@ $value:expr, $enum:ident($bound:pat) => $sqlite:expr, $postgres:expr, $mysql:expr) => {
        match $value {
            #[cfg(feature = "sqlite")]
            $enum::Sqlite($bound) => $sqlite,
            #[cfg(feature = "postgres")]
            $enum::Postgres($bound) => $postgres,
            #[cfg(feature = "mysql")]
            $enum::MySql($bound) => $mysql,
            #[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
            $enum::None(never, ..) => match never.never() {},
        }
    };
    ($value:expr, $enum:ident($bound:pat) => enum $other:ident $(($body:expr))?) => {
        $crate::store::db::connection::each_database!(
            @ $value, $enum($bound) =>
            $other::Sqlite $(($body))?, $other::Postgres $(($body))?, $other::MySql $(($body))?
        )
    };
    ($value:expr, $enum:ident($bound:pat) => $body:expr) => {
        $crate::store::db::connection::each_database!(@ $value, $enum($bound) => $body, $body, $body)
    };
}
pub(crate) use each_database;

/// How a driver sends parameters and reads values, on its own connection.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "without a database nothing is sent")
)]
pub(crate) trait Codec: sqlx::Connection {
    /// The parameters of a statement.
    ///
    /// # Errors
    /// When a value cannot be sent.
    fn arguments(
        &self,
        binds: &[Bind<'_>],
    ) -> Result<<Self::Database as sqlx::Database>::Arguments, sqlx::Error>;

    /// A column of a row as a cell of this type.
    ///
    /// # Errors
    /// When the column holds a value of another type.
    fn cell(
        &self,
        row: &<Self::Database as sqlx::Database>::Row,
        index: usize,
        kind: CellType,
    ) -> Result<Cell<'static>, sqlx::Error>;
}

/// Stands in an enum of databases when none is enabled: it has no value.
#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
#[derive(Debug, Clone, Copy)]
pub(crate) enum Never {}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
impl Never {
    /// Returns the value that a reference is to.
    pub(crate) fn never(self) -> Self {
        self
    }
}

#[allow(dead_code, reason = "without a database there is no connection")]
type Borrowed<'c, DB> = &'c mut <DB as sqlx::Database>::Connection;

database_enum! {
    /// A borrowed connection of the driver.
    enum Link<'c>: Borrowed
}

/// A borrowed connection, and what each of its statements needs to know.
pub(crate) struct Conn<'c> {
    pub(crate) link: Link<'c>,
    pub(crate) settings: &'c Settings,
    /// The bound of each statement.
    pub(crate) limit: Duration,
    /// Whether the session's time zone is UTC for a while: see [`utc`](Conn::utc).
    in_utc: bool,
    /// Whether a value that is none of its column's type is read as [`UNREADABLE`], and does not end the statement.
    pub(crate) reads_anything: bool,
}

/// The bytes that stand for a value that is none of its column's type.
pub(crate) const UNREADABLE: &[u8] = b"unreadable";

/// The rows of a result, as cells.
pub(crate) type Rows = Vec<Vec<Cell<'static>>>;

/// A statement: a text of the store's own, or one that is ready to be sent.
///
/// In a text of the store's own, `?` is a parameter, and `$name` a bookkeeping table wherever it was placed.
pub(crate) trait Statement {
    fn text(self, kind: DatabaseKind, placement: &Placement) -> SqlStr;
}

impl Statement for SqlStr {
    fn text(self, _: DatabaseKind, _: &Placement) -> SqlStr {
        self
    }
}

impl Statement for AssertSqlSafe<String> {
    fn text(self, _: DatabaseKind, _: &Placement) -> SqlStr {
        self.into_sql_str()
    }
}

impl Statement for &str {
    fn text(self, kind: DatabaseKind, placement: &Placement) -> SqlStr {
        let text = Bookkeeping::new(kind.sql(), placement).expand(self);
        let text = match kind.dialect().numbered {
            true => numbered(&text),
            false => text,
        };
        AssertSqlSafe(text).into_sql_str()
    }
}

impl Statement for &String {
    fn text(self, kind: DatabaseKind, placement: &Placement) -> SqlStr {
        self.as_str().text(kind, placement)
    }
}

impl Statement for String {
    fn text(self, kind: DatabaseKind, placement: &Placement) -> SqlStr {
        self.as_str().text(kind, placement)
    }
}

impl<'c> Conn<'c> {
    pub(crate) fn new(link: Link<'c>, settings: &'c Settings) -> Self {
        Self {
            link,
            settings,
            limit: settings.statement_timeout,
            in_utc: false,
            reads_anything: false,
        }
    }

    /// Borrows the connection for a part of the work.
    pub(crate) fn reborrow(&mut self) -> Conn<'_> {
        Conn {
            link: each_database!(&mut self.link, Link(conn) => enum Link(&mut **conn)),
            settings: self.settings,
            limit: self.limit,
            in_utc: self.in_utc,
            reads_anything: self.reads_anything,
        }
    }

    /// Makes UTC the session's time zone until user code runs or the work ends: MySQL reads and writes its `TIMESTAMP` in
    /// the session's, which may have an hour twice.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn utc(&mut self) -> Result<(), TxError> {
        if !self.in_utc {
            self.run("SET @stripe_sync_time_zone = @@SESSION.time_zone, time_zone = '+00:00'")
                .await?;
            self.in_utc = true;
        }
        Ok(())
    }

    /// Restores the session's own time zone.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn own_time_zone(&mut self) -> Result<(), TxError> {
        if self.in_utc {
            self.run("SET time_zone = @stripe_sync_time_zone").await?;
            self.in_utc = false;
        }
        Ok(())
    }

    /// The same after some work, whether it succeeded or not. A connection whose time zone could not be restored
    /// is not used again.
    ///
    /// # Errors
    /// The work's own, or that of restoring it.
    pub(crate) async fn leave_utc<T>(&mut self, done: Result<T, TxError>) -> Result<T, TxError> {
        if matches!(&done, Err(error) if error.lost_connection()) {
            return done;
        }
        match self.own_time_zone().await {
            Ok(()) => done,
            Err(TxError::Other(error) | TxError::Data(error)) => Err(TxError::Broken(error)),
            Err(error) => Err(error),
        }
    }

    /// Returns which database it is.
    pub(crate) fn kind(&self) -> DatabaseKind {
        each_database!(&self.link, Link(_) => enum DatabaseKind)
    }

    /// Runs a statement and reads its rows as tuples.
    ///
    /// # Errors
    /// When the database refuses, does not respond, or returns rows of other types.
    pub(crate) async fn rows<R: Row>(
        &mut self,
        sql: impl Statement,
        binds: &[Bind<'_>],
    ) -> Result<Vec<R>, TxError> {
        let rows = self.cells(sql, binds, R::TYPES).await?;
        rows.into_iter()
            .map(|row| R::take(row).map_err(TxError::from))
            .collect()
    }

    /// Returns the first row of a result, if it has one.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub(crate) async fn row<R: Row>(
        &mut self,
        sql: impl Statement,
        binds: &[Bind<'_>],
    ) -> Result<Option<R>, TxError> {
        Ok(self.rows(sql, binds).await?.into_iter().next())
    }

    /// Returns the one row of a result that always has one.
    ///
    /// # Errors
    /// As [`rows`](Self::rows), and when there is none.
    pub(crate) async fn one<R: Row>(
        &mut self,
        sql: impl Statement,
        binds: &[Bind<'_>],
    ) -> Result<R, TxError> {
        let row = self.row(sql, binds).await?;
        row.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Runs a statement and reads its columns as cells of these types, for columns that only a model knows.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub(crate) async fn cells(
        &mut self,
        sql: impl Statement,
        binds: &[Bind<'_>],
        columns: &[CellType],
    ) -> Result<Rows, TxError> {
        let (sql, limit, named) = self.prepare(sql, binds);
        let reads_anything = self.reads_anything;
        let or_unreadable = move |cell| match cell {
            Err(sqlx::Error::ColumnDecode { .. }) if reads_anything => {
                Ok(Cell::Bytes(UNREADABLE.into()))
            }
            cell => cell,
        };
        let answer = async {
            each_database!(&mut self.link, Link(conn) => {
                let query = sqlx::query_with(sql, conn.arguments(binds)?).persistent(named);
                let link = &mut **conn;
                let rows = query.fetch_all(link).await?;
                let columns = || columns.iter().enumerate();
                let cell = |row, (index, &kind)| or_unreadable(conn.cell(row, index, kind));
                rows.iter()
                    .map(|row| columns().map(|column| cell(row, column)).collect())
                    .collect()
            })
        };
        within(limit, answer).await
    }

    /// Runs a statement and returns how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn execute(
        &mut self,
        sql: impl Statement,
        binds: &[Bind<'_>],
    ) -> Result<u64, TxError> {
        let (sql, limit, named) = self.prepare(sql, binds);
        let answer = async {
            each_database!(&mut self.link, Link(conn) => {
                let query = sqlx::query_with(sql, conn.arguments(binds)?).persistent(named);
                Ok(query.execute(&mut **conn).await?.rows_affected())
            })
        };
        within(limit, answer).await
    }

    /// The statement as it is sent, its bound, and whether it stays prepared on the connection.
    #[cfg_attr(
        not(test),
        allow(unused_variables, reason = "tests record the parameters")
    )]
    fn prepare(&self, sql: impl Statement, binds: &[Bind<'_>]) -> (SqlStr, Duration, bool) {
        let sql = sql.text(self.kind(), &self.settings.placement);
        #[cfg(test)]
        recording::note(sql.as_str(), binds);
        let named = !self.settings.is_pooled(self.kind());
        (sql, self.limit, named)
    }

    /// Runs a statement without parameters that need not be prepared, such as DDL or a savepoint.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn run(&mut self, sql: impl Statement) -> Result<(), TxError> {
        let limit = self.limit;
        let sql = sql.text(self.kind(), &self.settings.placement);
        let statement = sqlx::raw_sql(sql);
        let answer = async {
            each_database!(&mut self.link, Link(conn) => statement.execute(&mut **conn).await.map(drop))
        };
        within(limit, answer).await
    }
}

/// Waits for the server up to a limit.
///
/// # Errors
/// When the server refuses, or does not respond within the limit.
pub(crate) fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> impl Future<Output = Result<T, TxError>> {
    // On the heap: what nests this future would hit the compiler's recursion limit.
    let answer = Box::pin(tokio::time::timeout(limit, answer));
    async move {
        match answer.await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(TxError::Silent(limit)),
        }
    }
}

/// `?` as `$1`, `$2`, ...: for statements of the store's own, which have no `?` in a name or a text.
fn numbered(text: &str) -> String {
    let mut parts = text.split('?');
    let mut sql = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        sql += &format!("${number}{part}");
    }
    sql
}
