//! The drivers: `sync_all`, `sync_by_ids` and `sync`, over one [`Syncer`].

mod all;
mod by_ids;
mod chain;
mod error;
mod lease;
mod one;
mod page;
mod progress;
mod report;
mod run;
mod scope;
pub(crate) mod share;
mod write;

use std::fmt;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tracing::Instrument as _;

pub use all::SyncAll;
pub use error::SyncError;
pub use progress::{Progress, ProgressUpdate, TerminalProgress};
pub use report::{IdOutcome, IdsReport, LISTED_FAILURES, Report};

use crate::client::Stripe;
use crate::context::State;
use crate::freshness::ReadToken;
use crate::model::StripeSync;
use crate::object::StripeObject;
use crate::store::{DatabaseKind, Difference, FailedRow, Failure, Scope, Store};
use scope::KnownScope;
use share::SharedSharing;

/// Mirrors Stripe into the tables of one database. Cheap to clone; all clones share one pool and one rate budget.
///
/// ```no_run
/// # #[cfg(feature = "sqlite")]
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use stripe_sync::{Stripe, StripeSync, Syncer, sqlx::SqlitePool};
///
/// #[derive(StripeSync)]
/// #[stripe(object = "customer", table = "customers")]
/// struct Customer {
///     id: String,
///     email: Option<String>,
/// }
///
/// let stripe = Stripe::new(std::env::var("STRIPE_SECRET_KEY")?)?;
/// let pool = SqlitePool::connect("sqlite:app.db?mode=rwc").await?;
/// let syncer = Syncer::new(stripe, pool);
/// syncer.ensure_table::<Customer>().await?; // in development; print `create_table` for a migration
/// println!("{}", syncer.sync_all::<Customer>().await?);
/// println!("{}", syncer.sync_by_ids::<Customer>(["cus_1", "cus_2"]).await?);
/// # Ok(()) }
/// ```
///
/// Dropping the future of a run, or cancelling its task, leaves the table consistent: what was committed stays, what was
/// not is as it was, and the next run completes it.
#[derive(Clone)]
pub struct Syncer {
    shared: Arc<Shared>,
}

struct Shared {
    stripe: Stripe,
    store: Store,
    state: State,
    progress: Option<Arc<dyn Progress>>,
    known: KnownScope,
    scope: OnceCell<Scope>,
    /// The share of the account's rate that all runs of this syncer have together.
    sharing: SharedSharing,
}

/// Settings of a [`Syncer`].
pub struct SyncerBuilder {
    stripe: Stripe,
    store: Store,
    state: State,
    progress: Option<Arc<dyn Progress>>,
    known: KnownScope,
}

impl SyncerBuilder {
    /// Says whose data the key reads, for a restricted key that may not ask. A wrong account here binds a table to it,
    /// so give it only where `GET /v1/account` is refused.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>, livemode: bool) -> Self {
        self.known = KnownScope {
            account: Some(account.into()),
            livemode: Some(livemode),
        };
        self
    }

    /// A value of the application for its hooks, which find it with `Context::state`. One for each type.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state = self.state.with(value);
        self
    }

    /// Shows how far runs are, for example with [`TerminalProgress`].
    #[must_use]
    pub fn progress(mut self, progress: impl Progress) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// The syncer. Nothing is sent to Stripe or the database yet.
    pub fn build(self) -> Syncer {
        Syncer {
            shared: Arc::new(Shared {
                stripe: self.stripe,
                store: self.store,
                state: self.state,
                progress: self.progress,
                known: self.known,
                scope: OnceCell::new(),
                sharing: SharedSharing::default(),
            }),
        }
    }
}

impl Syncer {
    /// A syncer from Stripe into a database: `SqlitePool`, `PgPool` or `MySqlPool`.
    pub fn new(stripe: Stripe, pool: impl Into<Store>) -> Self {
        Self::builder(stripe, pool).build()
    }

    /// Settings before the syncer is made.
    pub fn builder(stripe: Stripe, pool: impl Into<Store>) -> SyncerBuilder {
        SyncerBuilder {
            stripe,
            store: pool.into(),
            state: State::default(),
            progress: None,
            known: KnownScope::default(),
        }
    }

    /// Mirrors every object that the resource's lists can show, and reports what it did.
    ///
    /// Every page of 100 is read, and every class that Stripe's default filters hide: canceled subscriptions, inactive
    /// prices, what belongs to test clocks, children of each parent. Rows that did not change are not written. One such
    /// run of a model, account and mode goes at a time.
    ///
    /// Objects that vanish at Stripe are not noticed by this run, because no list shows them: ask for their ids.
    ///
    /// # Errors
    /// When the table does not fit or holds another account's rows (nothing was written then), another run goes, or
    /// Stripe or the database fail for longer than retries last. An object that does not map fails alone, in the report.
    pub async fn sync_all<M: StripeSync>(&self) -> Result<Report, SyncError> {
        self.sync_all_with::<M>(SyncAll::default()).await
    }

    /// [`sync_all`](Self::sync_all) with settings.
    ///
    /// # Errors
    /// As `sync_all`.
    pub async fn sync_all_with<M: StripeSync>(
        &self,
        options: SyncAll,
    ) -> Result<Report, SyncError> {
        let span = tracing::info_span!("stripe_sync.sync_all", model = M::MODEL.name());
        all::sync_all(self, M::MODEL, options)
            .instrument(span)
            .await
    }

    /// Mirrors the objects with these ids; each is asked for once.
    ///
    /// An object that Stripe does not know any more is marked or removed in the table, as the model says.
    ///
    /// # Errors
    /// As `sync_all`; one id that fails does not fail the others.
    pub async fn sync_by_ids<M: StripeSync>(
        &self,
        ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<IdsReport, SyncError> {
        let ids = ids.into_iter().map(Into::into).collect();
        let span = tracing::info_span!("stripe_sync.sync_by_ids", model = M::MODEL.name());
        by_ids::sync_by_ids(self, M::MODEL, ids)
            .instrument(span)
            .await
    }

    /// Mirrors one object that the application has in hand.
    ///
    /// A copy of unknown age could be older than the row, so the object is read from Stripe once more, unless it says
    /// since when it is true:
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeObject, StripeSync, SyncError, Syncer};
    /// # async fn create_customer() -> StripeObject { std::future::pending().await }
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// let token = syncer.start_read().await?;
    /// let object = create_customer().await; // any request to Stripe that answers the object
    /// syncer.sync::<Customer>(object.read_since(token)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As `sync_all`.
    pub async fn sync<M: StripeSync>(&self, object: StripeObject) -> Result<IdOutcome, SyncError> {
        let span = tracing::info_span!(
            "stripe_sync.sync",
            model = M::MODEL.name(),
            id = object.id()
        );
        one::sync(self, M::MODEL, object).instrument(span).await
    }

    /// Takes a token before a request to Stripe whose answer will be given to [`sync`](Self::sync).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_read(&self) -> Result<ReadToken, SyncError> {
        let start = self.store().uncut(|store| async move {
            store.prepare().await?;
            store.tick().await
        });
        Ok(ReadToken::new(start.await?))
    }

    /// The statements that create the model's table, for a migration.
    pub fn create_table<M: StripeSync>(&self) -> Vec<String> {
        create_table::<M>(self.store().kind())
    }

    /// Creates the model's table, or adds the columns that it lacks. For development: a migration is under your control.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn ensure_table<M: StripeSync>(&self) -> Result<(), SyncError> {
        let made = self
            .store()
            .uncut(|store| async move { store.ensure_table(M::MODEL).await });
        Ok(made.await?)
    }

    /// Compares the model with the real table. Runs do so before they write; empty means that all is well.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_table<M: StripeSync>(&self) -> Result<Vec<Difference>, SyncError> {
        let checked = self
            .store()
            .uncut(|store| async move { store.check_table(M::MODEL).await });
        Ok(checked.await?)
    }

    /// The objects of the model that failed, and did not succeed since.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn failed<M: StripeSync>(&self) -> Result<Vec<FailedRow>, SyncError> {
        let scope = self.scope().await?;
        let failed = self.store().uncut(|store| async move {
            store.prepare().await?;
            store.failed(M::MODEL, &scope).await
        });
        Ok(failed.await?)
    }

    /// The client, for requests of the application's own within the same rate budget.
    pub fn stripe(&self) -> &Stripe {
        &self.shared.stripe
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    fn state(&self) -> &State {
        &self.shared.state
    }

    fn progress(&self) -> Option<&dyn Progress> {
        self.shared.progress.as_deref()
    }

    async fn scope(&self) -> Result<Scope, SyncError> {
        let learn = || scope::learn(&self.shared.stripe, &self.shared.known);
        self.shared.scope.get_or_try_init(learn).await.cloned()
    }
}

/// The statements that create a model's table on a database, for a migration.
pub fn create_table<M: StripeSync>(database: DatabaseKind) -> Vec<String> {
    crate::store::create_table(M::MODEL, database)
}

impl fmt::Debug for Syncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Syncer")
            .field("stripe", &self.shared.stripe)
            .field("database", &self.store().kind())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SyncerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncerBuilder")
            .field("stripe", &self.stripe)
            .finish_non_exhaustive()
    }
}
