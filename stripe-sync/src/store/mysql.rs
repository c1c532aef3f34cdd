//! MySQL and MariaDB.

mod compare;
mod connection;
mod error;
mod second_keys;
mod table;
mod upsert;

pub(super) use compare::holds_all;
pub(super) use connection::{execute, fetch, tick};
pub(super) use error::{blame, meaning};
pub(super) use second_keys::has_second_key;
pub(super) use table::{columns, is_strict, unique_keys};
pub(super) use upsert::upsert;

use super::dialect::Dialect;

/// Values that one statement may bind: its count is sent in 16 bits.
pub(super) const MAX_BINDS: usize = 65_535;

pub(super) static DIALECT: Dialect = Dialect {
    name: "MySQL",
    feature: "mysql",
    quote: stripe_sync_schema::sql::mysql::QUOTE,
    // The default, REPEATABLE READ, locks the gaps between rows and reads an old snapshot after it waited for a lock.
    begin: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    begin_page: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    constraints_now: None,
    prepare: &[
        "CREATE TABLE IF NOT EXISTS stripe_sync_clock (one INT NOT NULL PRIMARY KEY, token BIGINT NOT NULL) ENGINE=InnoDB",
        "INSERT IGNORE INTO stripe_sync_clock (one, token) VALUES (1, 0)",
        "CREATE TABLE IF NOT EXISTS stripe_sync_bindings (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
            PRIMARY KEY (table_name, account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS stripe_sync_tombstones (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
            id VARCHAR(255) NOT NULL, observed_at BIGINT NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS stripe_sync_failed (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
            id VARCHAR(255) NOT NULL, column_name VARCHAR(255), reason TEXT NOT NULL, failed_at DATETIME(6) NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // One row for each table, account and mode: see `binding`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_walks (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
            compared_at BIGINT NOT NULL, tombstones BOOLEAN NOT NULL, walk BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // How far a walk is: see `checkpoint`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_checkpoints (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
            walk BIGINT NOT NULL, format BIGINT NOT NULL, identity BIGINT NOT NULL, phase BIGINT NOT NULL,
            watermark BIGINT, finished_watermark BIGINT, closer BIGINT NOT NULL DEFAULT 0,
            waiting_until BIGINT NOT NULL DEFAULT 0,
            expires_at BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS stripe_sync_slices (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, slice BIGINT NOT NULL,
            list BIGINT NOT NULL, until BIGINT, stop BIGINT, place TEXT NOT NULL, position BIGINT,
            done BOOLEAN NOT NULL DEFAULT FALSE, pages BIGINT NOT NULL DEFAULT 0, seen BIGINT NOT NULL DEFAULT 0,
            owner BIGINT NOT NULL DEFAULT 0, holder VARCHAR(255) NOT NULL DEFAULT '',
            expires_at BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (table_name, account, livemode, slice)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // What the lists showed, as hashes: see `seen`. A crash of a PostgreSQL server may empty it, which the counts in
        // `stripe_sync_slices` tell.
        "CREATE TABLE IF NOT EXISTS stripe_sync_seen (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, batch BIGINT NOT NULL,
            hashes MEDIUMBLOB NOT NULL,
            PRIMARY KEY (table_name, account, livemode, batch)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS stripe_sync_unlisted (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, id VARCHAR(255) NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS stripe_sync_shares (
            account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, process VARCHAR(64) NOT NULL,
            expires_at BIGINT NOT NULL,
            PRIMARY KEY (account, livemode, process)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    ],
    live: &[
        // The inbox: see `inbox`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_events (
            account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, id VARCHAR(255) NOT NULL, seq BIGINT NOT NULL, kind VARCHAR(255) NOT NULL,
            object VARCHAR(255) NOT NULL, object_id VARCHAR(255) NOT NULL, created BIGINT NOT NULL, received_at BIGINT NOT NULL,
            source BIGINT NOT NULL, state BIGINT NOT NULL, done_at BIGINT NOT NULL DEFAULT 0, reason LONGTEXT, payload LONGTEXT NOT NULL,
            PRIMARY KEY (account, livemode, id),
            INDEX stripe_sync_events_of (account, livemode, object(64), object_id, state),
            INDEX stripe_sync_events_done (state, done_at)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // Objects about which there is something to do: see `work`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_work (
            account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, object VARCHAR(130) NOT NULL, object_id VARCHAR(255) NOT NULL,
            notices BIGINT NOT NULL, since BIGINT NOT NULL, due_at BIGINT NOT NULL, read_at BIGINT NOT NULL DEFAULT 0,
            attempts BIGINT NOT NULL DEFAULT 0,
            token BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL DEFAULT 0, ended BIGINT NOT NULL DEFAULT 0,
            given_up BOOLEAN NOT NULL DEFAULT FALSE,
            PRIMARY KEY (account, livemode, object, object_id),
            INDEX stripe_sync_work_due (due_at)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // What is to be told after a commit: see `outbox`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_outbox (
            seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, subject VARCHAR(255) NOT NULL,
            object_id VARCHAR(255) NOT NULL, body LONGTEXT NOT NULL, attempts BIGINT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL,
            token BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL DEFAULT 0, reason LONGTEXT) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // How far listed events were followed: see `followed`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_followed (
            account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, followed_until BIGINT NOT NULL,
            PRIMARY KEY (account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // Of when rows are: see `dates`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_dates (
            table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
            id VARCHAR(255) NOT NULL,
            stripe_at BIGINT NOT NULL, observed_at BIGINT NOT NULL,
            PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        // Changes for those who subscribe, and the positions that they got: see `changes`.
        "CREATE TABLE IF NOT EXISTS stripe_sync_changes (
            seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, position BIGINT NOT NULL DEFAULT 0, account VARCHAR(255) NOT NULL,
            livemode BOOLEAN NOT NULL, table_name VARCHAR(130) NOT NULL, object VARCHAR(130) NOT NULL, object_id VARCHAR(255) NOT NULL,
            kind BIGINT NOT NULL, changed_at BIGINT NOT NULL,
            INDEX stripe_sync_changes_at (position)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS stripe_sync_positions (
            table_name VARCHAR(130) NOT NULL, livemode BOOLEAN NOT NULL, position BIGINT NOT NULL,
            PRIMARY KEY (table_name, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "INSERT IGNORE INTO stripe_sync_positions (table_name, livemode, position) VALUES ('', FALSE, 1)",
    ],
    skip_locked: " FOR UPDATE SKIP LOCKED",
    now_millis: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
    or_ignore: ("INSERT IGNORE", ""),
    for_share: " LOCK IN SHARE MODE",
    for_update: " FOR UPDATE",
    greatest: "GREATEST",
    least: "LEAST",
    no_freshness: "NULL, 0, FALSE",
    column_type: table::column_type,
    key_text: "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    read_as: |_| None,
    accepts: table::accepts,
    zero: table::zero,
};
