//! Processing: objects that events told of are read and written, their handlers run, and the events are done.

use std::pin::pin;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::builder::Live;
use super::refresh::Refresh;
use crate::client::Meter;
use crate::store::{Claim, Due, InboxEvent, Scope, StoreError};
use crate::sync::SyncError;

/// How long a claim lasts without being renewed: a worker that was killed is missed for so long.
const CLAIM: Duration = Duration::from_secs(30);
/// The first pause before an object that failed is tried again; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// What was processed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Processed {
    /// Objects that are as Stripe has them.
    pub objects: u64,
    /// Events that are done. Many about one object are one read.
    pub events: u64,
    /// Requests to Stripe.
    pub requests: u64,
    /// Rows that were written from an [event's own copy](super::EventPolicy::Snapshot), without a read.
    pub copied: u64,
    /// Objects that failed and will be tried again.
    pub retried: u64,
    /// Objects that failed for the last time: their events are dead letters.
    pub dead: u64,
    /// Handlers and `after_commit` hooks that were told of something after a commit.
    pub told: u64,
    /// Of these, those that failed and will be told again.
    pub told_again: u64,
}

impl Processed {
    fn add(&mut self, more: &Self) {
        let Self {
            objects,
            events,
            requests,
            copied,
            retried,
            dead,
            told,
            told_again,
        } = more;
        self.objects += objects;
        self.events += events;
        self.requests += requests;
        self.copied += copied;
        self.retried += retried;
        self.dead += dead;
        self.told += told;
        self.told_again += told_again;
    }
}

impl Live {
    /// Processes all that is due now, in this process, and answers when there is nothing more: for a job that runs from
    /// time to time, and for tests. [`run`](Self::run) does so all the time.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. An object that fails is tried again later.
    pub async fn process_due(&self) -> Result<Processed, SyncError> {
        let mut processed = Processed::default();
        loop {
            let mut step = Processed::default();
            let done = self.step(Due::AtOnce, &mut step).await;
            processed.add(&step);
            if !done? {
                return Ok(processed);
            }
        }
    }

    /// What this process has processed since this service was built, by [`run`](Self::run) or in another way: for metrics,
    /// for example how many requests an event costs.
    pub fn totals(&self) -> Processed {
        *self.lock_totals()
    }

    fn lock_totals(&self) -> MutexGuard<'_, Processed> {
        let totals = self.shared.totals.lock();
        totals.unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes and delivers some of what is due; answers whether there was anything.
    pub(super) async fn step(
        &self,
        due: Due,
        processed: &mut Processed,
    ) -> Result<bool, SyncError> {
        let done = async {
            Ok(self.process_some(due, processed).await? | self.deliver_some(processed).await?)
        }
        .await;
        self.lock_totals().add(processed);
        done
    }

    /// Processes as many objects as are read at once; answers whether there were any.
    async fn process_some(&self, due: Due, processed: &mut Processed) -> Result<bool, SyncError> {
        let own = self.prepare().await?;
        let shared = &self.shared;
        let (store, most) = (self.store(), shared.at_once);
        let claims = store
            .claim_work(own.livemode, &shared.known, due, most, CLAIM)
            .await?;
        let any = !claims.is_empty();
        let meter = Arc::<Meter>::default();
        // Tasks of their own, so that they share the runtime's threads; those that are dropped with this future are aborted.
        let mut tasks = JoinSet::new();
        for claim in claims {
            let (live, own, meter) = (self.clone(), own.clone(), Arc::clone(&meter));
            let task = async move { live.claimed(claim, &own, &meter).await };
            tasks.spawn(task.in_current_span());
        }
        let mut done = Vec::with_capacity(tasks.len());
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok(one) => done.push(one),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The runtime is shutting down.
                Err(_) => break,
            }
        }
        processed.requests += meter.snapshot().requests;
        for one in done {
            processed.add(&one?);
        }
        Ok(any)
    }

    /// Processes a claimed object, whose claim is renewed meanwhile.
    async fn claimed(
        &self,
        claim: Claim,
        own: &Scope,
        meter: &Arc<Meter>,
    ) -> Result<Processed, SyncError> {
        let store = self.store();
        // What comes after this is not covered by the read, and costs one more.
        let events = store.pending_events(&claim.scope, &claim.subject).await?;
        if !self.shared.known.has(&claim.subject.object) {
            let reason = format!("no process mirrors `{}`", claim.subject.object);
            return self.give_up(&claim, &events, &reason).await;
        }
        let ended = Notify::new();
        // Beside the work: each of the two may wait for a connection or a lock that the other one has.
        let mut renewing = pin!(self.renew(&claim, &ended));
        let result = tokio::select! {
            result = self.object(&claim, &events, own, meter) => result,
            renewed = &mut renewing => return renewed.map(|()| Processed::default()),
        };
        // A renewal that is under way is not cut off. What came of it does not matter any more.
        ended.notify_one();
        let _ = renewing.await;
        match result {
            Ok(copied) => Ok(Processed {
                objects: 1,
                events: events.len() as u64,
                copied,
                ..Processed::default()
            }),
            Err(SyncError::Store(StoreError::ClaimLost { .. })) => Ok(Processed::default()),
            Err(error) => self.failed(&claim, &events, &error.to_string()).await,
        }
    }

    /// Renews a claim again and again, until somebody else has it or the work on it has ended.
    async fn renew(&self, claim: &Claim, ended: &Notify) -> Result<(), SyncError> {
        loop {
            tokio::select! {
                () = ended.notified() => return Ok(()),
                () = tokio::time::sleep(CLAIM / 3) => {}
            }
            if !self.store().renew_claim(claim, CLAIM).await? {
                return Ok(());
            }
        }
    }

    async fn failed(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        reason: &str,
    ) -> Result<Processed, SyncError> {
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
        let retried = Processed {
            retried: 1,
            ..Processed::default()
        };
        unless_lost(given_back.await, retried)
    }

    /// Makes dead letters of an object's events.
    async fn give_up(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        reason: &str,
    ) -> Result<Processed, SyncError> {
        let buried = self.store().bury_work(claim, &ids(events), reason).await;
        let dead = Processed {
            dead: 1,
            ..Processed::default()
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
        refresh.notice_children().await?;
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
    processed: Processed,
) -> Result<Processed, SyncError> {
    match given_back {
        Ok(()) => Ok(processed),
        Err(StoreError::ClaimLost { .. }) => Ok(Processed::default()),
        Err(error) => Err(error.into()),
    }
}

/// The pause after so many failures, with jitter: objects that failed together should not come again together.
pub(super) fn pause(failures: u32) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << failures.min(20))
        .min(LONGEST_PAUSE);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}
