//! What a derived struct is to a database: the names from which [`sql`](crate::sql) writes statements.

/// A mirrored table, as far as its statements need it. The derive makes one for each struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The schema (PostgreSQL) or database (MySQL), if the user named one.
    pub schema: Option<String>,
    /// The table's name.
    pub name: String,
    /// The key's columns: account and mode where the struct has them, then the id; of elements without one, the parent and the
    /// position.
    pub key: Vec<String>,
    /// The columns that a sync writes, in the order of a row's cells; the key's are among them.
    pub columns: Vec<Column>,
    /// The column with the time of a deletion: the user's own, or [`DELETED_AT`].
    pub deleted_at: String,
    /// The SQL type to which that time is cast, if the user set one.
    pub deleted_at_type: Option<String>,
    /// The column with the time of the last write, if the user has one.
    pub synced_at: Option<String>,
    /// The SQL type to which that time is cast, if the user set one.
    pub synced_at_type: Option<String>,
    /// Whether the table has no bookkeeping columns.
    pub unversioned: bool,
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

/// The statements of one model on one database.
///
/// What a statement binds is said in order. *Scope* is the key without the id: the account and the mode, each only if
/// it is part of the key. Of elements without an id, the position is what stands for it, and the scope ends with the parent. *Ids* are one array on PostgreSQL, and a value for each row of the text elsewhere. *A row* is
/// a value for each of [`Table::columns`], then the hash, the row's new token, and, with [`Table::synced_at`], the time
/// of the write; an unversioned table has no hash and no token. A statement that a database does without is empty. `T` is
/// the form in which each is kept: its parts, unless somebody has put them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statements<T = Text> {
    /// Which of some rows exist: id, hash, token, and whether the row is marked as deleted. Binds scope, ids.
    pub ask: T,
    /// The same, and locks the rows in the order of their keys.
    pub lock: T,
    /// Which of some rows of a list page are not in the table with the same hash: place in the page (PostgreSQL counts
    /// from 1), hash, token, and whether the row is marked as deleted; hash and token are null where there is no row.
    /// Rows whose token is above a limit are answered too. PostgreSQL binds ids, an array of hashes, scope, the limit;
    /// SQLite binds place, id and hash of each row, then scope, the limit. MySQL's counts the rows that are the same, and
    /// needs the list of rows twice and a closing bracket: it binds scope, ids, the limit, hashes.
    pub compare: T,
    /// Inserts or updates rows. PostgreSQL binds an array for each column, an array of hashes, then the new token, the
    /// time of the write, and the token that a stored row must not be newer than; it answers with the id of each row
    /// that was written and whether it is new. SQLite binds rows, then the token that a stored row must not be newer
    /// than. MySQL binds rows, and is for rows that exist and are locked: it would overwrite a row with an equal value
    /// in any other unique key.
    pub upsert: T,
    /// Inserts rows that do not exist. A row that does is left alone and not counted; on MySQL it is an error. Binds as
    /// `upsert`, without the token that a stored row must not be newer than.
    pub insert: T,
    /// Updates one row; only on MySQL, for tables with a second unique key. Binds a row without its key, scope, id.
    pub update: T,
    /// Raises the token of rows. Binds token, scope, ids, token.
    pub raise: T,
    /// Marks rows as deleted. Binds the time, the token, with [`Table::synced_at`] the time once more, scope, ids.
    pub mark: T,
    /// Removes rows. Binds scope, ids.
    pub remove: T,
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

impl Statement {
    /// A statement of fixed length.
    pub(crate) fn fixed(field: &'static str, head: String) -> Self {
        Self::rows(field, head, String::new(), String::new())
    }

    /// A statement whose length follows the number of rows.
    pub(crate) fn rows(field: &'static str, head: String, row: String, tail: String) -> Self {
        Self {
            field,
            head,
            row,
            tail,
        }
    }
}
