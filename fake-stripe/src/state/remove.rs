//! Deletions: objects go as Stripe lets them go, with what is in them, and with the events that this makes.

use serde_json::{Map, Value, json};

use crate::data::index::{ResourceIndex, resource_index};
use crate::data::inline_lists;
use crate::data::partition::{Scope, parse};
use crate::error::FakeError;
use crate::events::types::Change;
use crate::state::State;
use crate::state::coherence::refused;

/// What Stripe deletes by a change of the object that it is in, and not at an address of its own.
const BY_ITS_PARENT: [&str; 1] = ["line_item"];

impl State {
    /// Deletes an object as a DELETE request would: a subscription is canceled, a payment method detached, a line taken out of
    /// its draft.
    pub(crate) fn delete(&mut self, scope: &Scope, id: &str) -> Result<Value, FakeError> {
        let (object, record) = self.find(scope, id)?;
        let value = parse(record);
        let record = record.clone();
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        match object {
            "subscription" => return self.cancel(scope, id),
            "payment_method" => {
                return self.amend(scope, id, &json!({ "customer": null }), false);
            }
            _ if !may_go(index) => {
                return Err(FakeError::NotDeletable {
                    object: object.to_owned(),
                    id: id.to_owned(),
                });
            }
            _ => {}
        }
        if self.is_coherent {
            self.world(scope, (false, false))
                .may_delete(object, &value)?;
        }
        self.remove_children(scope, object, id)?;
        let sum = self.sum(scope, index, record.parent.as_deref())?;
        self.partition_mut(scope)?
            .collection_mut(object)?
            .remove(id, true);
        self.announce(scope, object, &value, Change::Deleted)?;
        self.announce_sum(scope, index, sum)?;
        if object == "customer" {
            self.cancel_all_of(scope, id)?;
        }
        if let Some((parent, parent_id)) = inline_lists::holder(index, &record) {
            self.refresh_parent(scope, (parent, &parent_id), index.resource, false)?;
        }
        if self.is_coherent {
            self.world(scope, (false, false)).removed(object, &value)?;
        }
        Ok(value)
    }

    /// Takes away what is nowhere but in an object. Stripe tells of the object alone.
    fn remove_children(
        &mut self,
        scope: &Scope,
        object: &'static str,
        id: &str,
    ) -> Result<(), FakeError> {
        let kinds = inline_lists::kinds_inside(object);
        let partition = self.partition(scope)?;
        let children = inline_lists::children(partition, object, id, &kinds);
        let children: Vec<_> = children
            .into_iter()
            .map(|(_, kind, record)| (kind, record.id.clone()))
            .collect();
        let partition = self.partition_mut(scope)?;
        for (kind, child) in children {
            partition.collection_mut(kind)?.remove(&child, true);
        }
        Ok(())
    }

    /// Cancels the subscriptions of a customer.
    fn cancel_all_of(&mut self, scope: &Scope, customer: &str) -> Result<(), FakeError> {
        let partition = self.partition(scope)?;
        let subscriptions =
            inline_lists::children(partition, "customer", customer, &["subscription"]);
        let subscriptions: Vec<_> = subscriptions
            .into_iter()
            .map(|(_, _, record)| record.id.clone())
            .collect();
        for subscription in subscriptions {
            match self.cancel(scope, &subscription) {
                // One that ended stays as it is.
                Ok(_) | Err(FakeError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Cancels a subscription: it stays, with the status `canceled`, and is hidden from the default list.
    pub(crate) fn cancel(&mut self, scope: &Scope, id: &str) -> Result<Value, FakeError> {
        self.cancel_because(scope, id, Map::new())
    }

    /// As [`State::cancel`], with what the customer says of it: members of `cancellation_details`.
    pub(crate) fn cancel_because(
        &mut self,
        scope: &Scope,
        id: &str,
        details: Map<String, Value>,
    ) -> Result<Value, FakeError> {
        let (object, record) = self.find(scope, id)?;
        if object != "subscription" {
            return Err(FakeError::WrongObject {
                id: id.to_owned(),
                object: object.to_owned(),
                expected: "subscription",
            });
        }
        let status = parse(record);
        let status = status.get("status").and_then(Value::as_str);
        if !self.is_coherent && status == Some("canceled") {
            return self.current(scope, object, id);
        }
        if self.is_coherent
            && let Some(status @ ("canceled" | "incomplete_expired")) = status
        {
            return Err(refused(format!(
                "No such subscription: '{id}': it is {status} already."
            )));
        }
        let mut changes = json!({ "status": "canceled" });
        if !details.is_empty() {
            changes["cancellation_details"] = Value::Object(details);
        }
        if !self.is_coherent {
            changes["canceled_at"] = self.now.into();
            changes["ended_at"] = self.now.into();
        }
        self.amend(scope, id, &changes, false)
    }
}

/// Whether Stripe deletes such objects.
fn may_go(index: &ResourceIndex) -> bool {
    let resource = index.resource;
    resource.deletable
        || !resource.deleted_events.is_empty()
        || resource.summary.is_some()
        || BY_ITS_PARENT.contains(&index.object)
}
