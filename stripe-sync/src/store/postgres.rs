//! PostgreSQL.

mod connection;
mod copy;
mod error;
mod table;
mod upsert;

pub(super) use connection::{execute, fetch};
pub(super) use copy::takes_copy;
pub(super) use error::blame;
pub(super) use table::{columns, unique_keys};
pub(super) use upsert::{insert, upsert};

use super::dialect::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "PostgreSQL",
    feature: "postgres",
    quote: stripe_sync_schema::sql::postgres::QUOTE,
    begin: "BEGIN",
    // Statements that were planned while the table was empty would read all of it for each page, until the next ANALYZE;
    // and planning one for its values costs as much as running it, because these are arrays of a megabyte.
    // A page need not wait for the disk: what is lost in a crash of the server is read again, and what ends a run waits.
    begin_page: "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; \
                 SET LOCAL synchronous_commit = off",
    constraints_now: Some("SET CONSTRAINTS ALL IMMEDIATE"),
    prepare: &[
        "CREATE SEQUENCE IF NOT EXISTS stripe_sync_clock",
        "CREATE TABLE IF NOT EXISTS stripe_sync_bindings (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
            PRIMARY KEY (table_name, account, livemode))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_tombstones (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            observed_at BIGINT NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_failed (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            column_name TEXT, reason TEXT NOT NULL, failed_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        // One row for each table, account and mode: see `binding`. Unlogged: every list page writes here, and would
        // otherwise wait for the disk when it changed nothing. A crash of the server empties it, which is as if every
        // lease had ended and every row had been compared this moment.
        "CREATE UNLOGGED TABLE IF NOT EXISTS stripe_sync_walks (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
            compared_at BIGINT NOT NULL, tombstones BOOLEAN NOT NULL, walk BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode))",
        // How far a walk is: see `checkpoint`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_checkpoints (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
            walk BIGINT NOT NULL, format BIGINT NOT NULL, identity BIGINT NOT NULL, phase BIGINT NOT NULL,
            watermark BIGINT, finished_watermark BIGINT, closer BIGINT NOT NULL DEFAULT 0,
            waiting_until BIGINT NOT NULL DEFAULT 0,
            expires_at BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_slices (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, slice BIGINT NOT NULL,
            list BIGINT NOT NULL, until BIGINT, stop BIGINT, place TEXT NOT NULL, position BIGINT,
            done BOOLEAN NOT NULL DEFAULT FALSE, pages BIGINT NOT NULL DEFAULT 0, seen BIGINT NOT NULL DEFAULT 0,
            owner BIGINT NOT NULL DEFAULT 0, holder TEXT NOT NULL DEFAULT '',
            expires_at BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode, slice))",
        // What the lists showed, as hashes: see `seen`. A crash of a PostgreSQL server may empty it, which the counts in
        // `stripe_sync_slices` tell.
        "CREATE UNLOGGED TABLE IF NOT EXISTS stripe_sync_seen (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, batch BIGINT NOT NULL,
            hashes BYTEA NOT NULL,
            PRIMARY KEY (table_name, account, livemode, batch))",
        "CREATE TABLE IF NOT EXISTS stripe_sync_unlisted (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        // Unlogged, as the walks: whoever lives takes a share again when it renews.
        "CREATE UNLOGGED TABLE IF NOT EXISTS stripe_sync_shares (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, process TEXT NOT NULL, expires_at BIGINT NOT NULL,
            PRIMARY KEY (account, livemode, process))",
    ],
    live: &[
        // The inbox: see `inbox`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_events (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL,
            object TEXT NOT NULL, object_id TEXT NOT NULL, created BIGINT NOT NULL, received_at BIGINT NOT NULL,
            source BIGINT NOT NULL, state BIGINT NOT NULL, done_at BIGINT NOT NULL DEFAULT 0, reason TEXT, payload TEXT NOT NULL,
            PRIMARY KEY (account, livemode, id))",
        "CREATE INDEX IF NOT EXISTS stripe_sync_events_of ON stripe_sync_events (account, livemode, object, object_id, state)",
        "CREATE INDEX IF NOT EXISTS stripe_sync_events_done ON stripe_sync_events (state, done_at)",
        // Objects about which there is something to do: see `work`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_work (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL,
            notices BIGINT NOT NULL, since BIGINT NOT NULL, due_at BIGINT NOT NULL, read_at BIGINT NOT NULL DEFAULT 0,
            attempts BIGINT NOT NULL DEFAULT 0,
            token BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL DEFAULT 0, ended BIGINT NOT NULL DEFAULT 0,
            given_up BOOLEAN NOT NULL DEFAULT FALSE,
            PRIMARY KEY (account, livemode, object, object_id))",
        "CREATE INDEX IF NOT EXISTS stripe_sync_work_due ON stripe_sync_work (due_at)",
        // What is to be told after a commit: see `outbox`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_outbox (
            seq BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, subject TEXT NOT NULL,
            object_id TEXT NOT NULL, body TEXT NOT NULL, attempts BIGINT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL,
            token BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL DEFAULT 0, reason TEXT)",
        // How far listed events were followed: see `followed`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_followed (
            account TEXT NOT NULL, livemode BOOLEAN NOT NULL, followed_until BIGINT NOT NULL,
            PRIMARY KEY (account, livemode))",
        // Of when rows are: see `dates`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_dates (
            table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
            stripe_at BIGINT NOT NULL, observed_at BIGINT NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id))",
        // Changes for those who subscribe, and the positions that they got: see `changes`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_changes (
            seq BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, position BIGINT NOT NULL DEFAULT 0, account TEXT NOT NULL,
            livemode BOOLEAN NOT NULL, table_name TEXT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL, kind BIGINT NOT NULL,
            changed_at BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS stripe_sync_changes_at ON stripe_sync_changes (position)",
        "CREATE TABLE IF NOT EXISTS stripe_sync_positions (
            table_name TEXT NOT NULL, livemode BOOLEAN NOT NULL, position BIGINT NOT NULL,
            PRIMARY KEY (table_name, livemode))",
        "INSERT INTO stripe_sync_positions (table_name, livemode, position) VALUES ('', FALSE, 1) ON CONFLICT DO NOTHING",
    ],
    skip_locked: " FOR UPDATE SKIP LOCKED",
    now_millis: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    or_ignore: ("INSERT", " ON CONFLICT DO NOTHING"),
    for_share: " FOR SHARE",
    for_update: " FOR UPDATE",
    greatest: "GREATEST",
    least: "LEAST",
    no_freshness: "NULL::bigint, 0::bigint, false",
    column_type: table::column_type,
    key_text: "text",
    read_as: table::read_as,
    accepts: table::accepts,
    zero: table::zero,
};
