//! The handshake with which a sender of CloudEvents asks, before the first delivery, whether an endpoint wants them.
//!
//! It is the fourth section of "HTTP 1.1 Web Hooks for Event Delivery" (github.com/cloudevents/spec), and what Azure Event
//! Grid does where a subscription has the schema of CloudEvents. It protects the sender from being used against strangers,
//! and says nothing about who sends a delivery later.

use http::header::ALLOW;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

/// What Azure Event Grid names itself in its public cloud. In others it has other names.
pub const EVENT_GRID_ORIGIN: &str = "eventgrid.azure.net";

const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// Answers the `OPTIONS` request of a sender of CloudEvents: it may deliver if it is one of `origins`.
///
/// | status | when |
/// |---|---|
/// | 200 | the sender may deliver: `WebHook-Allowed-Origin` repeats its name, and `WebHook-Allowed-Rate` sets no limit |
/// | 405 | it names itself not at all, more than once, or otherwise; neither header is in the answer, which is what counts |
///
/// Nobody may deliver by naming everybody: a `*` among the origins fits no name. `WebHook-Request-Callback` is left alone,
/// since anybody could have this server call a URL by it.
///
/// The name in the request proves nothing. The answer only lets deliveries be sent; each of them has to prove where it
/// comes from, as [`TrustedSender`](crate::webhook::sender::TrustedSender) checks.
///
/// ```
/// use stripe_sync::webhook::{EVENT_GRID_ORIGIN, answer_handshake};
/// let mut headers = http::HeaderMap::new();
/// headers.insert("webhook-request-origin", http::HeaderValue::from_static("eventgrid.azure.net"));
/// let response = answer_handshake(&headers, &[EVENT_GRID_ORIGIN]);
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.headers()["webhook-allowed-origin"], "eventgrid.azure.net");
/// ```
pub fn answer_handshake(headers: &HeaderMap, origins: &[impl AsRef<str>]) -> Response<String> {
    let mut response = Response::new(String::new());
    let answer = response.headers_mut();
    answer.insert(ALLOW, HeaderValue::from_static("OPTIONS, POST"));
    match only(headers, &REQUEST_ORIGIN).filter(|origin| is_allowed(origin, origins)) {
        Some(origin) => {
            answer.insert(ALLOWED_ORIGIN, origin.clone());
            // A receiver that cannot keep an event answers 500, and the sender comes again later: no rate is too high.
            answer.insert(ALLOWED_RATE, HeaderValue::from_static("*"));
        }
        None => *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED,
    }
    response
}

/// The value of a header that is there once. Of two, a server in front could have checked the other one.
pub(crate) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn is_allowed(origin: &HeaderValue, origins: &[impl AsRef<str>]) -> bool {
    let mut allowed = origins
        .iter()
        .map(AsRef::as_ref)
        .filter(|allowed| *allowed != "*");
    // Names of hosts are the same in capitals.
    allowed.any(|allowed| {
        let allowed = allowed.as_bytes();
        !allowed.is_empty() && origin.as_bytes().eq_ignore_ascii_case(allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(asked: &[&'static str], origins: &[&str]) -> Response<String> {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-request-rate", HeaderValue::from_static("120"));
        let callback = HeaderValue::from_static("https://example.com/confirm");
        headers.insert("webhook-request-callback", callback);
        for origin in asked {
            let origin = HeaderValue::from_static(origin);
            headers.append("WebHook-Request-Origin", origin);
        }
        answer_handshake(&headers, origins)
    }

    #[test]
    fn an_origin_that_is_allowed_is_repeated() {
        for asked in ["eventgrid.azure.net", "EventGrid.Azure.net"] {
            let response = answer(&[asked], &["eventgrid.azure.us", EVENT_GRID_ORIGIN]);
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["webhook-allowed-origin"], asked);
            assert_eq!(response.headers()["webhook-allowed-rate"], "*");
            assert_eq!(response.headers()["allow"], "OPTIONS, POST");
        }
    }

    #[test]
    fn all_others_get_no_permission() {
        let grid = EVENT_GRID_ORIGIN;
        let refused: [(&[&'static str], &[&str]); 9] = [
            (&[], &[grid]),
            (&[""], &[grid, ""]),
            (&["example.com"], &[grid]),
            (&["eventgrid.azure.net.example.com"], &[grid]),
            (&["x.eventgrid.azure.net"], &[grid]),
            (&[grid, "example.com"], &[grid]),
            (&[grid], &[]),
            (&["*"], &[grid, "*"]),
            (&["example.com"], &["*"]),
        ];
        for (asked, origins) in refused {
            let response = answer(asked, origins);
            let headers = response.headers();
            assert_eq!(
                response.status(),
                StatusCode::METHOD_NOT_ALLOWED,
                "{asked:?}"
            );
            assert!(
                !headers.contains_key("webhook-allowed-origin"),
                "{headers:?}"
            );
            assert!(!headers.contains_key("webhook-allowed-rate"), "{headers:?}");
        }
    }
}
