//! The API over HTTP: connections, keys, paths, and the answers.

pub(crate) mod auth;
pub(crate) mod errors;
mod expand;
mod listable;
pub(crate) mod lists;
mod request;
mod respond;
mod response;
mod retrieve;
mod router;
mod search;
pub(crate) mod server;
mod thin_events;
mod values;
pub(crate) mod webhook_endpoints;
