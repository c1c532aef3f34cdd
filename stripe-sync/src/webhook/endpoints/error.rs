//! What can go wrong with webhook endpoints.

use crate::client::ClientError;
use crate::sync::error::SyncError;

/// Why an endpoint could not be read, created, changed or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// An endpoint needs at least one event type.
    #[error("a webhook endpoint needs at least one event type")]
    NoEventTypes,
    /// Stripe has no wildcards but `*`.
    #[error(
        "`{event_type}` is no event type: of wildcards Stripe takes only `*`, for all events; name each type"
    )]
    Wildcard {
        /// What was given.
        event_type: String,
    },
    /// The account has as many endpoints as Stripe allows.
    #[error(
        "Stripe allows {limit} webhook endpoints in an account and mode, and there are as many: none can be created for {url}; remove one \
         that is not needed"
    )]
    TooMany {
        /// The URL that has no endpoint.
        url: String,
        /// How many Stripe allows.
        limit: usize,
    },
    /// An answer that is no webhook endpoint.
    #[error(
        "Stripe's answer to {request}{} is not what is expected: {cause} ({bytes} bytes)",
        in_brackets(.request_id)
    )]
    Answer {
        /// Method and path of the request.
        request: String,
        /// The length of the body. It is not shown: it may hold a secret.
        bytes: usize,
        /// Stripe's id of the request.
        request_id: Option<String>,
        /// What was expected and what was found.
        cause: serde_json::Error,
    },
    /// The list of endpoints does not end, or its cursors vanish faster than it is read.
    #[error(transparent)]
    List(Box<SyncError>),
    /// No answer, or a refusal.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl EndpointError {
    pub(crate) fn list(error: SyncError) -> Self {
        Self::List(Box::new(error))
    }

    /// Stripe's id of the request, where there was an answer.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Answer { request_id, .. } => request_id.as_deref(),
            Self::Client(error) => error.request_id(),
            _ => None,
        }
    }

    /// Whether Stripe says that there is no such endpoint.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Client(error) if error.is_missing())
    }
}

fn in_brackets(request_id: &Option<String>) -> String {
    request_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" [{id}]"))
}
