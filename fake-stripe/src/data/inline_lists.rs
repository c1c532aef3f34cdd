//! Lists inside objects: the first page of a nested list, with the address of the rest.

use serde_json::{Value, json};
use stripe_sync_schema::catalogue::{self, Embedded, Resource};

use crate::data::collection::{Position, Record};
use crate::data::index::{ResourceIndex, resource_index};
use crate::data::partition::{Partition, parse};

/// How many rows Stripe puts inline: its default page size.
pub(crate) const INLINE_ROWS: usize = 10;

/// The lists that say how many elements they have, though no page of Stripe's reference shows it: (object, member), from
/// recorded answers.
const COUNTED: [(&str, &str); 6] = [
    ("account", "external_accounts"),
    ("charge", "refunds"),
    ("customer", "sources"),
    ("invoice", "lines"),
    ("subscription", "items"),
    ("transfer", "reversals"),
];

/// The children of a parent that are of these kinds, newest first.
pub(crate) fn children<'a>(
    partition: &'a Partition,
    parent: &str,
    id: &str,
    kinds: &[&'static str],
) -> Vec<(Position, &'static str, &'a Record)> {
    let mut found = Vec::new();
    for kind in kinds {
        let Some(collection) = partition.collection(kind) else {
            continue;
        };
        let positions = collection
            .positions(collection.index.parent_key(parent), id)
            .into_iter()
            .flatten();
        found.extend(positions.filter_map(|at| Some((*at, *kind, collection.at(*at)?))));
    }
    found.sort_unstable_by_key(|(position, _, _)| std::cmp::Reverse(*position));
    found
}

/// The kinds of objects that go with such a parent: those that it shows, and those that are read below it and nowhere else.
pub(crate) fn kinds_inside(parent: &str) -> Vec<&'static str> {
    let shown = catalogue::resource(parent)
        .into_iter()
        .flat_map(|parent| &parent.embedded)
        .filter(|embedded| embedded.inline)
        .flat_map(|embedded| embedded.items.iter().copied());
    let below = catalogue::resources()
        .iter()
        .filter(|child| child.list.is_none() && child.retrieve.is_none())
        .filter(|child| {
            let mut lists = child.nested.iter();
            lists.any(|list| list.parent == Some(parent))
        })
        .map(|child| child.object);
    let mut kinds: Vec<_> = shown.chain(below).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// A stored object that can be the parent of a new child, for children that name their parent in no member.
pub(crate) fn any_parent(
    partition: &Partition,
    child: &ResourceIndex,
    rng: &mut fastrand::Rng,
) -> Option<String> {
    let mut loose = child
        .parent_links
        .iter()
        .filter(|link| link.walked && link.field.is_none());
    loose.find_map(|link| {
        partition
            .collection(link.parent)?
            .sample(rng)
            .map(|id| id.to_string())
    })
}

/// The list object that a parent shows for one of its embedded lists. A `total_count` is wrong by so many.
pub(crate) fn first_page(
    partition: &Partition,
    parent: &Resource,
    id: &str,
    embedded: &Embedded,
    wrong_by: i64,
) -> Value {
    let rows = shown(partition, parent, id, embedded);
    let data = rows.iter().take(INLINE_ROWS);
    let data: Value = data.map(|record| parse(record)).collect();
    list(parent, id, embedded, rows.len(), wrong_by, data)
}

/// The same as JSON.
pub(crate) fn first_page_text(
    partition: &Partition,
    parent: &Resource,
    id: &str,
    embedded: &Embedded,
    wrong_by: i64,
) -> String {
    let rows = shown(partition, parent, id, embedded);
    let data = rows.iter().take(INLINE_ROWS);
    let data: Vec<_> = data
        .map(|record| String::from_utf8_lossy(&record.body))
        .collect();
    let around = list(parent, id, embedded, rows.len(), wrong_by, json!([]));
    around
        .to_string()
        .replacen("\"data\":[]", &format!("\"data\":[{}]", data.join(",")), 1)
}

/// The elements of an embedded list, in its order.
fn shown<'a>(
    partition: &'a Partition,
    parent: &Resource,
    id: &str,
    embedded: &Embedded,
) -> Vec<&'a Record> {
    let mut rows = children(partition, parent.object, id, &embedded.items);
    if (parent.object, embedded.field) == ("customer", "subscriptions") {
        rows.retain(|(_, _, record)| {
            parse(record).get("status").and_then(Value::as_str) != Some("canceled")
        });
    }
    rows.into_iter().map(|(_, _, record)| record).collect()
}

/// A list object around its first elements.
fn list(
    parent: &Resource,
    id: &str,
    embedded: &Embedded,
    count: usize,
    wrong_by: i64,
    data: Value,
) -> Value {
    let has_more = count > INLINE_ROWS;
    let url = address(parent, id, embedded);
    let mut list = json!({ "object": "list", "data": data, "has_more": has_more, "url": url });
    if let (true, Some(members)) = (
        COUNTED.contains(&(parent.object, embedded.field)),
        list.as_object_mut(),
    ) {
        let total = i64::try_from(count).unwrap_or(i64::MAX) + wrong_by;
        members.insert("total_count".to_owned(), total.into());
    }
    list
}

/// Where the whole list is: a nested path, or the account's list with a filter.
fn address(parent: &Resource, id: &str, embedded: &Embedded) -> String {
    let child = embedded
        .items
        .iter()
        .find_map(|item| catalogue::resource(item));
    let path = embedded
        .list
        .or_else(|| Some(child?.list.as_ref()?.path))
        .unwrap_or("/v1");
    if path.contains("{id}") {
        return path.replace("{id}", id);
    }
    let param = child
        .and_then(|child| resource_index(child.object)?.parent_member(parent.object))
        .unwrap_or("parent");
    format!("{path}?{param}={id}")
}

/// The parent that shows this child inline.
pub(crate) fn holder(
    child: &ResourceIndex,
    record: &Record,
) -> Option<(&'static Resource, String)> {
    child.holders.iter().find_map(|(parent, _)| {
        let id = record.values(child.parent_key(parent.object)).next()?;
        Some((*parent, id.to_owned()))
    })
}
