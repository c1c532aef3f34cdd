//! Bookkeeping tables of version 0, and of a version that is not known yet.

use stripe_sync_schema::bookkeeping::{Placement, TablesError, tables};

use crate::store::db::DatabaseKind;
use crate::store::tables::bookkeeping_statements;
use crate::store::tables::tests::content::content;
use crate::store::tables::tests::database::Database;
use crate::store::tables::tests::shape::shape;

/// What [`rows.sql`](./version0/rows.sql) becomes.
const ROWS: &[(&str, &[&str])] = &[
    ("version", &["1|2"]),
    ("clock", &["1|4711"]),
    (
        "tables",
        &[
            "app.customers|acct_1|0||NULL|1|41|1|-7|NULL|2|1700000000|1690000000|40|5|6|NULL|NULL",
            "app.customers|acct_1|1||NULL|1|0|0|0|NULL|0|NULL|NULL|0|0|0|NULL|NULL",
            "invoices|acct_2|1||NULL|1|43|1|9|NULL|0|NULL|NULL|0|0|0|NULL|NULL",
        ],
    ),
    (
        "locks",
        &[
            "app.customers|acct_1|0|39|1|41|0|0|0|0",
            "invoices|acct_2|1|0|0|0|0|0|0|0",
        ],
    ),
    (
        "slices",
        &[
            "app.customers|acct_1|0|0|0|1700000000|1600000000|[\"cus_1\"]|1650000000|1|4|400|40|host|7",
            "app.customers|acct_1|0|1|0|NULL|NULL||NULL|0|0|0|0||0",
        ],
    ),
    ("listed", &["app.customers|acct_1|0|42|0102030405060708"]),
    ("outside", &[]),
    (
        "objects",
        &[
            "app.customers|acct_1|0|CUS_1|18|0|NULL|NULL|NULL|NULL",
            "app.customers|acct_1|0|cus_1|17|1|email|why|1709210096789|NULL",
            "app.customers|acct_1|0|cus_3|NULL|1|NULL|NULL|NULL|NULL",
            "app.customers|acct_1|0||NULL|0|NULL|no id|1709210096789|NULL",
        ],
    ),
    ("children", &[]),
    ("shares", &["acct_1|0|host/1|8"]),
    ("verifications", &[]),
    ("actions", &[]),
    (
        "content_times",
        &["app.customers|acct_1|0|cus_1|1700000065|38"],
    ),
    (
        "inbox",
        &[
            "acct_1|0|evt_1|11|customer.created|customer|cus_1|1700000001|1700000002000|1|1|1700000003000|why|\
             {\"id\":\"evt_1\"}|0",
            "acct_1|0|evt_2|12|customer.updated|||1700000002|1700000003000|0|3|0|NULL|{}|0",
            "acct_1|0|evt_3|13|account.updated|account|acct_2|1700000003|1700000004000|0|0|0|NULL|{}|0",
        ],
    ),
    ("work", &["acct_1|0|customer|cus_1|2|3|4|5|6|7|8|9|1"]),
    (
        "outbox",
        &["1|acct_1|0|app.customers|cus_1|{\"a\":1}|1|2|3|4|why||||0|0|0"],
    ),
    (
        "changes",
        &["1|0|acct_1|0|app.customers|customer|cus_1|2|1700000006000"],
    ),
    // Version 0 forwarded nothing.
    ("forwarded", &[]),
    (
        "cursors",
        &[
            "changes||0|77",
            "followed|acct_1|0|1700000004",
            "forgotten:app.customers||1|55",
        ],
    ),
];

fn version_0(kind: DatabaseKind) -> &'static str {
    match kind {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => include_str!("version0/sqlite.sql"),
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => include_str!("version0/postgres.sql"),
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => include_str!("version0/mysql.sql"),
    }
}

/// The tables of version 0, with rows in each.
async fn create_version_0(database: &Database) {
    database.run(version_0(database.kind())).await;
    database.run(include_str!("version0/rows.sql")).await;
}

/// Drops all tables.
pub(crate) async fn empty(database: &Database) {
    let drops = match database.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => {
            "SELECT 'DROP TABLE ' || name FROM sqlite_master WHERE type = 'table' AND name LIKE 'stripe_sync%'"
        }
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => "SELECT 'DROP SCHEMA public CASCADE; CREATE SCHEMA public'",
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => {
            "SELECT CONCAT('DROP TABLE ', GROUP_CONCAT(table_name)) FROM information_schema.tables \
             WHERE table_schema = DATABASE()"
        }
    };
    for drop in database.rows(drops, &[]).await.into_iter().flatten() {
        database.run(&drop.unwrap()).await;
    }
}

fn rows() -> Vec<(&'static str, Vec<String>)> {
    let texts = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect();
    ROWS.iter()
        .map(|(name, rows)| (*name, texts(rows)))
        .collect()
}

async fn assert_upgraded(database: &Database) {
    let placement = Placement::default();
    assert_eq!(content(database, &placement).await, rows());
    assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
}

pub(crate) async fn each_row_of_version_0_is_found(database: &Database) {
    create_version_0(database).await;
    database.prepare(&Placement::default()).await;
    assert_upgraded(database).await;
    // The counter goes on.
    if database.kind().is_postgres() {
        let next = database
            .tables(&Placement::default())
            .expand("SELECT $next_token");
        assert_eq!(database.number(&next).await, Some(4712));
    }
    // So do the numbers that the database gives.
    let insert = "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, due_at) \
                  VALUES ('acct_1', FALSE, 's', 'o', '', 0)";
    database.run(insert).await;
    let last = "SELECT MAX(seq) FROM stripe_sync_outbox";
    assert_eq!(database.number(last).await, Some(2));
}

pub(crate) async fn an_upgraded_table_is_as_a_new_one(database: &Database) {
    create_version_0(database).await;
    database.prepare(&Placement::default()).await;
    let upgraded = shape(database).await;
    empty(database).await;
    database.prepare(&Placement::default()).await;
    assert_eq!(upgraded, shape(database).await);
}

pub(crate) async fn an_upgrade_may_be_stopped_anywhere(database: &Database) {
    let placement = Placement::default();
    create_version_0(database).await;
    let statements = database.plan(&placement).await.unwrap();
    for stop in 0..=statements.len() {
        if stop > 0 {
            empty(database).await;
            create_version_0(database).await;
        }
        database.run_all(&statements[..stop]).await;
        database.prepare(&placement).await;
        assert_upgraded(database).await;
    }
}

pub(crate) async fn an_upgrade_needs_no_live_tables(database: &Database) {
    create_version_0(database).await;
    for name in [
        "events",
        "work",
        "outbox",
        "changes",
        "positions",
        "followed",
        "dates",
    ] {
        database
            .run(&format!("DROP TABLE stripe_sync_{name}"))
            .await;
    }
    let placement = Placement::default();
    database.prepare(&placement).await;
    let live = [
        "content_times",
        "inbox",
        "work",
        "outbox",
        "changes",
        "forwarded",
        "cursors",
    ];
    for ((name, found), (_, expected)) in
        content(database, &placement).await.into_iter().zip(rows())
    {
        match live.contains(&name) {
            true if name == "cursors" => assert_eq!(found, ["changes||0|1"]),
            true => assert_eq!(found, [""; 0], "{name}"),
            false => assert_eq!(found, expected, "{name}"),
        }
    }
    assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
    // A table that came with no version of its own.
    database.run("DROP TABLE stripe_sync_forwarded").await;
    let plan = database.plan(&placement).await.unwrap();
    assert!(plan[0].contains("stripe_sync_forwarded"), "{plan:?}");
    database.prepare(&placement).await;
    assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
}

pub(crate) async fn other_placements_leave_version_0_alone(database: &Database) {
    create_version_0(database).await;
    let before = shape(database).await;
    let placement = Placement::default().prefix("mirror_");
    assert_eq!(
        database.plan(&placement).await.unwrap(),
        bookkeeping_statements(database.kind(), &placement)
    );
    database.prepare(&placement).await;
    let after = shape(database).await;
    assert!(before.iter().all(|line| after.contains(line)));
}

pub(crate) async fn tables_created_over_version_0_are_refused_and_mended(database: &Database) {
    create_version_0(database).await;
    let (kind, placement) = (database.kind(), Placement::default());
    let statements = bookkeeping_statements(kind, &placement);
    match database.run_until_refused(&statements).await {
        // The index of a column that is not there.
        Some(refused) => assert!(refused.contains("work_lanes"), "{refused}"),
        // MySQL has the indexes in the statements of tables that are there.
        None => {
            let error = database.plan(&placement).await.unwrap_err();
            assert!(
                matches!(
                    &error,
                    TablesError::MissingColumn {
                        column: "cursors",
                        version: 2,
                        ..
                    }
                ),
                "{error}"
            );
            database.run("DELETE FROM stripe_sync_version").await;
        }
    }
    database.prepare(&placement).await;
    assert_upgraded(database).await;
}

/// Tables of this version, as they were before columns and indexes were added to it.
pub(crate) async fn take_additions_away(database: &Database) {
    for (table, index) in [
        ("work", "work_lanes"),
        ("outbox", "outbox_lanes"),
        ("outbox", "outbox_about"),
        ("objects", "failures"),
    ] {
        let drop = match database.kind().is_mysql() {
            true => format!("ALTER TABLE stripe_sync_{table} DROP INDEX stripe_sync_{index}"),
            false => format!("DROP INDEX stripe_sync_{index}"),
        };
        database.run(&drop).await;
    }
    for table in tables() {
        // Those that are computed come last, and from others.
        for column in table
            .columns
            .iter()
            .rev()
            .filter(|column| column.is_added())
        {
            let (table, column) = (table.name, column.name);
            let drop = format!("ALTER TABLE stripe_sync_{table} DROP COLUMN {column}");
            database.run(&drop).await;
        }
    }
}

/// PostgreSQL does not give the number of a column that was dropped again.
fn without_numbers(shape: Vec<String>) -> Vec<String> {
    let line = |line: String| {
        let words = line.split(' ').filter(|word| word.parse::<i64>().is_err());
        words.collect::<Vec<_>>().join(" ")
    };
    let mut shape: Vec<String> = shape.into_iter().map(line).collect();
    shape.sort();
    shape
}

pub(crate) async fn what_was_added_to_a_version_is_added(database: &Database) {
    let placement = Placement::default();
    database.prepare(&placement).await;
    let new = without_numbers(shape(database).await);
    take_additions_away(database).await;
    database
        .run("CREATE INDEX stripe_sync_work_due ON stripe_sync_work (due_at)")
        .await;
    let write = "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, due_at) \
                 VALUES ('acct_1', FALSE, 'customer.created', 'evt_1', '', 5)";
    database.run(write).await;
    let statements = database.plan(&placement).await.unwrap();
    // Each may be the last before the process is killed.
    for statement in &statements {
        database.run(statement).await;
        database.plan(&placement).await.unwrap();
    }
    assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
    assert_eq!(without_numbers(shape(database).await), new);
    let lane = "SELECT COUNT(*) FROM stripe_sync_outbox WHERE lane = 'test event customer.created acct_1' AND free_at = 5";
    assert_eq!(database.number(lane).await, Some(1));
}

pub(crate) async fn a_newer_version_is_refused(database: &Database) {
    let placement = Placement::default();
    database.prepare(&placement).await;
    database
        .run("UPDATE stripe_sync_version SET version = 3")
        .await;
    let error = database.plan(&placement).await.unwrap_err();
    assert!(
        matches!(
            error,
            TablesError::Newer {
                found: 3,
                known: 2,
                ..
            }
        ),
        "{error}"
    );
    let said = error.to_string();
    assert!(said.contains("have version 3"), "{said}");
    assert!(said.contains("versions up to 2"), "{said}");
}
