//! The events of one delivery, or of one page of `/v1/events`: those that can be read, and those that cannot.

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::live::receive::unreadable::Unreadable;
use crate::webhook::envelope::Envelope;
use crate::webhook::event::Event;
use crate::webhook::event::error::EventError;

/// What a delivery or a list brought.
#[derive(Debug, Default)]
pub(crate) struct ReceivedEvents {
    pub(crate) events: Vec<Event>,
    pub(crate) unreadable: Vec<Unreadable>,
}

impl ReceivedEvents {
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
    pub(crate) fn salvage(body: &Bytes, error: EventError) -> Result<Self, EventError> {
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
