//! From an event to its deliveries: which endpoints want it, and in which form.

use bytes::Bytes;
use serde_json::Value;
use stripe_sync_schema::Mode;

use crate::data::partition::{Partitions, Scope};
use crate::events::{thin, versions};
use crate::webhooks::Webhooks;
use crate::webhooks::queue::Due;

/// An endpoint that an event goes to.
#[derive(Debug)]
pub(crate) struct Target {
    endpoint: String,
    mode: Mode,
    version: Option<String>,
    pub(crate) thin: bool,
    /// The endpoint belongs to the account whose event it is.
    own: bool,
}

impl Webhooks {
    /// The endpoints that an event of this account, mode and type is due at. `platform` is the account that this one is
    /// connected to.
    pub(crate) fn targets(
        &self,
        partitions: &Partitions,
        platform: Option<&str>,
        scope: &Scope,
        kind: &str,
    ) -> Vec<Target> {
        let thin_kind = thin::kind(kind);
        let mut targets = Vec::new();
        for (id, endpoint) in &self.endpoints {
            let own = !endpoint.connect && endpoint.scope == *scope;
            // A live Connect endpoint gets the test events of connected accounts too.
            let of_platform = endpoint.connect
                && Some(endpoint.scope.account.as_str()) == platform
                && (endpoint.scope.mode == scope.mode || endpoint.scope.mode == Mode::Live);
            if !own && !of_platform {
                continue;
            }
            let is_thin = endpoint.thin.is_some();
            let wanted = if is_thin { &*thin_kind } else { kind };
            if let Some(view) = self.endpoint(partitions, id)
                && view.enabled
                && view.wants(wanted)
            {
                targets.push(Target {
                    endpoint: id.clone(),
                    mode: endpoint.scope.mode,
                    version: view.version,
                    thin: is_thin,
                    own,
                });
            }
        }
        targets
    }

    /// Makes an event due at its endpoints at this second. It is in the shape of the schema's API version; `version` is that of
    /// the account.
    pub(crate) fn enqueue(
        &mut self,
        scope: &Scope,
        event: &Value,
        targets: &[Target],
        (version, now): (&str, i64),
    ) {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut rendered: Vec<(bool, &str, Bytes)> = Vec::new();
        for target in targets {
            let version = target.version.as_deref().unwrap_or(version);
            let due = if target.thin {
                let notification = thin::notification(event, scope.mode);
                let id = thin::id(text("id"), scope.mode);
                let kind = thin::kind(text("type"));
                let event = (&*id, &*kind);
                Due::new(
                    &target.endpoint,
                    target.mode,
                    scope,
                    event,
                    true,
                    pretty(&notification),
                )
            } else {
                let same = rendered
                    .iter()
                    .find(|(own, of, _)| (*own, *of) == (target.own, version));
                let body = match same {
                    Some((_, _, body)) => body.clone(),
                    None => {
                        let body = snapshot(event, target.own, version);
                        rendered.push((target.own, version, body.clone()));
                        body
                    }
                };
                let event = (text("id"), text("type"));
                Due::new(&target.endpoint, target.mode, scope, event, false, body)
            };
            self.queue.push(due, now);
        }
        if !targets.is_empty() {
            self.due.notify_one();
        }
    }
}

fn snapshot(event: &Value, own: bool, version: &str) -> Bytes {
    let mut event = event.clone();
    if let (true, Some(members)) = (own, event.as_object_mut()) {
        members.remove("account");
    }
    versions::render_event(&mut event, version);
    pretty(&event)
}

/// Stripe indents the bodies of webhooks.
fn pretty(value: &Value) -> Bytes {
    serde_json::to_vec_pretty(value).unwrap_or_default().into()
}
