//! Answers that a test puts in the place of the fake's own.

/// An answer that [`FakeStripe::answer_with`](crate::FakeStripe::answer_with) gives instead of the fake's own: one of a
/// gateway, or one that Stripe gives by mistake.
///
/// ```
/// use fake_stripe::CannedAnswer;
/// let gateway = CannedAnswer::new(404, "<h1>404 Not Found</h1>").content_type("text/html");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct CannedAnswer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) content_type: &'static str,
}

impl CannedAnswer {
    /// An answer with this HTTP status and body, in JSON unless [`CannedAnswer::content_type`] says otherwise.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            body: body.into(),
            content_type: "application/json",
        }
    }

    /// The `Content-Type`; JSON if nothing is said.
    pub fn content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }
}

/// What is answered at a path, and how often still.
#[derive(Debug, Clone)]
pub(crate) struct Canned {
    pub(crate) path: String,
    pub(crate) times: u64,
    pub(crate) answer: CannedAnswer,
}
