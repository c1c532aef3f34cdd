//! What the service answers: to Stripe, to whoever asks for a customer, and to a monitor.

use std::fmt::Display;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use sqlx::SqlitePool;
use stripe_sync::live::{InboxCounts, Live};

use crate::models::Customer;

/// Where Stripe posts to.
pub const WEBHOOK: &str = "/stripe/webhook";

/// What the routes share. Both are cheap to clone.
#[derive(Clone)]
struct App {
    pool: SqlitePool,
    live: Live,
}

pub fn router(live: Live, pool: SqlitePool) -> Router {
    let webhook = live.router(WEBHOOK);
    Router::new()
        .route("/customers/{id}", get(customer))
        .route("/metrics", get(metrics))
        .merge(webhook)
        .with_state(App { pool, live })
}

/// A customer as the table has it: no request to Stripe.
async fn customer(app: State<App>, Path(id): Path<String>) -> Result<Json<Customer>, Response> {
    sqlx::query_as("SELECT id, email, name, deleted_at FROM customers WHERE id = ?")
        .bind(id)
        .fetch_optional(&app.pool)
        .await
        .map_err(refuse)?
        .map(Json)
        .ok_or_else(|| (StatusCode::NOT_FOUND, "no such customer\n").into_response())
}

/// How many events wait, are done or are dead letters, and for how long the longest waits.
async fn metrics(app: State<App>) -> Result<Json<InboxCounts>, Response> {
    app.live.counts().await.map(Json).map_err(refuse)
}

/// The reason is for the log: it is none of the caller's business.
fn refuse(error: impl Display) -> Response {
    eprintln!("{error}");
    (StatusCode::INTERNAL_SERVER_ERROR, "not now\n").into_response()
}
