//! Mirror Stripe into your own tables.
//!
//! Put `#[derive(StripeSync)]` on the structs you already have. Each field is checked against Stripe's schema **when your
//! crate compiles**: a misspelt path, a nullable field in a type that cannot be null, a type that cannot hold the value are
//! errors at that field, with a suggestion. [`Syncer`] then keeps the struct's table equal to Stripe.
//!
//! ```no_run
//! # #[cfg(feature = "sqlite")]
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use stripe_sync::reexport::chrono::{DateTime, Utc};
//! use stripe_sync::{Json, Stripe, StripeSync, Syncer, reexport::sqlx::SqlitePool};
//!
//! #[derive(StripeSync)]
//! #[stripe(object = "customer", table = "customers")]
//! struct Customer {
//!     id: String,
//!     email: Option<String>,
//!     #[stripe(path = address.country)]
//!     country: Option<String>,
//!     created: DateTime<Utc>,
//!     #[stripe(raw)]
//!     object: Json<serde_json::Value>,
//! }
//!
//! let stripe = Stripe::new(std::env::var("STRIPE_SECRET_KEY")?)?;
//! let syncer = Syncer::new(stripe, SqlitePool::connect("sqlite:app.db?mode=rwc").await?);
//! syncer.ensure_table::<Customer>().await?;
//!
//! println!("{}", syncer.sync_all::<Customer>().await?);
//! println!("{}", syncer.sync_by_ids::<Customer>(["cus_1", "cus_2"]).await?);
//! # Ok(()) }
//! ```
//!
//! The [`guide`] is the place to go on: attributes, column types, hooks, databases, errors, guarantees.
//!
//! # Features
//!
//! ```toml
//! stripe-sync = { version = "0.1", features = ["postgres"] }
//! ```
//!
//! Name the database, or several: none is on by default.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `sqlite` | | SQLite, bundled |
//! | `postgres` | | PostgreSQL |
//! | `mysql` | | MySQL and MariaDB |
//! | `live` | yes | webhooks, events and what follows from them: [`live`] |
//! | `axum` | | the webhook route as an axum router |
//! | `async-stripe` | | async-stripe's clients as transports, and [`Stripe`] as async-stripe's client; a release candidate, of one version exactly |
//! | `testing` | | the fake Stripe |
//! | `time` | | `time::OffsetDateTime` as a column type |

// Without a database there is nothing to call; the crate compiles, so that it can be documented and packaged.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(
        dead_code,
        unreachable_code,
        unused_assignments,
        unused_imports,
        unused_mut,
        unused_variables
    )
)]

mod calls;
pub mod cell;
pub mod client;
mod freshness;
pub mod guide;
pub mod kind;
#[cfg(feature = "live")]
pub mod live;
mod model;
mod object;
mod store;
mod stripe_time;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "live")]
pub mod webhook;

pub use cell::{Cell, CellType, Element};
pub use client::Stripe;
pub use freshness::ReadToken;
pub use kind::{
    ArrayElement, ColumnType, FromBoolean, FromDecimal, FromEnum, FromFloat, FromInteger, FromJson,
    FromReference, FromText, FromUnchecked, FromUnixTime, Nullable, ValueError,
};
pub use model::context::{Context, Origin, State};
pub use model::hooks::{Change, HookError, Outcome};
pub use model::mapping::MapError;
pub use model::registry::Registry;
pub use model::table_name::TableName;
pub use model::{Model, OnDelete, StripeSync, hooks};
#[doc(hidden)]
pub use model::{ReadBack, Role};
pub use object::{ObjectError, Slot, StripeObject};
pub use sqlx::types::Json;
pub use store::{
    BackfillPhase, DatabaseKind, Difference, DifferenceKind, FailedRow, Failure, IntoStore,
    MissingIndex, Placement, PlacementError, PoolerTrouble, Store, StoreError, TablesError,
    bookkeeping_statements,
};
pub use stripe_sync_derive::StripeSync;
pub use sync::{
    BackfillStatus, Bottleneck, ChildReport, ChildVerification, ComparedColumn, Comparison, Drift,
    DriftKind, FetchReport, IdOutcome, IdsReport, MissingReferences, ModelResult, ModelStatus,
    PendingStatements, Plan, ProgressUpdate, RemapReport, Report, SyncAllOptions, SyncError,
    Syncer, SyncerBuilder, Verification, VerificationCounts, VerificationKind, VerificationSummary,
    VerifyOptions, create_table, terminal_progress,
};
/// The crates whose types are in this one's interface, in the versions that it uses.
pub mod reexport {
    pub use bytes;
    pub use chrono;
    pub use rust_decimal;
    pub use sqlx;
}

/// What generated code names. Not part of the public interface: it changes without notice.
///
/// The name carries the version, so that a macro of another version finds nothing rather than something else.
#[doc(hidden)]
pub mod __private_0_1_0 {
    /// This module's own name, which a test compares with the version.
    pub const PATH: &str = module_path!();

    pub use crate::model::children::{Children, ParentColumn};
    pub use crate::model::declared::{BROKEN, Declared, Held, Index, Reference, holds, mirrors};
    pub use crate::model::field::Field;
    pub use crate::model::hooks::{
        AfterCommit, ChangedCells, MapHooks, MappingError, Pending, Sharing, SyncHook, Uncallable,
        Unfit, hook, hooked_row,
    };
    pub use crate::model::mapping::{MapError, Row, Slots, map_json, read_back};
    pub use crate::model::{Column, Filter, FilterSort, Parts, Sql};
    pub use crate::object::paths::{
        ACCOUNT, DELETED, FIRST_PATH, ID, LIVEMODE, Mode, Node, OBJECT, Step,
    };
    /// One function for each way to read a field.
    pub mod field {
        pub use crate::model::field::Unread;
        pub use crate::model::field::attributes::*;
        pub use crate::model::field::kinds::*;
        pub use crate::model::field::members::*;
        pub use crate::model::field::or_null::*;
        pub use crate::model::field::parse::*;
        pub use crate::model::field::stored::*;
        pub use crate::model::field::whole::*;
    }
    pub use futures_util::future::BoxFuture;
    pub use stripe_sync_schema::table::{Statements, Text};
}

/// The README's example compiles.
#[cfg(all(doctest, feature = "sqlite", feature = "live"))]
#[doc = include_str!("../README.md")]
struct Readme;
