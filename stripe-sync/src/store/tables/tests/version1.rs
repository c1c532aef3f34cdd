//! Bookkeeping tables of version 1, whose inbox had another name and key.

use stripe_sync_schema::bookkeeping::Placement;

use crate::store::tables::tests::database::Database;
use crate::store::tables::tests::upgrade::{empty, take_additions_away};

/// The inbox of version 1.
const EVENTS: &str = "CREATE TABLE stripe_sync_events (account VARCHAR(255) NOT NULL, livemode BOOLEAN NOT NULL, \
    id VARCHAR(255) NOT NULL, seq BIGINT NOT NULL, kind VARCHAR(255) NOT NULL, object VARCHAR(255) NOT NULL, \
    object_id VARCHAR(255) NOT NULL, created BIGINT NOT NULL, received_at BIGINT NOT NULL, source BIGINT NOT NULL, \
    state BIGINT NOT NULL, done_at BIGINT NOT NULL DEFAULT 0, reason TEXT, payload TEXT NOT NULL, \
    form BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (account, livemode, id))";

/// Tables of version 1: an event that two processes put in two accounts, one of them is done with it.
async fn create_version_1(database: &Database) {
    database.prepare(&Placement::default()).await;
    take_additions_away(database).await;
    for sql in [
        "DROP TABLE stripe_sync_inbox",
        "DROP TABLE stripe_sync_children",
        "ALTER TABLE stripe_sync_outbox DROP COLUMN about",
        "ALTER TABLE stripe_sync_outbox DROP COLUMN about_id",
        "ALTER TABLE stripe_sync_outbox DROP COLUMN dead_at",
        EVENTS,
        "INSERT INTO stripe_sync_events VALUES \
         ('acct_1', FALSE, 'evt_1', 1, 'account.updated', 'account', 'acct_2', 5, 6, 0, 0, 0, NULL, '{}', 1), \
         ('acct_2', FALSE, 'evt_1', 2, 'account.updated', '', '', 5, 6, 0, 1, 7, NULL, '{}', 1), \
         ('acct_1', FALSE, 'evt_2', 3, 'customer.updated', 'customer', 'cus_1', 5, 6, 0, 0, 0, NULL, '{}', 0)",
        "INSERT INTO stripe_sync_content_times VALUES ('customers', 'acct_1', FALSE, 'cus_1', 5, 6)",
        "UPDATE stripe_sync_version SET version = 1",
    ] {
        database.run(sql).await;
    }
}

pub(crate) async fn each_event_of_version_1_is_found_once(database: &Database) {
    create_version_1(database).await;
    let placement = Placement::default();
    let statements = database.plan(&placement).await.unwrap();
    for stop in 0..=statements.len() {
        if stop > 0 {
            empty(database).await;
            create_version_1(database).await;
        }
        database.run_all(&statements[..stop]).await;
        database.prepare(&placement).await;
        assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
        for (count, expected) in [
            ("SELECT COUNT(*) FROM stripe_sync_inbox", 2),
            // What is done is not done once more.
            ("SELECT state FROM stripe_sync_inbox WHERE id = 'evt_1'", 1),
            ("SELECT form FROM stripe_sync_inbox WHERE id = 'evt_1'", 1),
            ("SELECT COUNT(*) FROM stripe_sync_content_times", 0),
            ("SELECT version FROM stripe_sync_version", 2),
        ] {
            assert_eq!(
                database.number(count).await,
                Some(expected),
                "{stop}: {count}"
            );
        }
    }
}

/// Another placement may have a table of that name that is no bookkeeping.
pub(crate) async fn tables_that_no_version_speaks_for_are_left_alone(database: &Database) {
    database.run("CREATE TABLE app_events (id BIGINT)").await;
    database.run("INSERT INTO app_events VALUES (4711)").await;
    let placement = Placement::default().prefix("app_");
    database.prepare(&placement).await;
    let kept = database.number("SELECT id FROM app_events").await;
    assert_eq!(kept, Some(4711));
}
