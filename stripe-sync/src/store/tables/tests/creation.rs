//! Bookkeeping tables that are created where there are none.

use stripe_sync_schema::bookkeeping::{Placement, tables};

use crate::store::tables::bookkeeping_statements;
use crate::store::tables::tests::content::content;
use crate::store::tables::tests::database::Database;
use crate::store::tables::tests::shape::shape;

pub(crate) async fn what_is_created_twice_is_created_once(database: &Database) {
    let statements = bookkeeping_statements(database.kind(), &Placement::default());
    database.run_all(&statements).await;
    let (shape_once, content_once) = (
        shape(database).await,
        content(database, &Placement::default()).await,
    );
    database.run_all(&statements).await;
    assert_eq!(shape(database).await, shape_once);
    assert_eq!(content(database, &Placement::default()).await, content_once);
}

pub(crate) async fn nothing_is_missing_behind_the_statements(database: &Database) {
    let placement = Placement::default();
    let statements = bookkeeping_statements(database.kind(), &placement);
    assert_eq!(database.plan(&placement).await.unwrap(), statements);
    database.run_all(&statements).await;
    assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
}

pub(crate) async fn only_what_is_missing_is_created(database: &Database) {
    let placement = Placement::default();
    database.prepare(&placement).await;
    let whole = shape(database).await;
    for drop in ["DROP TABLE $work", "DROP TABLE $cursors"] {
        let drop = database.tables(&placement).expand(drop);
        database.run(&drop).await;
    }
    let statements = database.plan(&placement).await.unwrap();
    let created: Vec<&String> = statements
        .iter()
        .filter(|statement| statement.starts_with("CREATE TABLE"))
        .collect();
    assert_eq!(created.len(), 2, "{statements:#?}");
    database.run_all(&statements).await;
    assert_eq!(shape(database).await, whole);
    assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
}

/// A schema, and statements that make it known where a schema is not created.
fn schema(database: &Database) -> (Placement, Option<String>) {
    let kind = database.kind();
    if kind.is_mysql() {
        // A database of the server: dropped with the test's own.
        let placement = Placement::default().schema(format!("{}_other", database.name));
        return (placement, None);
    }
    let placement = Placement::default().schema("Sch\"ema'");
    let attach = "ATTACH DATABASE ':memory:' AS \"Sch\"\"ema'\"".to_owned();
    (placement, kind.dialect().locks_by_asking.then_some(attach))
}

pub(crate) async fn tables_are_placed_in_a_schema(database: &Database) {
    let (placement, attach) = schema(database);
    if let Some(attach) = attach {
        database.run(&attach).await;
    }
    let empty = shape(database).await;
    for placement in [
        placement.clone(),
        placement.clone().prefix(""),
        placement.prefix("it's \"`$1"),
    ] {
        placement.validate().unwrap();
        let statements = bookkeeping_statements(database.kind(), &placement);
        database.run_all(&statements).await;
        database.run_all(&statements).await;
        assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
        assert_eq!(content(database, &placement).await, first_rows());
        if database.kind().is_postgres() {
            let next = database.tables(&placement).expand("SELECT $next_token");
            assert_eq!(database.number(&next).await, Some(1));
            assert_eq!(database.number(&next).await, Some(2));
        }
    }
    // Nothing is where unqualified names are.
    assert_eq!(shape(database).await, empty);
}

pub(crate) async fn two_prefixes_side_by_side(database: &Database) {
    let kind = database.kind();
    let (left, right) = (
        Placement::default().prefix("left_"),
        Placement::default().prefix("right_"),
    );
    database.prepare(&left).await;
    assert_eq!(
        database.plan(&right).await.unwrap(),
        bookkeeping_statements(kind, &right)
    );
    database.prepare(&right).await;
    let raise = database
        .tables(&left)
        .expand("UPDATE $cursors SET value = 9");
    database.run(&raise).await;
    let value = "SELECT value FROM $cursors";
    let value_of = |placement| database.tables(placement).expand(value);
    assert_eq!(database.number(&value_of(&left)).await, Some(9));
    assert_eq!(database.number(&value_of(&right)).await, Some(1));
    for placement in [left, right] {
        assert_eq!(database.plan(&placement).await.unwrap(), [""; 0]);
    }
}

pub(crate) async fn no_column_needs_quotation_marks(database: &Database) {
    let (kind, placement) = (database.kind(), Placement::default());
    database.prepare(&placement).await;
    for table in tables() {
        if kind.is_postgres() && table.name == "clock" {
            continue;
        }
        let columns = table.columns.iter();
        let names: Vec<&str> = columns.map(|column| column.name).collect();
        let read = names.join(", ");
        // What the database computes is not written.
        let written = table.columns.iter().filter(|column| !column.is_computed());
        let names: Vec<&str> = written.map(|column| column.name).collect();
        let set: Vec<String> = names.iter().map(|name| format!("{name} = NULL")).collect();
        let name = database
            .tables(&placement)
            .expand(&format!("${}", table.name));
        database
            .run(&format!(
                "SELECT {read} FROM {name} WHERE {} IS NULL",
                names.join(" IS NULL AND ")
            ))
            .await;
        database
            .run(&format!("UPDATE {name} SET {} WHERE 1 = 0", set.join(", ")))
            .await;
        database
            .run(&format!(
                "INSERT INTO {name} ({}) SELECT {} FROM {name} WHERE 1 = 0",
                names.join(", "),
                names.join(", ")
            ))
            .await;
    }
}

pub(crate) async fn the_first_rows_are_there(database: &Database) {
    let placement = Placement::default();
    assert_eq!(
        database.prepare(&placement).await,
        bookkeeping_statements(database.kind(), &placement).len()
    );
    let found = content(database, &placement).await;
    assert_eq!(found, first_rows());
}

fn first_rows() -> Vec<(&'static str, Vec<String>)> {
    let rows = |name: &str| match name {
        "version" => vec!["1|2".to_owned()],
        "clock" => vec!["1|0".to_owned()],
        "cursors" => vec!["changes||0|1".to_owned()],
        _ => Vec::new(),
    };
    tables()
        .map(|table| (table.name, rows(table.name)))
        .collect()
}

pub(crate) async fn processes_prepare_at_once(database: &Database) {
    const PROCESSES: usize = 4;
    let placement = Placement::default();
    let all = bookkeeping_statements(database.kind(), &placement).len();
    let prepare = || database.prepare(&placement);
    let mut counts =
        futures_util::future::join_all(std::iter::repeat_with(prepare).take(PROCESSES)).await;
    counts.sort_unstable();
    assert_eq!(counts, [0, 0, 0, all]);
}
