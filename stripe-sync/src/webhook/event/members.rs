//! The members of an event, borrowed from its JSON, and what each must be.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::webhook::event::EventForm;
use crate::webhook::event::error::EventError;
use crate::webhook::json::{name, required, text, what};

/// The longest path of an object, in characters: its ids and some words between them.
const PATH_LIMIT: usize = 2_000;

type Raw<'a> = Option<&'a RawValue>;

/// An event.
#[derive(Deserialize)]
pub(crate) struct Members<'a> {
    #[serde(borrow)]
    pub(crate) object: Raw<'a>,
    pub(crate) id: Raw<'a>,
    pub(crate) r#type: Raw<'a>,
    pub(crate) created: Raw<'a>,
    pub(crate) livemode: Raw<'a>,
    pub(crate) account: Raw<'a>,
    pub(crate) context: Raw<'a>,
    pub(crate) api_version: Raw<'a>,
    pub(crate) snapshot_event: Raw<'a>,
    pub(crate) data: Raw<'a>,
    pub(crate) related_object: Raw<'a>,
}

/// Its `data`.
#[derive(Deserialize)]
pub(crate) struct Data<'a> {
    #[serde(borrow)]
    pub(crate) object: Raw<'a>,
    pub(crate) previous_attributes: Raw<'a>,
}

/// Its `data.object`.
#[derive(Deserialize)]
pub(crate) struct Head<'a> {
    #[serde(borrow)]
    pub(crate) object: Raw<'a>,
    pub(crate) id: Raw<'a>,
}

/// Its `related_object`.
#[derive(Deserialize)]
pub(crate) struct Related<'a> {
    #[serde(borrow)]
    pub(crate) r#type: Raw<'a>,
    pub(crate) id: Raw<'a>,
    pub(crate) url: Raw<'a>,
}

impl Members<'_> {
    pub(crate) fn unix_seconds(&self) -> Result<i64, EventError> {
        let json = required("created", "a number of unix seconds", self.created)?;
        serde_json::from_str(json)
            .map_err(|_| EventError::field("created", "a number of unix seconds", what(json)))
    }

    pub(crate) fn instant(&self) -> Result<i64, EventError> {
        let expected = "a time as in RFC 3339";
        let json = required("created", expected, self.created)?;
        text(json)
            .ok()
            .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
            .map(|instant| instant.timestamp())
            .ok_or(EventError::field("created", expected, what(json)))
    }

    /// Never assumed: what is real and what is a test must not be mixed.
    pub(crate) fn livemode(&self) -> Result<bool, EventError> {
        match required("livemode", "true or false", self.livemode)? {
            "true" => Ok(true),
            "false" => Ok(false),
            json => Err(EventError::field("livemode", "true or false", what(json))),
        }
    }

    /// Stripe's packages take an empty context for none.
    pub(crate) fn context(&self) -> Result<Option<String>, EventError> {
        let empty = |raw: &&RawValue| raw.get() == r#""""#;
        name("context", self.context.filter(|raw| !empty(raw)))
    }
}

impl<'a> Data<'a> {
    pub(crate) fn previous_attributes(&self) -> Result<Option<&'a str>, EventError> {
        let json = self.previous_attributes.map(RawValue::get);
        match json.filter(|json| !json.starts_with('{')) {
            Some(json) => Err(EventError::field(
                "data.previous_attributes",
                "an object",
                what(json),
            )),
            None => Ok(json),
        }
    }
}

impl Related<'_> {
    /// A path of Stripe's API, and no other address: it is asked with the secret key.
    pub(crate) fn url(&self) -> Result<Option<String>, EventError> {
        let (field, expected) = ("related_object.url", "a path like /v1/customers/cus_1");
        let Some(json) = self.url.map(RawValue::get) else {
            return Ok(None);
        };
        let is_path = |url: &String| {
            url.starts_with('/')
                && !url.starts_with("//")
                && !url.contains('\0')
                && url.chars().count() <= PATH_LIMIT
        };
        match text(json).ok().filter(is_path) {
            Some(url) => Ok(Some(url)),
            None => Err(EventError::field(field, expected, what(json))),
        }
    }
}

/// The form that the JSON of a member `object` names, if it names an event.
pub(crate) fn form(object: Option<&str>) -> Option<EventForm> {
    let name = object.and_then(|json| text(json).ok());
    match name.as_deref() {
        Some("event") => Some(EventForm::Snapshot),
        Some("v2.core.event") => Some(EventForm::Thin),
        _ => None,
    }
}
