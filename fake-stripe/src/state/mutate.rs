//! Changes: objects are updated as Stripe would, with the events that this makes.

use std::sync::Arc;

use serde_json::Value;

use crate::chaos::nasty::Oddities;
use crate::data::collection::Record;
use crate::data::difference::{difference, merge};
use crate::data::index::resource_index;
use crate::data::on_request;
use crate::data::partition::Scope;
use crate::data::render;
use crate::error::FakeError;
use crate::events::types::Change;
use crate::state::State;
use crate::state::checks;
use crate::state::coherence::{Draft, Stored, refused};
use crate::state::create::Placement;
use crate::state::rows::take_lists;

impl State {
    /// Stores an object that is complete already.
    pub(crate) fn store(
        &mut self,
        scope: &Scope,
        object: &str,
        value: &Value,
        placement: Placement,
    ) -> Result<(), FakeError> {
        let record = self.record(scope, object, value, &placement)?;
        self.partition_mut(scope)?
            .collection_mut(object)?
            .insert(placement.created, record);
        Ok(())
    }

    /// Merges `changes` into an object, brings the rest in line with them, and returns the object as it is then.
    pub(crate) fn update(
        &mut self,
        scope: &Scope,
        id: &str,
        changes: &Value,
        checked: bool,
    ) -> Result<Value, FakeError> {
        if checked {
            let (object, _) = self.find(scope, id)?;
            let Value::Object(changes) = changes else {
                return Err(FakeError::not_an_object(object, changes));
            };
            if changes.get("id").is_some_and(|changed| changed != id) {
                return Err(refused(format!("The id of {id} cannot be changed.")));
            }
            checks::members(self, scope, object, changes)?;
        }
        self.amend(scope, id, changes, false)
    }

    /// As [`State::update`], of what the fake itself changes; `silent`: nothing announces it.
    pub(crate) fn amend(
        &mut self,
        scope: &Scope,
        id: &str,
        changes: &Value,
        silent: bool,
    ) -> Result<Value, FakeError> {
        self.changing.push(id.to_owned());
        let changed = self.change(scope, id, changes, silent);
        self.changing.pop();
        changed
    }

    fn change(
        &mut self,
        scope: &Scope,
        id: &str,
        changes: &Value,
        silent: bool,
    ) -> Result<Value, FakeError> {
        let (object, _) = self.find(scope, id)?;
        let Value::Object(changes) = changes else {
            return Err(FakeError::not_an_object(object, changes));
        };
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let mut changes = changes.clone();
        let rows = take_lists(&mut changes, index.resource);
        let before = self.current(scope, object, id)?;
        let mut after = before.clone();
        merge(&mut after, &Value::Object(changes.clone()));
        let Value::Object(members) = after else {
            return Err(FakeError::not_an_object(object, &after));
        };
        let mut draft = Draft {
            object,
            id,
            created: self.now,
            members,
            given: &changes,
            rows,
            odd: Oddities::default(),
            plan: self.plans.of(object),
            is_inside: false,
            parent: None,
        };
        if self.is_coherent {
            self.world(scope, (silent, false))
                .change(&mut draft, &before)?;
        }
        let Draft { members, rows, .. } = draft;
        let after = Value::Object(members);
        let mut has_new_rows = false;
        for (embedded, rows) in rows {
            let Some(rows) = rows else { continue };
            has_new_rows = true;
            for (kind, child) in self.child_ids(scope, index.resource, id, embedded)? {
                self.partition_mut(scope)?
                    .collection_mut(kind)?
                    .remove(&child, true);
            }
            let now = self.now;
            let parent = (id, now, Oddities::default());
            self.fill_lists(scope, index.resource, parent, vec![(embedded, Some(rows))])?;
        }
        self.replace(scope, object, id, &after)?;
        self.refresh_lists(scope, index.resource, id)?;
        if silent {
            self.refresh_holder(scope, object, id, true)?;
        } else {
            self.announce_difference(scope, object, id, &before)?;
        }
        let after = self.current(scope, object, id)?;
        if !self.is_coherent {
            return Ok(after);
        }
        let stored = Stored {
            object,
            id,
            before: Some(&before),
            after: &after,
        };
        let mut world = self.world(scope, (silent, false));
        world.follow(&stored)?;
        if has_new_rows {
            world.recount(&stored)?;
        }
        self.current(scope, object, id)
    }

    /// The alive object with this id.
    pub(crate) fn find(
        &self,
        scope: &Scope,
        id: &str,
    ) -> Result<(&'static str, &Record), FakeError> {
        let missing = || FakeError::NoSuchId {
            id: id.to_owned(),
            account: scope.account.clone(),
            mode: scope.mode,
        };
        self.partition(scope)?.find(id).ok_or_else(missing)
    }

    pub(crate) fn current(
        &self,
        scope: &Scope,
        object: &str,
        id: &str,
    ) -> Result<Value, FakeError> {
        let missing = || FakeError::NoSuchId {
            id: id.to_owned(),
            account: scope.account.clone(),
            mode: scope.mode,
        };
        self.partition(scope)?.value(object, id).ok_or_else(missing)
    }

    pub(crate) fn record(
        &mut self,
        scope: &Scope,
        object: &str,
        value: &Value,
        placement: &Placement,
    ) -> Result<Record, FakeError> {
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let missing = || FakeError::NoSuchId {
            id: String::new(),
            account: scope.account.clone(),
            mode: scope.mode,
        };
        let id = value
            .get("id")
            .and_then(Value::as_str)
            .ok_or_else(missing)?;
        let shuffle = self.drift.shuffle_keys.then_some(&mut self.rng);
        let (shown, hidden) = on_request::split(object, value);
        Ok(Record {
            id: id.into(),
            body: render::object(&shown, shuffle).into(),
            hidden,
            values: index.values_of(value),
            parent: placement.parent.as_deref().map(Arc::from),
            listed: placement.listed,
            visible_at: placement.visible_at,
        })
    }

    /// Puts a new body in the place of the old.
    pub(crate) fn replace(
        &mut self,
        scope: &Scope,
        object: &str,
        id: &str,
        value: &Value,
    ) -> Result<(), FakeError> {
        let (_, old) = self.find(scope, id)?;
        let parent = old.parent.as_deref().map(str::to_owned);
        let hidden = old.hidden.clone();
        let placement = Placement {
            created: 0,
            visible_at: old.visible_at,
            listed: old.listed,
            parent,
        };
        let mut record = self.record(scope, object, value, &placement)?;
        record.hidden = on_request::merged(hidden, record.hidden);
        self.partition_mut(scope)?
            .collection_mut(object)?
            .replace(record);
        Ok(())
    }

    /// Records the update events if the object is not what it was, and shows the change in the object that holds it.
    pub(crate) fn announce_difference(
        &mut self,
        scope: &Scope,
        object: &'static str,
        id: &str,
        before: &Value,
    ) -> Result<Value, FakeError> {
        let after = self.current(scope, object, id)?;
        let previous = difference(before, &after);
        if !previous.is_empty() {
            self.announce(scope, object, &after, Change::Updated(&previous))?;
            self.refresh_holder(scope, object, id, false)?;
        }
        Ok(after)
    }
}
