//! Rows of embedded lists: stored as objects of their own, shown inline in the object that holds them.

use std::sync::Arc;

use serde_json::{Map, Value};
use stripe_sync_schema::catalogue::{Embedded, Resource};

use crate::chaos::nasty::Oddities;
use crate::data::index::resource_index;
use crate::data::inline_lists;
use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::events::types::Change;
use crate::state::State;
use crate::state::create::CreateOptions;

impl State {
    /// Stores the rows of embedded lists as objects of their own. `None`: made up.
    pub(crate) fn fill_lists(
        &mut self,
        scope: &Scope,
        parent: &'static Resource,
        (id, created, odd): (&str, i64, Oddities),
        lists: Vec<(&'static Embedded, Option<Vec<Value>>)>,
    ) -> Result<(), FakeError> {
        for (embedded, rows) in lists {
            let rows = match rows {
                Some(rows) => rows,
                None if embedded.inline => vec![Value::Null; self.rng.usize(1..=3)],
                None => continue,
            };
            for row in rows {
                let name = row
                    .get("object")
                    .and_then(Value::as_str)
                    .or(embedded.items.first().copied())
                    .unwrap_or_default()
                    .to_owned();
                let options = CreateOptions {
                    parent: Some((parent.object, id)),
                    created: Some(created),
                    silent: true,
                    inside: true,
                    odd: Some(odd),
                    ..CreateOptions::default()
                };
                self.create(scope, &name, row, options)?;
            }
        }
        Ok(())
    }

    /// Renders the inline lists of an object again from its children.
    pub(crate) fn refresh_lists(
        &mut self,
        scope: &Scope,
        resource: &'static Resource,
        id: &str,
    ) -> Result<Value, FakeError> {
        let mut value = self.current(scope, resource.object, id)?;
        let wrong_by = self.quirks.wrong_total_count;
        let partition = self.partition(scope)?;
        let mut changed = false;
        for embedded in resource.embedded.iter().filter(|embedded| embedded.inline) {
            let page = inline_lists::first_page(partition, resource, id, embedded, wrong_by);
            if let Some(members) = value.as_object_mut() {
                changed |= members
                    .insert(embedded.field.to_owned(), page.clone())
                    .as_ref()
                    != Some(&page);
            }
        }
        if changed {
            self.replace(scope, resource.object, id, &value)?;
        }
        Ok(value)
    }

    /// Shows a changed child in the object that holds it inline, if one does.
    pub(crate) fn refresh_holder(
        &mut self,
        scope: &Scope,
        object: &'static str,
        id: &str,
        silent: bool,
    ) -> Result<(), FakeError> {
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let record = self
            .partition(scope)?
            .collection(object)
            .and_then(|collection| collection.get(id));
        match record.and_then(|record| inline_lists::holder(index, record)) {
            Some((parent, parent_id)) => {
                self.refresh_parent(scope, (parent, &parent_id), index.resource, silent)
            }
            None => Ok(()),
        }
    }

    /// Shows a changed child in its parent, which is an update of the parent. That of a child without events of its own is
    /// announced too when the child is beyond those that the parent shows: no other event is about it.
    pub(crate) fn refresh_parent(
        &mut self,
        scope: &Scope,
        (parent, id): (&'static Resource, &str),
        child: &Resource,
        silent: bool,
    ) -> Result<(), FakeError> {
        let Some(before) = self.partition(scope)?.value(parent.object, id) else {
            return Ok(());
        };
        let after = self.refresh_lists(scope, parent, id)?;
        if silent {
            return Ok(());
        }
        let is_announced = !child.events.is_empty() || !child.deleted_events.is_empty();
        if !is_announced && after == before {
            // What changed is in neither of the two, so there are no previous attributes.
            let previous = Map::new();
            return self.announce(scope, parent.object, &after, Change::Updated(&previous));
        }
        self.announce_difference(scope, parent.object, id, &before)
            .map(drop)
    }

    pub(crate) fn child_ids(
        &self,
        scope: &Scope,
        parent: &Resource,
        id: &str,
        embedded: &Embedded,
    ) -> Result<Vec<(&'static str, Arc<str>)>, FakeError> {
        let children =
            inline_lists::children(self.partition(scope)?, parent.object, id, &embedded.items);
        Ok(children
            .into_iter()
            .map(|(_, kind, record)| (kind, Arc::clone(&record.id)))
            .collect())
    }
}

/// Takes the embedded lists out of what a test gave: their rows, or `None` where it gave none.
pub(crate) fn take_lists(
    given: &mut Map<String, Value>,
    resource: &'static Resource,
) -> Vec<(&'static Embedded, Option<Vec<Value>>)> {
    let mut lists = Vec::new();
    for embedded in &resource.embedded {
        let rows = match given.remove(embedded.field) {
            Some(Value::Object(mut list)) => match list.remove("data") {
                Some(Value::Array(rows)) => Some(rows),
                _ => None,
            },
            Some(Value::Array(rows)) => Some(rows),
            _ => None,
        };
        lists.push((embedded, rows));
    }
    lists
}
