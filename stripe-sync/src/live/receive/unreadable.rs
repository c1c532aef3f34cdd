//! Events that cannot be read: each is kept as a dead letter with its bytes, and is in no other's way.

use bytes::Bytes;
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

use crate::live::service::Live;
use crate::object::list;
use crate::store::db::Scope;
use crate::store::events::{NewEvent, Source};
use crate::webhook::envelope::Envelope;
use crate::webhook::event::Event;
use crate::webhook::event::error::EventError;
use crate::webhook::json::{NAME_LIMIT, escaped};

/// An event that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    json: Bytes,
    reason: String,
}

/// What a delivery or a list brought.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Event>,
    pub(crate) unreadable: Vec<Unreadable>,
}

impl Batch {
    /// Takes in one event.
    ///
    /// # Errors
    /// When it is no event at all.
    pub(crate) fn take(
        &mut self,
        json: Bytes,
        read: Result<Event, EventError>,
    ) -> Result<(), EventError> {
        match read {
            Ok(event) => self.events.push(event),
            Err(error) if error.is_of_an_event() => self.unreadable.push(Unreadable {
                json,
                reason: error.to_string(),
            }),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The events of a delivery that could not be opened as a whole.
    ///
    /// # Errors
    /// When something in it is no event at all.
    pub(crate) fn of(body: &Bytes, error: EventError) -> Result<Self, EventError> {
        let mut batch = Self::default();
        let Ok(elements) = serde_json::from_slice::<Vec<&RawValue>>(body) else {
            batch.take(body.clone(), Err(error))?;
            return Ok(batch);
        };
        for element in elements {
            let json = body.slice_ref(element.get().as_bytes());
            match Envelope::parse(json.clone()) {
                Ok(Envelope::Events(events)) => batch.events.extend(events),
                Ok(Envelope::Validation(_)) => return Err(error),
                Err(error) => batch.take(json, Err(error))?,
            }
        }
        Ok(batch)
    }
}

impl Live {
    /// A dead letter to keep.
    pub(crate) fn describe_unreadable(
        &self,
        event: &Unreadable,
        own: &Scope,
        source: Source,
    ) -> NewEvent {
        let json = String::from_utf8_lossy(&event.json);
        let id = list::id(&json).filter(|id| is_name(id));
        NewEvent {
            scope: own.clone(),
            // The same bytes are the same dead letter.
            id: id.unwrap_or_else(|| format!("unreadable_{:016x}", xxh3_64(&event.json))),
            kind: "unreadable".to_owned(),
            created: list::integer(&json, "created").unwrap_or_default(),
            source,
            thin: false,
            payload: escaped(&json.replace('\0', "\u{fffd}")),
            subject: None,
            ignored: None,
            dead: Some(event.reason.clone()),
            others: Vec::new(),
        }
    }
}

/// Whether a text can be kept as an id.
fn is_name(id: &str) -> bool {
    !id.is_empty() && !id.contains('\0') && id.chars().count() <= NAME_LIMIT
}
