//! `webhook`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What is done with webhook endpoints.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// List the endpoints, with the types that this program's models need and lack
    List,
    /// Create an endpoint with exactly the types that the models need, or bring the one of this URL up to date
    Create(Create),
    /// Create a second endpoint of the same URL with a new secret; the old one stays until it is deleted
    Rotate(Rotate),
    /// Delete an endpoint
    Delete(Delete),
}

/// The arguments of `webhook create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Where Stripe is to post: https://example.com/stripe/webhook
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) secret: Secret,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

/// The arguments of `webhook rotate`.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// The endpoint's id or URL
    #[arg(value_name = "ID or URL")]
    pub(crate) endpoint: String,
    #[command(flatten)]
    pub(crate) secret: Secret,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

/// The arguments of `webhook delete`.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The endpoint's id or URL
    #[arg(value_name = "ID or URL")]
    pub(crate) endpoint: String,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

/// Where the new secret goes.
#[derive(Debug, Args)]
pub(crate) struct Secret {
    /// Write the secret to this file, which only its owner may read, and do not print it
    #[arg(long, value_name = "FILE")]
    pub(crate) write_secret_to: Option<PathBuf>,
}

/// What keeps live endpoints from a slip.
#[derive(Debug, Args)]
pub(crate) struct Guard {
    /// Change endpoints of live mode; without it a live key only lists
    #[arg(long)]
    pub(crate) live: bool,
}
