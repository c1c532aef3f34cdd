//! Lists: pages, cursors and windows.

pub(crate) mod event_filters;
pub(crate) mod filters;
mod forms;
pub(crate) mod predicate;
mod references;

use std::sync::Arc;

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::expand;
use crate::api::lists::filters::Query;
use crate::api::lists::predicate::Predicate;
use crate::api::router::ListRoute;
use crate::chaos::quirks::EndlessList;
use crate::data::collection::{Collection, Position, Record};
use crate::data::index::{ResourceIndex, resource_index};
use crate::data::partition::{Partition, parse};
use crate::data::render;
use crate::params::Params;
use crate::state::State;
use crate::state::replay::Page;

/// Serves a list request. `parent` is the id in the path of a nested list, `path` the path as it was sent.
pub(crate) fn list(
    state: &mut State,
    caller: &Caller,
    route: &ListRoute,
    parent: Option<&str>,
    params: &Params,
    path: &str,
) -> Result<Page, ApiError> {
    let indexes: Vec<&'static ResourceIndex> = route
        .objects
        .iter()
        .filter_map(|resource| resource_index(resource.object))
        .collect();
    for index in &indexes {
        caller.check(index.object)?;
    }
    let mut query = Query::parse(params, route, &indexes)?;
    let endless = state.quirks.endless(path, route.list.path);
    match endless {
        Some(EndlessList::Empty) => {
            let body = render::list(std::iter::empty(), true, path);
            let ids = Vec::new();
            return Ok(Page { body, ids });
        }
        Some(EndlessList::OnePage) => query.starting_after = None,
        Some(EndlessList::Circle) | None => {}
    }
    let now = state.now;
    let short = state.noise.f64() < state.quirks.short_pages;
    let foreign_is_empty = state.quirks.empty_page_for_foreign_cursor && query.windowed;
    let inner_is_empty = state.quirks.empty_page_for_inner_cursor && query.windowed;
    let vanished_is_empty = state.quirks.empty_page_for_vanished_cursor;
    let overlapping = state.quirks.overlapping_pages;
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    if let Some(parent) = parent {
        check_parent(partition, caller, route, parent)?;
    }
    references::check(partition, caller, route, &indexes, &query)?;

    let is_nested = parent.is_some();
    let walks: Vec<Walk<'_>> = indexes
        .iter()
        .filter_map(|index| {
            let collection = partition.collection(index.object)?;
            let parent = parent
                .zip(route.list.parent)
                .map(|(id, object)| (index.parent_key(object), id));
            Some(Walk {
                collection,
                parent,
                predicate: Predicate::new(index, &query, caller, is_nested, now),
            })
        })
        .collect();
    let named = match (&query.starting_after, &query.ending_before) {
        (Some(id), _) => Some((id.as_str(), "starting_after")),
        (_, Some(id)) => Some((id.as_str(), "ending_before")),
        _ => None,
    };
    let backwards = query.ending_before.is_some() && query.starting_after.is_none();
    let (mut from, mut to, mut foreign) = (query.from, query.to, false);
    if let Some((id, param)) = named {
        let row = (Arc::from(id), query.fingerprint);
        foreign = (foreign_is_empty && !state.answered.contains(&row))
            || (inner_is_empty && !state.ended.contains(&row));
        match cursor(&walks, id, param, &indexes, caller) {
            Ok(at) if backwards => from = from.max(at.next()),
            Ok(at) => to = to.min(if overlapping { at.next() } else { at }),
            Err(_) if vanished_is_empty => foreign = true,
            Err(error) => return Err(error),
        }
    }

    let most = query.limit.saturating_add(1);
    let mut rows = if foreign {
        Vec::new()
    } else {
        collect(&walks, from, to, backwards, most)
    };
    if endless == Some(EndlessList::Circle) && rows.is_empty() {
        rows = collect(&walks, query.from, query.to, false, most);
    }
    let mut has_more = rows.len() > query.limit || endless.is_some();
    rows.truncate(query.limit);
    // One that shows the cursor again has to show more than that.
    let least = 1 + usize::from(overlapping);
    if short && rows.len() > least {
        has_more = true;
        rows.truncate(least + rows.len() / 3);
    }
    if backwards {
        rows.reverse();
    }
    let ids: Vec<Arc<str>> = rows.iter().map(|record| Arc::clone(&record.id)).collect();
    let body = body(partition, route, &query, &rows, has_more, path)?;
    let row = |id: &Arc<str>| (Arc::clone(id), query.fingerprint);
    if state.quirks.empty_page_for_foreign_cursor {
        state.answered.extend(ids.iter().map(row));
    }
    if state.quirks.empty_page_for_inner_cursor {
        state.ended.extend(ids.first().map(row));
        state.ended.extend(ids.last().map(row));
    }
    Ok(Page { body, ids })
}

/// Refuses what is below an object that is not there.
pub(crate) fn check_parent(
    partition: &Partition,
    caller: &Caller,
    route: &ListRoute,
    parent: &str,
) -> Result<(), ApiError> {
    match route.list.parent {
        Some(object) if !references::is_there(partition, object, parent) => {
            let mode = caller.scope.mode;
            Err(ApiError::no_such_object(object, parent, mode, false))
        }
        _ => Ok(()),
    }
}

fn body(
    partition: &Partition,
    route: &ListRoute,
    query: &Query,
    rows: &[&Record],
    has_more: bool,
    url: &str,
) -> Result<Vec<u8>, ApiError> {
    let objects: Vec<&str> = route.objects.iter().map(|of| of.object).collect();
    let paths = expand::check_list(&objects, query.expand.iter().map(String::as_str))?;
    if paths.is_empty() {
        return Ok(render::list(
            rows.iter().map(|record| &*record.body),
            has_more,
            url,
        ));
    }
    let bodies = expanded(partition, rows, &paths);
    Ok(render::list(
        bodies.iter().map(Vec::as_slice),
        has_more,
        url,
    ))
}

/// The bodies of objects with these paths expanded.
pub(crate) fn expanded(partition: &Partition, rows: &[&Record], paths: &[&str]) -> Vec<Vec<u8>> {
    let body = |record: &&Record| {
        let mut value = parse(record);
        for path in paths {
            expand::expand(partition, &mut value, path);
        }
        render::object(&value, None)
    };
    rows.iter().map(body).collect()
}

/// The objects of one kind that a request may show.
struct Walk<'a> {
    collection: &'a Collection,
    /// The index key and the id of the parent of a nested list.
    parent: Option<(u8, &'a str)>,
    predicate: Predicate<'a>,
}

impl<'a> Walk<'a> {
    /// The objects between two positions that pass, oldest first.
    fn between(
        &self,
        from: Position,
        to: Position,
    ) -> Box<dyn DoubleEndedIterator<Item = (Position, &'a Record)> + '_> {
        let keys = self.parent.into_iter().chain(self.predicate.keys());
        let indexed = keys.filter_map(|(key, id)| self.collection.positions(key, id));
        let pass = |row: &(Position, &Record)| self.passes(row.0, row.1);
        match indexed.min_by_key(|positions| positions.len()) {
            Some(few) => {
                let range = (from < to)
                    .then(|| few.range(from..to))
                    .into_iter()
                    .flatten();
                let rows = range.filter_map(|at| Some((*at, self.collection.at(*at)?)));
                Box::new(rows.filter(pass))
            }
            None => Box::new(self.collection.between(from, to).filter(pass)),
        }
    }

    fn passes(&self, position: Position, record: &Record) -> bool {
        let in_list = self
            .parent
            .is_none_or(|(key, id)| record.values(key).any(|value| value == id));
        in_list && self.predicate.passes(position, record)
    }
}

/// The first `count` objects from the newest down, or from the oldest up if `backwards`.
fn collect<'a>(
    walks: &[Walk<'a>],
    from: Position,
    to: Position,
    backwards: bool,
    count: usize,
) -> Vec<&'a Record> {
    let mut found: Vec<(Position, &Record)> = Vec::new();
    for walk in walks {
        let rows = walk.between(from, to);
        if backwards {
            found.extend(rows.take(count));
        } else {
            found.extend(rows.rev().take(count));
        }
    }
    if walks.len() > 1 {
        found.sort_unstable_by(|a, b| {
            if backwards {
                a.0.cmp(&b.0)
            } else {
                b.0.cmp(&a.0)
            }
        });
        found.truncate(count);
    }
    found.into_iter().map(|(_, record)| record).collect()
}

/// The position of a cursor. One that is gone, or that the filters hide, is refused.
fn cursor(
    walks: &[Walk<'_>],
    id: &str,
    param: &str,
    indexes: &[&'static ResourceIndex],
    caller: &Caller,
) -> Result<Position, ApiError> {
    let found = walks.iter().find_map(|walk| {
        let position = walk.collection.position(id)?;
        let record = walk.collection.at(position)?;
        walk.passes(position, record).then_some(position)
    });
    let object = indexes.first().map_or("object", |index| index.object);
    found.ok_or_else(|| ApiError::no_such_parameter(object, id, param, caller.scope.mode))
}
