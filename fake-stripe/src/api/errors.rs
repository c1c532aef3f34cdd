//! What the fake says over HTTP when it refuses, in Stripe's form.

use serde_json::{Map, json};
use stripe_sync_schema::{Mode, RateLimitReason};

use crate::data::partition::other_mode;
use crate::error::FakeError;

/// The code of what Stripe has and the fake has not.
const NOT_SIMULATED: &str = "not_simulated";

/// An error answer in Stripe's form.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// Sent as `Stripe-Rate-Limited-Reason`.
    pub(crate) reason: Option<RateLimitReason>,
    /// A lock timeout is refused before the request gets an id.
    pub(crate) has_request_id: bool,
    /// Sent as `Stripe-Should-Retry`.
    pub(crate) should_retry: Option<bool>,
}

impl ApiError {
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn new(status: u16, kind: &'static str, code: Option<&'static str>, message: String) -> Self {
        Self {
            status,
            kind,
            code,
            message,
            param: None,
            reason: None,
            has_request_id: true,
            should_retry: None,
        }
    }

    fn at(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    pub(crate) fn invalid(
        code: Option<&'static str>,
        param: &str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(400, "invalid_request_error", code, message.into()).at(param)
    }

    /// A refusal that no parameter is to blame for.
    pub(crate) fn refused(message: String) -> Self {
        Self::new(400, "invalid_request_error", None, message)
    }

    /// The object of a v2 retrieve is not there.
    pub(crate) fn not_found(id: &str) -> Self {
        let message = format!("Resource not found: {id}.");
        Self::new(404, "invalid_request_error", Some("not_found"), message)
    }

    /// Stripe has this, the fake has not. It is a client's error to libraries, which retry others, and its code is none of
    /// Stripe's: nobody handles it by chance.
    pub(crate) fn not_simulated(method: &str, path: &str) -> Self {
        let instead = match method {
            "GET" => {
                "Give its answer with `answer_with`, or read the object by a path that is simulated."
            }
            _ => {
                "Make the change with `create`, `update` or `delete` in Rust or with the control API, or give the answer with \
                 `answer_with`."
            }
        };
        let message = format!("fake-stripe does not simulate {method} {path}. {instead}");
        let code = Some(NOT_SIMULATED);
        let mut error = Self::new(400, "invalid_request_error", code, message);
        error.should_retry = Some(false);
        error
    }

    /// A filter of Stripe's that the fake has nothing to find by.
    pub(crate) fn filter_not_simulated(param: &str, path: &str) -> Self {
        let message = format!(
            "fake-stripe does not simulate the parameter {param} of GET {path}. Ask without it, or give the answer with \
             `answer_with`."
        );
        let mut error = Self::invalid(Some(NOT_SIMULATED), param, message);
        error.should_retry = Some(false);
        error
    }

    /// A version that Stripe never had.
    pub(crate) fn unknown_version(version: &str) -> Self {
        let message = format!(
            "Invalid Stripe API version: {version}. You can view your current API version and upgrade to the latest version at \
             https://dashboard.stripe.com/developers"
        );
        Self::new(400, "invalid_request_error", None, message)
    }

    /// A version of Stripe's that the fake does not answer in.
    pub(crate) fn other_version(version: &str, simulated: &str) -> Self {
        let message = format!(
            "fake-stripe simulates version {simulated} of Stripe's API, and this request has Stripe-Version: {version}. Send \
             {simulated}, or take answers in its shape: `versions(Versions::AnswerNewest)` of the builder, `--any-version` of \
             the program."
        );
        let code = Some(NOT_SIMULATED);
        let mut error = Self::new(400, "invalid_request_error", code, message);
        error.should_retry = Some(false);
        error
    }

    /// A path of `expand` that is longer than Stripe follows.
    pub(crate) fn too_deep(path: &str, most: usize) -> Self {
        let message =
            format!("You cannot expand more than {most} levels of a property. Property: {path}");
        let code = Some("property_expansion_max_depth");
        Self::new(400, "invalid_request_error", code, message)
    }

    /// A filter without a value.
    pub(crate) fn empty_parameter(param: &str) -> Self {
        let message = format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; however \
             '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
        );
        Self::invalid(Some("parameter_invalid_empty"), param, message)
    }

    /// A parameter that the endpoint does not have.
    pub(crate) fn unknown_parameter(param: &str) -> Self {
        let message = format!("Received unknown parameter: {param}");
        Self::invalid(Some("parameter_unknown"), param, message)
    }

    /// An idempotency key of more characters than Stripe takes.
    pub(crate) fn long_idempotency_key(most: usize, length: usize) -> Self {
        let message = format!(
            "Invalid Idempotency-Key: it can have at most {most} characters (it currently has {length})."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    /// An idempotency key was used at another endpoint before.
    pub(crate) fn idempotency_path(key: &str, path: &str, first: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}' vs '{first}'). \
             Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    /// An idempotency key was used for another request before.
    pub(crate) fn idempotency(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other \
             than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    pub(crate) fn missing_key() -> Self {
        let message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth \
                       (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        Self::new(401, "invalid_request_error", None, message.to_owned())
    }

    /// `key` is masked as Stripe masks it: an error never shows a whole key.
    pub(crate) fn wrong_key(key: &str) -> Self {
        let message = format!("Invalid API Key provided: {}", mask(key));
        Self::new(401, "invalid_request_error", None, message)
    }

    pub(crate) fn no_permission(key: &str, account: &str, object: &str) -> Self {
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

    pub(crate) fn no_access(key: &str, account: &str) -> Self {
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

    pub(crate) fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
        );
        Self::new(404, "invalid_request_error", None, message)
    }

    /// The object of a retrieve is not there. `elsewhere`: it is in the account's other mode.
    pub(crate) fn no_such_object(object: &str, id: &str, mode: Mode, elsewhere: bool) -> Self {
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
    pub(crate) fn no_such_parameter(object: &str, id: &str, param: &str, mode: Mode) -> Self {
        Self::invalid(
            Some("resource_missing"),
            param,
            no_such(object, id, mode, false),
        )
    }

    pub(crate) fn too_many_requests(reason: Option<RateLimitReason>) -> Self {
        let mut error = match &reason {
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
        error.has_request_id = reason.is_some();
        // The limiters say nothing about retries; who meets a lock may go on at once.
        error.should_retry = reason.is_none().then_some(true);
        error.reason = reason;
        error
    }

    pub(crate) fn server_error() -> Self {
        let message = "Sorry! There was an error while talking to one of our backends. Support has been notified.";
        Self::new(500, "api_error", None, message.to_owned())
    }

    /// `{"error": {...}}`; `log_url` is where Stripe's dashboard shows the request.
    pub(crate) fn body(&self, log_url: Option<&str>) -> Vec<u8> {
        let mut error = Map::new();
        if let Some(code) = self.code {
            let page = code.replace('_', "-");
            let url = match code {
                NOT_SIMULATED => "https://docs.rs/fake-stripe".to_owned(),
                _ => format!("https://stripe.com/docs/error-codes/{page}"),
            };
            error.insert("code".to_owned(), code.into());
            error.insert("doc_url".to_owned(), url.into());
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

/// What a change over HTTP is refused with.
impl From<FakeError> for ApiError {
    fn from(error: FakeError) -> Self {
        Self::refused(match error {
            FakeError::Refused { message } => message,
            other => other.to_string(),
        })
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
            other_mode(mode)
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
