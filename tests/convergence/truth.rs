//! The comparison at the end: the tables against the fake's objects.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::Value;
use stripe_sync::OnDelete;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, without_secrets};

use super::database::{Database, Pool};
use super::models::{Children, Resource};

/// Of lists of a filter that show nothing, Stripe knows one of the first rows: then they are right, and rows leave.
const PROBES: usize = 10;
/// How many ids a message names.
const NAMED: usize = 5;

/// A row as JSON: its typed columns and its whole object.
struct Row {
    marked: bool,
    columns: Vec<Value>,
    object: Value,
}

async fn rows(database: &Database, table: &str, columns: &[(&str, &str)]) -> BTreeMap<String, Row> {
    let columns: String = columns
        .iter()
        .map(|(column, _)| format!("{column}, "))
        .collect();
    let select = |array: &str, object: &str| {
        AssertSqlSafe(format!(
            "SELECT CAST({array}(id, stripe_deleted_at IS NOT NULL, {columns}{object}) AS text) FROM {table}"
        ))
    };
    let rows: Vec<String> = match &database.pool {
        Pool::Sqlite(pool) => {
            let select = select("json_array", "json(object)");
            sqlx::query_scalar(select).fetch_all(pool).await
        }
        Pool::Postgres(pool) => {
            let select = select("json_build_array", "object");
            sqlx::query_scalar(select).fetch_all(pool).await
        }
        Pool::MySql(_) => panic!("no history runs on MySQL"),
    }
    .unwrap();
    let rows = rows.into_iter().map(|row| {
        let row: Vec<Value> = serde_json::from_str(&row).unwrap();
        let [id, marked, columns @ .., object] = row.as_slice() else {
            panic!("{row:?}");
        };
        let row = Row {
            marked: is_true(marked),
            columns: columns.to_vec(),
            object: object.clone(),
        };
        (id.as_str().unwrap().to_owned(), row)
    });
    rows.collect()
}

/// SQLite has no booleans but 0 and 1.
fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or(value.as_i64() == Some(1))
}

fn same(stored: &Value, sent: &Value) -> bool {
    match sent {
        Value::Bool(sent) => !stored.is_null() && is_true(stored) == *sent,
        sent => stored == sent,
    }
}

/// An object as a row keeps it: with all of its list, of which Stripe shows ten, and without secrets.
fn whole(fake: &FakeStripe, children: Option<&Children>, object: &Value) -> Value {
    let mut object = without_secrets(object.clone());
    if let Some(children) = children
        && object[children.member]["has_more"] == true
    {
        let id = object["id"].as_str().unwrap_or_default();
        let elements = fake.children(id, children.object);
        object[children.member]["data"] = elements.into();
        object[children.member]["has_more"] = false.into();
    }
    object
}

/// The members in which an object differs from another.
fn unlike(stored: &Value, sent: &Value) -> BTreeSet<String> {
    let none = serde_json::Map::new();
    let members = |object: &'_ Value| object.as_object().unwrap_or(&none).clone();
    let (stored, sent) = (members(stored), members(sent));
    let names = stored.keys().chain(sent.keys());
    names
        .filter(|name| stored.get(*name) != sent.get(*name))
        .cloned()
        .collect()
}

/// A cell that may be spoiled: the place of its column, its row's id, and another value, as SQL.
pub(crate) async fn spoilable(
    database: &Database,
    resource: &Resource,
    rng: &mut Rng,
) -> Option<(usize, String, String)> {
    let rows = rows(database, resource.table, resource.columns).await;
    let mut rows: Vec<(String, Row)> = rows.into_iter().filter(|(_, row)| !row.marked).collect();
    rng.shuffle(&mut rows);
    let mut places: Vec<usize> = (0..resource.columns.len()).collect();
    rng.shuffle(&mut places);
    rows.into_iter().find_map(|(id, row)| {
        places.iter().find_map(|&place| {
            let other = match &row.columns[place] {
                Value::String(_) => "'spoiled'".to_owned(),
                // SQLite has no booleans but 0 and 1.
                Value::Number(number) => match number.as_i64()? {
                    number @ (0 | 1) => (1 - number).to_string(),
                    number => (number + 1).to_string(),
                },
                Value::Bool(value) => (!value).to_string(),
                _ => return None,
            };
            Some((place, id.clone(), other))
        })
    })
}

/// The ids of the rows that are not marked.
pub(crate) async fn alive(database: &Database, resource: &Resource) -> BTreeSet<String> {
    let rows = rows(database, resource.table, resource.columns).await;
    let alive = rows.into_iter().filter(|(_, row)| !row.marked);
    alive.map(|(id, _)| id).collect()
}

/// Everything in which a table is not what Stripe has. `known` are ids that the table had as alive before; `shown` is
/// whether the last run's lists showed anything.
pub(crate) async fn differences(
    fake: &FakeStripe,
    database: &Database,
    resource: &Resource,
    known: &BTreeSet<String>,
    shown: bool,
) -> Vec<String> {
    let by_id = |objects: Vec<Value>| -> BTreeMap<String, Value> {
        let objects = objects.into_iter();
        objects
            .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
            .collect()
    };
    let all = by_id(fake.truth(resource.object));
    let let_through = |mut objects: BTreeMap<String, Value>| {
        objects.retain(|_, object| resource.filter.lets_through(object));
        objects
    };
    let truth = let_through(all.clone());
    let listable = let_through(by_id(fake.listable(resource.object)));
    let mut rows = rows(database, resource.table, resource.columns).await;
    if let Some(children) = resource
        .children
        .as_ref()
        .filter(|of| of.member == "sources")
    {
        // It came because it was asked for.
        for row in rows.values_mut().filter(|row| !row.marked) {
            row.object
                .as_object_mut()
                .and_then(|object| object.remove(children.member));
        }
    }
    let rows = rows;
    let alive = |id: &String| rows.get(id).is_some_and(|row| !row.marked);
    let marked = |id: &String| rows.get(id).is_some_and(|row| row.marked);

    let mut found = Vec::new();
    let mut report = |what: &str, ids: Vec<&String>| {
        if !ids.is_empty() {
            let named = &ids[..ids.len().min(NAMED)];
            found.push(format!(
                "{}: {} {what}: {named:?}",
                resource.table,
                ids.len()
            ));
        }
    };
    report(
        "of a list's objects have no row",
        listable
            .keys()
            .filter(|id| !alive(id) && !marked(id))
            .collect(),
    );
    report(
        "that exist are marked as deleted",
        truth.keys().filter(|id| marked(id)).collect(),
    );
    report(
        "that exist were in the table and are no more",
        known
            .iter()
            .filter(|id| truth.contains_key(*id) && !rows.contains_key(*id))
            .collect(),
    );
    // Lists that show nothing look like a fault, so they remove nothing, and the run says so: what was deleted before it,
    // and whose event is gone, stays until its id is asked for.
    report(
        "are outside the filter and are not marked",
        rows.keys()
            .filter(|id| alive(id) && !truth.contains_key(*id) && all.contains_key(*id))
            .filter(|_| shown || rows.keys().take(PROBES).any(|id| all.contains_key(id)))
            .collect(),
    );
    report(
        "do not exist and are not marked",
        rows.keys()
            .filter(|id| alive(id) && !all.contains_key(*id))
            .filter(|_| shown)
            .collect(),
    );
    match resource.on_delete {
        OnDelete::Hard => report(
            "should be gone instead of marked",
            rows.keys().filter(|id| marked(id)).collect(),
        ),
        _ => report(
            "were deleted at Stripe and have no marked row",
            known
                .iter()
                .filter(|id| !all.contains_key(*id) && !rows.contains_key(*id))
                .collect(),
        ),
    }
    let shared = || {
        let alive = rows.iter().filter(|(_, row)| !row.marked);
        alive.filter_map(|(id, row)| Some((id, row, truth.get(id)?)))
    };
    let mut members = BTreeSet::new();
    let differ = shared().filter(|(_, row, object)| {
        let differ = unlike(
            &row.object,
            &whole(fake, resource.children.as_ref(), object),
        );
        members.extend(differ.iter().cloned());
        !differ.is_empty()
    });
    let differ = differ.map(|(id, _, _)| id).collect();
    report(&format!("differ from Stripe in {members:?}"), differ);
    for (at, (column, pointer)) in resource.columns.iter().enumerate() {
        let differs = |(_, row, object): &(&String, &Row, &Value)| {
            let sent = object.pointer(pointer).unwrap_or(&Value::Null);
            !same(&row.columns[at], sent)
        };
        report(
            &format!("have another `{column}`"),
            shared().filter(differs).map(|(id, _, _)| id).collect(),
        );
    }
    if let Some(children) = &resource.children {
        let parents: BTreeSet<&String> = rows.keys().filter(|id| alive(id)).collect();
        let parents = (&parents, &truth);
        found.extend(of_children(fake, database, children, parents).await);
    }
    found
}

/// Everything in which a table of elements is not what Stripe has in the lists of those parents whose rows are not marked.
async fn of_children(
    fake: &FakeStripe,
    database: &Database,
    children: &Children,
    (parents, truth): (&BTreeSet<&String>, &BTreeMap<String, Value>),
) -> Vec<String> {
    let mut wanted = BTreeMap::new();
    for parent in parents.iter().filter(|id| truth.contains_key(**id)) {
        for element in fake.children(parent, children.object) {
            let id = element["id"].as_str().unwrap_or_default().to_owned();
            wanted.insert(id, (parent.to_string(), without_secrets(element)));
        }
    }
    let columns = [(children.parent, "")];
    let rows = rows(database, children.table, &columns).await;
    let mut found = Vec::new();
    let mut report = |what: &str, ids: Vec<&String>| {
        if !ids.is_empty() {
            let named = &ids[..ids.len().min(NAMED)];
            let (table, count) = (children.table, ids.len());
            found.push(format!("{table}: {count} {what}: {named:?}"));
        }
    };
    let is_alive = |id: &String| rows.get(id).is_some_and(|row| !row.marked);
    report(
        "of a parent's elements have no row",
        wanted.keys().filter(|id| !is_alive(id)).collect(),
    );
    // What a parent had that nobody could find to be gone is there as long as its row.
    let is_of_gone = |row: &Row| {
        let parent = row.columns[0].as_str().unwrap_or_default();
        parents.contains(&parent.to_owned()) && !truth.contains_key(parent)
    };
    let surplus = rows
        .iter()
        .filter(|(id, row)| !row.marked && !wanted.contains_key(*id) && !is_of_gone(row));
    report(
        "are in no parent's list",
        surplus.map(|(id, _)| id).collect(),
    );
    let differ = wanted.iter().filter(|(id, (parent, element))| {
        let row = rows.get(*id).filter(|row| !row.marked);
        row.is_some_and(|row| row.object != *element || row.columns[0] != **parent)
    });
    report("differ from Stripe", differ.map(|(id, _)| id).collect());
    if children.on_delete == OnDelete::Hard {
        let marked = rows.iter().filter(|(_, row)| row.marked);
        report(
            "should be gone instead of marked",
            marked.map(|(id, _)| id).collect(),
        );
    }
    found
}
