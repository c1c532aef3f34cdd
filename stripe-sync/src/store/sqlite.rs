//! SQLite.

mod connection;
mod error;
mod table;
mod upsert;

pub(super) use connection::{execute, fetch, instant_text};
pub(super) use error::meaning;
pub(super) use table::{columns, unique_keys};
pub(super) use upsert::{insert, upsert};

use super::dialect::Dialect;

/// Values that one statement may bind: `SQLITE_MAX_VARIABLE_NUMBER`.
pub(super) const MAX_BINDS: usize = 32_766;

pub(super) static DIALECT: Dialect = Dialect {
    name: "SQLite",
    feature: "sqlite",
    quote: stripe_sync_schema::sql::sqlite::QUOTE,
    // Takes the write lock at once: two transactions that read first and write later would block each other.
    begin: "BEGIN IMMEDIATE",
    begin_page: "BEGIN IMMEDIATE",
    constraints_now: None,
    prepare: &[
        "CREATE TABLE IF NOT EXISTS stripe_sync_clock (one INTEGER PRIMARY KEY CHECK (one = 1), token INTEGER NOT NULL)",
        "INSERT OR IGNORE INTO stripe_sync_clock (one, token) VALUES (1, 0)",
        "CREATE TABLE IF NOT EXISTS stripe_sync_bindings (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
            PRIMARY KEY (table_name, account, livemode))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_tombstones (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            observed_at INTEGER NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_failed (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            column_name TEXT, reason TEXT NOT NULL, failed_at INTEGER NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        // One row for each table, account and mode: see `binding`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_walks (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
            compared_at INTEGER NOT NULL, tombstones BOOLEAN NOT NULL,
            token INTEGER NOT NULL DEFAULT 0, holder TEXT NOT NULL DEFAULT '', expires_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_shares (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, process TEXT NOT NULL, expires_at INTEGER NOT NULL,
            PRIMARY KEY (account, livemode, process))",
    ],
    now_millis: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    or_ignore: ("INSERT OR IGNORE", ""),
    for_share: "",
    for_update: "",
    greatest: "MAX",
    no_freshness: "NULL, 0, 0",
    column_type: table::column_type,
    key_text: "TEXT",
    read_as: |_| None,
    accepts: table::accepts,
    zero: table::zero,
};
