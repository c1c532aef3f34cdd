//! Settings of a [`Syncer`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Stripe;
use crate::model::registry::Registry;
use crate::store::db::{Settings, Store};
use crate::sync::progress::ProgressUpdate;
use crate::sync::scope::KnownScope;
use crate::sync::syncer::{Shared, Syncer};
use stripe_sync_schema::bookkeeping::Placement;

/// Settings of a [`Syncer`].
#[must_use]
pub struct SyncerBuilder {
    shared: Shared,
    settings: Settings,
}

impl SyncerBuilder {
    pub(crate) fn new(stripe: Stripe, store: Store) -> Self {
        Self {
            shared: Shared::new(stripe, store),
            settings: Settings::default(),
        }
    }

    /// Says whose data the key reads, for a restricted key that may not ask, and to be sure that it is this account's.
    ///
    /// The claim is checked before the first write, once for each syncer: the mode against the key's prefix, and the account
    /// by one `GET /v1/account`. A key of another account, and one that has no access to this one, is refused. Where the key
    /// may not ask, Stripe mostly names its account in the refusal, which is compared, too; where it does not, the claim
    /// stands. An object of the other mode is not written.
    pub fn account(mut self, account: impl Into<String>, livemode: bool) -> Self {
        self.shared.known = KnownScope {
            account: Some(account.into()),
            livemode: Some(livemode),
            claimed: true,
        };
        self
    }

    /// The models that the service has, and where their tables are. A model that is not among them is where its struct says.
    /// [`Syncer::registry`] returns them where they are on the database of this syncer: a namespace is a prefix on most.
    pub fn registry(mut self, registry: impl Into<Registry>) -> Self {
        self.shared.registry = registry.into();
        self
    }

    /// Where the bookkeeping tables are; `stripe_sync_*` in the connection's own schema unless this says otherwise. All
    /// processes that share mirrored tables must agree on it.
    pub fn bookkeeping(mut self, placement: Placement) -> Self {
        self.settings.placement = placement;
        self
    }

    /// How long the database may take for one statement, and how long a connection is waited for; 30 seconds unless this
    /// says otherwise. A connection on which nothing came by then is closed, and the work is done again on another one,
    /// once. Statements that a hook or a handler sends by itself are not bounded.
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.settings.statement_timeout = limit;
        self
    }

    /// Whether a pooler stands before PostgreSQL that gives each transaction another connection of the server: PgBouncer with
    /// `pool_mode = transaction`, Supabase's port 6543, Neon's `-pooler` host, RDS Proxy. Then every statement, reads too, runs
    /// inside `BEGIN` … `COMMIT` and is prepared without a name. Statements that a hook or a handler sends by itself need
    /// `.persistent(false)`. Other databases ignore it. See the guide's page about [poolers](crate::guide::poolers).
    pub fn transaction_pooler(mut self, pooled: bool) -> Self {
        self.settings.transaction_pooler = pooled;
        self
    }

    /// Tells each changed row on a channel of PostgreSQL, for programs that are not in Rust: whoever listens to it with
    /// `LISTEN` gets the table, account, mode and id, and whether the row was inserted, updated or deleted. What is told is
    /// committed. Without this nothing is told, and nothing is paid for it. See the guide's page about
    /// [verifications](crate::guide::verify#telling-other-programs) for what is told and what it costs.
    ///
    /// The name has small letters, digits and underscores. Another one, and another database than PostgreSQL, are an error of
    /// the first run: [`StoreError::NotifyChannel`](crate::StoreError::NotifyChannel),
    /// [`StoreError::NoNotify`](crate::StoreError::NoNotify).
    pub fn notify(mut self, channel: impl Into<String>) -> Self {
        self.settings.notify = Some(channel.into());
        self
    }

    /// How long a hook or an event handler may take; 30 seconds unless this says otherwise. One that takes longer is dropped,
    /// and the object or message that it was called for fails, as with its own error. A function that blocks its thread
    /// cannot be dropped.
    pub fn hook_timeout(mut self, limit: Duration) -> Self {
        self.shared.hook_timeout = limit;
        self
    }

    /// A value of the application for its hooks, which find it with `Context::state`. One for each type.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.shared.state = self.shared.state.with(value);
        self
    }

    /// A function that shows how far runs are: on a terminal, as [`terminal_progress`](crate::terminal_progress) does, on a web
    /// page, in a gauge. It is called after each page, so it must not block.
    ///
    /// ```no_run
    /// # fn run(builder: stripe_sync::SyncerBuilder) -> stripe_sync::SyncerBuilder {
    /// builder.progress(|update| println!("{}: {} seen", update.model, update.seen))
    /// # }
    /// ```
    pub fn progress(
        mut self,
        progress: impl Fn(ProgressUpdate<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.shared.progress = Some(Arc::new(progress));
        self
    }

    /// The syncer. Nothing is sent to Stripe or the database yet.
    pub fn build(self) -> Syncer {
        let mut shared = self.shared;
        shared.store = shared.store.with(self.settings, &shared.registry);
        shared.registry = shared.registry.on(shared.store.kind());
        Syncer {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for SyncerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncerBuilder")
            .field("stripe", &self.shared.stripe)
            .finish_non_exhaustive()
    }
}
