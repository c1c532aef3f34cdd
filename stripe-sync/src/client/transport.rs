//! What carries one request to Stripe and brings one answer back.

use futures_util::future::BoxFuture;

use super::error::TransportError;
use super::request::{Request, Response};

/// One attempt at one request: no retry, no rate limit, both are [`Stripe`](super::Stripe)'s.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request. Every complete answer is `Ok`, whatever its status.
    ///
    /// Dropping the future ends the attempt.
    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>>;

    /// What this transport can do, so that what needs more is refused at the start.
    fn capabilities(&self) -> Capabilities;

    /// The API version that requests name, where the transport knows it.
    fn api_version(&self) -> Option<&str> {
        None
    }
}

/// What a [`Transport`] can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Capabilities {
    pub(crate) sets_version: bool,
    pub(crate) connected_accounts: bool,
    pub(crate) response_headers: bool,
    pub(crate) v2: bool,
}

impl Capabilities {
    /// Everything.
    pub fn full() -> Self {
        Self {
            sets_version: true,
            connected_accounts: true,
            response_headers: true,
            v2: true,
        }
    }

    /// Nothing but reading and writing `/v1/…`.
    pub fn minimal() -> Self {
        Self {
            sets_version: false,
            connected_accounts: false,
            response_headers: false,
            v2: false,
        }
    }

    /// Whether it acts for connected accounts (`Stripe-Account`).
    pub fn connected_accounts(mut self, can: bool) -> Self {
        self.connected_accounts = can;
        self
    }

    /// Whether it names the API version of its user's choice. Without it objects come in the version that the client was built
    /// for, and a column may be missing from them.
    pub fn sets_version(mut self, can: bool) -> Self {
        self.sets_version = can;
        self
    }

    /// Whether it keeps the headers of answers: request ids, Stripe's clock, the reason of a rate limit,
    /// `Stripe-Should-Retry`.
    pub fn response_headers(mut self, can: bool) -> Self {
        self.response_headers = can;
        self
    }

    /// Whether it reaches `/v2/…`, not only `/v1/…`.
    pub fn v2(mut self, can: bool) -> Self {
        self.v2 = can;
        self
    }
}
