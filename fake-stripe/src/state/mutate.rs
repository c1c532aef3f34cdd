//! Changes: objects are created, updated and deleted as Stripe would, with the events that this makes.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::data::collection::Record;
use crate::data::difference::{difference, merge};
use crate::data::index::resource_index;
use crate::data::partition::{Scope, parse};
use crate::data::render;
use crate::data::{inline_lists, on_request};
use crate::error::FakeError;
use crate::events::types::Change;
use crate::generate::{Maker, make_coherent, new_id};
use crate::state::State;
use crate::state::rows::take_lists;

/// Where a new object goes.
#[derive(Debug)]
pub(crate) struct Placement {
    pub(crate) created: i64,
    pub(crate) visible_at: i64,
    pub(crate) listed: bool,
    pub(crate) parent: Option<String>,
}

/// How a new object comes to be.
#[derive(Debug, Default)]
pub(crate) struct CreateOptions<'a> {
    /// The object name and id of the object whose nested list shows it.
    pub(crate) parent: Option<(&'static str, &'a str)>,
    /// Hidden from every list.
    pub(crate) unlisted: bool,
    /// Its creation time; the fake's time if it is `None`.
    pub(crate) created: Option<i64>,
    /// Part of the past: nothing announces it.
    pub(crate) silent: bool,
    /// A row of an object that is just being created, which will be shown there.
    pub(crate) inside: bool,
}

impl State {
    /// Makes an object up, with the members that `given` names, and stores it.
    pub(crate) fn create(
        &mut self,
        scope: &Scope,
        name: &str,
        given: Value,
        options: CreateOptions<'_>,
    ) -> Result<Value, FakeError> {
        let index = resource_index(name).ok_or_else(|| FakeError::unknown_object(name))?;
        let (object, resource) = (index.object, index.resource);
        let mut given = match given {
            Value::Object(given) => given,
            Value::Null => Map::new(),
            other => return Err(FakeError::not_an_object(object, &other)),
        };
        if let Some((parent, id)) = options.parent
            && let Some(field) = index.parent_member(parent)
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
            .or(options.created)
            .unwrap_or(self.now);
        let partition = self
            .partitions
            .get(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })?;
        if partition
            .collection(object)
            .is_some_and(|collection| collection.has_taken(&id))
        {
            return Err(FakeError::IdTaken {
                object: object.to_owned(),
                id,
            });
        }
        let parent = options.parent.map(|(_, id)| id.to_owned());
        let parent = parent.or_else(|| inline_lists::any_parent(partition, index, &mut self.rng));
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
        make_coherent(index, &mut members, &given, &mut maker);
        let mut value = Value::Object(members);
        let plan = self.plans.of(object);
        self.drift.apply(
            &mut value,
            &plan.enums,
            &plan.required,
            &Value::Object(given),
            &mut self.rng,
        );

        let placement = Placement {
            created,
            visible_at: self.now,
            listed: !options.unlisted,
            parent,
        };
        let record = self.record(scope, object, &value, &placement)?;
        on_request::take(object, &mut value);
        let sum = self.sum(scope, index, placement.parent.as_deref())?;
        self.partition_mut(scope)?
            .collection_mut(object)?
            .insert(created, record);
        self.fill_lists(scope, resource, &id, created, children)?;
        if resource.embedded.iter().any(|embedded| embedded.inline) {
            value = self.refresh_lists(scope, resource, &id)?;
        }
        if !options.silent {
            self.announce(scope, object, &value, Change::Created)?;
            self.announce_sum(scope, index, sum)?;
        }
        if !options.inside {
            self.refresh_holder(scope, object, &id, options.silent)?;
        }
        Ok(value)
    }

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

    /// Merges `changes` into an object. The answer is the object as it is then.
    pub(crate) fn update(
        &mut self,
        scope: &Scope,
        id: &str,
        changes: &Value,
    ) -> Result<Value, FakeError> {
        let (object, _) = self.find(scope, id)?;
        let Value::Object(changes) = changes else {
            return Err(FakeError::not_an_object(object, changes));
        };
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let mut changes = changes.clone();
        let lists = take_lists(&mut changes, index.resource);
        let before = self.current(scope, object, id)?;
        for (embedded, rows) in lists {
            let Some(rows) = rows else { continue };
            for (kind, child) in self.child_ids(scope, index.resource, id, embedded)? {
                self.partition_mut(scope)?
                    .collection_mut(kind)?
                    .remove(&child, true);
            }
            let now = self.now;
            self.fill_lists(scope, index.resource, id, now, vec![(embedded, Some(rows))])?;
        }
        let mut after = before.clone();
        merge(&mut after, &Value::Object(changes));
        self.replace(scope, object, id, &after)?;
        self.refresh_lists(scope, index.resource, id)?;
        self.announce_difference(scope, object, id, &before)
    }

    /// Deletes an object as a DELETE request would: a subscription is canceled, a payment method detached.
    pub(crate) fn delete(&mut self, scope: &Scope, id: &str) -> Result<Value, FakeError> {
        let (object, record) = self.find(scope, id)?;
        let value = parse(record);
        let record = record.clone();
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        match object {
            "subscription" => return self.cancel(scope, id),
            "payment_method" => {
                return self.update(scope, id, &serde_json::json!({ "customer": null }));
            }
            _ if !index.resource.deletable
                && index.resource.deleted_events.is_empty()
                && index.resource.summary.is_none() =>
            {
                return Err(FakeError::NotDeletable {
                    object: object.to_owned(),
                    id: id.to_owned(),
                });
            }
            _ => {}
        }
        for embedded in index
            .resource
            .embedded
            .iter()
            .filter(|embedded| embedded.inline)
        {
            for (kind, child) in self.child_ids(scope, index.resource, id, embedded)? {
                self.partition_mut(scope)?
                    .collection_mut(kind)?
                    .remove(&child, true);
            }
        }
        let sum = self.sum(scope, index, record.parent.as_deref())?;
        self.partition_mut(scope)?
            .collection_mut(object)?
            .remove(id, true);
        self.announce(scope, object, &value, Change::Deleted)?;
        self.announce_sum(scope, index, sum)?;
        if object == "customer" {
            let partition = self.partition(scope)?;
            let subscriptions =
                inline_lists::children(partition, "customer", id, &["subscription"]);
            let subscriptions: Vec<Arc<str>> = subscriptions
                .into_iter()
                .map(|(_, _, record)| Arc::clone(&record.id))
                .collect();
            for subscription in subscriptions {
                self.cancel(scope, &subscription)?;
            }
        }
        if let Some((parent, parent_id)) = inline_lists::holder(index, &record) {
            self.refresh_parent(scope, (parent, &parent_id), index.resource, false)?;
        }
        Ok(value)
    }

    /// Cancels a subscription: it stays, with the status `canceled`, and is hidden from the default list.
    pub(crate) fn cancel(&mut self, scope: &Scope, id: &str) -> Result<Value, FakeError> {
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

    fn record(
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
            body: render::object(&shown, shuffle).into_boxed_slice(),
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
