//! The drivers: `sync_all`, `sync_by_ids` and `sync`, over one [`Syncer`].

#[cfg(feature = "live")]
mod absence;
mod all;
pub(crate) mod alone;
mod builder;
mod by_ids;
mod chain;
mod changes;
mod children;
mod coverage;
mod density;
mod early;
mod endless;
mod error;
mod events;
mod fetch;
mod gone;
mod inline;
mod lease;
#[cfg(feature = "live")]
pub(crate) mod live;
mod look_back;
mod models;
mod newest;
mod newest_event;
mod one;
mod order;
mod pace;
mod page;
mod parents;
mod pending;
mod plan;
mod progress;
mod reading;
mod recipes;
mod refusals;
mod report;
mod rests;
mod retrieve;
mod run;
mod scope;
pub(crate) mod settle;
pub(crate) mod share;
mod since;
mod slice;
mod splits;
mod state;
mod status;
mod streak;
mod sweep;
mod turn;
mod warnings;
mod write;
mod writing;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tracing::Instrument as _;

pub use all::SyncAll;
pub use builder::SyncerBuilder;
pub use error::SyncError;
pub use models::ModelResult;
pub use pending::PendingStatements;
pub use plan::Plan;
pub use progress::{Progress, ProgressUpdate, TerminalProgress};
pub use report::{Bottleneck, IdOutcome, IdsReport, LISTED_FAILURES, Report};
pub use state::WalkState;
pub use status::ModelStatus;

pub use crate::store::WalkPhase;

use crate::client::Stripe;
use crate::context::State;
use crate::freshness::ReadToken;
use crate::model::StripeSync;
use crate::object::StripeObject;
use crate::registry::{Registry, TableName};
use crate::store::{DatabaseKind, Difference, FailedRow, IntoStore, Scope, Store};
use scope::{KnownScope, Learned};
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
    registry: Registry,
    state: State,
    /// How long a hook or handler may take.
    hook_timeout: Duration,
    progress: Option<Arc<dyn Progress>>,
    known: KnownScope,
    scope: OnceCell<Learned>,
    /// The share of the account's rate that all runs of this syncer have together.
    sharing: SharedSharing,
}

impl Syncer {
    /// A syncer from Stripe into a database: `SqlitePool`, `PgPool` or `MySqlPool`.
    pub fn new(stripe: Stripe, pool: impl IntoStore) -> Self {
        Self::builder(stripe, pool).build()
    }

    /// Settings before the syncer is made.
    pub fn builder(stripe: Stripe, pool: impl IntoStore) -> SyncerBuilder {
        SyncerBuilder::new(stripe, pool.into_store())
    }

    /// Mirrors every object that the resource's lists can show, and reports what it did.
    ///
    /// Every page of 100 is read, and every class that Stripe's default filters hide: canceled subscriptions, inactive
    /// prices, what belongs to test clocks, children of each parent. Rows that did not change are not written. Then events
    /// say what changed meanwhile, and rows that no list showed are confirmed as deleted, each by a read.
    ///
    /// A run that was stopped or killed is resumed by the next call; a call while another process runs takes part in its
    /// work. Lists with a `created` filter are read in several parts at once.
    ///
    /// # Errors
    /// When the table does not fit or holds another account's rows (nothing was written then), a run with other settings
    /// goes in another process, or Stripe or the database fail for longer than retries last. An object that does not map
    /// fails alone, in the report.
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
        // On the heap: what nests this future would hit the compiler's recursion limit.
        let never = Box::pin(std::future::pending());
        Box::pin(all::run(self, M::MODEL, options, never)).await
    }

    /// [`sync_all`](Self::sync_all) that ends early when a signal comes, for a process that is told to stop: what is written
    /// stays, and what this process had of the lists is given back, so that the next run goes on at once. The report says
    /// that it was [stopped](Report::stopped).
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncAll, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// let interrupted = async {
    ///     let _ = tokio::signal::ctrl_c().await;
    /// };
    /// let report = syncer
    ///     .sync_all_until::<Customer>(SyncAll::default(), interrupted)
    ///     .await?;
    /// println!("{report}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As `sync_all`.
    pub async fn sync_all_until<M: StripeSync>(
        &self,
        options: SyncAll,
        signal: impl Future<Output = ()> + Send,
    ) -> Result<Report, SyncError> {
        let signal = Box::pin(signal);
        Box::pin(all::run(self, M::MODEL, options, signal)).await
    }

    /// What a `sync_all` of a model would cost, from a few probes of its lists: about how many objects there are, how
    /// many requests it takes, and how long. Writes nothing.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// println!("{}", syncer.plan::<Customer>().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the account is not known, the resource has no list, or Stripe refuses.
    pub async fn plan<M: StripeSync>(&self) -> Result<Plan, SyncError> {
        Box::pin(plan::plan(self, M::MODEL)).await
    }

    /// How far the newest `sync_all` of a model is, in whatever process; `None` if there was none.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn walk_state<M: StripeSync>(&self) -> Result<Option<WalkState>, SyncError> {
        Box::pin(state::state(self, M::MODEL)).await
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
        self.sync_model_by_ids(M::MODEL, ids).await
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
        Box::pin(one::sync(self, M::MODEL, object).instrument(span)).await
    }

    /// Takes a token before a request to Stripe whose answer will be given to [`sync`](Self::sync).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_read(&self) -> Result<ReadToken, SyncError> {
        self.store().prepare().await?;
        Ok(ReadToken::new(self.store().tick().await?))
    }

    /// The statements that create the model's table, for a migration.
    pub fn create_table<M: StripeSync>(&self) -> Vec<String> {
        let place = self.store().place(M::MODEL);
        crate::store::create_table(M::MODEL, place.table(), self.store().kind())
    }

    /// Creates the model's table, or adds the columns that it lacks. For development: a migration is under your control.
    ///
    /// # Errors
    /// When the table mirrors another resource, or the database refuses.
    pub async fn ensure_table<M: StripeSync>(&self) -> Result<(), SyncError> {
        Box::pin(models::ensure_table(self, M::MODEL)).await
    }

    /// Compares the model with the real table. Runs do so before they write; empty means that all is well.
    ///
    /// # Errors
    /// When the table mirrors another resource, or the database fails.
    pub async fn check_table<M: StripeSync>(&self) -> Result<Vec<Difference>, SyncError> {
        Box::pin(models::check_table(self, M::MODEL)).await
    }

    /// The objects of the model that failed, and did not succeed since, by id. Where there may be many,
    /// [`failed_page`](Self::failed_page) gives some at a time.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn failed<M: StripeSync>(&self) -> Result<Vec<FailedRow>, SyncError> {
        let scope = self.scope().await?;
        self.store().prepare().await?;
        Ok(self.store().failed(M::MODEL, &scope).await?)
    }

    /// The first `at_most` of them, or those behind a row: the last one of the page before.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: &Syncer) -> Result<(), SyncError> {
    /// let mut page = syncer.failed_page::<Customer>(None, 100).await?;
    /// while let Some(last) = page.last() {
    ///     page.iter().for_each(|row| println!("{}: {}", row.id, row.reason));
    ///     page = syncer.failed_page::<Customer>(Some(last), 100).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`failed`](Self::failed).
    pub async fn failed_page<M: StripeSync>(
        &self,
        behind: Option<&FailedRow>,
        at_most: usize,
    ) -> Result<Vec<FailedRow>, SyncError> {
        let scope = self.scope().await?;
        self.store().prepare().await?;
        let behind = behind.map(|row| row.id.as_str());
        let page = self.store().failed_page(M::MODEL, &scope, behind, at_most);
        Ok(page.await?)
    }

    /// Returns the models that the syncer was built with.
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// The client, for requests of the application's own within the same rate budget.
    pub fn stripe(&self) -> &Stripe {
        &self.shared.stripe
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn hook_timeout(&self) -> Duration {
        self.shared.hook_timeout
    }

    pub(crate) fn state(&self) -> &State {
        &self.shared.state
    }

    fn progress(&self) -> Option<&dyn Progress> {
        self.shared.progress.as_deref()
    }

    pub(crate) async fn scope(&self) -> Result<Scope, SyncError> {
        Ok(self.learned().await?.scope.clone())
    }

    async fn learned(&self) -> Result<&Learned, SyncError> {
        let learn = || scope::learn(&self.shared.stripe, &self.shared.known);
        Box::pin(self.shared.scope.get_or_try_init(learn)).await
    }

    /// Whether the key's data is live, where the account is yet to be asked for and nobody claimed which it is; else `None`.
    fn asks_for_account(&self) -> Option<bool> {
        let (stripe, known) = (&self.shared.stripe, &self.shared.known);
        let is_known = self.shared.scope.initialized() || !known.is_asked_for(stripe);
        known.mode(stripe).filter(|_| !is_known && !known.claimed)
    }
}

/// The statements that create a model's table on a database where its struct says that it is, for a migration.
/// [`Syncer::create_table`] gives those of a table that was placed elsewhere.
pub fn create_table<M: StripeSync>(database: DatabaseKind) -> Vec<String> {
    crate::store::create_table(M::MODEL, &TableName::of(M::MODEL), database)
}

impl fmt::Debug for Syncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Syncer")
            .field("stripe", &self.shared.stripe)
            .field("database", &self.store().kind())
            .finish_non_exhaustive()
    }
}
