//! Live: each change at Stripe reaches the tables, whatever order it comes in.
//!
//! Stripe's events come late, twice, out of order and in another API version than one's own, so an event is a notice: it
//! is kept in an inbox in the application's database, and the object that it is about is read again.

mod signature;

pub use signature::{
    MalformedPart, SIGNATURE_HEADER, SecretError, SignatureError, WebhookSecret, WebhookVerifier,
    sign,
};
