//! Why bytes are not an event.

use std::str::Utf8Error;

use serde_json::value::RawValue;

use crate::webhook::json::{NAME_LIMIT, text, what};

/// Bytes that are not an event of Stripe, or not a delivery of one. No error repeats what the bytes hold beyond names and
/// ids: events carry personal data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The bytes are no text.
    #[error("expected an event of Stripe as JSON, got bytes that are not UTF-8: {0}")]
    Encoding(Utf8Error),
    /// The text is no JSON, or names a member twice.
    #[error("expected an event of Stripe as JSON, got: {0}")]
    Json(serde_json::Error),
    /// It is something else.
    #[error(
        "expected an event of Stripe, whose `object` is `event` or `v2.core.event`, got {found}"
    )]
    NotAnEvent {
        /// What came.
        found: String,
    },
    /// A member is missing or of the wrong type.
    #[error("{}expected `{field}` to be {expected}, got {found}", prefix(.event.as_deref()))]
    Field {
        /// The event's id, if it was found first.
        event: Option<String>,
        /// The member.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// One event of a batch cannot be read. The others are not given out either, so that the sender keeps the batch.
    #[error("event {} of {count}: {error}", .index + 1)]
    Batch {
        /// The event's place in the batch, from zero.
        index: usize,
        /// How many the batch has.
        count: usize,
        /// What is wrong with it.
        #[source]
        error: Box<EventError>,
    },
}

impl EventError {
    pub(crate) fn field(field: &'static str, expected: &'static str, found: &'static str) -> Self {
        Self::Field {
            event: None,
            field,
            expected,
            found,
        }
    }

    /// Whether it is an event that cannot be read, and not something else.
    pub(crate) fn is_of_an_event(&self) -> bool {
        matches!(self, Self::Field { .. })
    }

    /// The error for something with this member `object`.
    pub(crate) fn not_an_event(object: Option<&RawValue>) -> Self {
        let found = match object.map(|raw| (text(raw.get()), what(raw.get()))) {
            None => "an object without it".to_owned(),
            Some((Ok(name), _)) if is_resource_name(&name) => format!("a `{name}`"),
            Some((_, what)) => format!("an object in which it is {what}"),
        };
        Self::NotAnEvent { found }
    }

    /// The error for something that is not delivered with events.
    pub(crate) fn not_delivery(found: &'static str) -> Self {
        Self::NotAnEvent {
            found: found.to_owned(),
        }
    }

    /// Says which event the error is about.
    pub(crate) fn of(mut self, id: &str) -> Self {
        if let Self::Field { event, .. } = &mut self {
            *event = Some(id.to_owned());
        }
        self
    }

    /// The error of one event of a batch.
    pub(crate) fn in_batch(self, index: usize, count: usize) -> Self {
        Self::Batch {
            index,
            count,
            error: Box::new(self),
        }
    }
}

fn prefix(event: Option<&str>) -> String {
    event
        .map(|id| format!("event {}: ", id.escape_debug()))
        .unwrap_or_default()
}

/// Whether a text is of the form of Stripe's names of resources, so that it can be repeated in an error.
fn is_resource_name(text: &str) -> bool {
    let name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
    text.len() <= NAME_LIMIT && text.bytes().all(name)
}
