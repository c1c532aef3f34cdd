//! What the tables should hold, computed from the fake's objects without the crate's mapping, and what they hold, read with sqlx.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::reexport::rust_decimal::Decimal;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Row as _, types::JsonValue};
use stripe_sync::testing::{FakeStripe, without_secrets};
use stripe_sync::{CellType, DatabaseKind, Model, Role, TableName};

use crate::database::{Database, Pool};

/// The values of a row by the names of its columns.
type Row = BTreeMap<&'static str, Value>;
/// The rows of a table by their keys.
pub(crate) type Rows = BTreeMap<String, Row>;

/// An object, and where it stands in the list of another one.
struct Placed {
    object: Value,
    parent: Option<String>,
    position: usize,
}

/// The objects of a name that should have rows: those that the fake's lists show, say.
pub(crate) type Shown<'s> = &'s dyn Fn(&str) -> Vec<Value>;

/// The rows that a model's table should have.
pub(crate) fn expected(fake: &FakeStripe, model: &'static Model, shown: Shown<'_>) -> Rows {
    let objects = objects(fake, model, shown).into_iter();
    objects.map(|placed| row(model, &placed)).collect()
}

/// The differences of two tables in words, the first of each column.
pub(crate) fn differences(model: &Model, expected: &Rows, found: &Rows) -> Vec<String> {
    let mut all = BTreeMap::new();
    for key in expected.keys().chain(found.keys()) {
        match (expected.get(key), found.get(key)) {
            (Some(expected), Some(found)) => {
                for (column, value) in expected {
                    if found[column] != *value {
                        let difference = format!("{key}: expected {value}, got {}", found[column]);
                        all.entry(*column).or_insert(difference);
                    }
                }
            }
            (expected, _) => {
                let which = if expected.is_some() {
                    "no row"
                } else {
                    "a row too many"
                };
                all.entry("").or_insert(format!("{key}: {which}"));
            }
        }
    }
    all.into_iter()
        .map(|(column, difference)| format!("{}.{column} {difference}", model.name()))
        .collect()
}

/// What is to be known of a column whose values come from Stripe.
#[derive(Debug, Clone, Copy)]
struct Column {
    name: &'static str,
    path: &'static str,
    role: Role,
    cell: CellType,
}

fn columns(model: &'static Model) -> impl Iterator<Item = Column> {
    model.written().map(|column| Column {
        name: column.name,
        path: column.path,
        role: column.role,
        cell: match column.role {
            Role::Raw => CellType::Json,
            Role::Position => CellType::Integer,
            _ => column.cell.unwrap(),
        },
    })
}

fn objects(fake: &FakeStripe, model: &'static Model, shown: Shown<'_>) -> Vec<Placed> {
    let own = |object| Placed {
        object,
        parent: None,
        position: 0,
    };
    let Some(parent) = model.parts.declared.parent else {
        return shown(model.object()).into_iter().map(own).collect();
    };
    let column = &model.columns()[parent.column];
    if model.role(Role::Position).is_none() && !column.path.is_empty() {
        return shown(model.object()).into_iter().map(own).collect();
    }
    let mut all = Vec::new();
    for of in shown(parent.object) {
        let id = of["id"].as_str().unwrap();
        let elements = match model.role(Role::Position) {
            Some(_) => {
                let member = model.object().rsplit('.').next().unwrap();
                of[member].as_array().cloned().unwrap_or_default()
            }
            None => fake.children(id, model.object()),
        };
        let placed = elements.into_iter().enumerate();
        all.extend(placed.map(|(position, object)| Placed {
            object,
            parent: Some(id.to_owned()),
            position,
        }));
    }
    all
}

fn row(model: &'static Model, placed: &Placed) -> (String, Row) {
    let value = |column: &Column| match column.role {
        Role::Raw => without_asked(model, without_secrets(placed.object.clone())),
        Role::Position => json!(placed.position),
        Role::Parent if placed.parent.is_some() => json!(placed.parent),
        _ => cell(column.cell, at(&placed.object, column.path)),
    };
    let row: Row = columns(model)
        .map(|column| (column.name, value(&column)))
        .collect();
    (key(model, &row), row)
}

/// An object without the members that are sent to requests that ask for them: what the fake remembers has some and lacks others.
fn without_asked(model: &'static Model, mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|member, _| !model.parts.expand.contains(&member.as_str()));
    }
    object
}

fn key(model: &'static Model, row: &Row) -> String {
    let is_key = |column: &Column| match model.role(Role::Position) {
        Some(_) => matches!(column.role, Role::Parent | Role::Position),
        None => column.role == Role::Id,
    };
    let parts = columns(model)
        .filter(is_key)
        .map(|column| row[column.name].to_string());
    parts.collect::<Vec<_>>().join(" ")
}

/// The value at a path like `items.data[0].price`.
fn at<'v>(object: &'v Value, path: &str) -> &'v Value {
    path.split('.')
        .fold(object, |value, step| match step.split_once('[') {
            Some((member, index)) => {
                &value[member][index.trim_end_matches(']').parse::<usize>().unwrap()]
            }
            None => &value[step],
        })
}

/// The value as the column should hold it, in a form that is the same for what was read.
fn cell(cell: CellType, value: &Value) -> Value {
    let id = |value: &Value| match value {
        Value::Object(object) => object["id"].clone(),
        other => other.clone(),
    };
    match (cell, value) {
        (_, Value::Null) => Value::Null,
        (CellType::Text, value) => id(value),
        (CellType::Array(_), Value::Array(values)) => values.iter().map(id).collect(),
        (CellType::Decimal, value) => {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            decimal(text.parse().unwrap())
        }
        (CellType::Float, value) => match value.as_str() {
            Some(text) => json!(text.parse::<f64>().unwrap()),
            None => json!(value.as_f64()),
        },
        (CellType::Instant, Value::String(text)) => {
            json!(
                DateTime::parse_from_rfc3339(text)
                    .unwrap()
                    .timestamp_millis()
            )
        }
        (CellType::Instant, value) => json!(value.as_i64().unwrap() * 1_000),
        (_, value) => value.clone(),
    }
}

fn decimal(value: Decimal) -> Value {
    json!(value.normalize().to_string())
}

/// Reads a value of a row with sqlx, whatever the database is.
macro_rules! read {
    ($row:expr, $column:expr, $arrays:ty) => {{
        let (row, name) = (&$row, $column.name);
        macro_rules! get {
            ($type:ty) => {
                row.try_get_unchecked::<Option<$type>, _>(name).unwrap()
            };
        }
        match $column.cell {
            CellType::Text => json!(get!(String)),
            CellType::Integer => json!(get!(i64)),
            CellType::Float => json!(get!(f64)),
            CellType::Boolean => json!(get!(bool)),
            CellType::Instant => json!(get!(DateTime<Utc>).map(|time| time.timestamp_millis())),
            CellType::Json => json!(get!(JsonValue)),
            CellType::Array(_) => json!(get!($arrays)),
            CellType::Decimal => panic!("{name}: a decimal is read by itself"),
            other => panic!("{name}: {other:?} is of no ready-made column"),
        }
    }};
}

/// The rows that a model's table has.
pub(crate) async fn found(database: &Database, model: &'static Model, table: &TableName) -> Rows {
    let quote = match database.pool {
        Pool::MySql(_) => '`',
        _ => '"',
    };
    let table = table.clone().on(kind(database)).to_string();
    let table: Vec<String> = table
        .split('.')
        .map(|part| format!("{quote}{part}{quote}"))
        .collect();
    let sql = AssertSqlSafe(format!("SELECT * FROM {}", table.join(".")));
    macro_rules! rows {
        ($pool:expr, $arrays:ty, $decimal:ty) => {{
            let rows = sqlx::query(sql).fetch_all($pool).await.unwrap();
            let rows = rows.iter().map(|row| {
                let value = |column: &Column| match column.cell {
                    CellType::Decimal => {
                        let value: Option<$decimal> = row.try_get_unchecked(column.name).unwrap();
                        value.map_or(Value::Null, |value| {
                            decimal(value.to_string().parse().unwrap())
                        })
                    }
                    _ if column.role == Role::Raw => {
                        without_asked(model, read!(row, column, $arrays))
                    }
                    _ => read!(row, column, $arrays),
                };
                let row: Row = columns(model)
                    .map(|column| (column.name, value(&column)))
                    .collect();
                (key(model, &row), row)
            });
            rows.collect()
        }};
    }
    match &database.pool {
        Pool::Sqlite(pool) => rows!(pool, JsonValue, String),
        Pool::Postgres(pool) => rows!(pool, Vec<String>, Decimal),
        Pool::MySql(pool) => rows!(pool, JsonValue, Decimal),
    }
}

fn kind(database: &Database) -> DatabaseKind {
    match database.pool {
        Pool::Sqlite(_) => DatabaseKind::Sqlite,
        Pool::Postgres(_) => DatabaseKind::Postgres,
        Pool::MySql(_) => DatabaseKind::MySql,
    }
}
