//! What a `sync` hook of one database works with.

use std::fmt;

use futures_util::future::BoxFuture;

use crate::model::context::Context;
use crate::model::hooks::{HookError, Outcome};

/// The write of one object, as a `sync` hook of a model with `database = ...` sees it: with sqlx's own connection.
///
/// A model without `database` has a [`SyncContext`](super::SyncContext), which serves every database.
///
/// The hook runs inside the transaction that writes the object, in a savepoint of its own: when it returns an error,
/// what it wrote is undone, and the other objects of the transaction stay.
///
/// ```
/// # #[cfg(feature = "sqlite")] mod example {
/// use stripe_sync::hooks::{Outcome, TypedSyncContext};
/// use stripe_sync::{StripeObject, StripeSync, reexport::sqlx};
///
/// #[derive(StripeSync)]
/// #[stripe(object = "customer", table = "customers", database = sqlite, sync = with_audit)]
/// struct Customer {
///     id: String,
/// }
///
/// async fn with_audit(
///     object: &StripeObject,
///     cx: &mut TypedSyncContext<'_, sqlx::Sqlite>,
/// ) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
///     let outcome = cx.sync_default().await?;
///     sqlx::query("INSERT INTO audit (object, outcome) VALUES (?, ?)")
///         .bind(object.id().to_owned())
///         .bind(outcome.to_string())
///         .execute(cx.connection())
///         .await?;
///     Ok(outcome)
/// }
/// # }
/// ```
pub struct TypedSyncContext<'c, DB: sqlx::Database> {
    connection: &'c mut DB::Connection,
    context: &'c Context,
    default: &'c mut (dyn DefaultSync<DB> + 'c),
}

/// The write that a `sync` hook wraps.
pub(crate) trait DefaultSync<DB: sqlx::Database>: Send {
    /// Maps and writes the object with this connection.
    fn write<'a>(
        &'a mut self,
        connection: &'a mut DB::Connection,
    ) -> BoxFuture<'a, Result<Outcome, HookError>>;
}

impl<'c, DB: sqlx::Database> TypedSyncContext<'c, DB> {
    pub(crate) fn new(
        connection: &'c mut DB::Connection,
        context: &'c Context,
        default: &'c mut (dyn DefaultSync<DB> + 'c),
    ) -> Self {
        Self {
            connection,
            context,
            default,
        }
    }

    /// Writes the row as a model without the hook would, and says what that did. It may be called once or not at all.
    ///
    /// # Errors
    /// When the object does not map, a mapping hook fails, or the database refuses the row.
    pub async fn sync_default(&mut self) -> Result<Outcome, HookError> {
        self.default.write(self.connection).await
    }

    /// The connection of the transaction that writes the object. Behind a [transaction
    /// pooler](crate::guide::poolers), a statement on it needs `.persistent(false)`.
    pub fn connection(&mut self) -> &mut DB::Connection {
        self.connection
    }

    /// The run around the hook.
    pub fn context(&self) -> &Context {
        self.context
    }
}

impl<DB: sqlx::Database> fmt::Debug for TypedSyncContext<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedSyncContext")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
