//! Live: each change at Stripe reaches the tables, whatever order it comes in.
//!
//! Stripe's events come late, twice, out of order and in another API version than one's own, so an event is a notice: it
//! is kept in an inbox in the application's database, and the object that it is about is read again.

mod endpoints;
mod envelope;
mod event;
mod json;
mod signature;

pub use endpoints::{
    EndpointError, EndpointSecret, EndpointStatus, EndpointUpdate, WebhookEndpoint,
    WebhookEndpoints, event_types,
};
pub use envelope::{Opened, Validation, open};
pub use event::{Event, EventError, EventForm};
pub use signature::{
    MalformedPart, SIGNATURE_HEADER, SecretError, SignatureError, WebhookSecret, WebhookVerifier,
    sign,
};
