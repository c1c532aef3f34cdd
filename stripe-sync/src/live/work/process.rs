//! Processing: objects that events told of are read and written, their handlers run, and the events are done.

use std::sync::Arc;
use std::time::Duration;

use crate::calls::call_async;
use crate::client::Meter;
use crate::live::claims::HeldClaim;
use crate::live::service::{Live, ProcessStats};
use crate::live::work::Refresh;
use crate::store::db::{Scope, StoreError};
use crate::store::events::queue::Again;
use crate::store::events::{Claim, InboxEvent};
use crate::sync::error::SyncError;

/// The pause before an object is read again that may be gone, or of another account.
const DOUBTED: Duration = Duration::from_secs(60);

/// How an object is given back whose events are not done.
enum GiveBack {
    /// It is tried again.
    Retry(Again),
    /// Its events are dead letters.
    DeadLetter,
}

impl Live {
    /// Processes a claimed object, whose claim is renewed meanwhile.
    pub(crate) async fn claimed(
        &self,
        claim: HeldClaim<Claim>,
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
        claim: &HeldClaim<Claim>,
        own: &Scope,
        meter: &Arc<Meter>,
    ) -> Result<ProcessStats, SyncError> {
        let store = self.store();
        // What comes after this is not covered by the read, and costs one more.
        let events = store.pending_events(&claim.scope, &claim.subject).await?;
        if !self.shared.known.has(&claim.subject.object) {
            let reason = format!("no process mirrors `{}`", claim.subject.object);
            let how = GiveBack::DeadLetter;
            return self.give_back(claim, &events, how, &reason).await;
        }
        let work = call_async(self.object(claim, &events, own, meter));
        let Some(result) = claim.while_renewed(work).await? else {
            return Ok(ProcessStats::default());
        };
        let read = result.as_ref().ok();
        if let Some(read) = read.map(Result::as_ref)
            && meter.snapshot().requests > 0
        {
            let mut refusals = self.shared.observed.refusals();
            refusals.take(&claim.subject.object, &claim.scope.account, read);
        }
        let (how, reason) = match result {
            Ok(Ok(copied)) => {
                return Ok(ProcessStats {
                    objects: 1,
                    events: events.len() as u64,
                    copied,
                    ..ProcessStats::default()
                });
            }
            Ok(Err(SyncError::Store(StoreError::ClaimLost { .. }))) => {
                return Ok(ProcessStats::default());
            }
            // Another try would find the same.
            Ok(Err(error @ (SyncError::NotRetrievable { .. } | SyncError::NoParent { .. }))) => {
                (Some(GiveBack::DeadLetter), error.to_string())
            }
            Ok(Err(error @ SyncError::Doubted { .. })) => {
                let again = Again::PutOff(DOUBTED);
                (Some(GiveBack::Retry(again)), error.to_string())
            }
            Ok(Err(error)) => (None, error.to_string()),
            // A panic for one object must not block others.
            Err(panicked) => (None, panicked.to_string()),
        };
        let how = match how {
            Some(how) => how,
            None => self.failed(claim, &events, &reason).await?,
        };
        self.give_back(claim, &events, how, &reason).await
    }

    /// Logs that an object failed. Returns whether it is tried again.
    async fn failed(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        reason: &str,
    ) -> Result<GiveBack, SyncError> {
        let pause = self.next_try(claim.attempts);
        tracing::warn!(
            name: "stripe_sync.event_failed",
            object = claim.subject.object,
            id = claim.subject.id,
            attempts = claim.attempts + 1,
            last = pause.is_none(),
            reason,
            "what events told of was not brought into the table"
        );
        if pause.is_none() && events.is_empty() {
            self.remember_failed_child(claim, reason).await?;
        }
        let again = pause.map(Again::Failed);
        Ok(again.map_or(GiveBack::DeadLetter, GiveBack::Retry))
    }

    /// Gives an object back. Nothing is counted if it is somebody else's by now.
    async fn give_back(
        &self,
        claim: &Claim,
        events: &[InboxEvent],
        how: GiveBack,
        reason: &str,
    ) -> Result<ProcessStats, SyncError> {
        let (store, mut processed) = (self.store(), ProcessStats::default());
        let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
        let given_back = match how {
            GiveBack::Retry(again) => {
                if let Again::PutOff(_) = again {
                    tracing::warn!(
                        name: "stripe_sync.absence_doubted",
                        object = claim.subject.object,
                        id = claim.subject.id,
                        reason,
                        "the row of an object that Stripe does not know is kept"
                    );
                }
                processed.retried = 1;
                store.retry_work(claim, &ids, again, reason).await
            }
            GiveBack::DeadLetter => {
                processed.dead = 1;
                store.dead_letter_work(claim, &ids, reason).await
            }
        };
        match given_back {
            Ok(()) => Ok(processed),
            Err(StoreError::ClaimLost { .. }) => Ok(ProcessStats::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Refreshes an object in the tables of its models, and completes its events in the transaction of the last. Answers how
    /// many rows are an event's snapshot.
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
            snapshot: None,
            read: None,
            copied: 0,
        };
        // Before the events are done: they alone tell of the children.
        refresh.refresh_children().await?;
        let mut models: Vec<_> = self.models_of(&claim.subject.object).collect();
        let last = models.pop();
        for model in models {
            refresh.refresh(model, false).await?;
        }
        match last {
            Some(last) => refresh.refresh(last, true).await?,
            None => self.store().follow(refresh.following(true)).await?,
        }
        Ok(refresh.copied)
    }
}
