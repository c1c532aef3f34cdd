//! A fake Stripe for tests: an HTTP server on a local port that answers as Stripe does, and as badly as Stripe may.
//!
//! It serves every list, nested list and retrieve of the catalogue for any number of accounts and both modes,
//! from objects that are made up by seed from Stripe's schema. What can go wrong at Stripe can be made to go wrong here:
//! cursors that vanish, objects that a list hides, rate limits, broken connections, late events, unknown fields.
//!
//! ```no_run
//! # async fn example() -> Result<(), stripe_sync::testing::FakeError> {
//! use serde_json::json;
//! use stripe_sync::testing::FakeStripe;
//!
//! let fake = FakeStripe::builder().seed(42).start().await?;
//! fake.generate("customer", 250)?;
//! let customer = fake.create("customer", json!({ "email": "jenny@example.com" }))?;
//! println!("GET {}/v1/customers with the key {}", fake.base_url(), fake.secret_key());
//! assert_eq!(fake.truth("customer").len(), 251);
//! # Ok(())
//! # }
//! ```
//!
//! Objects belong to an account and a mode. [`FakeStripe`] stands for the account and mode that it was built with
//! (it dereferences to that [`FakeAccount`]); others are added with [`FakeStripe::add_account`] and
//! [`FakeStripe::add_connected_account`].
//!
//! Webhooks wait to be taken: [`FakeStripe::take_deliveries`] hands them to the test, which sends them as it likes, and
//! [`FakeStripe::deliver_webhooks`] posts them as Stripe does.
//!
//! Time is the fake's own: it stands still until it is told to move ([`FakeStripe::advance`]). `created`, the `Date`
//! header and the 30 days of `/v1/events` follow it. Only rate limits and latencies use the real clock.

mod account;
mod accounts;
mod auth;
mod builder;
mod canned;
mod clock;
mod difference;
mod drift;
mod errors;
mod events;
mod expand;
mod facets;
mod fake;
mod faults;
mod filters;
mod forms;
mod generate;
mod inline;
mod limits;
mod list;
mod listable;
mod log;
mod mutate;
mod query;
mod quirks;
mod render;
mod respond;
mod retrieve;
mod router;
mod rows;
mod script;
mod server;
mod shelf;
mod state;
mod thin;
mod versions;
mod webhooks;

#[cfg(test)]
mod tests;

pub use self::account::FakeAccount;
pub use self::builder::FakeStripeBuilder;
pub use self::canned::CannedAnswer;
pub use self::drift::Drift;
pub use self::errors::FakeError;
pub use self::fake::FakeStripe;
pub use self::faults::{Fault, Faults};
pub use self::limits::{RateLimitReason, RateLimits};
pub use self::log::RequestRecord;
pub use self::quirks::{EndlessList, Quirks};
pub use self::script::{Phase, RequestView};
pub use self::webhooks::{
    Delivery, FakeEndpoint, FakeEndpointBuilder, WebhookPump, webhook_signature,
};
pub use crate::client::Mode;
