-- Rows in each table of version 0 that holds the same on all databases.

INSERT INTO stripe_sync_bindings (table_name, account, livemode) VALUES
    ('app.customers', 'acct_1', FALSE), ('app.customers', 'acct_1', TRUE), ('invoices', 'acct_2', TRUE);

INSERT INTO stripe_sync_checkpoints (table_name, account, livemode, walk, format, identity, phase, watermark,
    finished_watermark, closer, waiting_until, expires_at) VALUES
    ('app.customers', 'acct_1', FALSE, 41, 1, -7, 2, 1700000000, 1690000000, 40, 5, 6),
    ('invoices', 'acct_2', TRUE, 43, 1, 9, 0, NULL, NULL, 0, 0, 0),
    ('unbound', 'acct_1', FALSE, 3, 1, 9, 0, NULL, NULL, 0, 0, 0);

INSERT INTO stripe_sync_tombstones (table_name, account, livemode, id, observed_at) VALUES
    ('app.customers', 'acct_1', FALSE, 'cus_1', 17), ('app.customers', 'acct_1', FALSE, 'CUS_1', 18);

INSERT INTO stripe_sync_unlisted (table_name, account, livemode, id) VALUES
    ('app.customers', 'acct_1', FALSE, 'cus_1'), ('app.customers', 'acct_1', FALSE, 'cus_3');

INSERT INTO stripe_sync_walks (table_name, account, livemode, compared_at, tombstones, walk) VALUES
    ('app.customers', 'acct_1', FALSE, 39, TRUE, 41), ('invoices', 'acct_2', TRUE, 0, FALSE, 0);

INSERT INTO stripe_sync_slices (table_name, account, livemode, slice, list, until, stop, place, position, done, pages,
    seen, owner, holder, expires_at) VALUES
    ('app.customers', 'acct_1', FALSE, 0, 0, 1700000000, 1600000000, '["cus_1"]', 1650000000, TRUE, 4, 400, 40, 'host', 7),
    ('app.customers', 'acct_1', FALSE, 1, 0, NULL, NULL, '', NULL, FALSE, 0, 0, 0, '', 0);

INSERT INTO stripe_sync_shares (account, livemode, process, expires_at) VALUES ('acct_1', FALSE, 'host/1', 8);

INSERT INTO stripe_sync_events (account, livemode, id, seq, kind, object, object_id, created, received_at, source, state,
    done_at, reason, payload) VALUES
    ('acct_1', FALSE, 'evt_1', 11, 'customer.created', 'customer', 'cus_1', 1700000001, 1700000002000, 1, 1, 1700000003000,
    'why', '{"id":"evt_1"}'),
    ('acct_1', FALSE, 'evt_2', 12, 'customer.updated', '', '', 1700000002, 1700000003000, 0, 3, 0, NULL, '{}'),
    -- Events that processes with other models put in two accounts each.
    ('acct_2', FALSE, 'evt_1', 10, 'customer.created', 'event', 'evt_1', 1700000001, 1700000002000, 1, 0, 0, NULL, '{}'),
    ('acct_1', FALSE, 'evt_3', 13, 'account.updated', 'account', 'acct_2', 1700000003, 1700000004000, 0, 0, 0, NULL, '{}'),
    ('acct_2', FALSE, 'evt_3', 11, 'account.updated', '', '', 1700000003, 1700000003000, 0, 3, 0, NULL, '{}');

INSERT INTO stripe_sync_work (account, livemode, object, object_id, notices, since, due_at, read_at, attempts, token,
    expires_at, ended, given_up) VALUES ('acct_1', FALSE, 'customer', 'cus_1', 2, 3, 4, 5, 6, 7, 8, 9, TRUE);

INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, attempts, due_at, token, expires_at, reason)
    VALUES ('acct_1', FALSE, 'app.customers', 'cus_1', '{"a":1}', 1, 2, 3, 4, 'why');

INSERT INTO stripe_sync_followed (account, livemode, followed_until) VALUES ('acct_1', FALSE, 1700000004);

INSERT INTO stripe_sync_dates (table_name, account, livemode, id, stripe_at, observed_at) VALUES
    ('app.customers', 'acct_1', FALSE, 'cus_1', 1700000005, 38);

INSERT INTO stripe_sync_changes (position, account, livemode, table_name, object, object_id, kind, changed_at) VALUES
    (0, 'acct_1', FALSE, 'app.customers', 'customer', 'cus_1', 2, 1700000006000);

UPDATE stripe_sync_positions SET position = 77 WHERE table_name = '';

INSERT INTO stripe_sync_positions (table_name, livemode, position) VALUES ('app.customers', TRUE, 55);
