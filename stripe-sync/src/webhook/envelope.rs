//! What an event comes in: itself, or the envelope of a cloud's event service.
//!
//! Amazon EventBridge puts the event into `detail`. Azure Event Grid sends CloudEvents, with the event in `data`, alone or
//! in an array, and once, before all others, an event of its own that wants a code back.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::webhook::event::Event;
use crate::webhook::event::error::EventError;
use crate::webhook::event::members::form;
use crate::webhook::json::{members, present, required, text, top};

/// How the `source` begins in which EventBridge names Stripe. Amazon lets nobody else use it.
const EVENTBRIDGE_SOURCE: &str = "aws.partner/stripe.com";

/// The type of the event with which Event Grid asks whether an endpoint wants its deliveries.
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";

/// What a delivery held.
#[derive(Debug)]
#[non_exhaustive]
pub enum Envelope {
    /// Events; at least one.
    Events(Vec<Event>),
    /// Event Grid asks whether the endpoint wants its deliveries. Send [`EventGridValidation::answer`] with status 200 if it does.
    Validation(EventGridValidation),
}

impl Envelope {
    /// Takes events out of what a cloud's event service delivers; an event without an envelope is taken too.
    ///
    /// **These deliveries carry no signature of Stripe.** Whoever calls this knows from elsewhere who sent the bytes: they came
    /// from a queue that only the service writes to, or in a request whose credentials were checked. Bytes from an open URL go
    /// through [`WebhookVerifier::verify`](crate::webhook::signature::WebhookVerifier::verify) and [`Event::parse`].
    ///
    /// ```
    /// use stripe_sync::webhook::Envelope;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let envelope = Envelope::parse(r#"{
    ///     "detail-type": "customer.created", "source": "aws.partner/stripe.com/ed_1", "detail": {
    ///         "id": "evt_1", "object": "event", "type": "customer.created", "created": 1790000000, "livemode": true,
    ///         "data": {"object": {"id": "cus_1", "object": "customer"}}
    ///     }
    /// }"#)?;
    /// let Envelope::Events(events) = envelope else { panic!("events") };
    /// assert_eq!(events[0].id(), "evt_1");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the bytes are neither an event nor one of the known envelopes around events. A batch with one event that cannot be
    /// read is refused as a whole, so that the sender keeps all of it.
    pub fn parse(body: impl Into<Bytes>) -> Result<Self, EventError> {
        let body = body.into();
        let text = std::str::from_utf8(&body).map_err(EventError::Encoding)?;
        match text.trim_ascii_start().starts_with('[') {
            true => batch(text, &body),
            false => delivery(text, &body),
        }
    }
}

/// Event Grid's question whether an endpoint wants its deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventGridValidation {
    code: String,
}

impl EventGridValidation {
    /// The code that the answer repeats.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The answer's body, which is JSON.
    pub fn answer(&self) -> String {
        serde_json::json!({ "validationResponse": self.code }).to_string()
    }
}

fn batch(text: &str, body: &Bytes) -> Result<Envelope, EventError> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(EventError::Json)?;
    let count = elements.len();
    // Grows with what was read: an array of ones would claim a hundred times its size.
    let mut events = Vec::new();
    for (index, element) in elements.into_iter().enumerate() {
        let error = match delivery(element.get(), body) {
            Ok(Envelope::Events(event)) => {
                events.extend(event);
                continue;
            }
            // Event Grid sends it alone. Beside events one of the two would be lost.
            Ok(validation) if count == 1 => return Ok(validation),
            Ok(Envelope::Validation(_)) => {
                EventError::not_delivery("Event Grid's validation among events")
            }
            Err(error) => error,
        };
        return Err(error.in_batch(index, count));
    }
    if events.is_empty() {
        return Err(EventError::not_delivery("an empty array"));
    }
    Ok(Envelope::Events(events))
}

#[derive(Deserialize)]
struct CloudEnvelope<'a> {
    /// Of an event without an envelope.
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    /// EventBridge's.
    #[serde(rename = "detail-type")]
    detail_type: Option<&'a RawValue>,
    source: Option<&'a RawValue>,
    detail: Option<&'a RawValue>,
    /// CloudEvents'.
    specversion: Option<&'a RawValue>,
    r#type: Option<&'a RawValue>,
    /// Event Grid's own, in which it validates.
    #[serde(rename = "eventType")]
    event_type: Option<&'a RawValue>,
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ValidationData<'a> {
    #[serde(borrow, rename = "validationCode")]
    code: Option<&'a RawValue>,
}

/// One thing that was delivered, which is a part of the body.
fn delivery(json: &str, body: &Bytes) -> Result<Envelope, EventError> {
    let envelope: CloudEnvelope<'_> = top(json)?;
    // First: an event may get members one day that look like an envelope's.
    let event = if form(envelope.object).is_some() {
        json
    } else if is(envelope.event_type, VALIDATION) || is(envelope.r#type, VALIDATION) {
        let data: ValidationData<'_> = members("data", envelope.data)?;
        let code = present("data.validationCode", data.code)?;
        return Ok(Envelope::Validation(EventGridValidation { code }));
    } else if let (Some(_), Some(detail)) = (envelope.detail_type, envelope.detail) {
        let expected = "a source that begins with aws.partner/stripe.com";
        required("source", expected, envelope.source, |source| {
            text(source).ok().filter(|source| is_stripe(source))
        })?;
        detail.get()
    } else if envelope.specversion.is_some() {
        required("data", "an event", envelope.data, Some)?
    } else {
        return Err(EventError::not_an_event(envelope.object));
    };
    let event = Event::parse(body.slice_ref(event.as_bytes()))?;
    Ok(Envelope::Events(vec![event]))
}

fn is(raw: Option<&RawValue>, expected: &str) -> bool {
    raw.is_some_and(|raw| text(raw.get()).is_ok_and(|text| text == expected))
}

/// Whether EventBridge's `source` is Stripe: its name, and after it a part of its own.
fn is_stripe(source: &str) -> bool {
    source
        .strip_prefix(EVENTBRIDGE_SOURCE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
