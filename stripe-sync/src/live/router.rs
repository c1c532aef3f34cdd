//! The webhook's route as an axum router.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Response};
use axum::routing::post;

use super::builder::Live;

/// A little more than [`Live::receive`] takes, so that its answer is given and not axum's.
const LIMIT: usize = 5 << 20;

impl Live {
    /// A router with the one route that Stripe posts to.
    ///
    /// ```no_run
    /// # fn run(live: stripe_sync::live::Live) -> axum::Router {
    /// axum::Router::new().merge(live.router("/stripe/webhook"))
    /// # }
    /// ```
    pub fn router(&self, path: &str) -> Router {
        Router::new()
            .route(path, post(receive))
            .layer(DefaultBodyLimit::max(LIMIT))
            .with_state(self.clone())
    }
}

async fn receive(State(live): State<Live>, headers: HeaderMap, body: Bytes) -> Response<String> {
    live.receive(&headers, body).await
}
