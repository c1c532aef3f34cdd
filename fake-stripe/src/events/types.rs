//! Events: which ones a change makes, and how they are recorded.

mod asked;
mod summaries;

use serde_json::{Map, Value, json};
use stripe_sync_schema::catalogue::Resource;

pub(super) use self::asked::{MOST_TYPES, check};

use super::errors::FakeError;
use super::facets;
use super::generate::new_id;
use super::mutate::Placing;
use super::state::{Scope, State};
use super::versions;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change<'a> {
    Created,
    /// With the previous values of what changed.
    Updated(&'a Map<String, Value>),
    Deleted,
}

/// Seconds that an event stays in `/v1/events`: 30 days.
pub(super) const RETENTION: i64 = 30 * 86_400;

/// Words for a status that the event's name does not repeat: (object, status, last word of the type).
const STATUS_WORDS: [(&str, &str, &str); 8] = [
    ("invoice", "open", "finalized"),
    ("invoice", "void", "voided"),
    ("invoice", "uncollectible", "marked_uncollectible"),
    ("quote", "open", "finalized"),
    ("checkout.session", "complete", "completed"),
    ("credit_note", "void", "voided"),
    ("billing.meter", "inactive", "deactivated"),
    ("billing.meter", "active", "reactivated"),
];

/// The types of the events that a change makes; none for changes that Stripe does not announce.
pub(super) fn types(resource: &Resource, object: &Value, change: Change<'_>) -> Vec<&'static str> {
    let events = || {
        resource
            .events
            .iter()
            .copied()
            .filter(|event| fits_owner(event, resource.object, object))
    };
    let ending = |word: &str| -> Vec<&'static str> {
        events()
            .filter(|event| event.rsplit('.').next() == Some(word))
            .collect()
    };
    let status = object
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let of_status = || match STATUS_WORDS
        .iter()
        .find(|(of, word, _)| (*of, *word) == (resource.object, status))
    {
        Some((_, _, word)) => ending(word),
        None => ending(status),
    };
    match (change, resource.object) {
        (Change::Created, "payment_method")
            if object.get("customer").is_some_and(Value::is_string) =>
        {
            ending("attached")
        }
        (Change::Created, "review") => ending("opened"),
        (Change::Created, _) => {
            let created = ending("created");
            if created.is_empty() {
                of_status()
            } else {
                created
            }
        }
        (Change::Updated(previous), "payment_method") if previous.contains_key("customer") => {
            ending(if object.get("customer").is_some_and(Value::is_string) {
                "attached"
            } else {
                "detached"
            })
        }
        (Change::Updated(previous), "subscription")
            if previous.contains_key("status") && status == "canceled" =>
        {
            ending("deleted")
        }
        (Change::Updated(previous), "review") if previous.contains_key("open") => ending("closed"),
        (Change::Updated(previous), _) => {
            let mut types = ending("updated");
            if previous.contains_key("status") {
                types.extend(of_status());
            }
            types
        }
        (Change::Deleted, _) => resource
            .deleted_events
            .iter()
            .copied()
            .filter(|event| fits_owner(event, resource.object, object))
            .collect(),
    }
}

/// Cards and bank accounts have one set of events as a customer's source and one as an account's payout destination.
fn fits_owner(event: &str, name: &str, object: &Value) -> bool {
    match name {
        "card" | "bank_account" => {
            let of_customer = object
                .get("customer")
                .is_some_and(|customer| !customer.is_null());
            event.starts_with(if of_customer {
                "customer.source."
            } else {
                "account.external_account."
            })
        }
        "source" => {
            event.starts_with("customer.source.")
                == object
                    .get("customer")
                    .is_some_and(|customer| !customer.is_null())
        }
        _ => true,
    }
}

impl State {
    /// Records what a change announces.
    pub(super) fn announce(
        &mut self,
        scope: &Scope,
        name: &str,
        object: &Value,
        change: Change<'_>,
    ) -> Result<(), FakeError> {
        let spec = facets::spec(name).ok_or_else(|| FakeError::unknown_object(name))?;
        let previous = if let Change::Updated(previous) = change {
            Some(previous)
        } else {
            None
        };
        let scope = &self.told_in(scope, spec.resource, object);
        for kind in types(spec.resource, object, change) {
            // Stripe sends previous_attributes with `*.updated` only.
            let previous = previous.filter(|_| kind.ends_with(".updated"));
            self.record_event(scope, kind, object, previous)?;
            if self.rng.f64() < self.quirks.duplicate_events {
                self.record_event(scope, kind, object, previous)?;
            }
        }
        Ok(())
    }

    /// Where a change is told: that of a connected account, or of what is below it, in that account, though it is the
    /// platform's object.
    fn told_in(&self, scope: &Scope, resource: &Resource, object: &Value) -> Scope {
        let mut under = resource.under.iter();
        let member = match under.find(|under| under.parent == "account") {
            Some(under) => under.member,
            None if resource.object == "account" => "id",
            None => return scope.clone(),
        };
        let id = object.get(member).and_then(Value::as_str);
        let is_connected = |id: &&str| {
            let account = self.accounts.get(*id);
            account.is_some_and(|account| account.platform.as_deref() == Some(&*scope.account))
        };
        let account = id.filter(is_connected).unwrap_or(&scope.account);
        Scope {
            account: account.to_owned(),
            mode: scope.mode,
        }
    }

    /// Stores one event of any type and makes it due at the webhook endpoints that want it. In the event list it becomes visible
    /// after the delay that the quirks ask for.
    pub(super) fn record_event(
        &mut self,
        scope: &Scope,
        kind: &str,
        object: &Value,
        previous: Option<&Map<String, Value>>,
    ) -> Result<Value, FakeError> {
        let mut data = json!({ "object": object });
        if let (Some(previous), Some(data)) = (previous, data.as_object_mut()) {
            data.insert(
                "previous_attributes".to_owned(),
                Value::Object(previous.clone()),
            );
        }
        let targets = self.targets(scope, kind);
        let pending = targets.iter().filter(|target| !target.thin).count();
        let mut event = json!({
            "id": new_id("event", scope.mode, &mut self.rng),
            "object": "event",
            "api_version": self.api_version,
            "created": self.now,
            "data": data,
            "livemode": scope.mode.livemode(),
            "pending_webhooks": pending,
            "request": { "id": new_id("req", scope.mode, &mut self.rng), "idempotency_key": null },
            "type": kind,
        });
        let is_connected = self
            .accounts
            .get(&scope.account)
            .is_some_and(|account| account.platform.is_some());
        if let (true, Some(members)) = (is_connected, event.as_object_mut()) {
            members.insert("account".to_owned(), scope.account.as_str().into());
        }
        self.queue(scope, &event, &targets);
        versions::render_event(&mut event, &self.api_version);
        let delay = &self.quirks.event_delay;
        let delay = if delay.is_empty() {
            delay.start
        } else {
            self.rng.i64(delay.clone())
        };
        let placing = Placing {
            created: self.now,
            visible_at: self.now.saturating_add(delay),
            listed: true,
            parent: None,
        };
        self.store(scope, "event", &event, placing)?;
        Ok(event)
    }
}
