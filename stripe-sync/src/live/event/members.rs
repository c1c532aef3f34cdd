//! The members of an event, borrowed from its JSON, and what each must be.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{EventError, EventForm};
use crate::live::json::{name, required, text, what};

/// The longest path of an object, in characters: its ids and some words between them.
const PATH_LIMIT: usize = 2_000;

type Raw<'a> = Option<&'a RawValue>;

/// An event.
#[derive(Deserialize)]
pub(super) struct Members<'a> {
    #[serde(borrow)]
    object: Raw<'a>,
    id: Raw<'a>,
    r#type: Raw<'a>,
    created: Raw<'a>,
    livemode: Raw<'a>,
    account: Raw<'a>,
    context: Raw<'a>,
    api_version: Raw<'a>,
    snapshot_event: Raw<'a>,
    data: Raw<'a>,
    related_object: Raw<'a>,
}

/// Its `data`.
#[derive(Deserialize)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    object: Raw<'a>,
    previous_attributes: Raw<'a>,
}

/// Its `data.object`.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    object: Raw<'a>,
    id: Raw<'a>,
}

/// Its `related_object`.
#[derive(Deserialize)]
pub(super) struct Related<'a> {
    #[serde(borrow)]
    r#type: Raw<'a>,
    id: Raw<'a>,
    url: Raw<'a>,
}

impl<'a> Members<'a> {
    pub(super) fn object(&self) -> Option<&'a str> {
        self.object.map(RawValue::get)
    }

    /// The event's form, if it is an event.
    pub(super) fn form(&self) -> Option<EventForm> {
        form(self.object())
    }

    pub(super) fn id(&self) -> Result<Option<String>, EventError> {
        name("id", self.id)
    }

    pub(super) fn kind(&self) -> Result<Option<String>, EventError> {
        name("type", self.r#type)
    }

    pub(super) fn unix_seconds(&self) -> Result<i64, EventError> {
        let json = required("created", "a number of unix seconds", self.created)?;
        serde_json::from_str(json)
            .map_err(|_| EventError::field("created", "a number of unix seconds", what(json)))
    }

    pub(super) fn instant(&self) -> Result<i64, EventError> {
        let expected = "a time as in RFC 3339";
        let json = required("created", expected, self.created)?;
        text(json)
            .ok()
            .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
            .map(|instant| instant.timestamp())
            .ok_or(EventError::field("created", expected, what(json)))
    }

    /// Never assumed: what is real and what is a test must not be mixed.
    pub(super) fn livemode(&self) -> Result<bool, EventError> {
        match required("livemode", "true or false", self.livemode)? {
            "true" => Ok(true),
            "false" => Ok(false),
            json => Err(EventError::field("livemode", "true or false", what(json))),
        }
    }

    pub(super) fn account(&self) -> Result<Option<String>, EventError> {
        name("account", self.account)
    }

    /// Stripe's packages take an empty context for none.
    pub(super) fn context(&self) -> Result<Option<String>, EventError> {
        let empty = |raw: &&RawValue| raw.get() == r#""""#;
        name("context", self.context.filter(|raw| !empty(raw)))
    }

    pub(super) fn api_version(&self) -> Result<Option<String>, EventError> {
        name("api_version", self.api_version)
    }

    pub(super) fn snapshot_event(&self) -> Result<Option<String>, EventError> {
        name("snapshot_event", self.snapshot_event)
    }

    pub(super) fn data(&self) -> Result<&'a str, EventError> {
        required("data", "an object", self.data)
    }

    pub(super) fn related_object(&self) -> Option<&'a str> {
        self.related_object.map(RawValue::get)
    }
}

impl<'a> Data<'a> {
    pub(super) fn object(&self) -> Result<&'a str, EventError> {
        required("data.object", "an object", self.object)
    }

    pub(super) fn previous_attributes(&self) -> Result<Option<&'a str>, EventError> {
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

impl Head<'_> {
    pub(super) fn object(&self) -> Result<Option<String>, EventError> {
        name("data.object.object", self.object)
    }

    pub(super) fn id(&self) -> Result<Option<String>, EventError> {
        name("data.object.id", self.id)
    }
}

impl Related<'_> {
    pub(super) fn kind(&self) -> Result<Option<String>, EventError> {
        name("related_object.type", self.r#type)
    }

    pub(super) fn id(&self) -> Result<Option<String>, EventError> {
        name("related_object.id", self.id)
    }

    /// A path of Stripe's API, and no other address: it is asked with the secret key.
    pub(super) fn url(&self) -> Result<Option<String>, EventError> {
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
pub(in crate::live) fn form(object: Option<&str>) -> Option<EventForm> {
    let name = object.and_then(|json| text(json).ok());
    match name.as_deref() {
        Some("event") => Some(EventForm::Snapshot),
        Some("v2.core.event") => Some(EventForm::Thin),
        _ => None,
    }
}
