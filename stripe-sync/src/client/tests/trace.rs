//! The names that others filter by.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::server::{Server, ok, status};
use crate::client::{Meter, Request};

/// Writes everything down as text.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Recorder {
    fn line(&self, name: &str, record: impl FnOnce(&mut Line<'_>)) {
        let mut text = self.0.lock().unwrap();
        write!(text, "\n{name}").unwrap();
        record(&mut Line(&mut text));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("stripe_sync")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.line(span.metadata().name(), |line| span.record(line));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        self.line("record", |line| values.record(line));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        self.line(event.metadata().name(), |line| event.record(line));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn names_are_stable_and_nothing_secret_is_written() {
    // With one dispatcher alone, a span that another test's thread meets first is judged by that
    // thread, which has none, and stays off for all.
    let _second = tracing::Dispatch::new(Recorder::default());
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let server = Server::start([status(500, "Request-Id: req_500\r\n"), ok("{}")]).await;
    let request = Request::get("/v1/customers").query("email", "jenny@example.com");
    server
        .stripe()
        .get(request.account("acct_1"), &Meter::new())
        .await
        .unwrap();

    let text = recorder.0.lock().unwrap().clone();
    for expected in [
        "\nstripe.request method=\"GET\" path=\"/v1/customers\" account=\"acct_1\"",
        "\nstripe.attempt",
        "\nstripe.retry",
        " attempt=1",
        " attempt=2",
        " status=500",
        " status=200",
        " request_id=\"req_500\"",
        " request_id=\"req_ok\"",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(
        !text.contains("hunter2") && !text.contains("jenny"),
        "{text}"
    );
}
