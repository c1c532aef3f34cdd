//! The syncer: what a process has to mirror Stripe with.

pub(crate) mod builder;
pub(crate) mod rate_share;
pub(crate) mod shared_table;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::calls::HOOK_TIMEOUT;
use crate::client::Stripe;
use crate::freshness::ReadToken;
use crate::model::Model;
use crate::model::context::State;
use crate::model::registry::Registry;
use crate::store::db::store::IntoStore;
use crate::store::db::{Scope, Store};
use crate::sync::error::SyncError;
use crate::sync::progress::ShowProgress;
use crate::sync::scope::{self, KnownScope, Learned};
use builder::SyncerBuilder;
use rate_share::SharedSharing;

/// Mirrors Stripe into the tables of one database. Cheap to clone; all clones share one pool and one rate budget.
///
/// ```no_run
/// # #[cfg(feature = "sqlite")]
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use stripe_sync::{Stripe, StripeSync, Syncer, reexport::sqlx::SqlitePool};
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
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) stripe: Stripe,
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) state: State,
    /// How long a hook or handler may take.
    pub(crate) hook_timeout: Duration,
    pub(crate) progress: Option<Arc<ShowProgress>>,
    pub(crate) known: KnownScope,
    pub(crate) scope: OnceCell<Learned>,
    /// The share of the account's rate that all runs of this syncer have together.
    pub(crate) sharing: Arc<SharedSharing>,
}

impl Shared {
    pub(crate) fn new(stripe: Stripe, store: Store) -> Self {
        Self {
            stripe,
            store,
            registry: Registry::new(),
            state: State::default(),
            hook_timeout: HOOK_TIMEOUT,
            progress: None,
            known: KnownScope::default(),
            scope: OnceCell::new(),
            sharing: Arc::default(),
        }
    }
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

    /// Takes a token before a request to Stripe whose answer will be given to [`sync`](Self::sync).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_read(&self) -> Result<ReadToken, SyncError> {
        self.store().prepare().await?;
        Ok(ReadToken::new(self.store().next_token().await?))
    }

    /// Returns the models that the syncer was built with.
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// Returns a model as this syncer's registry has it: with the references and children that it has there.
    pub(crate) fn resolved(&self, model: &'static Model) -> &'static Model {
        self.registry().resolved(model)
    }

    /// The client, for requests of the application's own within the same rate budget.
    pub fn stripe(&self) -> &Stripe {
        &self.shared.stripe
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) async fn scope(&self) -> Result<Scope, SyncError> {
        Ok(self.learned().await?.scope.clone())
    }

    pub(crate) async fn learned(&self) -> Result<&Learned, SyncError> {
        let learn = || scope::learn(&self.shared.stripe, &self.shared.known);
        Box::pin(self.shared.scope.get_or_try_init(learn)).await
    }

    /// Whether the key's data is live, where the account is yet to be asked for and nobody claimed which it is; else `None`.
    pub(crate) fn asks_for_account(&self) -> Option<bool> {
        let (stripe, known) = (&self.shared.stripe, &self.shared.known);
        let is_known = self.shared.scope.initialized() || !known.is_asked_for(stripe);
        known.mode(stripe).filter(|_| !is_known && !known.claimed)
    }

    /// Returns the same syncer, whose requests take what others leave of the rate budget.
    #[cfg(feature = "live")]
    pub(crate) fn with_leftover(&self) -> Self {
        let shared = &self.shared;
        Self {
            shared: Arc::new(Shared {
                stripe: shared.stripe.leftover(),
                store: shared.store.clone(),
                registry: shared.registry.clone(),
                state: shared.state.clone(),
                hook_timeout: shared.hook_timeout,
                progress: shared.progress.clone(),
                known: shared.known.clone(),
                scope: shared.scope.clone(),
                sharing: Arc::clone(&shared.sharing),
            }),
        }
    }

    /// Returns a syncer for an account that is connected to the key's.
    #[cfg(feature = "live")]
    pub(crate) fn for_account(&self, scope: &Scope) -> Self {
        Self {
            shared: Arc::new(Shared {
                registry: self.registry().clone(),
                state: self.shared.state.clone(),
                hook_timeout: self.shared.hook_timeout,
                progress: self.shared.progress.clone(),
                known: KnownScope {
                    account: Some(scope.account.clone()),
                    livemode: Some(scope.livemode),
                    claimed: false,
                },
                ..Shared::new(
                    self.stripe().for_account(scope.account.as_str()),
                    self.store().clone(),
                )
            }),
        }
    }
}

impl fmt::Debug for Syncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Syncer")
            .field("stripe", &self.shared.stripe)
            .field("database", &self.store().kind())
            .finish_non_exhaustive()
    }
}
