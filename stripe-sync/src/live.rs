//! Live: each change at Stripe reaches the tables, whatever order it comes in.
//!
//! Stripe's events come late, twice, out of order and in another API version than one's own, so an event is a notice: it
//! is kept in an inbox in the application's database, answered at once, and the object that it is about is read again. A
//! burst of events about one object costs two reads.
//!
//! ```no_run
//! # #[cfg(feature = "sqlite")]
//! # async fn run<Customer: stripe_sync::StripeSync>(
//! #     syncer: stripe_sync::Syncer,
//! #     headers: http::HeaderMap,
//! #     body: stripe_sync::reexport::bytes::Bytes,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use stripe_sync::live::Live;
//! use stripe_sync::webhook::WebhookSecret;
//!
//! let live = Live::builder(syncer)
//!     .model::<Customer>()
//!     .secret(WebhookSecret::new(std::env::var("STRIPE_WEBHOOK_SECRET")?)?)
//!     .build()?;
//! tokio::spawn(live.clone().run()); // in as many processes as wanted
//!
//! // In the route of the webhook, with whatever server: the bytes as they were received.
//! let response = live.receive(&headers, body).await;
//! # drop(response);
//! # Ok(()) }
//! ```
//!
//! With the feature `axum`, `Live::router` is that route, and `Live::trusted_router` that of a cloud's event service.
//!
//! What is stored where: `stripe_sync_inbox` is the inbox, `stripe_sync_work` names the objects that wait to be read,
//! `stripe_sync_outbox` what is to be delivered after a commit, `stripe_sync_cursors` how far listed events were followed,
//! and `stripe_sync_content_times` the time of each row's content, for models that take events' snapshots.
//! `stripe_sync_changes` has the changes that [`Live::changes`] returns.

pub(crate) mod builder;
pub(crate) mod claims;
pub(crate) mod deliver;
pub(crate) mod error;
pub(crate) mod handlers;
pub(crate) mod health;
pub(crate) mod inbox;
pub(crate) mod poll;
pub(crate) mod receive;
pub(crate) mod run;
pub(crate) mod service;
pub(crate) mod subscribe;
pub(crate) mod wait;
pub(crate) mod work;
pub(crate) mod worker;

pub use error::LiveError;
pub use handlers::{HandlerDatabase, HandlerError, TransactionHandler};
pub use health::Health;
pub use health::gauges::Gauge;
pub use inbox::{EventFilter, InboxCounts};
pub use poll::CatchUpReport;
pub use poll::follower::{EventFollower, FollowedEvents};
pub use service::alarm::limits::AlarmLimits;
pub use service::alarm::{Alarm, AlarmState, AlarmUpdate};
pub use service::retention::Retention;
pub use service::{Live, LiveBuilder, ProcessStats};
pub use subscribe::{Changes, RowChange};
pub use wait::WaitOutcome;
pub use work::snapshot::EventPolicy;

pub use crate::store::events::inbox::{EventState, InboxEvent, Source};
pub use crate::store::events::position::ChangePosition;
pub use crate::store::rows::rider::ChangeKind;
