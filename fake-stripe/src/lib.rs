//! A fake Stripe for tests: an HTTP server on a local port that answers as Stripe does, and as badly as Stripe may.
//!
//! It serves every list, nested list, retrieve and search of the catalogue for any number of accounts and both modes,
//! from objects that are made up by seed from Stripe's schema. What Stripe has and it does not simulate is refused with the
//! code `not_simulated`; so are other versions of the API, unless [`Versions::AnswerNewest`] is asked for. What can go wrong at Stripe can be made to go wrong here:
//! cursors that vanish, objects that a list hides, rate limits, broken connections, late events, unknown fields.
//!
//! ```no_run
//! # async fn example() -> Result<(), fake_stripe::FakeError> {
//! use fake_stripe::FakeStripe;
//! use serde_json::json;
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
//! Time is the fake's own: it stands still until it is moved ([`FakeStripe::advance`]). `created`, the `Date`
//! header and the 30 days of `/v1/events` follow it. Only rate limits and latencies use the real clock.
//!
//! The program `fake-stripe` (feature `cli`) is the same server for other languages; the README has its commands and its control
//! API, which [`FakeStripeBuilder::control`] turns on here. [`FakeStripeBuilder::any_test_key`] takes keys that were never issued.
//!
//! # How it is built
//!
//! The modules have an order, in which none names a later one:
//!
//! | module | what it has |
//! |---|---|
//! | `clock`, `error`, `params` | what has no part in the others |
//! | `chaos` | what may go wrong: settings, and how they are drawn |
//! | `data` | what is stored, and by what it is found |
//! | `generate` | made-up values from Stripe's schema |
//! | `events` | which events a change makes, and their forms |
//! | `webhooks` | endpoints, what waits for them, and how it is signed |
//! | `state` | all of a fake under one lock, and changes to it |
//! | `story` | what happens in an account, told step by step |
//! | `api` | requests and answers over HTTP |
//! | `fake` | the fake that a test holds, and its builder |
//! | `delivery` | endpoints and deliveries from the side of a test |
//! | `control` | what a test does, over HTTP for other languages |
//!
//! A later module may add methods to a type of an earlier one: [`FakeAccount::listable`] is in `api`, whose filters it asks.

mod api;
mod chaos;
mod clock;
mod control;
mod data;
mod delivery;
mod error;
mod events;
mod fake;
mod generate;
mod params;
mod state;
mod story;
mod webhooks;

pub use chaos::canned::CannedAnswer;
pub use chaos::drift::Drift;
pub use chaos::faults::{Fault, Faults};
pub use chaos::limits::RateLimits;
pub use chaos::nasty::{Nasty, NastyKind};
pub use chaos::quirks::{EndlessList, Quirks};
pub use delivery::{Delivery, FakeEndpoint, FakeEndpointBuilder, WebhookPump};
pub use error::FakeError;
pub use fake::FakeStripe;
pub use fake::builder::FakeStripeBuilder;
pub use state::account::FakeAccount;
pub use state::log::RequestRecord;
pub use state::request_hook::{Phase, RequestView};
pub use state::versions::Versions;
pub use story::{Story, Told};
#[doc(inline)]
pub use stripe_sync_schema::{Mode, RateLimitReason};
pub use webhooks::webhook_signature;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
