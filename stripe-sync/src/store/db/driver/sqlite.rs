//! SQLite.
pub(crate) mod catalog;
pub(crate) mod codec;

pub(crate) mod error;
pub(crate) mod examine;
pub(crate) mod fit;

use stripe_sync_schema::sql::{Database, sqlite::QUOTE};

use crate::store::db::dialect::Dialect;

pub(crate) static DIALECT: Dialect = Dialect {
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
    column_type: catalog::column_type,
    key_text: "TEXT",
    read_as: |_| None,
    fit: fit::fit,
    zero: catalog::zero,
    columns: catalog::COLUMNS,
    unique_keys: catalog::UNIQUE_KEYS,
};
