//! Changes: objects are created, updated and deleted as Stripe would, with the events that this makes.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::difference::{difference, merge};
use super::errors::FakeError;
use super::events::Change;
use super::facets;
use super::generate::{Maker, new_id, settle};
use super::inline;
use super::render;
use super::rows::take_lists;
use super::shelf::Record;
use super::state::{Scope, State, parse};

/// Where a new object goes.
#[derive(Debug)]
pub(super) struct Placing {
    pub(super) created: i64,
    pub(super) visible_at: i64,
    pub(super) listed: bool,
    pub(super) parent: Option<String>,
}

/// How a new object comes to be.
#[derive(Debug, Default)]
pub(super) struct Birth<'a> {
    /// The object name and id of the object whose nested list shows it.
    pub(super) parent: Option<(&'static str, &'a str)>,
    /// Hidden from every list.
    pub(super) unlisted: bool,
    /// Its creation time; the fake's time if it is `None`.
    pub(super) created: Option<i64>,
    /// Part of the past: nothing announces it.
    pub(super) silent: bool,
    /// A row of an object that is just being created, which will be shown there.
    pub(super) inside: bool,
}

impl State {
    /// Makes an object up, with the members that `given` names, and stores it.
    pub(super) fn create(
        &mut self,
        scope: &Scope,
        name: &str,
        given: Value,
        birth: Birth<'_>,
    ) -> Result<Value, FakeError> {
        let spec = facets::spec(name).ok_or_else(|| FakeError::unknown_object(name))?;
        let (object, resource) = (spec.object, spec.resource);
        let mut given = match given {
            Value::Object(given) => given,
            Value::Null => Map::new(),
            other => return Err(FakeError::not_an_object(object, &other)),
        };
        if let Some((parent, id)) = birth.parent
            && let Some(field) = spec.link(parent)
        {
            given.entry(field).or_insert_with(|| id.into());
        }
        let id = match given.get("id").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => new_id(object, scope.mode, &mut self.rng),
        };
        let time_field = resource.created;
        let created = time_field
            .and_then(|field| given.get(field)?.as_i64())
            .or(birth.created)
            .unwrap_or(self.now);
        let partition = self
            .partitions
            .get(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })?;
        if partition
            .shelf(object)
            .is_some_and(|shelf| shelf.has_taken(&id))
        {
            return Err(FakeError::IdTaken {
                object: object.to_owned(),
                id,
            });
        }
        let parent = birth.parent.map(|(_, id)| id.to_owned());
        let parent = parent.or_else(|| inline::any_parent(partition, spec, &mut self.rng));
        let mut maker = Maker {
            rng: &mut self.rng,
            plans: &self.plans,
            partition,
            created,
        };
        let mut members = maker.object(object);
        members.insert("id".to_owned(), id.as_str().into());
        members.insert("object".to_owned(), object.into());
        if resource.livemode {
            members.insert("livemode".to_owned(), scope.mode.livemode().into());
        }
        if let Some(field) = time_field {
            members.insert(field.to_owned(), created.into());
        }
        let children = take_lists(&mut given, resource);
        for (key, value) in &given {
            merge(members.entry(key.as_str()).or_insert(Value::Null), value);
        }
        settle(spec, &mut members, &given, &mut maker);
        let mut value = Value::Object(members);
        let plan = self.plans.of(object);
        self.drift.apply(
            &mut value,
            &plan.enums,
            &plan.required,
            &Value::Object(given),
            &mut self.rng,
        );

        let placing = Placing {
            created,
            visible_at: self.now,
            listed: !birth.unlisted,
            parent,
        };
        let record = self.record(scope, object, &value, &placing)?;
        let sum = self.sum(scope, spec, placing.parent.as_deref())?;
        self.partition_mut(scope)?
            .shelf_mut(object)?
            .insert(created, record);
        self.fill_lists(scope, resource, &id, created, children)?;
        if resource.embedded.iter().any(|embedded| embedded.inline) {
            value = self.refresh_lists(scope, resource, &id)?;
        }
        if !birth.silent {
            self.announce(scope, object, &value, Change::Created)?;
            self.announce_sum(scope, spec, sum)?;
        }
        if !birth.inside {
            self.refresh_holder(scope, object, &id, birth.silent)?;
        }
        Ok(value)
    }

    /// Stores an object that is complete already.
    pub(super) fn store(
        &mut self,
        scope: &Scope,
        object: &str,
        value: &Value,
        placing: Placing,
    ) -> Result<(), FakeError> {
        let record = self.record(scope, object, value, &placing)?;
        self.partition_mut(scope)?
            .shelf_mut(object)?
            .insert(placing.created, record);
        Ok(())
    }

    /// Merges `changes` into an object. The answer is the object as it is then.
    pub(super) fn update(
        &mut self,
        scope: &Scope,
        id: &str,
        changes: &Value,
    ) -> Result<Value, FakeError> {
        let (object, _) = self.find(scope, id)?;
        let Value::Object(changes) = changes else {
            return Err(FakeError::not_an_object(object, changes));
        };
        let spec = facets::spec(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let mut changes = changes.clone();
        let lists = take_lists(&mut changes, spec.resource);
        let before = self.current(scope, object, id)?;
        for (embedded, rows) in lists {
            let Some(rows) = rows else { continue };
            for (kind, child) in self.child_ids(scope, spec.resource, id, embedded)? {
                self.partition_mut(scope)?
                    .shelf_mut(kind)?
                    .remove(&child, true);
            }
            let now = self.now;
            self.fill_lists(scope, spec.resource, id, now, vec![(embedded, Some(rows))])?;
        }
        let mut after = before.clone();
        merge(&mut after, &Value::Object(changes));
        self.replace(scope, object, id, &after)?;
        self.refresh_lists(scope, spec.resource, id)?;
        self.announce_difference(scope, object, id, &before)
    }

    /// Deletes an object as a DELETE request would: a subscription is canceled, a payment method detached.
    pub(super) fn delete(&mut self, scope: &Scope, id: &str) -> Result<Value, FakeError> {
        let (object, record) = self.find(scope, id)?;
        let value = parse(record);
        let record = record.clone();
        let spec = facets::spec(object).ok_or_else(|| FakeError::unknown_object(object))?;
        match object {
            "subscription" => return self.cancel(scope, id),
            "payment_method" => {
                return self.update(scope, id, &serde_json::json!({ "customer": null }));
            }
            _ if !spec.resource.deletable
                && spec.resource.deleted_events.is_empty()
                && spec.resource.summary.is_none() =>
            {
                return Err(FakeError::NotDeletable {
                    object: object.to_owned(),
                    id: id.to_owned(),
                });
            }
            _ => {}
        }
        for embedded in spec
            .resource
            .embedded
            .iter()
            .filter(|embedded| embedded.inline)
        {
            for (kind, child) in self.child_ids(scope, spec.resource, id, embedded)? {
                self.partition_mut(scope)?
                    .shelf_mut(kind)?
                    .remove(&child, true);
            }
        }
        let sum = self.sum(scope, spec, record.parent.as_deref())?;
        self.partition_mut(scope)?
            .shelf_mut(object)?
            .remove(id, true);
        self.announce(scope, object, &value, Change::Deleted)?;
        self.announce_sum(scope, spec, sum)?;
        if object == "customer" {
            let partition = self.partition(scope)?;
            let subscriptions = inline::children(partition, "customer", id, &["subscription"]);
            let subscriptions: Vec<Arc<str>> = subscriptions
                .into_iter()
                .map(|(_, _, record)| Arc::clone(&record.id))
                .collect();
            for subscription in subscriptions {
                self.cancel(scope, &subscription)?;
            }
        }
        if let Some((parent, parent_id)) = inline::holder(spec, &record) {
            self.refresh_parent(scope, (parent, &parent_id), spec.resource, false)?;
        }
        Ok(value)
    }

    /// Cancels a subscription: it stays, with the status `canceled`, and is hidden from the default list.
    pub(super) fn cancel(&mut self, scope: &Scope, id: &str) -> Result<Value, FakeError> {
        let (object, record) = self.find(scope, id)?;
        if object != "subscription" {
            return Err(FakeError::WrongObject {
                id: id.to_owned(),
                object: object.to_owned(),
                expected: "subscription",
            });
        }
        if parse(record).get("status").and_then(Value::as_str) == Some("canceled") {
            return self.current(scope, object, id);
        }
        let now = self.now;
        self.update(
            scope,
            id,
            &serde_json::json!({ "status": "canceled", "canceled_at": now, "ended_at": now }),
        )
    }

    /// The alive object with this id.
    pub(super) fn find(
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

    pub(super) fn current(
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

    fn record(
        &mut self,
        scope: &Scope,
        object: &str,
        value: &Value,
        placing: &Placing,
    ) -> Result<Record, FakeError> {
        let spec = facets::spec(object).ok_or_else(|| FakeError::unknown_object(object))?;
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
        Ok(Record {
            id: id.into(),
            body: render::object(value, shuffle).into_boxed_slice(),
            facets: spec.facets_of(value),
            parent: placing.parent.as_deref().map(Arc::from),
            listed: placing.listed,
            visible_at: placing.visible_at,
        })
    }

    /// Puts a new body in the place of the old.
    pub(super) fn replace(
        &mut self,
        scope: &Scope,
        object: &str,
        id: &str,
        value: &Value,
    ) -> Result<(), FakeError> {
        let (_, old) = self.find(scope, id)?;
        let parent = old.parent.as_deref().map(str::to_owned);
        let placing = Placing {
            created: 0,
            visible_at: old.visible_at,
            listed: old.listed,
            parent,
        };
        let record = self.record(scope, object, value, &placing)?;
        self.partition_mut(scope)?
            .shelf_mut(object)?
            .replace(record);
        Ok(())
    }

    /// Records the update events if the object is not what it was, and shows the change in the object that holds it.
    pub(super) fn announce_difference(
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
