//! The API over HTTP: connections, keys, paths, and the answers.

pub(crate) mod auth;
pub(crate) mod errors;
mod expand;
mod listable;
pub(crate) mod lists;
mod request;
pub(crate) mod respond;
mod retrieve;
mod router;
mod search;
pub(crate) mod server;
mod thin_events;
mod values;
pub(crate) mod webhook_endpoints;
