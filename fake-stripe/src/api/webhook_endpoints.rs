//! `POST /v1/webhook_endpoints` and `POST /v1/webhook_endpoints/{id}`. Reading and deleting is as for any other object.

pub(crate) mod settings;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::webhook_endpoints::settings::Settings;
use crate::data::partition::Scope;
use crate::data::render;
use crate::generate::{characters, new_id};
use crate::params::Params;
use crate::state::State;
use crate::state::create::Placement;
use crate::state::replay::Page;
use crate::webhooks::{MOST_ENDPOINTS, Thin};

/// Characters of the id of a destination of thin events, after its prefix.
const ID_LENGTH: usize = 32;
const OBJECT: &str = "webhook_endpoint";

/// Serves a create, whose answer is the only one with the secret.
pub(crate) fn create(
    state: &mut State,
    caller: &Caller,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check(OBJECT)?;
    let settings = Settings::parse(params, false)?;
    let (mut body, secret) = state.open_endpoint(&caller.scope, settings, None)?;
    if let Some(members) = body.as_object_mut() {
        members.insert("secret".to_owned(), secret.into());
    }
    Ok(page(&body))
}

/// Serves an update.
pub(crate) fn update(
    state: &mut State,
    caller: &Caller,
    id: &str,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check(OBJECT)?;
    let settings = Settings::parse(params, true)?;
    let missing = || ApiError::no_such_object(OBJECT, id, caller.scope.mode, false);
    let mut body = state
        .current(&caller.scope, OBJECT, id)
        .map_err(|_| missing())?;
    let members = body.as_object_mut().ok_or_else(ApiError::server_error)?;
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    set("url", settings.url.map(Value::from));
    set("enabled_events", settings.events.map(Value::from));
    set(
        "description",
        settings.description.map(|text| {
            if text.is_empty() {
                Value::Null
            } else {
                text.into()
            }
        }),
    );
    let status = settings
        .disabled
        .map(|disabled| if disabled { "disabled" } else { "enabled" });
    set("status", status.map(Value::from));
    let metadata = members
        .entry("metadata")
        .or_insert_with(|| json!({}))
        .as_object_mut();
    if let Some(metadata) = metadata {
        if settings.clears_metadata {
            metadata.clear();
        }
        for (key, value) in settings.metadata {
            if value == "" {
                metadata.remove(&key);
            } else {
                metadata.insert(key, value);
            }
        }
    }
    state
        .replace(&caller.scope, OBJECT, id, &body)
        .map_err(|_| missing())?;
    Ok(page(&body))
}

fn page(body: &Value) -> Page {
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    Page {
        body: render::object(body, None),
        ids: vec![Arc::from(id)],
    }
}

impl State {
    /// Opens an endpoint of snapshot events. The settings are checked. Returns the object and its secret.
    pub(crate) fn open_endpoint(
        &mut self,
        scope: &Scope,
        settings: Settings,
        secret: Option<String>,
    ) -> Result<(Value, String), ApiError> {
        self.check_room(scope)?;
        let id = new_id(OBJECT, scope.mode, &mut self.rng);
        let metadata: Map<String, Value> = settings
            .metadata
            .into_iter()
            .filter(|(_, value)| value != "")
            .collect();
        let body = json!({
            "id": id,
            "object": OBJECT,
            "api_version": settings.api_version,
            "application": null,
            "created": self.now,
            "description": settings.description,
            "enabled_events": settings.events.unwrap_or_default(),
            "livemode": scope.mode.livemode(),
            "metadata": metadata,
            "status": "enabled",
            "url": settings.url,
        });
        let placement = Placement {
            created: self.now,
            visible_at: self.now,
            listed: true,
            parent: None,
        };
        self.store(scope, OBJECT, &body, placement)
            .map_err(|_| ApiError::server_error())?;
        let secret = self.keep_endpoint(scope, id, settings.connect, None, secret);
        Ok((body, secret))
    }

    /// Opens a destination of thin events. The settings are checked. Returns its id and secret.
    pub(crate) fn open_thin(
        &mut self,
        scope: &Scope,
        settings: Settings,
        secret: Option<String>,
    ) -> Result<(String, String), ApiError> {
        self.check_room(scope)?;
        let id = format!("ed_{}", characters(ID_LENGTH, &mut self.rng));
        let thin = Thin {
            url: settings.url.unwrap_or_default(),
            events: settings.events.unwrap_or_default(),
            enabled: true,
        };
        let secret = self.keep_endpoint(scope, id.clone(), settings.connect, Some(thin), secret);
        Ok((id, secret))
    }

    fn check_room(&self, scope: &Scope) -> Result<(), ApiError> {
        if self.webhooks.count(&self.partitions, scope) < MOST_ENDPOINTS {
            return Ok(());
        }
        let message = format!(
            "You have reached the maximum of {MOST_ENDPOINTS} {} webhook endpoints.",
            scope.mode
        );
        Err(ApiError::refused(message))
    }
}
