//! What a derived struct is to a database: the names from which [`sql`](crate::sql) writes statements.

/// A mirrored table, as far as its statements need it. The derive makes one for each struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The schema (PostgreSQL) or database (MySQL), if the user named one.
    pub schema: Option<String>,
    /// The table's name.
    pub name: String,
    /// The key's columns: account and mode where the struct has them, then the id.
    pub key: Vec<String>,
    /// The columns that a sync writes, in the order of a row's cells; the key's are among them.
    pub columns: Vec<Column>,
    /// The column with the time of a deletion: the user's own, or [`DELETED_AT`].
    pub deleted_at: String,
    /// The column with the time of the last write, if the user has one.
    pub synced_at: Option<String>,
    /// Whether the table has no bookkeeping columns.
    pub unguarded: bool,
}

/// A column that a sync writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The SQL type to which the value is cast, if the user set one.
    pub sql_type: Option<String>,
}

/// The bookkeeping column with the freshness token of the read that wrote the row.
pub const OBSERVED_AT: &str = "stripe_observed_at";
/// The bookkeeping column with the hash of the row's content.
pub const HASH: &str = "stripe_hash";
/// The bookkeeping column with the time of a deletion, where the user has none of their own.
pub const DELETED_AT: &str = "stripe_deleted_at";

/// A statement whose length follows the number of rows: `head`, then `row` once for each row with `, ` between, then
/// `tail`. A statement of fixed length has only a `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    /// The text before the rows.
    pub head: &'static str,
    /// The text of one row.
    pub row: &'static str,
    /// The text after the rows.
    pub tail: &'static str,
}

/// The statements of one model on one database. The documentation of [`sql`](crate::sql) says what each does and binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statements {
    /// Inserts or updates a batch of rows.
    pub upsert: Text,
}

/// A statement as the derive gets it, to write a [`Statements`] constant: the field's name and the three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The name of the field in [`Statements`].
    pub field: &'static str,
    /// See [`Text::head`].
    pub head: String,
    /// See [`Text::row`].
    pub row: String,
    /// See [`Text::tail`].
    pub tail: String,
}
