//! Webhook endpoints, and what waits for them: which events they get, in which form, when, and how it is signed.
//!
//! An endpoint of `/v1/webhook_endpoints` is an object like any other, in its collection. What the API does not show of it is
//! kept here: its secrets, and whether it gets the events of connected accounts. A destination of thin events is here altogether.

pub(crate) mod attempts;
mod dispatch;
pub(crate) mod queue;
mod sign;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;

pub use self::sign::webhook_signature;

use crate::data::partition::{Partitions, Scope};
use crate::webhooks::attempts::Attempts;
use crate::webhooks::queue::Queue;

/// Endpoints that an account may have in a mode.
pub(crate) const MOST_ENDPOINTS: usize = 16;

/// All endpoints of the fake, and what is due at them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Webhooks {
    /// By the endpoint's id.
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
    pub(crate) queue: Queue,
    pub(crate) attempts: Attempts,
    /// Told when something may have become due.
    pub(crate) due: Arc<Notify>,
}

/// What the API does not show of an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) scope: Scope,
    /// Gets the events of connected accounts, and only those.
    pub(crate) connect: bool,
    /// Oldest first.
    pub(crate) secrets: Vec<Secret>,
    /// A destination of thin events; `None` if the endpoint is an object of `/v1/webhook_endpoints`.
    pub(crate) thin: Option<Thin>,
}

/// What deliveries are signed with.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    pub(crate) text: String,
    /// From this second of the fake's clock on nothing is signed with it.
    pub(crate) until: Option<i64>,
}

/// A destination of thin events.
#[derive(Debug, Clone)]
pub(crate) struct Thin {
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    pub(crate) enabled: bool,
}

/// An endpoint as it is now.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) url: String,
    events: Vec<String>,
    version: Option<String>,
    pub(crate) enabled: bool,
}

impl View {
    /// Whether the endpoint wants events of this type. There are no wildcards but the one for everything.
    fn wants(&self, kind: &str) -> bool {
        self.events
            .iter()
            .any(|event| event == "*" || event == kind)
    }
}

impl Webhooks {
    /// The endpoint with this id; `None` if it was deleted or never there.
    pub(crate) fn endpoint(&self, partitions: &Partitions, id: &str) -> Option<View> {
        let endpoint = self.endpoints.get(id)?;
        if let Some(thin) = &endpoint.thin {
            return Some(View {
                url: thin.url.clone(),
                events: thin.events.clone(),
                version: None,
                enabled: thin.enabled,
            });
        }
        let body = partitions
            .get(&endpoint.scope)?
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
    pub(crate) fn count(&self, partitions: &Partitions, scope: &Scope) -> usize {
        let of_scope = self
            .endpoints
            .iter()
            .filter(|(_, endpoint)| endpoint.scope == *scope);
        of_scope
            .filter(|(id, _)| self.endpoint(partitions, id).is_some())
            .count()
    }

    /// What is to be signed with at this second, oldest first.
    pub(crate) fn secrets(&self, endpoint: &str, now: i64) -> Vec<String> {
        let endpoint = self.endpoints.get(endpoint);
        let secrets = endpoint.into_iter().flat_map(|endpoint| &endpoint.secrets);
        secrets
            .filter(|secret| secret.until.is_none_or(|until| now < until))
            .map(|secret| secret.text.clone())
            .collect()
    }

    /// Nothing is sent to an endpoint that is disabled or deleted when it is due.
    pub(crate) fn stop_retries(&mut self, partitions: &Partitions, now: i64) {
        let mut queue = std::mem::take(&mut self.queue);
        queue.stop(now, |id| {
            self.endpoint(partitions, id)
                .is_some_and(|endpoint| endpoint.enabled)
        });
        self.queue = queue;
    }
}
