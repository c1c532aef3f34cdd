//! Live: each change at Stripe reaches the tables, whatever order it comes in.
//!
//! Stripe's events come late, twice, out of order and in another API version than one's own, so an event is a notice: it
//! is kept in an inbox in the application's database, and the object that it is about is read again.

mod endpoints;

pub use endpoints::{
    EndpointError, EndpointSecret, EndpointStatus, EndpointUpdate, WebhookEndpoint,
    WebhookEndpoints, event_types,
};
