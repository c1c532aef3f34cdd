//! The customers: one struct for the table, for sqlx and for the answers of the service.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use stripe_sync::{IdOutcome, StripeSync, SyncError, Syncer};

#[derive(Debug, FromRow, Serialize, StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub created: DateTime<Utc>,
    /// When the customer was found deleted at Stripe. The row stays.
    #[stripe(deleted_at)]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What the handlers share. Both are cheap to clone.
#[derive(Clone)]
pub struct App {
    pub pool: PgPool,
    pub syncer: Syncer,
}

pub fn router(app: App) -> Router {
    Router::new()
        .route("/customers/{id}", get(show))
        .route("/customers/{id}/refresh", post(refresh))
        .with_state(app)
}

/// A customer as the table has it: no request to Stripe.
async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Customer>, Refusal> {
    sqlx::query_as("SELECT id, email, name, created, deleted_at FROM customers WHERE id = $1")
        .bind(id)
        .fetch_optional(&app.pool)
        .await?
        .map(Json)
        .ok_or(Refusal::NotFound)
}

/// A customer as Stripe has it at this moment, and the table from now on.
async fn refresh(app: State<App>, Path(id): Path<String>) -> Result<Json<Customer>, Refusal> {
    let report = app.syncer.sync_by_ids::<Customer>([&id]).await?;
    if let Some(IdOutcome::Failed(failure)) = report.outcome(&id) {
        return Err(Refusal::Failed(failure.to_string()));
    }
    show(app, Path(id)).await
}

/// Why there is no customer in the answer.
enum Refusal {
    NotFound,
    Failed(String),
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<SyncError> for Refusal {
    fn from(error: SyncError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "no such customer\n").into_response(),
            // The reason is for the log: it is none of the caller's business.
            Self::Failed(reason) => {
                eprintln!("{reason}");
                (StatusCode::BAD_GATEWAY, "the customer could not be read\n").into_response()
            }
        }
    }
}
