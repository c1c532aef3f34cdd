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
//! #     body: stripe_sync::bytes::Bytes,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use stripe_sync::live::{Live, WebhookSecret};
//!
//! let live = Live::builder(syncer)
//!     .model::<Customer>()
//!     .secret(WebhookSecret::new(std::env::var("STRIPE_WEBHOOK_SECRET")?)?)
//!     .build();
//! tokio::spawn(live.clone().run()); // in as many processes as wanted
//!
//! // In the route of the webhook, with whatever server: the bytes as they came.
//! let response = live.receive(&headers, body).await;
//! # drop(response);
//! # Ok(()) }
//! ```
//!
//! With the feature `axum`, `Live::router` is that route, and `Live::trusted_router` that of a cloud's event service.
//!
//! What is kept where: `stripe_sync_inbox` is the inbox, `stripe_sync_work` names the objects that wait to be read,
//! `stripe_sync_outbox` what is to be delivered after a commit, `stripe_sync_cursors` how far listed events were followed,
//! and `stripe_sync_content_times` of when rows are whose models take events' own copies. `stripe_sync_changes` has the
//! changes that [`Live::changes`] tells of.

mod accounts;
mod builder;
mod catch_up;
mod changes;
mod children;
mod claims;
mod copy;
mod delivery;
mod endpoints;
mod envelope;
mod event;
mod followed;
mod follower;
mod form;
mod handlers;
mod handshake;
mod inbox;
mod json;
mod listed;
mod objects;
mod process;
mod queues;
mod receive;
mod refresh;
mod retention;
#[cfg(feature = "axum")]
mod router;
mod run;
mod sender;
mod shared;
mod signature;
mod subjects;
mod unheard;
mod unreadable;
mod waiting;
mod worker;

pub use builder::{Live, LiveBuilder};
pub use catch_up::CaughtUp;
pub use changes::{ChangePosition, Changes, RowChange};
pub use copy::EventPolicy;
pub use endpoints::{
    EndpointError, EndpointSecret, EndpointStatus, EndpointUpdate, WebhookEndpoint,
    WebhookEndpoints, event_types,
};
pub use envelope::{Opened, Validation, open};
pub use event::{Event, EventError, EventForm};
pub use follower::{EventFollower, FollowedEvents};
pub use form::HandlerForm;
pub use handlers::{HandlerDatabase, HandlerError};
pub use handshake::{EVENT_GRID_ORIGIN, answer_handshake};
pub use inbox::{EventFilter, InboxCounts};
pub use listed::ListedEvents;
pub use process::Processed;
pub use retention::Retention;
pub use sender::{ShortSecret, TrustedSender};
pub use signature::{
    MalformedPart, SIGNATURE_HEADER, SecretError, SignatureError, WebhookSecret, WebhookVerifier,
    sign,
};
pub use waiting::Awaited;

pub use crate::store::{ChangeKind, EventState, InboxEvent, Source};
