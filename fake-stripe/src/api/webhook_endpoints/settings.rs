//! The settings of a webhook endpoint, and which values Stripe refuses.

use std::sync::LazyLock;

use serde_json::{Map, Value};
use stripe_sync_schema::fields::{self, Step};

use crate::api::errors::ApiError;
use crate::api::request::versions;
use crate::api::values::boolean;
use crate::params::{Params, base};

/// Stripe's limit for a description.
const LONGEST_DESCRIPTION: usize = 5000;

/// The settings that a request names.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) url: Option<String>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) api_version: Option<String>,
    pub(crate) connect: bool,
    pub(crate) disabled: Option<bool>,
    pub(crate) description: Option<String>,
    /// Keys to set, and keys to remove where the value is empty.
    pub(crate) metadata: Map<String, Value>,
    pub(crate) clears_metadata: bool,
}

/// All types of snapshot events.
static EVENT_TYPES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    fields::resolve("event", &[Step::Key("type")])
        .map(|field| field.values.to_vec())
        .unwrap_or_default()
});

impl Settings {
    /// Reads the form of a create or of an update, which take different parameters.
    pub(crate) fn parse(params: &Params, is_update: bool) -> Result<Self, ApiError> {
        let mut settings = Self::default();
        for (key, value) in params.iter() {
            match key {
                "url" => settings.url = Some(value.to_owned()),
                "enabled_events[]" => settings
                    .events
                    .get_or_insert_default()
                    .push(value.to_owned()),
                // How an empty array is written in a form.
                "enabled_events" if value.is_empty() => settings.events = Some(Vec::new()),
                "enabled_events" => {
                    return Err(ApiError::invalid(None, key, "Invalid array".to_owned()));
                }
                "description" => settings.description = Some(value.to_owned()),
                "metadata" if value.is_empty() => settings.clears_metadata = true,
                "api_version" if !is_update => settings.api_version = Some(value.to_owned()),
                "connect" if !is_update => settings.connect = boolean(key, value)?,
                "disabled" if is_update => settings.disabled = Some(boolean(key, value)?),
                _ => match metadata_key(key) {
                    Some(name) => {
                        settings.metadata.insert(name.to_owned(), value.into());
                    }
                    None => {
                        let message = format!("Received unknown parameter: {}", base(key));
                        return Err(ApiError::invalid(Some("parameter_unknown"), key, message));
                    }
                },
            }
        }
        settings.check(false)?;
        if !is_update {
            settings.check_complete()?;
        }
        Ok(settings)
    }

    /// Checks the values that are given. The events of a destination of thin events have another name.
    pub(crate) fn check(&self, thin: bool) -> Result<(), ApiError> {
        if let Some(url) = &self.url
            && !url.starts_with("https://")
            && !url.starts_with("http://")
        {
            let message = "Invalid URL: An explicit scheme (such as https) must be provided.";
            return Err(ApiError::invalid(Some("url_invalid"), "url", message));
        }
        if let Some(events) = &self.events {
            check_events(events, thin)?;
        }
        if let Some(version) = &self.api_version
            && !versions::is_known(version)
        {
            let message = format!("Invalid Stripe API version: {version}");
            return Err(ApiError::invalid(None, "api_version", message));
        }
        if let Some(description) = &self.description
            && description.chars().count() > LONGEST_DESCRIPTION
        {
            let message = format!("description must be at most {LONGEST_DESCRIPTION} characters.");
            return Err(ApiError::invalid(
                Some("parameter_invalid_string"),
                "description",
                message,
            ));
        }
        Ok(())
    }

    fn check_complete(&self) -> Result<(), ApiError> {
        let missing = match self {
            Self { url: None, .. } => "url",
            Self { events: None, .. } => "enabled_events",
            _ => return Ok(()),
        };
        Err(ApiError::invalid(
            Some("parameter_missing"),
            missing,
            format!("Missing required param: {missing}."),
        ))
    }
}

fn check_events(events: &[String], thin: bool) -> Result<(), ApiError> {
    if events.is_empty() {
        let message = "Invalid array: enabled_events must name at least one event type.";
        return Err(ApiError::invalid(
            Some("parameter_invalid_empty"),
            "enabled_events",
            message,
        ));
    }
    let is_known = |event: &str| {
        let snapshot = if thin {
            event.strip_prefix("v1.")
        } else {
            Some(event)
        };
        snapshot.is_some_and(|event| EVENT_TYPES.contains(&event))
    };
    // `customer.*` is no event type: the one wildcard is for everything.
    let unknown = events
        .iter()
        .enumerate()
        .find(|(_, event)| *event != "*" && !is_known(event));
    match unknown {
        None => Ok(()),
        Some((nth, _)) => {
            let param = format!("enabled_events[{nth}]");
            let message = format!(
                "Invalid {param}: must be one of {}, or *",
                EVENT_TYPES.join(", ")
            );
            Err(ApiError::invalid(None, &param, message))
        }
    }
}

fn metadata_key(key: &str) -> Option<&str> {
    key.strip_prefix("metadata[")?.strip_suffix(']')
}
