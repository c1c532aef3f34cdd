//! The databases, each with the same files: `catalog` (what a table is like), `codec` (binds and values), `error`, `fit`.

#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) mod codec;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use std::future::ready;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sqlx::error::DatabaseError;

use crate::cell::{Cell, CellType};
use crate::model::{Column, Model};
use crate::store::db::retry::Class;
use crate::store::db::store::place::PlacedStatements;
use crate::store::db::{
    Attribution, Bind, Conn, Dialect, Facts, Fit, FoundColumn, Place, PoolerTrouble, TableContext,
    TxError,
};

/// The databases that are enabled.
pub(crate) const DRIVERS: &[&dyn Driver] = &[
    #[cfg(feature = "sqlite")]
    &sqlite::Sqlite,
    #[cfg(feature = "postgres")]
    &postgres::Postgres,
    #[cfg(feature = "mysql")]
    &mysql::MySql,
];

/// What a database does in its own way, and is not only text.
pub(crate) trait Driver: Sync {
    /// Its text.
    fn dialect(&self) -> &'static Dialect;

    /// The column type of a cell type, and the DEFAULT of a local column of it that is not null.
    fn type_and_zero(&self, cell: CellType) -> (&'static str, &'static str);

    /// The column type of a cell type.
    fn column_type(&self, cell: CellType) -> &'static str {
        self.type_and_zero(cell).0
    }

    /// The DEFAULT of a local column that is not null, so that a sync can insert a row.
    fn zero(&self, cell: CellType) -> &'static str {
        self.type_and_zero(cell).1
    }

    /// What a column does to values of a cell type; the text is the struct's own SQL type, if it has one.
    fn fit(&self, cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit;

    /// How a column, whose name in quotes is given, is written in a SELECT so that its value reads as its cell type.
    fn read_as(&self, _column: &Column, quoted: String) -> String {
        quoted
    }

    /// The form in which a moment is sent to a column, where the column's type alone does not say it.
    fn moment(&self, _column: Option<&Column>, value: DateTime<Utc>) -> Cell<'static> {
        Cell::Instant(value)
    }

    /// The type as which a column's cells are sent.
    fn sent_as(&self, _column: Option<&Column>, cell: CellType) -> CellType {
        cell
    }

    /// Whether a key's column takes an id for equal to one with spaces behind it.
    fn ignores_spaces(&self, _found: &FoundColumn) -> bool {
        false
    }

    /// Completes the statements of a model by what only its columns' types say.
    fn prepare_statements(&self, _model: &Model, _statements: &mut PlacedStatements) {}

    /// A table's name as parameters of the questions about it.
    fn names<'b>(&self, place: &'b Place) -> Vec<Bind<'b>> {
        let schema = Bind::text_or_null(place.table.schema());
        vec![schema, Bind::text(place.table.name())]
    }

    /// What an error of this database means; `None` for another one's.
    fn classify(&self, error: &dyn DatabaseError) -> Option<Class>;

    /// What a pooler before the database did, if the error shows it.
    fn pooler_trouble(&self, _error: &dyn DatabaseError) -> Option<PoolerTrouble> {
        None
    }

    /// Completes what was found of the columns by what only the rows show.
    fn examine<'a>(
        &'a self,
        _conn: &'a mut Conn<'_>,
        _place: &'a Place,
        _model: &'a Model,
        _found: &'a mut [FoundColumn],
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(ready(Ok(())))
    }

    /// Notes how the table can be written to.
    fn look<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        found: &'a [FoundColumn],
        facts: &'a mut Facts,
    ) -> BoxFuture<'a, Result<(), TxError>>;

    /// Refuses a session that changes values without an error.
    fn check_session<'a>(&'a self, _conn: &'a mut Conn<'_>) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(ready(Ok(())))
    }

    /// Returns the next token of the counter.
    fn next_token<'a>(&'a self, conn: &'a mut Conn<'_>) -> BoxFuture<'a, Result<i64, TxError>> {
        Box::pin(conn.one(self.dialect().next_token, &[]))
    }

    /// Whether the table holds each of the objects with its hash and a token up to the limit; `None` where the database
    /// says which it does not hold.
    fn holds_all<'a>(
        &'a self,
        _conn: &'a mut Conn<'_>,
        _target: &'a TableContext<'_>,
        _objects: &'a [(&'a str, i64)],
        _limit: i64,
    ) -> BoxFuture<'a, Result<Option<bool>, TxError>> {
        Box::pin(ready(Ok(None)))
    }

    /// Why a row is refused, as the database's error says.
    fn attribute<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        cells: &'a [Cell<'static>],
        error: &'a dyn DatabaseError,
    ) -> BoxFuture<'a, Result<Attribution, TxError>>;
}
