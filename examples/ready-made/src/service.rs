//! The tables, how they follow Stripe, and what the service answers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use chrono::Utc;
use serde::Serialize;
use sqlx::SqlitePool;
use stripe_sync::live::Live;
use stripe_sync::{
    Context, Origin, Registry, Stripe, StripeObject, StripeSync as _, SyncAllOptions, Syncer,
};
use stripe_sync_models::{Customer, Price, Subscription};

use crate::BoxError;
use crate::user::User;

/// Three models, of which one is the service's own: what refers to customers refers to users.
pub fn registry() -> Registry {
    Registry::new()
        .model::<Customer>()
        .model::<Price>()
        .model::<Subscription>()
        .replace::<Customer, User>()
}

/// The service.
#[derive(Clone)]
pub struct Service {
    /// The rows.
    pub pool: SqlitePool,
    /// What fills the tables.
    pub syncer: Syncer,
    /// What makes them follow events.
    pub live: Live,
}

/// A user, and what there is to know of the user's subscriptions.
#[derive(Debug, Serialize)]
pub struct Profile {
    /// The row of the service's own table.
    #[serde(flatten)]
    pub user: User,
    /// Whether the user has a subscription now.
    pub is_active: bool,
    /// Whether nothing is due yet.
    pub is_trialing: bool,
}

impl Service {
    /// Makes the tables where they are missing, and fills them.
    pub async fn start(stripe: Stripe, pool: SqlitePool) -> Result<Self, BoxError> {
        let syncer = Syncer::builder(stripe, pool.clone())
            .registry(registry())
            .build();
        for (model, ensured) in syncer.ensure_models(syncer.registry()).await {
            ensured.map_err(|error| format!("{}: {error}", model.name()))?;
        }
        let options = SyncAllOptions::default();
        for (model, report) in syncer.sync_models(syncer.registry(), options).await {
            println!(
                "{}",
                report.map_err(|error| format!("{}: {error}", model.name()))?
            );
        }
        let live = Live::builder(syncer.clone())
            .models(syncer.registry())
            .build()?;
        Ok(Self { pool, syncer, live })
    }

    /// Returns a user; `None` if there is no such row.
    pub async fn profile(&self, id: &str) -> Result<Option<Profile>, BoxError> {
        let user = sqlx::query_as("SELECT id, email, theme FROM users WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool);
        let Some(user) = user.await? else {
            return Ok(None);
        };
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT raw FROM stripe_subscriptions WHERE customer = ? AND deleted_at IS NULL",
        )
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        let now = Utc::now();
        let (mut is_active, mut is_trialing) = (false, false);
        for raw in rows {
            // `raw` is the whole object, so the ready-made struct comes of it.
            let object = StripeObject::from_json(raw)?;
            let subscription = Subscription::from_stripe(&object, &Context::new(Origin::Direct))?;
            is_active |= subscription.is_active(now);
            is_trialing |= subscription.is_trialing(now);
        }
        Ok(Some(Profile {
            user,
            is_active,
            is_trialing,
        }))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/users/{id}", get(user))
            .with_state(self.clone())
    }
}

async fn user(
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Profile>, StatusCode> {
    match service.profile(&id).await {
        Ok(Some(profile)) => Ok(Json(profile)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(error) => {
            eprintln!("{error}");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
