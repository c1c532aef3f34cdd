//! The endpoint at Stripe that posts to this service.

use stripe_sync::webhook::{EndpointSecret, WebhookEndpoints, event_types};
use stripe_sync::{Stripe, StripeSync};

use crate::BoxError;
use crate::models::{Customer, Subscription};
use crate::routes::WEBHOOK;

/// Makes sure that Stripe posts what the models need to the service at `base`, which is an address without a path. The
/// secret is in the answer if the endpoint was created just now: Stripe never tells it again.
pub async fn ensure(stripe: &Stripe, base: &str) -> Result<Option<EndpointSecret>, BoxError> {
    // The handlers listen to events of these types too, so there is nothing to add to them.
    let types = event_types(&[Customer::MODEL, Subscription::MODEL]);
    let url = format!("{}{WEBHOOK}", base.trim_end_matches('/'));
    let endpoint = WebhookEndpoints::new(stripe).ensure(&url, &types).await?;
    Ok(endpoint.secret)
}
