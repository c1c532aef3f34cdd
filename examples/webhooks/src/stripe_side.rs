//! Which Stripe is followed, and how its events come.

use std::env;

use stripe_sync::Stripe;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, WebhookPump};
use stripe_sync::webhook::WebhookSecret;
use webhooks::{BoxError, endpoint};

use crate::demo;

pub struct StripeSide {
    pub stripe: Stripe,
    /// Each may sign deliveries; without any, none is accepted.
    pub secrets: Vec<WebhookSecret>,
    /// The tables of one account and mode are never filled from another, so the fake has a file of its own.
    pub file: &'static str,
    /// Serves until it is dropped.
    pub fake: Option<FakeStripe>,
    /// Delivers until it is dropped.
    _pump: Option<WebhookPump>,
}

/// A fake Stripe on this machine that delivers to the service at `address`.
pub async fn fake(address: &str) -> Result<StripeSide, BoxError> {
    let fake = demo::start().await?;
    let stripe = fake.stripe()?;
    let secret = endpoint::ensure(&stripe, address)
        .await?
        .ok_or("the endpoint at the fake is an old one")?;
    let file = "webhooks.db";
    println!("STRIPE_SECRET_KEY is not set: a fake Stripe delivers to this service, into {file}");
    Ok(StripeSide {
        stripe,
        secrets: vec![WebhookSecret::new(secret.expose())?],
        file,
        _pump: Some(fake.deliver_webhooks()?),
        fake: Some(fake),
    })
}

/// The account of a key.
pub async fn account(key: String) -> Result<StripeSide, BoxError> {
    let stripe = match env::var("STRIPE_API_BASE") {
        Ok(base) => Stripe::builder(key).base_url(base).build()?,
        Err(_) => Stripe::new(key)?,
    };
    let mut secrets = Vec::new();
    if let Ok(secret) = env::var("STRIPE_WEBHOOK_SECRET") {
        secrets.push(WebhookSecret::new(secret)?);
    }
    if let Ok(url) = env::var("PUBLIC_URL")
        && let Some(secret) = endpoint::ensure(&stripe, &url).await?
    {
        println!(
            "An endpoint was created. Its secret is shown this once; set it from the next start on:"
        );
        println!("STRIPE_WEBHOOK_SECRET={}", secret.expose());
        secrets.push(WebhookSecret::new(secret.expose())?);
    }
    if secrets.is_empty() {
        println!(
            "STRIPE_WEBHOOK_SECRET is not set: deliveries are refused, and Stripe's list of events is followed once a minute"
        );
    }
    let file = "account.db";
    println!("The account of STRIPE_SECRET_KEY is followed, into {file}");
    Ok(StripeSide {
        stripe,
        secrets,
        file,
        fake: None,
        _pump: None,
    })
}
