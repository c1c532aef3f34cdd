//! The members of an event, borrowed from its JSON, and what each must be.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::webhook::event::EventForm;
use crate::webhook::event::error::EventError;
use crate::webhook::json::{name, optional, required, text};

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
        let seconds = |json| serde_json::from_str(json).ok();
        required("created", "a number of unix seconds", self.created, seconds)
    }

    pub(crate) fn instant(&self) -> Result<i64, EventError> {
        let seconds = |json| {
            let instant = DateTime::parse_from_rfc3339(&text(json).ok()?);
            Some(instant.ok()?.timestamp())
        };
        required("created", "a time as in RFC 3339", self.created, seconds)
    }

    /// Never assumed: what is real and what is a test must not be mixed.
    pub(crate) fn livemode(&self) -> Result<bool, EventError> {
        let flag = |json: &str| json.parse().ok();
        required("livemode", "true or false", self.livemode, flag)
    }

    /// Stripe's packages take an empty context for none.
    pub(crate) fn context(&self) -> Result<Option<String>, EventError> {
        let empty = |raw: &&RawValue| raw.get() == r#""""#;
        name("context", self.context.filter(|raw| !empty(raw)))
    }
}

impl<'a> Data<'a> {
    pub(crate) fn previous_attributes(&self) -> Result<Option<&'a str>, EventError> {
        let (field, raw) = ("data.previous_attributes", self.previous_attributes);
        let object = |json: &'a str| json.starts_with('{').then_some(json);
        optional(field, "an object", raw, object)
    }
}

impl Related<'_> {
    /// A path of Stripe's API, and no other address: it is asked with the secret key.
    pub(crate) fn url(&self) -> Result<Option<String>, EventError> {
        let (field, expected) = ("related_object.url", "a path like /v1/customers/cus_1");
        let is_path = |url: &String| {
            url.starts_with('/')
                && !url.starts_with("//")
                && !url.contains('\0')
                && url.chars().count() <= PATH_LIMIT
        };
        optional(field, expected, self.url, |json| {
            text(json).ok().filter(is_path)
        })
    }
}

/// The form that a member `object` names, if it names an event.
pub(crate) fn form(object: Option<&RawValue>) -> Option<EventForm> {
    let name = object.and_then(|raw| text(raw.get()).ok());
    match name.as_deref() {
        Some("event") => Some(EventForm::Snapshot),
        Some("v2.core.event") => Some(EventForm::Thin),
        _ => None,
    }
}
