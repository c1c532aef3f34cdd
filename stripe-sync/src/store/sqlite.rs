//! SQLite.

mod connection;
mod error;
mod examine;
mod fit;
mod table;

pub(super) use connection::{execute, fetch, moment};
pub(super) use error::classify;
pub(super) use examine::examine;

use stripe_sync_schema::sql::{Database, sqlite::QUOTE};

use super::db::dialect::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    sql: Database::Sqlite,
    name: "SQLite",
    feature: "sqlite",
    quote: QUOTE,
    // Takes the write lock at once: two transactions that read first and write later would block each other.
    begin: "BEGIN IMMEDIATE",
    begin_page: "BEGIN IMMEDIATE",
    constraints_now: None,
    skip_locked: "",
    now_millis: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    or_ignore: Database::Sqlite.or_ignore(),
    for_share: "",
    for_update: "",
    greatest: Database::Sqlite.greatest(),
    least: "MIN",
    column_type: table::column_type,
    key_text: "TEXT",
    read_as: |_| None,
    fit: fit::fit,
    zero: table::zero,
    columns: table::COLUMNS,
    unique_keys: table::UNIQUE_KEYS,
};
