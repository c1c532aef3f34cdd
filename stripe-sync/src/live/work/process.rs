//! Processing: objects that events told of are read and written, their handlers run, and the events are done.

use std::fmt;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::calls::call_async;
use crate::client::Meter;
use crate::live::builder::Live;
use crate::live::deliver::Messages;
use crate::live::work::claims::Held;
use crate::live::work::objects::Objects;
use crate::live::work::refresh::Refresh;
use crate::live::work::worker::Stop;
use crate::store::db::error::StoreError;
use crate::store::db::scope::Scope;
use crate::store::events::inbox::InboxEvent;
use crate::store::events::moments::LONGEST_PAUSE;
use crate::store::events::queue::Claim;
use crate::store::events::queue::debounce::Debounce;
use crate::sync::error::SyncError;

/// The first pause before an object that failed is tried again; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The pause before an object is read again that may be gone, or of another account.
const DOUBTED: Duration = Duration::from_secs(60);

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
    /// Rows that were written from an [event's own copy](crate::live::work::snapshot::EventPolicy::Snapshot), without a read.
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
    /// Processes all that is due now, in this process, and returns when there is nothing more: for a job that runs from
    /// time to time, and for tests. [`run`](Self::run) does so all the time.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. An object that fails is tried again later.
    pub async fn drain(&self) -> Result<ProcessStats, SyncError> {
        let mut processed = ProcessStats::default();
        // Nobody stops it.
        let (_stop, not_stopped) = watch::channel(Stop::Not);
        let mut objects = Objects::new(self, Debounce::AtOnce);
        let mut messages = Messages::new(self);
        loop {
            let (mut refreshed, mut delivered) = (ProcessStats::default(), ProcessStats::default());
            let (refreshing, delivering) = tokio::join!(
                Box::pin(self.work_through(&mut objects, &not_stopped, &mut refreshed)),
                Box::pin(self.work_through(&mut messages, &not_stopped, &mut delivered)),
            );
            processed.add(&refreshed);
            processed.add(&delivered);
            if !(refreshing? | delivering?) {
                self.say_unheard().await?;
                return Ok(processed);
            }
        }
    }

    /// What this process has processed since this service was built, by [`run`](Self::run) or in another way: for metrics,
    /// for example how many requests an event costs.
    pub fn totals(&self) -> ProcessStats {
        *self.lock_totals()
    }

    pub(crate) fn lock_totals(&self) -> MutexGuard<'_, ProcessStats> {
        let totals = self.shared.totals.lock();
        totals.unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes a claimed object, whose claim is renewed meanwhile.
    pub(crate) async fn claimed(
        &self,
        claim: Held<Claim>,
        own: &Scope,
    ) -> Result<ProcessStats, SyncError> {
        let meter = Arc::<Meter>::default();
        let mut processed = self.attempt(&claim, own, &meter).await?;
        processed.requests = meter.snapshot().requests;
        claim.settle();
        Ok(processed)
    }

    async fn attempt(
        &self,
        claim: &Held<Claim>,
        own: &Scope,
        meter: &Arc<Meter>,
    ) -> Result<ProcessStats, SyncError> {
        let store = self.store();
        // What comes after this is not covered by the read, and costs one more.
        let events = store.pending_events(&claim.scope, &claim.subject).await?;
        if !self.shared.known.has(&claim.subject.object) {
            let reason = format!("no process mirrors `{}`", claim.subject.object);
            return self.give_up(claim, &events, &reason).await;
        }
        let work = call_async(self.object(claim, &events, own, meter));
        let Some(result) = claim.while_renewed(work).await? else {
            return Ok(ProcessStats::default());
        };
        let result = match result {
            Ok(result) => result,
            // What panics for one object is not to be in the way of others.
            Err(panicked) => return self.failed(claim, &events, &panicked.to_string()).await,
        };
        match result {
            Ok(copied) => Ok(ProcessStats {
                objects: 1,
                events: events.len() as u64,
                copied,
                ..ProcessStats::default()
            }),
            Err(SyncError::Store(StoreError::ClaimLost { .. })) => Ok(ProcessStats::default()),
            // Another try would find the same.
            Err(error @ (SyncError::NotRetrievable { .. } | SyncError::NoParent { .. })) => {
                self.give_up(claim, &events, &error.to_string()).await
            }
            Err(error @ SyncError::Doubted { .. }) => {
                self.put_off(claim, &events, &error.to_string()).await
            }
            Err(error) => self.failed(claim, &events, &error.to_string()).await,
        }
    }

    /// Gives back an object that is tried again until it can be told what became of it, without a number of tries.
    async fn put_off(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        reason: &str,
    ) -> Result<ProcessStats, SyncError> {
        tracing::warn!(
            name: "stripe_sync.absence_doubted",
            object = claim.subject.object,
            id = claim.subject.id,
            reason,
            "the row of an object that Stripe does not know is kept"
        );
        let ids = ids(events);
        let put_off = self.store().put_off_work(claim, &ids, DOUBTED, reason);
        let retried = ProcessStats {
            retried: 1,
            ..ProcessStats::default()
        };
        unless_lost(put_off.await, retried)
    }

    async fn failed(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        reason: &str,
    ) -> Result<ProcessStats, SyncError> {
        let attempts = u32::try_from(claim.attempts).unwrap_or(u32::MAX);
        let last = attempts.saturating_add(1) >= self.shared.attempts;
        tracing::warn!(
            name: "stripe_sync.event_failed",
            object = claim.subject.object,
            id = claim.subject.id,
            attempts = attempts + 1,
            last,
            reason,
            "what events told of was not brought into the table"
        );
        if last && events.is_empty() {
            self.remember_failed_child(claim, reason).await?;
        }
        if last {
            return self.give_up(claim, events, reason).await;
        }
        let (ids, pause) = (ids(events), pause(attempts));
        let given_back = self.store().retry_work(claim, &ids, pause, reason);
        let retried = ProcessStats {
            retried: 1,
            ..ProcessStats::default()
        };
        unless_lost(given_back.await, retried)
    }

    /// Makes dead letters of an object's events.
    async fn give_up(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        reason: &str,
    ) -> Result<ProcessStats, SyncError> {
        let buried = self
            .store()
            .dead_letter_work(claim, &ids(events), reason)
            .await;
        let dead = ProcessStats {
            dead: 1,
            ..ProcessStats::default()
        };
        unless_lost(buried, dead)
    }

    /// Refreshes an object in the tables of its models, and completes its events in the transaction of the last. Answers how
    /// many rows are an event's own copy.
    async fn object(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        own: &Scope,
        meter: &Arc<Meter>,
    ) -> Result<u64, SyncError> {
        let mut refresh = Refresh {
            live: self,
            claim,
            events,
            own,
            meter,
            copy: None,
            read: None,
            copied: 0,
        };
        // Before the events are done: they alone tell of the children.
        refresh.enqueue_children().await?;
        let mut models: Vec<_> = self.models_of(&claim.subject.object).collect();
        let last = models.pop();
        for model in models {
            refresh.refresh(model, false).await?;
        }
        match last {
            Some(last) => refresh.refresh(last, true).await?,
            None => refresh.follow().await?,
        }
        Ok(refresh.copied)
    }
}

fn ids(events: &[InboxEvent]) -> Vec<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}

/// What became of an object that was given back: nothing if it was somebody else's by then.
fn unless_lost(
    given_back: Result<(), StoreError>,
    processed: ProcessStats,
) -> Result<ProcessStats, SyncError> {
    match given_back {
        Ok(()) => Ok(processed),
        Err(StoreError::ClaimLost { .. }) => Ok(ProcessStats::default()),
        Err(error) => Err(error.into()),
    }
}

/// The pause after so many failures, with jitter: objects that failed together should not come again together.
pub(crate) fn pause(failures: u32) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << failures.min(20))
        .min(LONGEST_PAUSE);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
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
