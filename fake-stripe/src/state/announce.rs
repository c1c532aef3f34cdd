//! Recording events: what a change announces, and events of a test's own.

use serde_json::{Map, Value, json};
use stripe_sync_schema::catalogue::Resource;

use crate::data::index::resource_index;
use crate::data::on_request;
use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::events::types::{Change, types};
use crate::events::versions;
use crate::generate::new_id;
use crate::state::State;
use crate::state::create::Placement;

impl State {
    /// Records what a change announces.
    pub(crate) fn announce(
        &mut self,
        scope: &Scope,
        name: &str,
        object: &Value,
        change: Change<'_>,
    ) -> Result<(), FakeError> {
        let index = resource_index(name).ok_or_else(|| FakeError::unknown_object(name))?;
        let previous = if let Change::Updated(previous) = change {
            Some(previous)
        } else {
            None
        };
        let scope = &self.told_in(scope, index.resource, object);
        for kind in types(index.resource, object, change) {
            // Stripe sends previous_attributes with `*.updated` only.
            let previous = previous.filter(|_| kind.ends_with(".updated"));
            self.record_event(scope, kind, object, previous)?;
            if self.rng.f64() < self.quirks.duplicate_events {
                self.record_event(scope, kind, object, previous)?;
            }
        }
        Ok(())
    }

    /// Where the event of a change is created: that of a connected account, or of what is below it, in that account, though it is the
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
    pub(crate) fn record_event(
        &mut self,
        scope: &Scope,
        kind: &str,
        object: &Value,
        previous: Option<&Map<String, Value>>,
    ) -> Result<Value, FakeError> {
        // A webhook cannot ask for what is sent on request only.
        let (object, _) = on_request::split("", object);
        let mut data = json!({ "object": object });
        if let (Some(previous), Some(data)) = (previous, data.as_object_mut()) {
            data.insert(
                "previous_attributes".to_owned(),
                Value::Object(previous.clone()),
            );
        }
        // What is told of the past was delivered then.
        let at = self.told_at.unwrap_or(self.now);
        let account = self.accounts.get(&scope.account);
        let platform = account.and_then(|account| account.platform.as_deref());
        let targets = self
            .webhooks
            .targets(&self.partitions, platform, scope, kind);
        let targets = if self.told_at.is_some() {
            Vec::new()
        } else {
            targets
        };
        let pending = targets.iter().filter(|target| !target.thin).count();
        let is_connected = platform.is_some();
        let cause = self.cause.as_ref();
        let request = json!({
            "id": cause.map(|cause| &cause.request),
            "idempotency_key": cause.and_then(|cause| cause.idempotency_key.as_ref()),
        });
        let mut event = json!({
            "id": new_id("event", scope.mode, &mut self.rng),
            "object": "event",
            "api_version": self.api_version,
            "created": at,
            "data": data,
            "livemode": scope.mode.livemode(),
            "pending_webhooks": pending,
            "request": request,
            "type": kind,
        });
        if let (true, Some(members)) = (is_connected, event.as_object_mut()) {
            members.insert("account".to_owned(), scope.account.as_str().into());
        }
        let form = (self.api_version.as_str(), self.now);
        self.webhooks.enqueue(scope, &event, &targets, form);
        versions::render_event(&mut event, &self.api_version);
        let delay = &self.quirks.event_delay;
        let delay = if delay.is_empty() {
            delay.start
        } else {
            self.rng.i64(delay.clone())
        };
        let placement = Placement {
            created: at,
            visible_at: at.saturating_add(delay),
            listed: true,
            parent: None,
        };
        self.store(scope, "event", &event, placement)?;
        Ok(event)
    }
}
