//! PostgreSQL.
pub(crate) mod catalog;
pub(crate) mod codec;
pub(crate) mod error;
pub(crate) mod fit;

use chrono::{DateTime, Utc};
use codec::Own;
use futures_util::future::BoxFuture;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use stripe_sync_schema::sql::Database;

use crate::cell::{Cell, CellType, Element};
use crate::model::{Column, Model, Role};
use crate::store::db::column::cell_type;
use crate::store::db::dialect::LongestName;
use crate::store::db::error::attribution;
use crate::store::db::retry::Class;
use crate::store::db::store::place::PlacedStatements;
use crate::store::db::{
    Attribution, Bind, Conn, Dialect, Driver, Facts, Fit, FoundColumn, Place, PoolerTrouble,
    TableContext, TxError,
};

static DIALECT: Dialect = Dialect {
    sql: Database::Postgres,
    name: "PostgreSQL",
    feature: "postgres",
    statements: |sql| sql.postgres.as_ref(),
    // Statements that were planned while the table was empty would read all of it for each page, until the next ANALYZE;
    // and planning one for its values costs as much as running it, because these are arrays of a megabyte.
    // A page need not wait for the disk: what is lost in a crash of the server is read again, and what ends a run waits.
    begin_page: Some(
        "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; \
         SET LOCAL synchronous_commit = off",
    ),
    constraints_now: Some("SET CONSTRAINTS ALL IMMEDIATE"),
    now_millis: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    columns: catalog::COLUMNS,
    unique_keys: catalog::UNIQUE_KEYS,
    indexes: catalog::INDEXES,
    foreign_keys: catalog::FOREIGN_KEYS,
    comment_bytes: Some((usize::MAX, usize::MAX)),
    obstacles: catalog::OBSTACLES,
    has_schema: Some(catalog::HAS_SCHEMA),
    // NAMEDATALEN less one: a longer name is cut, and may then be that of another table.
    longest_name: Some(LongestName::Bytes(63)),
    next_token: "SELECT $next_token",
    sequence: true,
    numbered: true,
    names_have_case: true,
    pooled: true,
    notifies: true,
    ..Dialect::COMMON
};

pub(crate) struct Postgres;

impl Driver for Postgres {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn type_and_zero(&self, cell: CellType) -> (&'static str, &'static str) {
        match cell {
            CellType::Text => ("text", "''"),
            CellType::Integer => ("bigint", "0"),
            CellType::Float => ("double precision", "0"),
            CellType::Boolean => ("boolean", "false"),
            CellType::Instant => ("timestamptz", "'epoch'"),
            CellType::Decimal => ("numeric", "0"),
            CellType::Json => ("jsonb", "'null'"),
            CellType::Bytes => ("bytea", "''"),
            CellType::Array(Element::Text) => ("text[]", "'{}'"),
            CellType::Array(Element::Integer) => ("bigint[]", "'{}'"),
            CellType::Array(Element::Float) => ("double precision[]", "'{}'"),
            CellType::Array(Element::Boolean) => ("boolean[]", "'{}'"),
        }
    }

    fn fit(&self, cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit {
        fit::fit(cell, own, found)
    }

    fn read_as(&self, column: &Column, quoted: String) -> String {
        match (codec::own(Some(column)), cell_type(column)) {
            (Own::Timestamp | Own::Date, _) => {
                format!("CAST({quoted} AS timestamp) AT TIME ZONE 'UTC'")
            }
            (Own::Day, _) => format!("to_char({quoted}, 'YYYY-MM-DD')"),
            // A text is all that is needed of JSON.
            (_, CellType::Json) => format!("CAST({quoted} AS text)"),
            (_, CellType::Array(_)) => format!("CAST(to_jsonb({quoted}) AS text)"),
            // Every width of integer reads as one.
            (_, cell) => format!("CAST({quoted} AS {})", self.column_type(cell)),
        }
    }

    fn moment(&self, column: Option<&Column>, value: DateTime<Utc>) -> Cell<'static> {
        match codec::own(column) {
            Own::Timestamp => Cell::text(value.format("%Y-%m-%d %H:%M:%S%.6f").to_string()),
            Own::Date => Cell::text(value.format("%Y-%m-%d").to_string()),
            Own::AsIs | Own::Day | Own::KeepsJson => Cell::Instant(value),
        }
    }

    fn sent_as(&self, column: Option<&Column>, cell: CellType) -> CellType {
        match codec::own(column) {
            Own::AsIs | Own::Day => cell,
            Own::Timestamp | Own::Date | Own::KeepsJson => CellType::Text,
        }
    }

    fn prepare_statements(&self, model: &Model, statements: &mut PlacedStatements) {
        codec::cast_arrays(model, &mut statements.insert);
        codec::cast_arrays(model, &mut statements.upsert);
    }

    fn names<'b>(&self, place: &'b Place) -> Vec<Bind<'b>> {
        vec![Bind::text(&place.quoted)]
    }

    fn classify(&self, error: &dyn DatabaseError) -> Option<Class> {
        let error = error.try_downcast_ref::<PgDatabaseError>()?;
        Some(error::classify(error.code(), error.routine()))
    }

    fn pooler_trouble(&self, error: &dyn DatabaseError) -> Option<PoolerTrouble> {
        error::pooler_trouble(error.try_downcast_ref::<PgDatabaseError>()?)
    }

    fn look<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        found: &'a [FoundColumn],
        facts: &'a mut Facts,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            let name = Bind::text(&target.place.quoted);
            let row: Option<(bool, bool)> = conn.row(catalog::COPIES, &[name]).await?;
            let (copies, partitioned) = row.unwrap_or_default();
            facts.partitioned = partitioned;
            let model = target.model;
            // What an insert sends, without the bookkeeping's. COPY casts nothing.
            let mut sent = model.written().chain(model.role(Role::SyncedAt));
            facts.quick = copies
                && sent.all(|column| {
                    let base = found.iter().find(|found| found.name == column.name);
                    let cell = self.sent_as(Some(column), cell_type(column));
                    base.is_some_and(|found| catalog::is_sent_as(cell, &found.base))
                });
            Ok(())
        })
    }

    fn attribute<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        cells: &'a [Cell<'static>],
        error: &'a dyn DatabaseError,
    ) -> BoxFuture<'a, Result<Attribution, TxError>> {
        Box::pin(async move {
            match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => error::blame(conn, target, cells, error).await,
                None => Ok(Attribution {
                    column: None,
                    reason: attribution::without_values(error.message(), cells),
                }),
            }
        })
    }
}
