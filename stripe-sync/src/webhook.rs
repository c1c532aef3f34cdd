//! Webhooks without a database: signatures, envelopes, events and endpoints.

pub(crate) mod endpoints;
pub(crate) mod envelope;
pub(crate) mod event;
pub(crate) mod event_type;
pub(crate) mod form;
pub(crate) mod handshake;
pub(crate) mod json;
pub(crate) mod listed;
pub(crate) mod sender;
pub(crate) mod signature;

pub use endpoints::answer::{EndpointSecret, EndpointStatus, WebhookEndpoint};
pub use endpoints::error::EndpointError;
pub use endpoints::types::event_types;
pub use endpoints::{EndpointUpdate, WebhookEndpoints};
pub use envelope::{Envelope, EventGridValidation};
pub use event::error::EventError;
pub use event::{Event, EventForm};
pub use event_type::EventType;
pub use form::HandlerForm;
pub use handshake::{EVENT_GRID_ORIGIN, answer_handshake};
pub use listed::ListedEvents;
pub use sender::{ShortSecret, TrustedSender};
pub use signature::{
    MalformedPart, SIGNATURE_HEADER, SecretError, SignatureError, WebhookSecret, WebhookVerifier,
};
