//! Every kind of value on every plausible type of column, in a session with unusual settings: what comes back is what was
//! sent, or the table is refused, or the object fails by name. The guide's table of types is what was found of it.

pub(crate) mod guide;
pub(crate) mod types;
pub(crate) mod values;

use std::collections::BTreeSet;

use stripe_sync_schema::sql::{mysql, postgres, sqlite};
use stripe_sync_schema::table::{Column as SqlColumn, Statement, Statements, Table, Text};

use crate::cell::{Cell, CellType};
use crate::freshness::ReadBy;
use crate::model::context::{Context, Origin};
use crate::model::declared::Declared;
use crate::model::mapping::Row;
use crate::model::{Column, Model, OnDelete, Parts, Role, Sql, content};
use crate::store::db::DatabaseKind;
use crate::store::rows::write::WriteBatch;
use crate::store::rows::{KeyedRow, Written};
use crate::store::tables::check::difference::DifferenceKind;
use crate::store::tests::world::{World, Write};
use types::ColumnType;

/// What became of the values of a kind on a type of column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Each came back.
    All,
    /// Each came back or failed by name.
    Some,
    /// The table was refused.
    None,
}

/// A cell of the matrix.
pub(crate) struct Tried {
    kind: CellType,
    /// Whether the struct names the type.
    own: bool,
    column: &'static ColumnType,
    kept: Kept,
}

pub(crate) async fn what_comes_back_is_what_was_sent(world: &World) {
    world.store.prepare().await.unwrap();
    let types = types::of(world.kind());
    for statement in types.before {
        world.run(*statement).await;
    }
    let odd = World::of(world.with_odd_session().await);
    let mut tried = Vec::new();
    let mut changed = Vec::new();
    for (number, column) in types.columns.iter().enumerate() {
        for kind in values::KINDS {
            // Of its own, because the driver keeps statements by their text, and the types of their parameters with them.
            let table = match world.kind().is_postgres() {
                true => format!("t{number}_{kind}"),
                false => format!("t{number}"),
            };
            create(world, &table, column).await;
            for own in [false, true] {
                let kept = attempt(&odd, &table, column, kind, own, &mut changed).await;
                tried.push(Tried {
                    kind,
                    own,
                    column,
                    kept,
                });
            }
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
    // Every kind finds a type.
    let whole: BTreeSet<&str> = tried
        .iter()
        .filter(|one| one.kept != Kept::None)
        .map(|one| one.kind.name())
        .collect();
    assert_eq!(whole.len(), values::KINDS.len(), "{whole:?}");
    assert!(tried.len() >= types.least, "{} cells", tried.len());
    guide::check(world.kind(), &tried);
}

/// A table with a key, a column of the type, and the bookkeeping's columns.
async fn create(world: &World, table: &str, column: &ColumnType) {
    let model = model(world.kind(), table, CellType::Text, None);
    let place = world.store.place(model);
    let create =
        crate::store::tables::create::create_table(model, &place.table, world.kind()).join(";");
    let text = world.kind().driver().column_type(CellType::Text);
    let value = world.quoted("value");
    let (default, typed) = (
        format!("{value} {text},"),
        format!("{value} {} NULL,", column.sql),
    );
    assert!(create.contains(&default), "{create}");
    world.run(create.replace(&default, &typed)).await;
}

/// Tries the values of a kind on a column; what did not come back is added to `changed`.
async fn attempt(
    world: &World,
    table: &str,
    column: &'static ColumnType,
    kind: CellType,
    own: bool,
    changed: &mut Vec<String>,
) -> Kept {
    let model = model(world.kind(), table, kind, own.then_some(column.sql));
    let differences = world.store.check_table(model).await.unwrap();
    if !differences.is_empty() {
        let refused = |one: &crate::store::tables::check::difference::Difference| {
            one.kind() == DifferenceKind::WrongType && one.column() == Some("value")
        };
        assert!(differences.iter().all(refused), "{differences:?}");
        return Kept::None;
    }
    let sent = values::of(kind);
    let written = write(world, model, &sent).await;
    let read = values::read(world, table, kind, column).await;
    let mut kept = Kept::All;
    for (number, (value, written)) in sent.iter().zip(&written).enumerate() {
        let what = || format!("{kind} on {} (own {own}): {value:?}", column.sql);
        match written {
            Written::Done(_) => {}
            Written::Failed { column, .. } => {
                assert_eq!(column.as_deref(), Some("value"), "{}: {written:?}", what());
                kept = Kept::Some;
                continue;
            }
            Written::Outside | Written::ReadAgain => panic!("{}", what()),
        }
        let expected = day_of(value, own.then_some(column.sql));
        let found = read.get(&values::id(number)).cloned().flatten();
        let hash = |cell: &Cell<'static>| content::hash(std::slice::from_ref(cell), 0);
        if found.as_ref().map(hash) != Some(hash(&expected)) {
            changed.push(format!("{}, got {found:?}", what()));
        }
    }
    // What the store itself reads is what it hashed: a comparison of columns finds nothing to write.
    let again = Write {
        rewrite_unchanged: true,
        ..Write::list(world.next_token().await)
    };
    let unchanged = write_rows(world, model, &sent, &again).await;
    for ((value, first), second) in sent.iter().zip(&written).zip(&unchanged) {
        let same = match first {
            Written::Done(_) => *second == Written::Done(crate::model::hooks::Outcome::Unchanged),
            _ => matches!(second, Written::Failed { .. }),
        };
        if !same {
            let sql = column.sql;
            changed.push(format!(
                "{kind} on {sql} (own {own}) is written again: {value:?}, {second:?}"
            ));
        }
    }
    let clear = format!("DELETE FROM {}", world.quoted(table));
    world.run(clear).await;
    kept
}

/// A moment on a column that the struct calls a date is the day in UTC.
fn day_of(value: &Cell<'static>, own: Option<&str>) -> Cell<'static> {
    match (value, own) {
        (Cell::Instant(value), Some(own)) if own.eq_ignore_ascii_case("date") => {
            let day = value.date_naive().and_hms_opt(0, 0, 0).unwrap();
            Cell::Instant(day.and_utc())
        }
        _ => value.clone(),
    }
}

async fn write(world: &World, model: &'static Model, sent: &[Cell<'static>]) -> Vec<Written> {
    write_rows(world, model, sent, &Write::list(world.next_token().await)).await
}

async fn write_rows(
    world: &World,
    model: &'static Model,
    sent: &[Cell<'static>],
    write: &Write<'_>,
) -> Vec<Written> {
    let scope = World::scope();
    let context = Context::new(Origin::Backfill);
    let rows = sent.iter().enumerate().map(|(number, value)| {
        let row = Row {
            cells: vec![Cell::text(values::id(number)), value.clone()],
            absent: Vec::new(),
        };
        KeyedRow::new(model, values::id(number), row, None)
    });
    let batch = WriteBatch {
        model,
        scope: &scope,
        rows: rows.collect(),
        start: write.start,
        by: ReadBy::List,
        rewrite_unchanged: write.rewrite_unchanged,
        existing_only: false,
        expect_all_new: false,
        lease: None,
        riders: &[],
        context: &context,
    };
    let mut rows = world.store.write(batch).await.unwrap().rows;
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.into_iter().map(|(_, written)| written).collect()
}

/// A model of a key and one value, as the derive would write it.
fn model(
    database: DatabaseKind,
    table: &str,
    kind: CellType,
    own: Option<&'static str>,
) -> &'static Model {
    let column = |name, role, cell, nullable, sql_type| Column {
        name,
        field: name,
        path: "",
        role,
        cell: Some(cell),
        nullable,
        zulu: false,
        sql_type,
        slot: 0,
        map: &crate::model::field::Unread,
    };
    let columns = vec![
        column("id", Role::Id, CellType::Text, false, None),
        column("value", Role::Mapped, kind, true, own),
    ];
    let sql_columns = columns.iter().map(|column| SqlColumn {
        name: column.name.to_owned(),
        sql_type: column.sql_type.map(str::to_owned),
    });
    let statements = Table {
        schema: None,
        name: table.to_owned(),
        key: vec!["id".to_owned()],
        columns: sql_columns.collect(),
        deleted_at: stripe_sync_schema::table::DELETED_AT.to_owned(),
        deleted_at_type: None,
        synced_at: None,
        synced_at_type: None,
        unversioned: false,
    };
    let table: &'static str = Box::leak(table.to_owned().into_boxed_str());
    // As different as their types are: what is known of a table is known by the fingerprint.
    let fingerprint = format!("{table} {kind} {own:?}");
    let fingerprint = xxhash_rust::xxh3::xxh3_64(fingerprint.as_bytes());
    Box::leak(Box::new(Model {
        parts: Parts {
            name: "Matrix",
            object: "customer",
            schema: None,
            namespace: None,
            table,
            columns: Vec::leak(columns),
            declared: Declared::NONE,
            paths: &[],
            slots: 0,
            filters: &[],
            expand: &[],
            on_delete: OnDelete::Soft,
            unversioned: false,
            fingerprint,
            sql: sql(database, &statements),
            map_hooks: None,
            sync: None,
            after_commit: None,
        },
    }))
}

fn sql(database: DatabaseKind, table: &Table) -> Sql {
    let mut sql = Sql::default();
    match database {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => sql.sqlite = Some(leaked(sqlite::statements(table))),
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => sql.postgres = Some(leaked(postgres::statements(table))),
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => sql.mysql = Some(leaked(mysql::statements(table))),
    }
    sql
}

fn leaked(texts: Vec<Statement>) -> Statements {
    let mut statements = Statements::default();
    for Statement {
        field,
        head,
        row,
        tail,
    } in texts
    {
        let text = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let (head, row, tail) = (text(head), text(row), text(tail));
        let place = match field {
            "ask" => &mut statements.ask,
            "lock" => &mut statements.lock,
            "compare" => &mut statements.compare,
            "upsert" => &mut statements.upsert,
            "insert" => &mut statements.insert,
            "update" => &mut statements.update,
            "raise" => &mut statements.raise,
            "mark" => &mut statements.mark,
            "remove" => &mut statements.remove,
            other => panic!("unknown statement {other}"),
        };
        *place = Text { head, row, tail };
    }
    statements
}
