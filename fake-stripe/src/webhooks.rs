//! Webhooks: the account's endpoints, and the deliveries that are due at them.
//!
//! An endpoint of `/v1/webhook_endpoints` is an object like any other, on its shelf. What the API does not show of it is kept here:
//! its secrets, and whether it listens to connected accounts. A destination of thin events is here altogether.

mod account;
mod api;
mod delivery;
mod dispatch;
mod pump;
mod queue;
mod settings;
mod sign;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;

pub use self::account::{FakeEndpoint, FakeEndpointBuilder};
pub(super) use self::api::{create, update};
pub use self::delivery::Delivery;
pub use self::pump::WebhookPump;
pub use self::sign::webhook_signature;

use self::queue::Queue;
use super::state::{Scope, State};

/// Endpoints that an account may have in a mode.
pub(super) const MOST_ENDPOINTS: usize = 16;

/// All endpoints of the fake, and what is due at them.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    /// By the endpoint's id.
    endpoints: BTreeMap<String, Hook>,
    pub(super) queue: Queue,
    /// Told when something may have become due.
    pub(super) due: Arc<Notify>,
}

/// What the API does not show of an endpoint.
#[derive(Debug)]
struct Hook {
    scope: Scope,
    /// Gets the events of connected accounts, and only those.
    connect: bool,
    /// Oldest first.
    secrets: Vec<Secret>,
    /// A destination of thin events; `None` if the endpoint is an object of `/v1/webhook_endpoints`.
    thin: Option<Thin>,
}

#[derive(Debug, Clone)]
struct Secret {
    text: String,
    /// From this second of the fake's clock on nothing is signed with it.
    until: Option<i64>,
}

#[derive(Debug)]
struct Thin {
    url: String,
    events: Vec<String>,
    enabled: bool,
}

/// An endpoint as it is now.
#[derive(Debug)]
struct View {
    url: String,
    events: Vec<String>,
    version: Option<String>,
    enabled: bool,
}

impl View {
    /// Whether the endpoint wants events of this type. There are no wildcards but the one for everything.
    fn wants(&self, kind: &str) -> bool {
        self.events
            .iter()
            .any(|event| event == "*" || event == kind)
    }
}

impl State {
    /// The endpoint with this id; `None` if it was deleted or never there.
    fn endpoint(&self, id: &str) -> Option<View> {
        let hook = self.hooks.endpoints.get(id)?;
        if let Some(thin) = &hook.thin {
            return Some(View {
                url: thin.url.clone(),
                events: thin.events.clone(),
                version: None,
                enabled: thin.enabled,
            });
        }
        let body = self
            .partitions
            .get(&hook.scope)?
            .value("webhook_endpoint", id)?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let events = body.get("enabled_events").and_then(Value::as_array);
        Some(View {
            url: text("url").unwrap_or_default(),
            events: events
                .into_iter()
                .flatten()
                .filter_map(|event| event.as_str().map(str::to_owned))
                .collect(),
            version: text("api_version"),
            enabled: text("status").as_deref() == Some("enabled"),
        })
    }

    /// Endpoints of an account and mode, destinations of thin events included.
    fn endpoint_count(&self, scope: &Scope) -> usize {
        let of_scope = self
            .hooks
            .endpoints
            .iter()
            .filter(|(_, hook)| hook.scope == *scope);
        of_scope
            .filter(|(id, _)| self.endpoint(id).is_some())
            .count()
    }

    /// What is to be signed with now, oldest first.
    fn secrets(&self, endpoint: &str) -> Vec<String> {
        let hook = self.hooks.endpoints.get(endpoint);
        let secrets = hook.into_iter().flat_map(|hook| &hook.secrets);
        secrets
            .filter(|secret| secret.until.is_none_or(|until| self.now < until))
            .map(|secret| secret.text.clone())
            .collect()
    }
}
