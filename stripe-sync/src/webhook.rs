//! Webhooks without a database: signatures, envelopes, events and endpoints.

pub(crate) mod endpoints;
pub(crate) mod envelope;
pub(crate) mod event;
pub(crate) mod form;
pub(crate) mod handshake;
pub(crate) mod json;
pub(crate) mod listed;
pub(crate) mod sender;
pub(crate) mod signature;
