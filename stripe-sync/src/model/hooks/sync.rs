//! What a `sync` hook works with, whatever database it is.

use std::fmt;

use futures_util::future::BoxFuture;
use sqlx::{SqlSafeStr, SqlStr};

use crate::cell::Cell;
use crate::cell::values::Values;
use crate::model::context::Context;
use crate::model::hooks::{HookError, Outcome, WriteError};
use crate::model::{Model, StripeSync};

/// The write of one object, as a `sync` hook sees it. It names no database, so one hook serves all of them, and the crate
/// that holds it needs no database feature.
///
/// The hook runs inside the transaction that writes the object, in a savepoint of its own: when it returns an error,
/// what it wrote is undone, and the other objects of the transaction stay. An error of `sync_default`, `execute` or `write`
/// fails the object also where the hook goes on after it: PostgreSQL takes nothing more in such a transaction, and a
/// hook does the same on each database.
///
/// ```
/// use stripe_sync::hooks::{Outcome, SyncContext};
/// use stripe_sync::{StripeObject, StripeSync};
///
/// #[derive(StripeSync)]
/// #[stripe(object = "customer", table = "customers", sync = with_audit)]
/// struct Customer {
///     id: String,
/// }
///
/// async fn with_audit(
///     object: &StripeObject,
///     cx: &mut SyncContext<'_>,
/// ) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
///     let outcome = cx.sync_default().await?;
///     let audit = "INSERT INTO audit (object, outcome) VALUES (?, ?)";
///     cx.execute(audit, (object.id(), outcome.to_string())).await?;
///     Ok(outcome)
/// }
/// ```
pub struct SyncContext<'c> {
    context: &'c Context,
    work: &'c mut (dyn SyncWork + 'c),
}

/// What a hook may have done in the transaction of its object.
pub(crate) trait SyncWork: Send {
    /// Maps and writes the object.
    fn sync_default(&mut self) -> BoxFuture<'_, Result<Outcome, HookError>>;

    /// Runs a statement with `?` for each value, and returns how many rows it touched.
    fn execute<'a>(
        &'a mut self,
        sql: SqlStr,
        values: Vec<Cell<'a>>,
    ) -> BoxFuture<'a, Result<u64, WriteError>>;

    /// Writes a row of another model.
    fn write(
        &mut self,
        model: &'static Model,
        cells: Vec<Cell<'static>>,
    ) -> BoxFuture<'_, Result<Outcome, WriteError>>;

    /// The connection, if it is one to SQLite.
    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection>;

    /// The connection, if it is one to PostgreSQL.
    #[cfg(feature = "postgres")]
    fn postgres(&mut self) -> Option<&mut sqlx::PgConnection>;

    /// The connection, if it is one to MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    fn mysql(&mut self) -> Option<&mut sqlx::MySqlConnection>;
}

impl<'c> SyncContext<'c> {
    pub(crate) fn new(context: &'c Context, work: &'c mut (dyn SyncWork + 'c)) -> Self {
        Self { context, work }
    }

    /// The run around the hook.
    pub fn context(&self) -> &'c Context {
        self.context
    }

    /// Writes the row as a model without the hook would, and says what that did. It may be called once or not at all.
    ///
    /// # Errors
    /// When the object does not map, a mapping hook fails, or the database refuses the row.
    pub async fn sync_default(&mut self) -> Result<Outcome, HookError> {
        self.work.sync_default().await
    }

    /// Runs a statement in the transaction of the object, and returns how many rows it touched.
    ///
    /// Each `?` stands for a value, in their order, on every database; on PostgreSQL it is sent as `$1`, `$2`, ... A `?`
    /// in a string, a quoted name, a comment or between dollar quotes is left alone. `??` is sent as `?`, for PostgreSQL's
    /// operators of that name. Values are a tuple, an array or a `Vec` of what converts into a [`Cell`]: texts, numbers,
    /// booleans, moments, decimals, bytes, [`Json`](crate::Json), and an `Option` of these.
    ///
    /// ```
    /// # use stripe_sync::hooks::{SyncContext, WriteError};
    /// # async fn example(cx: &mut SyncContext<'_>, id: &str, seats: Option<i64>) -> Result<(), WriteError> {
    /// let update = "UPDATE tenants SET seats = ?, plan = 'why?' WHERE subscription = ?";
    /// let touched: u64 = cx.execute(update, (seats, id)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// A text has no other type than text: on PostgreSQL, a column of another type wants a cast, as in `?::uuid`. MySQL
    /// counts only the rows that are different afterwards. As with sqlx, a text that the program puts together is wrapped
    /// in [`AssertSqlSafe`](sqlx::AssertSqlSafe). The statement has the bound of every statement,
    /// [`statement_timeout`](crate::SyncerBuilder::statement_timeout).
    ///
    /// # Errors
    /// When there are more or fewer values than `?`, or the database refuses the statement.
    pub fn execute<'a>(
        &'a mut self,
        sql: impl SqlSafeStr,
        values: impl Values<'a>,
    ) -> BoxFuture<'a, Result<u64, WriteError>> {
        // No `async fn`: of its bounds, one that does not hold is three errors.
        self.work.execute(sql.into_sql_str(), values.into_cells())
    }

    /// Writes a row of another model, in the same transaction: into the table where the registry places it, with its hash
    /// and token, as a row that came from this read. A row that is the same is left as it is. If a newer read than this one
    /// has written the row, the object of this hook is read again, and the hook runs again.
    ///
    /// The model's mapping makes the row of a part of the object. (All items of a subscription, in the table as they are in
    /// the object, are `#[stripe(children)]`, without a hook.)
    ///
    /// ```
    /// use stripe_sync::hooks::{Outcome, SyncContext};
    /// use stripe_sync::{StripeObject, StripeSync};
    ///
    /// #[derive(StripeSync)]
    /// #[stripe(object = "subscription", table = "subscriptions", sync = with_items)]
    /// struct Subscription {
    ///     id: String,
    ///     status: String,
    /// }
    ///
    /// #[derive(StripeSync)]
    /// #[stripe(object = "subscription_item", table = "subscription_items")]
    /// struct Item {
    ///     id: String,
    ///     subscription: String,
    ///     quantity: Option<i64>,
    /// }
    ///
    /// async fn with_items(
    ///     object: &StripeObject,
    ///     cx: &mut SyncContext<'_>,
    /// ) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    ///     let outcome = cx.sync_default().await?;
    ///     for item in object.value()?["items"]["data"].as_array().into_iter().flatten() {
    ///         let item = StripeObject::from_json(item.to_string())?;
    ///         cx.write(Item::from_stripe(&item, cx.context())?).await?;
    ///     }
    ///     Ok(outcome)
    /// }
    /// ```
    ///
    /// The other model's mapping hooks are not called: the row is written as it is. A model with a `sync` or `after_commit`
    /// hook is refused, because that hook would not run.
    ///
    /// # Errors
    /// When the other model's table does not exist or does not fit, or belongs to another resource, account or filter;
    /// when the database refuses the row, or a newer read has written it.
    pub fn write<M: StripeSync>(&mut self, row: M) -> BoxFuture<'_, Result<Outcome, WriteError>> {
        self.work.write(M::MODEL, row.into_cells())
    }

    /// The connection of the transaction, if the database is SQLite, for what [`execute`](Self::execute) does not do. An
    /// error of a statement on it is the hook's to return.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection> {
        self.work.sqlite()
    }

    /// The connection of the transaction, if the database is PostgreSQL, for what [`execute`](Self::execute) does not do.
    /// An error of a statement on it is the hook's to return. Behind a [transaction pooler](crate::guide::poolers), a
    /// statement on it needs `.persistent(false)`.
    #[cfg(feature = "postgres")]
    pub fn postgres(&mut self) -> Option<&mut sqlx::PgConnection> {
        self.work.postgres()
    }

    /// The connection of the transaction, if the database is MySQL or MariaDB, for what [`execute`](Self::execute) does
    /// not do. An error of a statement on it is the hook's to return.
    #[cfg(feature = "mysql")]
    pub fn mysql(&mut self) -> Option<&mut sqlx::MySqlConnection> {
        self.work.mysql()
    }
}

impl fmt::Debug for SyncContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncContext")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
