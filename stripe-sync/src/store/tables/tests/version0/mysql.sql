-- What version 0 of the bookkeeping tables was created with on MySQL.

CREATE TABLE IF NOT EXISTS stripe_sync_clock (one INT NOT NULL PRIMARY KEY, token BIGINT NOT NULL) ENGINE=InnoDB;

INSERT IGNORE INTO stripe_sync_clock (one, token) VALUES (1, 0);

CREATE TABLE IF NOT EXISTS stripe_sync_bindings (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
    PRIMARY KEY (table_name, account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_tombstones (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
    id VARCHAR(255) NOT NULL, observed_at BIGINT NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_failed (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
    id VARCHAR(255) NOT NULL, column_name VARCHAR(255), reason TEXT NOT NULL, failed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_walks (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
    compared_at BIGINT NOT NULL, tombstones BOOLEAN NOT NULL, walk BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_checkpoints (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
    walk BIGINT NOT NULL, format BIGINT NOT NULL, identity BIGINT NOT NULL, phase BIGINT NOT NULL,
    watermark BIGINT, finished_watermark BIGINT, closer BIGINT NOT NULL DEFAULT 0,
    waiting_until BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_slices (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, slice BIGINT NOT NULL,
    list BIGINT NOT NULL, until BIGINT, stop BIGINT, place TEXT NOT NULL, position BIGINT,
    done BOOLEAN NOT NULL DEFAULT FALSE, pages BIGINT NOT NULL DEFAULT 0, seen BIGINT NOT NULL DEFAULT 0,
    owner BIGINT NOT NULL DEFAULT 0, holder VARCHAR(255) NOT NULL DEFAULT '',
    expires_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (table_name, account, livemode, slice)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_seen (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, batch BIGINT NOT NULL,
    hashes MEDIUMBLOB NOT NULL,
    PRIMARY KEY (table_name, account, livemode, batch)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_unlisted (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, id VARCHAR(255) NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_shares (
    account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, process VARCHAR(64) NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, livemode, process)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_events (
    account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, id VARCHAR(255) NOT NULL, seq BIGINT NOT NULL, kind VARCHAR(255) NOT NULL,
    object VARCHAR(255) NOT NULL, object_id VARCHAR(255) NOT NULL, created BIGINT NOT NULL, received_at BIGINT NOT NULL,
    source BIGINT NOT NULL, state BIGINT NOT NULL, done_at BIGINT NOT NULL DEFAULT 0, reason LONGTEXT, payload LONGTEXT NOT NULL,
    PRIMARY KEY (account, livemode, id),
    INDEX stripe_sync_events_of (account, livemode, object(64), object_id, state),
    INDEX stripe_sync_events_done (state, done_at)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_work (
    account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, object VARCHAR(130) NOT NULL, object_id VARCHAR(255) NOT NULL,
    notices BIGINT NOT NULL, since BIGINT NOT NULL, due_at BIGINT NOT NULL, read_at BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    token BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL DEFAULT 0, ended BIGINT NOT NULL DEFAULT 0,
    given_up BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account, livemode, object, object_id),
    INDEX stripe_sync_work_due (due_at)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_outbox (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, subject VARCHAR(255) NOT NULL,
    object_id VARCHAR(255) NOT NULL, body LONGTEXT NOT NULL, attempts BIGINT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL,
    token BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL DEFAULT 0, reason LONGTEXT) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_followed (
    account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, followed_until BIGINT NOT NULL,
    PRIMARY KEY (account, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_dates (
    table_name VARCHAR(130) NOT NULL, account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL,
    id VARCHAR(255) NOT NULL,
    stripe_at BIGINT NOT NULL, observed_at BIGINT NOT NULL,
    PRIMARY KEY (table_name, account, livemode, id)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_changes (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, position BIGINT NOT NULL DEFAULT 0, account VARCHAR(255) NOT NULL,
    livemode BOOLEAN NOT NULL, table_name VARCHAR(130) NOT NULL, object VARCHAR(130) NOT NULL, object_id VARCHAR(255) NOT NULL,
    kind BIGINT NOT NULL, changed_at BIGINT NOT NULL,
    INDEX stripe_sync_changes_at (position)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stripe_sync_positions (
    table_name VARCHAR(130) NOT NULL, livemode BOOLEAN NOT NULL, position BIGINT NOT NULL,
    PRIMARY KEY (table_name, livemode)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO stripe_sync_positions (table_name, livemode, position) VALUES ('', FALSE, 1);

-- Rows that each database writes in its own way.

UPDATE stripe_sync_clock SET token = 4711;

INSERT INTO stripe_sync_failed (table_name, account, livemode, id, column_name, reason, failed_at) VALUES
    ('app.customers', 'acct_1', FALSE, 'cus_1', 'email', 'why', '2024-02-29 12:34:56.789999'),
    ('app.customers', 'acct_1', FALSE, '', NULL, 'no id', '2024-02-29 12:34:56.789999');

INSERT INTO stripe_sync_seen (table_name, account, livemode, batch, hashes) VALUES
    ('app.customers', 'acct_1', FALSE, 42, x'0102030405060708');
