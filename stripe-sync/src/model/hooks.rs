//! Hooks: functions of yours that a model names in an attribute.
//!
//! | attribute | when it runs | what it may do |
//! |---|---|---|
//! | `pre_set_default` | before the mapping | see and change the object |
//! | `set_default` | in place of the mapping | make the row; [`StripeSync::from_stripe`] is the generated mapping |
//! | `post_set_default` | after the mapping | see and change the row |
//! | `sync` | around the write of one object, in its transaction | write the row with [`SyncContext::sync_default`], and rows of other tables |
//! | `after_commit` | after the transaction | see the [`Change`] |
//!
//! Each may be a plain or an `async` function, and returns `Result<_, E>` with any error that
//! `Box<dyn Error + Send + Sync>` takes; `pre_set_default`, `post_set_default` and `after_commit` may return nothing.
//! An error fails the object, not the run: the report names the object and the hook. A hook that is not named costs nothing.
//!
//! Worth knowing:
//!
//! * The three mapping hooks run before the transaction, so they may wait for other services. They run for every object
//!   that is read, also where the row turns out to be unchanged.
//! * Those of one page are waited for together, 16 at once.
//! * One that panics, or does not return within 30 seconds ([`hook_timeout`](crate::sync::syncer::builder::SyncerBuilder::hook_timeout)), fails its
//!   object, with the file and line of the panic. That needs `panic = "unwind"`, which is Rust's default.
//! * A `sync` hook may run twice for one write: a transaction that meets a deadlock or a busy database is done again from
//!   its start. What it wrote through its connection is undone; effects elsewhere are not, so they belong in `after_commit`.
//! * A `sync` hook takes a [`SyncContext`], which names no database: the same struct serves SQLite, PostgreSQL and MariaDB, and
//!   a crate of models needs no database feature. With `database = postgres` it takes a [`TypedSyncContext`] instead, whose
//!   connection is sqlx's.
//! * Rows for the elements of a list inside the object need no hook, but
//!   [`#[stripe(children)]`](derive@crate::StripeSync#children-and-parent). The hooks of the elements' struct run for each of
//!   them; there [`Context::parent`] is the id of the object. Where a `sync` hook of the object's own struct returns
//!   [`Outcome::Skipped`], the elements are skipped too.
//! * `after_commit` is called at least once for a change that a live event led to, and again if it fails; in the runs it is
//!   called at most once.
//! * There an error of `after_commit` is in the report and not in `bookkeeping`: the row is right, and is not written again.

pub(crate) mod call;
pub(crate) mod error;
pub(crate) mod sync;
pub(crate) mod typed;

use std::error::Error;

use futures_util::future::BoxFuture;

#[doc(hidden)]
pub use call::{Pending, Sharing, Uncallable, Unfit, hook};
pub use error::WriteError;
pub use sync::SyncContext;
pub use typed::TypedSyncContext;

use crate::cell::Cell;
use crate::model::context::{Context, Origin};
use crate::model::mapping::{MapError, Row, Slots};
use crate::model::words::words;
use crate::model::{Model, ReadBack, StripeSync};
use crate::object::StripeObject;

/// The error of a hook, with the hook's name.
#[derive(Debug, thiserror::Error)]
#[error("{hook}: {cause}")]
pub struct HookError {
    hook: &'static str,
    cause: Box<dyn Error + Send + Sync>,
}

impl HookError {
    /// An error of the hook with this name.
    pub fn new(hook: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            hook,
            cause: cause.into(),
        }
    }

    /// The hook's name, for example `pre_set_default`.
    pub fn hook(&self) -> &'static str {
        self.hook
    }

    /// The error that the hook returned. The message has it already, so `source` does not return it.
    pub fn cause(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.cause
    }
}

/// Why an object was not mapped: its own fault, or a hook's.
#[doc(hidden)]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// A value does not fit its column.
    #[error(transparent)]
    Map(#[from] MapError),
    /// A mapping hook returned an error.
    #[error(transparent)]
    Hook(#[from] HookError),
}

/// The name of the hook after the transaction.
pub(crate) const AFTER_COMMIT: &str = "after_commit";

/// What a write did to one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// There was no row.
    Inserted,
    /// The row was different.
    Updated,
    /// The row was the same already, and was not written.
    Unchanged,
    /// A `sync` hook chose not to write the row.
    Skipped,
}

words! { Outcome: Inserted "inserted", Updated "updated", Unchanged "unchanged", Skipped "skipped" }

/// The mapping of a model with mapping hooks.
#[doc(hidden)]
pub type MapHooks =
    for<'a> fn(&'a mut StripeObject, &'a Context) -> BoxFuture<'a, Result<Row, MappingError>>;

/// A model's `sync` hook, for every database or for one.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SyncHook {
    Any(AnySyncFn),
    #[cfg(feature = "sqlite")]
    Sqlite(SyncFn<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(SyncFn<sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(SyncFn<sqlx::MySql>),
}

/// A `sync` hook on every database.
#[doc(hidden)]
pub type AnySyncFn = for<'a, 'c> fn(
    &'a StripeObject,
    &'a mut SyncContext<'c>,
) -> BoxFuture<'a, Result<Outcome, HookError>>;

/// A `sync` hook on one database.
#[doc(hidden)]
pub type SyncFn<DB> = for<'a, 'c> fn(
    &'a StripeObject,
    &'a mut TypedSyncContext<'c, DB>,
) -> BoxFuture<'a, Result<Outcome, HookError>>;

/// A model's `after_commit` hook.
#[doc(hidden)]
pub type AfterCommit =
    for<'a> fn(ChangedCells, &'a Context) -> BoxFuture<'a, Result<(), MappingError>>;

/// A committed change of one row, for `after_commit`. Local columns are filled from the table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change<M> {
    /// A new row.
    #[non_exhaustive]
    Inserted {
        /// The row as it is now.
        after: M,
        /// Why it was written.
        origin: Origin,
    },
    /// A row that was different.
    #[non_exhaustive]
    Updated {
        /// The row as it was.
        before: M,
        /// The row as it is now.
        after: M,
        /// Why it was written.
        origin: Origin,
    },
    /// A row whose object was deleted at Stripe.
    #[non_exhaustive]
    Deleted {
        /// The row as it was.
        before: M,
        /// How the deletion was found.
        origin: Origin,
    },
    /// A row whose object is outside the model's filter by now, and which is marked or removed as if it were deleted. Stripe
    /// has the object.
    #[non_exhaustive]
    LeftFilter {
        /// The row as it was.
        before: M,
        /// How it was found.
        origin: Origin,
    },
}

/// A change whose rows are still cells, one for each field of the struct.
#[doc(hidden)]
#[derive(Debug)]
pub enum ChangedCells {
    Inserted(Vec<Cell<'static>>),
    Updated(Vec<Cell<'static>>, Vec<Cell<'static>>),
    Deleted(Vec<Cell<'static>>),
    LeftFilter(Vec<Cell<'static>>),
}

impl<M> Change<M> {
    /// The row as it was; `None` for a new one.
    pub fn before(&self) -> Option<&M> {
        match self {
            Self::Inserted { .. } => None,
            Self::Updated { before, .. }
            | Self::Deleted { before, .. }
            | Self::LeftFilter { before, .. } => Some(before),
        }
    }

    /// The row as it is now; `None` if it was deleted, or left the filter.
    pub fn after(&self) -> Option<&M> {
        match self {
            Self::Inserted { after, .. } | Self::Updated { after, .. } => Some(after),
            Self::Deleted { .. } | Self::LeftFilter { .. } => None,
        }
    }

    /// Why the row was written, or how the deletion was found.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Inserted { origin, .. }
            | Self::Updated { origin, .. }
            | Self::Deleted { origin, .. }
            | Self::LeftFilter { origin, .. } => *origin,
        }
    }
}

impl<M: ReadBack> Change<M> {
    /// The typed change.
    ///
    /// # Errors
    /// When a column does not hold its field's type.
    #[doc(hidden)]
    pub fn from_cells(cells: ChangedCells, origin: Origin) -> Result<Self, MapError> {
        Ok(match cells {
            ChangedCells::Inserted(after) => Self::Inserted {
                after: M::from_cells(after)?,
                origin,
            },
            ChangedCells::Updated(before, after) => Self::Updated {
                before: M::from_cells(before)?,
                after: M::from_cells(after)?,
                origin,
            },
            ChangedCells::Deleted(before) => Self::Deleted {
                before: M::from_cells(before)?,
                origin,
            },
            ChangedCells::LeftFilter(before) => Self::LeftFilter {
                before: M::from_cells(before)?,
                origin,
            },
        })
    }
}

/// The cells of a row that hooks made.
///
/// # Errors
/// When the object is not JSON.
#[doc(hidden)]
pub fn hooked_row<M: StripeSync>(
    row: M,
    object: &StripeObject,
    context: &Context,
) -> Result<Row, MapError> {
    Ok(Slots::read(M::MODEL, object, context)?.hooked_row(row.into_cells()))
}

/// Maps one object with the model's mapping hooks, or plainly where it has none.
pub(crate) async fn map(
    model: &'static Model,
    object: &mut StripeObject,
    context: &Context,
) -> Result<Row, MappingError> {
    match model.parts.map_hooks {
        Some(hooks) => hooks(object, context).await,
        None => Ok(crate::model::mapping::map_plain(model, object, context)?),
    }
}
