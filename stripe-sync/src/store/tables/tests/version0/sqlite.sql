-- What version 0 of the bookkeeping tables was created with on SQLite.

CREATE TABLE IF NOT EXISTS stripe_sync_clock (one INTEGER PRIMARY KEY CHECK (one = 1), token INTEGER NOT NULL);

INSERT OR IGNORE INTO stripe_sync_clock (one, token) VALUES (1, 0);

CREATE TABLE IF NOT EXISTS stripe_sync_bindings (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
    PRIMARY KEY (table_name, account, livemode));

CREATE TABLE IF NOT EXISTS stripe_sync_tombstones (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
    observed_at INTEGER NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id));

CREATE TABLE IF NOT EXISTS stripe_sync_failed (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
    column_name TEXT, reason TEXT NOT NULL, failed_at INTEGER NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id));

CREATE TABLE IF NOT EXISTS stripe_sync_walks (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
    compared_at INTEGER NOT NULL, tombstones BOOLEAN NOT NULL, walk INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, account, livemode));

CREATE TABLE IF NOT EXISTS stripe_sync_checkpoints (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL,
    walk INTEGER NOT NULL, format INTEGER NOT NULL, identity INTEGER NOT NULL, phase INTEGER NOT NULL,
    watermark INTEGER, finished_watermark INTEGER, closer INTEGER NOT NULL DEFAULT 0,
    waiting_until INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, account, livemode));

CREATE TABLE IF NOT EXISTS stripe_sync_slices (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, slice INTEGER NOT NULL,
    list INTEGER NOT NULL, until INTEGER, stop INTEGER, place TEXT NOT NULL, position INTEGER,
    done BOOLEAN NOT NULL DEFAULT FALSE, pages INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0,
    owner INTEGER NOT NULL DEFAULT 0, holder TEXT NOT NULL DEFAULT '',
    expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, account, livemode, slice));

CREATE TABLE IF NOT EXISTS stripe_sync_seen (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, batch INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (table_name, account, livemode, batch));

CREATE TABLE IF NOT EXISTS stripe_sync_unlisted (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id));

CREATE TABLE IF NOT EXISTS stripe_sync_shares (
    account TEXT NOT NULL, livemode BOOLEAN NOT NULL, process TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (account, livemode, process));

CREATE TABLE IF NOT EXISTS stripe_sync_events (
    account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL,
    object TEXT NOT NULL, object_id TEXT NOT NULL, created INTEGER NOT NULL, received_at INTEGER NOT NULL,
    source INTEGER NOT NULL, state INTEGER NOT NULL, done_at INTEGER NOT NULL DEFAULT 0, reason TEXT, payload TEXT NOT NULL,
    PRIMARY KEY (account, livemode, id));

CREATE INDEX IF NOT EXISTS stripe_sync_events_of ON stripe_sync_events (account, livemode, object, object_id, state);

CREATE INDEX IF NOT EXISTS stripe_sync_events_done ON stripe_sync_events (state, done_at);

CREATE TABLE IF NOT EXISTS stripe_sync_work (
    account TEXT NOT NULL, livemode BOOLEAN NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL,
    notices INTEGER NOT NULL, since INTEGER NOT NULL, due_at INTEGER NOT NULL, read_at INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    token INTEGER NOT NULL DEFAULT 0, expires_at INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,
    given_up BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account, livemode, object, object_id));

CREATE INDEX IF NOT EXISTS stripe_sync_work_due ON stripe_sync_work (due_at);

CREATE TABLE IF NOT EXISTS stripe_sync_outbox (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, subject TEXT NOT NULL,
    object_id TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL,
    token INTEGER NOT NULL DEFAULT 0, expires_at INTEGER NOT NULL DEFAULT 0, reason TEXT);

CREATE TABLE IF NOT EXISTS stripe_sync_followed (
    account TEXT NOT NULL, livemode BOOLEAN NOT NULL, followed_until INTEGER NOT NULL,
    PRIMARY KEY (account, livemode));

CREATE TABLE IF NOT EXISTS stripe_sync_dates (
    table_name TEXT NOT NULL, account TEXT NOT NULL, livemode BOOLEAN NOT NULL, id TEXT NOT NULL,
    stripe_at INTEGER NOT NULL, observed_at INTEGER NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id));

CREATE TABLE IF NOT EXISTS stripe_sync_changes (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL DEFAULT 0, account TEXT NOT NULL,
    livemode BOOLEAN NOT NULL, table_name TEXT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL, kind INTEGER NOT NULL,
    changed_at INTEGER NOT NULL);

CREATE INDEX IF NOT EXISTS stripe_sync_changes_at ON stripe_sync_changes (position);

CREATE TABLE IF NOT EXISTS stripe_sync_positions (
    table_name TEXT NOT NULL, livemode BOOLEAN NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (table_name, livemode));

INSERT OR IGNORE INTO stripe_sync_positions (table_name, livemode, position) VALUES ('', FALSE, 1);

-- Rows that each database writes in its own way.

UPDATE stripe_sync_clock SET token = 4711;

INSERT INTO stripe_sync_failed (table_name, account, livemode, id, column_name, reason, failed_at) VALUES
    ('app.customers', 'acct_1', FALSE, 'cus_1', 'email', 'why', 1709210096789999),
    ('app.customers', 'acct_1', FALSE, '', NULL, 'no id', 1709210096789999);

INSERT INTO stripe_sync_seen (table_name, account, livemode, batch, hashes) VALUES
    ('app.customers', 'acct_1', FALSE, 42, x'0102030405060708');
