//! Lists inside objects: the first page of a nested list, with the address of the rest.

use serde_json::{Value, json};
use stripe_sync_schema::catalogue::{self, Embedded, Resource};

use super::facets::{Spec, spec};
use super::shelf::{Position, Record};
use super::state::{Partition, parse};

/// How many rows Stripe puts inline: its default page size.
pub(super) const INLINE_ROWS: usize = 10;

/// The children of a parent that are of these kinds, newest first.
pub(super) fn children<'a>(
    partition: &'a Partition,
    parent: &str,
    id: &str,
    kinds: &[&'static str],
) -> Vec<(Position, &'static str, &'a Record)> {
    let mut found = Vec::new();
    for kind in kinds {
        let Some(shelf) = partition.shelf(kind) else {
            continue;
        };
        let positions = shelf
            .linked(shelf.spec.tie(parent), id)
            .into_iter()
            .flatten();
        found.extend(positions.filter_map(|at| Some((*at, *kind, shelf.at(*at)?))));
    }
    found.sort_unstable_by_key(|(position, _, _)| std::cmp::Reverse(*position));
    found
}

/// A stored object that can be the parent of a new child, for children that no member ties to one.
pub(super) fn any_parent(
    partition: &Partition,
    child: &Spec,
    rng: &mut fastrand::Rng,
) -> Option<String> {
    let mut loose = child
        .ties
        .iter()
        .filter(|tie| tie.walked && tie.field.is_none());
    loose.find_map(|tie| {
        partition
            .shelf(tie.parent)?
            .sample(rng)
            .map(|id| id.to_string())
    })
}

/// The list object that a parent shows for one of its embedded lists.
pub(super) fn first_page(
    partition: &Partition,
    parent: &Resource,
    id: &str,
    embedded: &Embedded,
) -> Value {
    let mut rows = children(partition, parent.object, id, &embedded.items);
    if (parent.object, embedded.field) == ("customer", "subscriptions") {
        rows.retain(|(_, _, record)| {
            parse(record).get("status").and_then(Value::as_str) != Some("canceled")
        });
    }
    let has_more = rows.len() > INLINE_ROWS;
    let data: Vec<Value> = rows
        .into_iter()
        .take(INLINE_ROWS)
        .map(|(_, _, record)| parse(record))
        .collect();
    json!({ "object": "list", "data": data, "has_more": has_more, "url": address(parent, id, embedded) })
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
        .and_then(|child| spec(child.object)?.link(parent.object))
        .unwrap_or("parent");
    format!("{path}?{param}={id}")
}

/// The parent that shows this child inline.
pub(super) fn holder(child: &Spec, record: &Record) -> Option<(&'static Resource, String)> {
    child.holders.iter().find_map(|(parent, _)| {
        let id = record.facet(child.tie(parent.object)).next()?;
        Some((*parent, id.to_owned()))
    })
}
