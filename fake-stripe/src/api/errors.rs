//! What the fake says when it refuses: to the caller over HTTP ([`ApiError`]) and to the test ([`FakeError`]).

use serde_json::{Map, Value, json};

use super::limits::RateLimitReason;
use crate::client::Mode;

/// Why the fake could not do what a test asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FakeError {
    /// No such object name in Stripe's catalogue.
    #[error("Stripe has no object named `{object}`{}", did_you_mean(.suggestions))]
    UnknownObject {
        /// The name that was given.
        object: String,
        /// Names that are near it, best first.
        suggestions: Vec<String>,
    },
    /// No alive object has this id in the account and mode.
    #[error("no object with the id `{id}` in account {account} ({mode} mode)")]
    NoSuchId {
        /// The id that was given.
        id: String,
        /// The account that was searched.
        account: String,
        /// The mode that was searched.
        mode: Mode,
    },
    /// An object of this name and id exists already (Stripe never uses an id twice).
    #[error("a {object} with the id `{id}` exists or existed already")]
    IdTaken {
        /// Stripe's object name.
        object: String,
        /// The id that was given.
        id: String,
    },
    /// Overrides and changes have to be a JSON object.
    #[error("expected a JSON object with the fields of a {object}, got {got}")]
    NotAnObject {
        /// Stripe's object name.
        object: String,
        /// What kind of JSON value was given.
        got: &'static str,
    },
    /// Stripe has no way to delete such an object.
    #[error("Stripe cannot delete a {object} (`{id}`)")]
    NotDeletable {
        /// Stripe's object name.
        object: String,
        /// The id that was given.
        id: String,
    },
    /// The operation is for objects of another kind.
    #[error("`{id}` is a {object}, expected a {expected}")]
    WrongObject {
        /// The id that was given.
        id: String,
        /// The object name it has.
        object: String,
        /// The object name that the operation needs.
        expected: &'static str,
    },
    /// The account was never added to this fake.
    #[error("the fake has no account `{account}`")]
    UnknownAccount {
        /// The id that was given.
        account: String,
    },
    /// The server's port could not be opened.
    #[error("cannot open a local port for the fake Stripe")]
    Listen(#[source] std::io::Error),
    /// Stripe would refuse it with this message.
    #[error("Stripe refuses that: {message}")]
    Refused {
        /// What Stripe says.
        message: String,
    },
    /// The client that posts webhooks could not be built.
    #[error("cannot build an HTTP client for webhooks")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean `{}`?", suggestions.join("`, `"))
    }
}

impl FakeError {
    /// The error of an object name that is not in the catalogue.
    pub(super) fn unknown_object(object: &str) -> Self {
        let suggestions = stripe_sync_schema::catalogue::nearest(object);
        Self::UnknownObject {
            object: object.to_owned(),
            suggestions: suggestions.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The error of overrides that are not a JSON object.
    pub(super) fn not_an_object(object: &str, value: &Value) -> Self {
        let got = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self::NotAnObject {
            object: object.to_owned(),
            got,
        }
    }
}

/// An error answer in Stripe's form.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// Sent as `Stripe-Rate-Limited-Reason`.
    pub(super) reason: Option<RateLimitReason>,
    /// A lock timeout is refused before the request gets an id.
    pub(super) has_request_id: bool,
}

impl ApiError {
    fn new(status: u16, kind: &'static str, code: Option<&'static str>, message: String) -> Self {
        Self {
            status,
            kind,
            code,
            message,
            param: None,
            reason: None,
            has_request_id: true,
        }
    }

    fn at(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    pub(super) fn invalid(
        code: Option<&'static str>,
        param: &str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(400, "invalid_request_error", code, message.into()).at(param)
    }

    /// A refusal that no parameter is to blame for.
    pub(super) fn refused(message: String) -> Self {
        Self::new(400, "invalid_request_error", None, message)
    }

    /// The object of a v2 retrieve is not there.
    pub(super) fn not_found(id: &str) -> Self {
        let message = format!("Resource not found: {id}.");
        Self::new(404, "invalid_request_error", Some("not_found"), message)
    }

    /// An idempotency key was used for another request before.
    pub(super) fn idempotency(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other \
             than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    pub(super) fn missing_key() -> Self {
        let message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth \
                       (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        Self::new(401, "invalid_request_error", None, message.to_owned())
    }

    /// `key` is masked as Stripe masks it: an error never shows a whole key.
    pub(super) fn wrong_key(key: &str) -> Self {
        let message = format!("Invalid API Key provided: {}", mask(key));
        Self::new(401, "invalid_request_error", None, message)
    }

    pub(super) fn no_permission(key: &str, account: &str, object: &str) -> Self {
        let permission = object.replace('.', "_");
        let message = format!(
            "The provided key '{}' does not have the required permissions for this endpoint on account '{account}'. Having the \
             'rak_{permission}_read' permission would allow this request to continue.",
            mask(key)
        );
        Self::new(
            403,
            "invalid_request_error",
            Some("more_permissions_required"),
            message,
        )
    }

    pub(super) fn no_access(key: &str, account: &str) -> Self {
        let message = format!(
            "The provided key '{}' does not have access to account '{account}' (or that account does not exist). Application access may \
             have been revoked.",
            mask(key)
        );
        Self::new(
            403,
            "invalid_request_error",
            Some("account_invalid"),
            message,
        )
    }

    pub(super) fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
        );
        Self::new(404, "invalid_request_error", None, message)
    }

    /// The object of a retrieve is not there. `elsewhere`: it is in the account's other mode.
    pub(super) fn no_such_object(object: &str, id: &str, mode: Mode, elsewhere: bool) -> Self {
        let mut error = Self::new(
            404,
            "invalid_request_error",
            Some("resource_missing"),
            no_such(object, id, mode, elsewhere),
        );
        error.param = Some("id".to_owned());
        error
    }

    /// The object that a list's parameter names is not there.
    pub(super) fn no_such_parameter(object: &str, id: &str, param: &str, mode: Mode) -> Self {
        Self::invalid(
            Some("resource_missing"),
            param,
            no_such(object, id, mode, false),
        )
    }

    pub(super) fn too_many_requests(reason: Option<RateLimitReason>) -> Self {
        let mut error = match reason {
            Some(_) => {
                let message = "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.";
                Self::new(
                    429,
                    "invalid_request_error",
                    Some("rate_limit"),
                    message.to_owned(),
                )
            }
            None => {
                let message = "This object cannot be accessed right now because another API request or Stripe process is currently \
                               accessing it. If you see this error intermittently, retry the request.";
                Self::new(
                    429,
                    "invalid_request_error",
                    Some("lock_timeout"),
                    message.to_owned(),
                )
            }
        };
        error.reason = reason;
        error.has_request_id = reason.is_some();
        error
    }

    pub(super) fn server_error() -> Self {
        let message = "Sorry! There was an error while talking to one of our backends. Support has been notified.";
        Self::new(500, "api_error", None, message.to_owned())
    }

    /// `{"error": {...}}`; `log_url` is where Stripe's dashboard shows the request.
    pub(super) fn body(&self, log_url: Option<&str>) -> Vec<u8> {
        let mut error = Map::new();
        if let Some(code) = self.code {
            error.insert("code".to_owned(), code.into());
            error.insert(
                "doc_url".to_owned(),
                format!(
                    "https://stripe.com/docs/error-codes/{}",
                    code.replace('_', "-")
                )
                .into(),
            );
        }
        error.insert("message".to_owned(), self.message.as_str().into());
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), param.as_str().into());
        }
        if let Some(url) = log_url {
            error.insert("request_log_url".to_owned(), url.into());
        }
        error.insert("type".to_owned(), self.kind.into());
        json!({ "error": error }).to_string().into_bytes()
    }
}

impl From<ApiError> for FakeError {
    fn from(error: ApiError) -> Self {
        Self::Refused {
            message: error.message,
        }
    }
}

fn no_such(object: &str, id: &str, mode: Mode, elsewhere: bool) -> String {
    // Stripe says the last word of the name: "No such session: 'cs_…'".
    let name = object.rsplit('.').next().unwrap_or(object);
    let hint = if elsewhere {
        format!(
            "; a similar object exists in {} mode, but a {mode} mode key was used to make this request.",
            super::state::other_mode(mode)
        )
    } else {
        String::new()
    };
    format!("No such {name}: '{id}'{hint}")
}

/// Characters of a key's end that Stripe shows.
const KEY_TAIL: usize = 4;

fn mask(key: &str) -> String {
    let head = match key.match_indices('_').nth(1) {
        Some((at, _)) if at < 10 => &key[..=at],
        _ => "",
    };
    let tail: String = key
        .chars()
        .skip(key.chars().count().saturating_sub(KEY_TAIL).max(head.len()))
        .collect();
    format!("{head}*********{tail}")
}
