//! Answers that a test puts in the place of the fake's own.

use bytes::Bytes;

use super::clock::http_date;
use super::respond::Answer;
use super::state::State;

/// An answer that [`FakeStripe::answer_with`](super::FakeStripe::answer_with) gives instead of the fake's own: one of a
/// gateway, or one that Stripe gives by mistake.
///
/// ```
/// use stripe_sync::testing::CannedAnswer;
/// let gateway = CannedAnswer::new(404, "<h1>404 Not Found</h1>").with_content_type("text/html");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CannedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The `Content-Type`; JSON if nothing is said.
    pub content_type: &'static str,
}

impl CannedAnswer {
    /// An answer in JSON.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            body: body.into(),
            content_type: "application/json",
        }
    }

    /// Sets [`CannedAnswer::content_type`].
    pub fn with_content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }
}

/// What is answered at a path, and how often still.
#[derive(Debug)]
pub(super) struct Canned {
    pub(super) path: String,
    pub(super) times: u64,
    pub(super) answer: CannedAnswer,
}

impl State {
    /// The canned answer to a request at a path, if there is one left.
    pub(super) fn canned(&mut self, path: &str) -> Option<Answer> {
        let mut canned = self.canned.iter_mut();
        let canned = canned.find(|canned| canned.path == path && canned.times > 0)?;
        canned.times -= 1;
        let answer = canned.answer.clone();
        Some(Answer {
            status: answer.status,
            content_type: answer.content_type,
            headers: vec![("date", http_date(self.now))],
            body: Bytes::from(answer.body),
            ids: Vec::new(),
        })
    }
}
