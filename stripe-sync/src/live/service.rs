//! What all clones of a service share.

pub(crate) mod alarm;
pub(crate) mod night;
pub(crate) mod observed;
pub(crate) mod retention;

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::calls::lock;
use crate::live::handlers::HandlerTable;
use crate::live::handlers::unheard::Unheard;
use crate::live::service::alarm::OnAlarm;
use crate::live::service::alarm::limits::AlarmLimits;
use crate::live::service::alarm::raised::RaisedAlarms;
use crate::live::service::night::Night;
use crate::live::service::observed::Observed;
use crate::live::service::retention::Retention;
use crate::model::Model;
use crate::model::registry::Registry;
use crate::store::db::{Scope, Store, StoreError};
use crate::store::events::{HandledResources, InboxEvent, Selection};
use crate::sync::error::SyncError;
use crate::sync::object::absence::Absences;
use crate::sync::object::run::check_scope;
use crate::sync::syncer::Syncer;
use crate::webhook::signature::WebhookVerifier;

/// Receives Stripe's events and brings what they tell of into the tables. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    pub(crate) shared: Arc<Shared>,
}

/// Settings of a [`Live`].
#[must_use]
pub struct LiveBuilder {
    pub(crate) syncer: Syncer,
    pub(crate) models: Vec<&'static Model>,
    /// The models whose place a registry names.
    pub(crate) placed: Registry,
    /// The tables of the models that take events' snapshots.
    pub(crate) copied: HashSet<String>,
    pub(crate) verifier: Option<WebhookVerifier>,
    pub(crate) handlers: HandlerTable,
    pub(crate) attempts: u32,
    pub(crate) at_once: usize,
    pub(crate) catch_up_every: Option<Duration>,
    /// Connected accounts that are followed whatever is known of them.
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) retention: Retention,
    pub(crate) stop_within: Duration,
    pub(crate) on_alarm: Option<Box<OnAlarm>>,
    pub(crate) alarm_limits: AlarmLimits,
    /// When every model is verified.
    pub(crate) night: Option<Night>,
}

/// What all clones of a service share.
pub(crate) struct Shared {
    pub(crate) settings: LiveBuilder,
    /// The resources that this process knows.
    pub(crate) known: HandledResources,
    /// Wakes the workers of this process when something was received.
    pub(crate) wake: Notify,
    /// Wakes the delivery of this process when an object was processed.
    pub(crate) wake_delivery: Notify,
    /// What is being given back.
    pub(crate) releases: Mutex<JoinSet<()>>,
    /// Wakes the subscriptions of this process when its workers wrote something.
    pub(crate) written: watch::Sender<()>,
    /// The tables, models and accounts that were checked.
    pub(crate) checked: Mutex<HashSet<(String, &'static str, String)>>,
    /// The rows that went because Stripe does not know their objects, though no event told of it.
    pub(crate) absences: Absences,
    /// What this process has processed.
    pub(crate) totals: Mutex<ProcessStats>,
    /// What came in the form that handlers do not follow.
    pub(crate) unheard: Unheard,
    /// What an alarm may follow from.
    pub(crate) observed: Observed,
    /// The alarms that this process has raised.
    pub(crate) raised: tokio::sync::Mutex<RaisedAlarms>,
}

impl Deref for Shared {
    type Target = LiveBuilder;

    fn deref(&self) -> &LiveBuilder {
        &self.settings
    }
}

/// What was processed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ProcessStats {
    /// Objects that are as Stripe has them.
    pub objects: u64,
    /// Events that are done. Many about one object are one read.
    pub events: u64,
    /// Requests to Stripe.
    pub requests: u64,
    /// Rows that were written from an [event's own copy](crate::live::EventPolicy::Snapshot), without a read.
    pub copied: u64,
    /// Objects that failed and will be tried again.
    pub retried: u64,
    /// Objects that failed for the last time: their events are dead letters.
    pub dead: u64,
    /// Handlers and `after_commit` hooks that were called after a commit.
    pub delivered: u64,
    /// Of these, those that failed and will be called again.
    pub redelivered: u64,
    /// Of these, those that failed for the last time.
    pub never_delivered: u64,
}

impl fmt::Display for ProcessStats {
    /// What there was, in one line: `3 objects for 5 events, 3 requests, 1 delivered`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} objects for {} events, {} requests",
            self.objects, self.events, self.requests
        )?;
        for (count, what) in [
            (self.copied, "from event snapshots"),
            (self.retried, "to be retried"),
            (self.dead, "dead"),
            (self.delivered, "delivered"),
            (self.redelivered, "to be redelivered"),
            (self.never_delivered, "never delivered"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

impl ProcessStats {
    pub(crate) fn add(&mut self, more: &Self) {
        let Self {
            objects,
            events,
            requests,
            copied,
            retried,
            dead,
            delivered,
            redelivered,
            never_delivered,
        } = more;
        self.objects += objects;
        self.events += events;
        self.requests += requests;
        self.copied += copied;
        self.retried += retried;
        self.dead += dead;
        self.delivered += delivered;
        self.redelivered += redelivered;
        self.never_delivered += never_delivered;
    }
}

impl Live {
    /// The models that are mirrored.
    pub fn models(&self) -> &[&'static Model] {
        &self.shared.models
    }

    pub(crate) fn store(&self) -> &Store {
        self.shared.syncer.store()
    }

    /// How many events of the last day are of a form that handlers do not follow; each type is logged once.
    pub(crate) async fn count_unheard(&self) -> Result<u64, SyncError> {
        let (own, shared) = (self.prepare().await?, &self.shared);
        let (unheard, handlers) = (&shared.unheard, &shared.handlers);
        Ok(unheard.count(handlers, self.store(), own.livemode).await?)
    }

    /// The events of these ids, those received last first.
    pub(crate) async fn events_of(
        &self,
        livemode: bool,
        ids: impl IntoIterator<Item = &String>,
    ) -> Result<Vec<InboxEvent>, StoreError> {
        let ids = ids.into_iter().cloned().collect();
        let selection = Selection {
            ids: Some(ids),
            ..Selection::default()
        };
        self.store().events(livemode, &selection, usize::MAX).await
    }

    /// The models of a resource.
    pub(crate) fn models_of(&self, object: &str) -> impl Iterator<Item = &'static Model> {
        let models = self.shared.models.iter().copied();
        models.filter(move |model| model.object() == object)
    }

    /// The name of a model's table.
    pub(crate) fn table(&self, model: &'static Model) -> String {
        self.store().place(model).name.clone()
    }

    /// Learns whose events they are, and makes the tables; once.
    pub(crate) async fn prepare(&self) -> Result<Scope, SyncError> {
        let syncer = &self.shared.syncer;
        let scope = syncer.scope().await?;
        syncer.store().prepare().await?;
        Ok(scope)
    }

    /// Checks a table for a model and an account, once in this process.
    pub(crate) async fn check(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<(), SyncError> {
        let key = (self.table(model), model.name(), scope.account.clone());
        let checked = &self.shared.checked;
        if lock(checked).contains(&key) {
            return Ok(());
        }
        check_scope(&self.shared.syncer, model, scope).await?;
        lock(checked).insert(key);
        Ok(())
    }

    /// What this process has processed since this service was built, by [`run`](Self::run) or in another way: for metrics,
    /// for example how many requests an event costs.
    pub fn totals(&self) -> ProcessStats {
        *lock(&self.shared.totals)
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models = self.shared.models.iter();
        let models: Vec<&str> = models.map(|model| model.name()).collect();
        f.debug_struct("Live")
            .field("models", &models)
            .field("handlers", &self.shared.handlers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_processed_is_one_line() {
        let mut stats = ProcessStats::default();
        assert_eq!(stats.to_string(), "0 objects for 0 events, 0 requests");
        (stats.objects, stats.events, stats.requests) = (3, 5, 4);
        (stats.delivered, stats.never_delivered) = (2, 1);
        assert_eq!(
            stats.to_string(),
            "3 objects for 5 events, 4 requests, 2 delivered, 1 never delivered"
        );
    }
}
