//! Deliveries: verified, kept, answered.
pub(crate) mod batch;
pub(crate) mod observed;
#[cfg(feature = "axum")]
pub(crate) mod router;
pub(crate) mod subjects;
pub(crate) mod unreadable;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};

use crate::live::service::Live;
use crate::store::events::Source;
use crate::sync::error::SyncError;
use crate::webhook::envelope::Envelope;
use crate::webhook::sender::{TrustedSender, answer};
use crate::webhook::signature::SIGNATURE_HEADER;
use batch::ReceivedEvents;
use observed::Observation;

/// The most bytes of a delivery. Stripe publishes no limit; an event holds one object, whose lists are cut to ten.
const LIMIT: usize = 4 << 20;

impl Live {
    /// Takes a delivery of a webhook endpoint: verifies its signature over the bytes as they came, keeps its event, and
    /// answers. Nothing else is waited for, so Stripe has its answer within the time of a commit.
    ///
    /// | status | when |
    /// |---|---|
    /// | 200 | the event is kept, or was before; also if nobody wants it, it is of the other mode, or cannot be read and is a dead letter |
    /// | 400 | the signature is missing, wrong or too old, or the body is no event |
    /// | 413 | the body is larger than 4 MiB |
    /// | 500 | the database did not take it, or no secret is set: Stripe tries again |
    pub async fn receive(&self, headers: &HeaderMap, body: impl Into<Bytes>) -> Response<String> {
        let body = body.into();
        if body.len() > LIMIT {
            return answer(StatusCode::PAYLOAD_TOO_LARGE, "the delivery is too large");
        }
        let Some(verifier) = &self.shared.verifier else {
            tracing::error!("a delivery came, and no signing secret is set");
            return answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                "no signing secret is set",
            );
        };
        let header = headers
            .get(SIGNATURE_HEADER)
            .map_or(&[][..], |value| value.as_bytes());
        // Before anything reads the body.
        if let Err(error) = verifier.verify(header, &body, chrono::Utc::now().timestamp()) {
            tracing::warn!(name: "stripe_sync.refused", %error, "a delivery was refused");
            return answer(StatusCode::BAD_REQUEST, &error.to_string());
        }
        self.open_and_persist(body).await
    }

    /// Takes a request of a cloud's event service, with whatever server: answers its handshake, checks who sent it, and
    /// takes its delivery as [`receive_trusted`](Self::receive_trusted) does. The route needs the methods `POST` and `OPTIONS`.
    ///
    /// | status | when |
    /// |---|---|
    /// | 401 | the request is not the sender's; nobody has looked at its body |
    /// | 405 | it is neither `POST` nor an `OPTIONS` of somebody who may ask, see [`answer_handshake`](crate::webhook::handshake::answer_handshake) |
    ///
    /// Other statuses are those of [`receive`](Self::receive).
    pub async fn receive_from(
        &self,
        sender: &TrustedSender,
        request: &Parts,
        body: impl Into<Bytes>,
    ) -> Response<String> {
        match sender.before_body(request) {
            Some(answer) => answer,
            None => self.receive_trusted(body).await,
        }
    }

    /// Takes a delivery that carries no signature because it came another way: from Amazon EventBridge or Azure Event
    /// Grid. Whoever calls this has made sure that it came from there; [`receive_from`](Self::receive_from) does so itself.
    ///
    /// Statuses are those of [`receive`](Self::receive). Event Grid's question in a body, whether its deliveries are wanted,
    /// is answered; the one in an `OPTIONS` request is [`answer_handshake`](crate::webhook::handshake::answer_handshake)'s.
    pub async fn receive_trusted(&self, body: impl Into<Bytes>) -> Response<String> {
        let body = body.into();
        if body.len() > LIMIT {
            return answer(StatusCode::PAYLOAD_TOO_LARGE, "the delivery is too large");
        }
        self.open_and_persist(body).await
    }

    async fn open_and_persist(&self, body: Bytes) -> Response<String> {
        let opened = match Envelope::parse(body.clone()) {
            Ok(Envelope::Events(events)) => Ok(ReceivedEvents {
                events,
                ..ReceivedEvents::default()
            }),
            Ok(Envelope::Validation(validation)) => {
                return answer(StatusCode::OK, &validation.answer());
            }
            Err(error) => ReceivedEvents::salvage(&body, error),
        };
        let batch = match opened {
            Ok(batch) => batch,
            Err(error) => return answer(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        match self.persist(&batch, Source::Delivered).await {
            Ok(_) => answer(StatusCode::OK, ""),
            Err(error) => {
                tracing::error!(name: "stripe_sync.not_kept", %error, "a delivery was not kept");
                // What went wrong is not Stripe's business.
                answer(StatusCode::INTERNAL_SERVER_ERROR, "the event was not kept")
            }
        }
    }

    /// Persists events of this mode in the inbox, and wakes the workers. Returns how many are new.
    pub(crate) async fn persist(
        &self,
        batch: &ReceivedEvents,
        source: Source,
    ) -> Result<u64, SyncError> {
        let (own, shared) = (self.prepare().await?, &self.shared);
        let mut described = Vec::with_capacity(batch.events.len());
        let mut received = Vec::with_capacity(batch.events.len());
        for event in &batch.unreadable {
            let described_event = self.describe_unreadable(event, &own, source);
            tracing::error!(
                name: "stripe_sync.unreadable_event",
                event = described_event.id,
                reason = event.reason,
                "an event cannot be read, and is kept as a dead letter"
            );
            described.push(described_event);
        }
        for event in &batch.events {
            if event.livemode() != own.livemode {
                // An endpoint for connected accounts gets both.
                tracing::debug!(
                    event = event.id(),
                    "an event of the other mode was left alone"
                );
                continue;
            }
            shared.unheard.note(&shared.handlers, event.kind());
            let described_event = self.describe(event, &own, source);
            received.push(Observation {
                account: event.account().unwrap_or(&own.account),
                created: event.created_seconds(),
                is_needed: described_event.subject().is_some(),
            });
            described.push(described_event);
        }
        if described.is_empty() {
            return Ok(0);
        }
        let new = self.store().receive(&described).await?;
        self.shared.wake.notify_one();
        self.observe(&received, source, own.livemode).await;
        Ok(new.into_iter().filter(|new| *new).count() as u64)
    }
}
