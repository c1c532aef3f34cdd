//! SQLite.
pub(crate) mod catalog;
pub(crate) mod codec;
pub(crate) mod error;
pub(crate) mod fit;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt as _};
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;
use stripe_sync_schema::sql::Database;

use crate::cell::{Cell, CellType};
use crate::model::{Column, Model};
use crate::store::db::retry::Class;
use crate::store::db::{
    Attribution, Conn, Dialect, Driver, Facts, Fit, FoundColumn, Place, TableContext, TxError,
};

static DIALECT: Dialect = Dialect {
    sql: Database::Sqlite,
    name: "SQLite",
    feature: "sqlite",
    statements: |sql| sql.sqlite.as_ref(),
    // Takes the write lock at once: two transactions that read first and write later would block each other.
    begin: "BEGIN IMMEDIATE",
    skip_locked: "",
    now_millis: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    for_share: "",
    for_update: "",
    least: "MIN",
    key_text: "TEXT",
    columns: catalog::COLUMNS,
    unique_keys: catalog::UNIQUE_KEYS,
    indexes: catalog::INDEXES,
    foreign_keys: catalog::FOREIGN_KEYS,
    index_is_in_schema: true,
    obstacles: catalog::OBSTACLES,
    next_token: "UPDATE $clock SET token = token + 1 RETURNING token",
    locks_by_asking: true,
    ..Dialect::COMMON
};

pub(crate) struct Sqlite;

impl Driver for Sqlite {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn type_and_zero(&self, cell: CellType) -> (&'static str, &'static str) {
        match cell {
            CellType::Text => ("TEXT", "''"),
            CellType::Decimal => ("TEXT", "'0'"),
            CellType::Json => ("TEXT", "'null'"),
            CellType::Integer => ("INTEGER", "0"),
            // SQLite has no such type, and keeps the text as it is; sqlx reads it as a moment.
            CellType::Instant => ("DATETIME", "'1970-01-01T00:00:00+00:00'"),
            CellType::Float => ("REAL", "0"),
            CellType::Boolean => ("BOOLEAN", "0"),
            CellType::Bytes => ("BLOB", "x''"),
            CellType::Array(_) => ("TEXT", "'[]'"),
        }
    }

    fn fit(&self, cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit {
        // Arrays are JSON here.
        let cell = match cell {
            CellType::Array(_) => CellType::Json,
            cell => cell,
        };
        fit::fit(cell, own, found)
    }

    fn moment(&self, column: Option<&Column>, value: DateTime<Utc>) -> Cell<'static> {
        match column {
            Some(column) if fit::holds_seconds(column.sql_type) => Cell::Integer(value.timestamp()),
            Some(column) if column.zulu => Cell::text(codec::zulu_text(value)),
            _ => Cell::Instant(value),
        }
    }

    fn ignores_spaces(&self, found: &FoundColumn) -> bool {
        found.collation.as_deref() == Some(catalog::SPACES_IGNORED)
    }

    fn classify(&self, error: &dyn DatabaseError) -> Option<Class> {
        error.try_downcast_ref::<SqliteError>()?;
        Some(error::classify(error.code().as_deref(), error.message()))
    }

    fn examine<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        place: &'a Place,
        model: &'a Model,
        found: &'a mut [FoundColumn],
    ) -> BoxFuture<'a, Result<(), TxError>> {
        catalog::examine(conn, place, model, found).boxed()
    }

    fn look<'a>(
        &'a self,
        _: &'a mut Conn<'_>,
        _: &'a TableContext<'_>,
        _: &'a [FoundColumn],
        facts: &'a mut Facts,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        facts.quick = true;
        std::future::ready(Ok(())).boxed()
    }

    fn attribute<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        cells: &'a [Cell<'static>],
        error: &'a dyn DatabaseError,
    ) -> BoxFuture<'a, Result<Attribution, TxError>> {
        error::blame(conn, target, cells, error.message()).boxed()
    }
}
