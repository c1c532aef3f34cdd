//! One connection of any enabled database: statements with cells in and cells out.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::dialect::DatabaseKind;
use crate::cell::{Cell, CellType};

/// A borrowed connection.
pub(crate) enum Conn<'c> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'c mut sqlx::SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(&'c mut sqlx::PgConnection),
    #[cfg(feature = "mysql")]
    MySql(&'c mut sqlx::MySqlConnection),
}

/// A transaction that is rolled back when it is dropped.
pub(super) enum Transaction {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(sqlx::Transaction<'static, sqlx::MySql>),
}

/// One parameter of a statement. A type stands beside each value, because a null has none of its own.
#[derive(Debug, Clone)]
pub(super) enum Bind<'a> {
    /// One value.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "only PostgreSQL's nulls have types")
    )]
    Value(CellType, Cell<'a>),
    /// The values of one column, as an array.
    #[cfg(feature = "postgres")]
    Column(CellType, Vec<&'a Cell<'a>>),
    /// Numbers as an array.
    #[cfg(feature = "postgres")]
    Integers(Vec<i64>),
    /// Texts as an array.
    #[cfg(feature = "postgres")]
    Texts(Vec<&'a str>),
}

impl<'a> Bind<'a> {
    pub(super) fn text(value: &'a str) -> Self {
        Self::Value(CellType::Text, Cell::text(value))
    }

    pub(super) fn text_or_null(value: Option<&'a str>) -> Self {
        Self::Value(CellType::Text, value.map_or(Cell::Null, Cell::text))
    }

    pub(super) fn integer(value: i64) -> Self {
        Self::Value(CellType::Integer, Cell::Integer(value))
    }

    pub(super) fn integer_or_null(value: Option<i64>) -> Self {
        Self::Value(CellType::Integer, value.map_or(Cell::Null, Cell::Integer))
    }

    pub(super) fn boolean(value: bool) -> Self {
        Self::Value(CellType::Boolean, Cell::Boolean(value))
    }
}

/// What a statement answered: rows of cells.
pub(super) type Rows = Vec<Vec<Cell<'static>>>;

impl Conn<'_> {
    /// Which database it is.
    pub(super) fn kind(&self) -> DatabaseKind {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => DatabaseKind::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => DatabaseKind::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => DatabaseKind::MySql,
        }
    }

    /// Runs a statement and reads its columns as cells of these types.
    pub(super) async fn fetch(
        &mut self,
        sql: SqlStr,
        binds: &[Bind<'_>],
        columns: &[CellType],
    ) -> Result<Rows, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => super::sqlite::fetch(conn, sql, binds, columns).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => super::postgres::fetch(conn, sql, binds, columns).await,
            #[cfg(feature = "mysql")]
            Self::MySql(conn) => super::mysql::fetch(conn, sql, binds, columns).await,
        }
    }

    /// Runs a statement and says how many rows it touched.
    pub(super) async fn execute(
        &mut self,
        sql: SqlStr,
        binds: &[Bind<'_>],
    ) -> Result<u64, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => super::sqlite::execute(conn, sql, binds).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => super::postgres::execute(conn, sql, binds).await,
            #[cfg(feature = "mysql")]
            Self::MySql(conn) => super::mysql::execute(conn, sql, binds).await,
        }
    }

    /// Runs a statement without parameters that need not be prepared: DDL and savepoints.
    pub(super) async fn run(&mut self, sql: impl Into<String>) -> Result<(), sqlx::Error> {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => statement.execute(&mut **conn).await.map(drop),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => statement.execute(&mut **conn).await.map(drop),
            #[cfg(feature = "mysql")]
            Self::MySql(conn) => statement.execute(&mut **conn).await.map(drop),
        }
    }

    /// The statement with its `?` in this database's way.
    pub(super) fn sql(&self, text: impl Into<String>) -> SqlStr {
        let text = text.into();
        let text = if self.kind().is_postgres() {
            numbered(&text)
        } else {
            text
        };
        AssertSqlSafe(text).into_sql_str()
    }
}

/// `?` as `$1`, `$2`, ...: for statements of the bookkeeping, which have no `?` in a name or a text.
fn numbered(text: &str) -> String {
    let mut parts = text.split('?');
    let mut sql = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        sql += &format!("${number}{part}");
    }
    sql
}

impl Transaction {
    /// The transaction's connection.
    pub(super) fn conn(&mut self) -> Conn<'_> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => Conn::Sqlite(transaction),
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => Conn::Postgres(transaction),
            #[cfg(feature = "mysql")]
            Self::MySql(transaction) => Conn::MySql(transaction),
        }
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => transaction.commit().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => transaction.commit().await,
            #[cfg(feature = "mysql")]
            Self::MySql(transaction) => transaction.commit().await,
        }
    }

    pub(super) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => transaction.rollback().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => transaction.rollback().await,
            #[cfg(feature = "mysql")]
            Self::MySql(transaction) => transaction.rollback().await,
        }
    }
}

/// The cells of an answer's row, taken one after the other; a missing or unexpected one reads as empty.
pub(super) struct Taken(std::vec::IntoIter<Cell<'static>>);

impl Taken {
    pub(super) fn new(row: Vec<Cell<'static>>) -> Self {
        Self(row.into_iter())
    }

    pub(super) fn text(&mut self) -> String {
        self.text_or_null().unwrap_or_default()
    }

    pub(super) fn text_or_null(&mut self) -> Option<String> {
        match self.0.next() {
            Some(Cell::Text(text)) => Some(text.into_owned()),
            _ => None,
        }
    }

    pub(super) fn integer(&mut self) -> i64 {
        self.integer_or_null().unwrap_or_default()
    }

    pub(super) fn integer_or_null(&mut self) -> Option<i64> {
        match self.0.next() {
            Some(Cell::Integer(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn boolean(&mut self) -> bool {
        matches!(self.0.next(), Some(Cell::Boolean(true)))
    }

    pub(super) fn instant(&mut self) -> Option<chrono::DateTime<chrono::Utc>> {
        match self.0.next() {
            Some(Cell::Instant(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn bytes(&mut self) -> Vec<u8> {
        match self.0.next() {
            Some(Cell::Bytes(bytes)) => bytes.into_owned(),
            _ => Vec::new(),
        }
    }

    /// What is left.
    pub(super) fn rest(self) -> Vec<Cell<'static>> {
        self.0.collect()
    }
}
