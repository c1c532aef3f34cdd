//! SQLite.

mod connection;
mod error;
mod table;
mod upsert;

pub(super) use connection::{execute, fetch, instant_text};
pub(super) use error::meaning;
pub(super) use table::{columns, unique_keys};
pub(super) use upsert::upsert;

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
            compared_at INTEGER NOT NULL, tombstones BOOLEAN NOT NULL, walk INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode))",
        // How far a walk is: see `checkpoint`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_checkpoints (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
            walk INTEGER NOT NULL, format INTEGER NOT NULL, identity INTEGER NOT NULL, phase INTEGER NOT NULL,
            watermark INTEGER, finished_watermark INTEGER, closer INTEGER NOT NULL DEFAULT 0,
            waiting_until INTEGER NOT NULL DEFAULT 0,
            expires_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_slices (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, slice INTEGER NOT NULL,
            list INTEGER NOT NULL, until INTEGER, stop INTEGER, place TEXT NOT NULL, position INTEGER,
            done BOOLEAN NOT NULL DEFAULT FALSE, pages INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0,
            owner INTEGER NOT NULL DEFAULT 0, holder TEXT NOT NULL DEFAULT '',
            expires_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode, slice))",
        // What the lists showed, as hashes: see `seen`. A crash of a PostgreSQL server may empty it, which the counts in
        // `stripe_sync_slices` tell.
        "CREATE TABLE IF NOT EXISTS stripe_sync_seen (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, batch INTEGER NOT NULL,
            hashes BLOB NOT NULL,
            PRIMARY KEY (table_name, account, livemode, batch))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_unlisted (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_shares (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, process TEXT NOT NULL, expires_at INTEGER NOT NULL,
            PRIMARY KEY (account, livemode, process))",
    ],
    live: &[
        // The inbox: see `inbox`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_events (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL,
            object TEXT NOT NULL, object_id TEXT NOT NULL, created INTEGER NOT NULL, received_at INTEGER NOT NULL,
            source INTEGER NOT NULL, state INTEGER NOT NULL, done_at INTEGER NOT NULL DEFAULT 0, reason TEXT, payload TEXT NOT NULL,
            PRIMARY KEY (account, livemode, id))",
        "CREATE INDEX IF NOT EXISTS stripe_sync_events_of ON stripe_sync_events (account, livemode, object, object_id, state)",
        "CREATE INDEX IF NOT EXISTS stripe_sync_events_done ON stripe_sync_events (state, done_at)",
        // Objects about which there is something to do: see `work`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_work (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL,
            notices INTEGER NOT NULL, since INTEGER NOT NULL, due_at INTEGER NOT NULL, read_at INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            token INTEGER NOT NULL DEFAULT 0, expires_at INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,
            given_up BOOLEAN NOT NULL DEFAULT FALSE,
            PRIMARY KEY (account, livemode, object, object_id))",
        "CREATE INDEX IF NOT EXISTS stripe_sync_work_due ON stripe_sync_work (due_at)",
        // What is to be told after a commit: see `outbox`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_outbox (
            seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, subject TEXT NOT NULL,
            object_id TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL,
            token INTEGER NOT NULL DEFAULT 0, expires_at INTEGER NOT NULL DEFAULT 0, reason TEXT)",
        // How far listed events were followed: see `followed`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_followed (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, followed_until INTEGER NOT NULL,
            PRIMARY KEY (account, livemode))",
        // Of when rows are: see `dates`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_dates (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            stripe_at INTEGER NOT NULL, observed_at INTEGER NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        // Changes for those who subscribe, and the positions that they got: see `changes`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_changes (
            seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL DEFAULT 0, account TEXT NOT NULL,
            livemode BOOLEAN NOT NULL, table_name TEXT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL, kind INTEGER NOT NULL,
            changed_at INTEGER NOT NULL)",
        "CREATE INDEX IF NOT EXISTS stripe_sync_changes_at ON stripe_sync_changes (position)",
        "CREATE TABLE IF NOT EXISTS stripe_sync_positions (
            table_name TEXT NOT NULL, livemode BOOLEAN NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (table_name, livemode))",
        "INSERT OR IGNORE INTO stripe_sync_positions (table_name, livemode, position) VALUES ('', FALSE, 1)",
    ],
    skip_locked: "",
    now_millis: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    or_ignore: ("INSERT OR IGNORE", ""),
    for_share: "",
    for_update: "",
    greatest: "MAX",
    least: "MIN",
    no_freshness: "NULL, 0, 0",
    column_type: table::column_type,
    key_text: "TEXT",
    read_as: |_| None,
    accepts: table::accepts,
    zero: table::zero,
};
