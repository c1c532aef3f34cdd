//! The settings of [`Live`].

mod alarms;
mod handlers;

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::live::error::LiveError;
use crate::live::handlers::HandlerTable;
use crate::live::handlers::unheard::Unheard;
use crate::live::service::alarm::limits::AlarmLimits;
use crate::live::service::observed::Observed;
use crate::live::service::retention::Retention;
use crate::live::service::{Live, LiveBuilder, Shared};
use crate::live::work::snapshot::EventPolicy;
use crate::model::registry::Registry;
use crate::model::{Model, StripeSync};
use crate::store::events::HandledResources;
use crate::sync::error::SyncError;
use crate::sync::object::absence::Absences;
use crate::sync::object::children::covered_by;
use crate::sync::object::read::is_readable;
use crate::sync::syncer::Syncer;
use crate::sync::syncer::shared_table::check_shared;
use crate::webhook::signature::{WebhookSecret, WebhookVerifier};

/// Times that an object is tried before its events are dead letters: with the pauses between them, more than three hours.
const ATTEMPTS: u32 = 12;
/// How often Stripe's list of events is followed. It is the safety net under the webhooks, and costs a request.
const CATCH_UP_EVERY: Duration = Duration::from_secs(60);
/// Objects that one process reads at once; the rate budget decides how fast they are answered.
const AT_ONCE: usize = 8;

/// How long a service that is asked to stop may take: `docker stop` kills after 10 seconds.
const STOP_WITHIN: Duration = Duration::from_secs(8);

impl Live {
    /// Settings before it is made.
    pub fn builder(syncer: Syncer) -> LiveBuilder {
        LiveBuilder {
            handlers: HandlerTable {
                timeout: syncer.shared.hook_timeout,
                ..HandlerTable::default()
            },
            syncer,
            models: Vec::new(),
            placed: Registry::new(),
            copied: HashSet::new(),
            verifier: None,
            attempts: ATTEMPTS,
            at_once: AT_ONCE,
            catch_up_every: Some(CATCH_UP_EVERY),
            accounts: BTreeSet::new(),
            retention: Retention::default(),
            stop_within: STOP_WITHIN,
            on_alarm: None,
            alarm_limits: AlarmLimits::default(),
            night: None,
        }
    }

    /// The event types that the models need, and those that handlers are called for, in order and once each: for
    /// [`WebhookEndpoints::ensure`](crate::webhook::endpoints::WebhookEndpoints::ensure). A pattern is all known types that
    /// fit it. What only thin events tell is not among them: it comes by an event destination.
    pub fn event_types(&self) -> Vec<&str> {
        let needed = crate::webhook::endpoints::types::event_types(&self.shared.models);
        let types = needed.into_iter().chain(self.shared.handlers.event_types());
        types.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl LiveBuilder {
    /// Mirrors a model: each event of an object leads to a read, which events that come together share.
    pub fn model<M: StripeSync>(self) -> Self {
        self.model_with::<M>(EventPolicy::Refetch)
    }

    /// Mirrors a model, and says where the content of its rows comes from when an event tells of an object.
    ///
    /// ```no_run
    /// # fn run<Charge: stripe_sync::StripeSync>(builder: stripe_sync::live::LiveBuilder) {
    /// use stripe_sync::live::EventPolicy;
    ///
    /// builder.model_with::<Charge>(EventPolicy::Snapshot);
    /// # }
    /// ```
    pub fn model_with<M: StripeSync>(mut self, policy: EventPolicy) -> Self {
        self.add(M::MODEL);
        if policy == EventPolicy::Snapshot {
            let place = self.syncer.store().place(M::MODEL);
            self.copied.insert(place.name.clone());
        }
        self
    }

    /// Mirrors all models of a registry, as [`model`](Self::model) does each of them: mostly the syncer's own. One that the
    /// registry has elsewhere than the syncer is an error when the service is built.
    ///
    /// ```no_run
    /// # use stripe_sync::{Syncer, live::{Live, LiveError}};
    /// # fn run(syncer: Syncer) -> Result<Live, LiveError> {
    /// let registry = syncer.registry().clone();
    /// let live = Live::builder(syncer).models(registry).build()?;
    /// # Ok(live) }
    /// ```
    pub fn models(mut self, registry: impl Into<Registry>) -> Self {
        let registry = registry.into().resolved_in(self.syncer.registry());
        for model in registry.models() {
            self.add(model);
        }
        self.placed.extend(registry);
        self
    }

    /// Mirrors a model once, with its children: events of their own tell of some of them.
    fn add(&mut self, model: &'static Model) {
        let model = self.syncer.resolved(model);
        for model in [model].into_iter().chain(model.descendants()) {
            if !self.models.iter().any(|known| known.is(model)) {
                self.models.push(model);
            }
        }
    }

    /// Accepts deliveries that this secret signed. Called more than once, each of the secrets will do: those of several
    /// endpoints, or the old and the new one while a secret is rolled. Without any, no delivery is accepted.
    pub fn secret(mut self, secret: WebhookSecret) -> Self {
        self.verifier = Some(match self.verifier {
            Some(verifier) => verifier.or(secret),
            None => WebhookVerifier::new(secret),
        });
        self
    }

    /// Keeps the changes of rows that events lead to, so that [`Live::changes`] tells of them. Set it in every process that
    /// runs the service: what another one writes is not kept. Default off, and then a change costs nothing.
    pub fn record_changes(mut self, keep: bool) -> Self {
        self.handlers.keeps_changes = keep;
        self
    }

    /// How often an object is tried, at least once, before its events are dead letters, and a handler or hook after a commit
    /// before it is given up. Default 12.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Objects that this process reads at once, at least one. Default 8.
    pub fn concurrency(mut self, objects: usize) -> Self {
        self.at_once = objects.max(1);
        self
    }

    /// How often [`run`](Live::run) follows Stripe's list of events; `None` leaves it to [`Live::catch_up`]. Default every
    /// minute. The lists of connected accounts are followed every tenth time, since Stripe allows each account 10,000 reads
    /// a month, and more only as it is paid more often.
    pub fn catch_up_every(mut self, every: impl Into<Option<Duration>>) -> Self {
        self.catch_up_every = every.into();
        self
    }

    /// Follows the events of these connected accounts, too, when it [catches up](Live::catch_up). An account of which an event
    /// was kept, or rows in a table of several accounts, is followed without being named here.
    pub fn accounts(mut self, accounts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.accounts.extend(accounts.into_iter().map(Into::into));
        self
    }

    /// How long events are kept once they are done with, and changes.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// How long [`run_until`](Live::run_until) lets finish what is in hand, when it is asked to stop. Default 8 seconds.
    pub fn stop_within(mut self, limit: Duration) -> Self {
        self.stop_within = limit;
        self
    }

    /// Checks that the models are where the syncer has them, and that none is in a table that it may not share.
    fn check_models(&self) -> Result<(), SyncError> {
        for (model, table) in self.placed.entries() {
            self.syncer.check_place(model, table)?;
        }
        let registered = || self.syncer.registry().models();
        for model in &self.models {
            self.syncer.check_registered(model)?;
            let among = self.models.iter().copied().chain(registered());
            check_shared(self.syncer.store(), model, among)?;
        }
        Ok(())
    }

    /// Says of which models no event is of use: their events are ignored, with the same reason.
    fn say_what_is_not_followed(&self) {
        let is_followed = |model: &&&'static Model| {
            is_readable(model) || model.is_of_elements() || !covered_by(model).is_empty()
        };
        for model in self.models.iter().filter(|model| !is_followed(model)) {
            tracing::warn!(
                name: "stripe_sync.not_followed",
                model = model.name(),
                object = model.object(),
                "no request returns one of these objects by its id, so events cannot bring their rows up to date: \
                 `sync_all` does"
            );
        }
    }

    /// The service. Nothing is sent to Stripe or the database yet.
    ///
    /// # Errors
    /// When a handler names an event type that there is not, or takes the connection of another database; when a model is
    /// elsewhere in a registry than in the syncer's; when models may not share a table and do.
    pub fn build(self) -> Result<Live, LiveError> {
        self.handlers.check(self.syncer.store().kind())?;
        self.check_models()?;
        self.say_what_is_not_followed();
        Ok(Live {
            shared: Arc::new(Shared {
                known: known(&self.models),
                settings: self,
                wake: Notify::new(),
                wake_delivery: Notify::new(),
                releases: Mutex::default(),
                written: watch::Sender::new(()),
                checked: Mutex::default(),
                absences: Absences::default(),
                totals: Mutex::default(),
                unheard: Unheard::default(),
                observed: Observed::default(),
                raised: tokio::sync::Mutex::default(),
            }),
        })
    }
}

/// The resources of models, and those whose events tell of children that are mirrored.
fn known(models: &[&'static Model]) -> HandledResources {
    let own = models.iter().map(|model| model.object());
    let parents = models.iter().flat_map(|model| covered_by(model));
    let objects: BTreeSet<&str> = own.chain(parents.map(|parent| parent.object)).collect();
    HandledResources {
        objects: objects.into_iter().map(str::to_owned).collect(),
    }
}

impl fmt::Debug for LiveBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveBuilder").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::StripeSync;
    use crate::client::Stripe;

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers", crate = crate)]
    struct Customer {
        #[allow(dead_code, reason = "only its place matters")]
        id: String,
    }

    #[tokio::test]
    async fn a_registry_must_have_the_tables_where_the_syncer_has_them() {
        let placed = Registry::new().model::<Customer>().in_schema("stripe");
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap();
        let syncer = || Syncer::builder(Stripe::new("sk_test_1234").unwrap(), &pool);
        let service = || Live::builder(syncer().registry(&placed).build());
        for same in [placed.clone(), Registry::new().model::<Customer>()] {
            let live = service().models(same).build().unwrap();
            assert_eq!(live.models()[0].name(), "Customer");
            assert_eq!(live.table(live.models()[0]), "stripe.customers");
        }
        let wrong = Live::builder(syncer().build()).models(&placed).build();
        let error = wrong.unwrap_err();
        let LiveError::Models(error) = error else {
            panic!("expected the models to be refused, got {error}");
        };
        assert!(
            matches!(&*error, SyncError::WrongPlace { expected, found, .. }
                if expected == "stripe.customers" && found == "customers"),
            "{error}"
        );
    }
}
