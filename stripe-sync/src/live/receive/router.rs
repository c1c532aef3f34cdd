//! The webhook's route as an axum router.

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{any, post};

use crate::live::service::Live;
use crate::webhook::sender::{TrustedSender, answer};

/// A little more than [`Live::receive`] takes, so that its answer is given and not axum's.
const LIMIT: usize = 5 << 20;

impl Live {
    /// A router with the one route that Stripe posts to, for an application with any state.
    ///
    /// ```no_run
    /// # fn run(live: stripe_sync::live::Live) -> axum::Router {
    /// axum::Router::new().merge(live.router("/stripe/webhook"))
    /// # }
    /// ```
    pub fn router<S: Clone + Send + Sync + 'static>(&self, path: &str) -> Router<S> {
        Router::new()
            .route(path, post(receive))
            .layer(DefaultBodyLimit::max(LIMIT))
            .with_state(self.clone())
    }

    /// A router with the one route that a cloud's event service delivers to: Azure Event Grid, or Amazon EventBridge. Stripe
    /// has not signed these deliveries, so a [`TrustedSender`] says whose they are; requests of others are refused unread.
    /// The handshake of CloudEvents is answered.
    ///
    /// ```no_run
    /// # fn run(live: stripe_sync::live::Live) -> Result<axum::Router, Box<dyn std::error::Error>> {
    /// use stripe_sync::webhook::TrustedSender;
    ///
    /// let sender = TrustedSender::bearer(std::env::var("EVENT_GRID_SECRET")?)?;
    /// Ok(axum::Router::new().merge(live.trusted_router("/stripe/event-grid", sender)))
    /// # }
    /// ```
    pub fn trusted_router<S: Clone + Send + Sync + 'static>(
        &self,
        path: &str,
        sender: TrustedSender,
    ) -> Router<S> {
        Router::new()
            .route(path, any(receive_from))
            .with_state((self.clone(), sender))
    }
}

async fn receive_from(
    State((live, sender)): State<(Live, TrustedSender)>,
    request: Request,
) -> Response<String> {
    let (parts, body) = request.into_parts();
    if let Some(answer) = sender.before_body(&parts) {
        return answer;
    }
    match to_bytes(body, LIMIT).await {
        Ok(body) => live.receive_trusted(body).await,
        // Too large, or cut short, and then nobody reads this.
        Err(_) => answer(StatusCode::PAYLOAD_TOO_LARGE, "the delivery is too large"),
    }
}

async fn receive(State(live): State<Live>, headers: HeaderMap, body: Bytes) -> Response<String> {
    live.receive(&headers, body).await
}
