//! Processing: objects that events told of are read and written, their handlers run, and the events are done.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::builder::Live;
use crate::client::Meter;
use crate::context::{Context, Origin};
use crate::model::Model;
use crate::store::{
    Claim, Deletion, Due, Failure, Following, KeyedRow, PageState, Scope, Span, StoreError,
    StoredEvent, WriteBatch, Written,
};
use crate::sync::SyncError;
use crate::sync::live::{Mapped, Reader, map, retrieve};

/// How long a claim lasts without being renewed: a worker that was killed is missed for so long.
const CLAIM: Duration = Duration::from_secs(30);
/// How often an object is read again at once because others wrote it meanwhile, as in `sync_by_ids`.
const READ_AGAIN_LIMIT: u32 = 20;
/// The longest pause between two of these reads, in milliseconds.
const READ_AGAIN_PAUSE: u64 = 50;
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
    /// Objects that failed and will be tried again.
    pub retried: u64,
    /// Objects that failed for the last time: their events are dead letters.
    pub dead: u64,
    /// Handlers and `after_commit` hooks that were told of something after a commit.
    pub told: u64,
    /// Of these, those that failed and will be told again.
    pub told_again: u64,
}

/// What became of one object.
enum Fate {
    Done(u64),
    Retried,
    Dead,
    /// Somebody else has it by now.
    Lost,
}

/// Events of an object, and whether the write that follows from them is the last and completes them.
type Followed<'e> = (&'e Arc<Vec<StoredEvent>>, bool);

impl Live {
    /// Processes all that is due now, in this process, and answers when there is nothing more: for a job that runs from
    /// time to time, and for tests. [`run`](Self::run) does so all the time.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. An object that fails is tried again later.
    pub async fn process_due(&self) -> Result<Processed, SyncError> {
        let mut processed = Processed::default();
        while self.process_some(Due::AtOnce, &mut processed).await?
            | self.tell_some(&mut processed).await?
        {}
        Ok(processed)
    }

    /// Processes as many objects as are read at once; answers whether there were any.
    pub(super) async fn process_some(
        &self,
        due: Due,
        processed: &mut Processed,
    ) -> Result<bool, SyncError> {
        let own = self.prepare().await?;
        let shared = &self.shared;
        let (livemode, most) = (own.livemode, shared.at_once);
        let claims = shared
            .syncer
            .store()
            .uncut(move |store| async move { store.claim_work(livemode, due, most, CLAIM).await })
            .await?;
        let any = !claims.is_empty();
        let meter = Meter::new();
        let works: Vec<_> = claims
            .into_iter()
            .map(|claim| self.claimed(claim, &own, &meter))
            .collect();
        let fates: Vec<Result<Fate, SyncError>> =
            stream::iter(works).buffer_unordered(most).collect().await;
        processed.requests += meter.snapshot().requests;
        for fate in fates {
            match fate? {
                Fate::Done(events) => {
                    processed.objects += 1;
                    processed.events += events;
                }
                Fate::Retried => processed.retried += 1,
                Fate::Dead => processed.dead += 1,
                Fate::Lost => {}
            }
        }
        Ok(any)
    }

    /// Processes a claimed object, whose claim is renewed meanwhile.
    async fn claimed(&self, claim: Claim, own: &Scope, meter: &Meter) -> Result<Fate, SyncError> {
        let store = self.shared.syncer.store();
        let (scope, subject) = (claim.scope.clone(), claim.subject.clone());
        // What comes after this is not covered by the read, and costs one more.
        let events = store
            .uncut(|store| async move { store.pending_events(&scope, &subject).await })
            .await?;
        let events = Arc::new(events);
        let work = self.object(&claim, &events, own, meter);
        let mut work = std::pin::pin!(work);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                () = tokio::time::sleep(CLAIM / 3) => {
                    let of = claim.clone();
                    let renewed = store.uncut(|store| async move { store.renew_claim(&of, CLAIM).await });
                    if !renewed.await? {
                        return Ok(Fate::Lost);
                    }
                }
            }
        };
        match result {
            Ok(()) => Ok(Fate::Done(events.len() as u64)),
            Err(SyncError::Store(StoreError::ClaimLost { .. })) => Ok(Fate::Lost),
            Err(error) => {
                self.failed(claim.clone(), &events, &error.to_string())
                    .await
            }
        }
    }

    async fn failed(
        &self,
        claim: Claim,
        events: &[StoredEvent],
        reason: &str,
    ) -> Result<Fate, SyncError> {
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
            self.remember_failed_child(&claim, reason).await?;
        }
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        let (reason, pause) = (reason.to_owned(), pause(attempts));
        let store = self.shared.syncer.store();
        let given_back = store.uncut(move |store| async move {
            match last {
                true => store.bury_work(&claim, &ids, &reason).await,
                false => store.retry_work(&claim, &ids, pause, &reason).await,
            }
        });
        match given_back.await {
            Ok(()) if last => Ok(Fate::Dead),
            Ok(()) => Ok(Fate::Retried),
            Err(StoreError::ClaimLost { .. }) => Ok(Fate::Lost),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads an object until its read is the newest, writes it, and completes its events in the same transaction.
    async fn object(
        &self,
        claim: &Claim,
        events: &Arc<Vec<StoredEvent>>,
        own: &Scope,
        meter: &Meter,
    ) -> Result<(), SyncError> {
        let reader = self.reader(claim, own, meter);
        // Before the events are done: they alone tell of the children.
        self.notice_children(claim, reader).await?;
        let mut models = self.shared.models.iter().copied();
        let models: Vec<&'static Model> = models
            .by_ref()
            .filter(|model| model.object() == claim.subject.object)
            .collect();
        let Some((last, others)) = models.split_last() else {
            return self.follow(claim, events).await;
        };
        for model in others {
            self.read(model, claim, (events, false), reader).await?;
        }
        self.read(last, claim, (events, true), reader).await
    }

    async fn follow(&self, claim: &Claim, events: &Arc<Vec<StoredEvent>>) -> Result<(), SyncError> {
        let (claim, events) = (claim.clone(), Arc::clone(events));
        let handlers = Arc::clone(&self.shared.handlers);
        let store = self.shared.syncer.store();
        let followed = store.uncut(|store| async move {
            let following = Following {
                claim: &claim,
                events: &events,
                handlers: &*handlers,
                last: true,
            };
            store.follow(following).await
        });
        Ok(followed.await?)
    }

    async fn read(
        &self,
        model: &'static Model,
        claim: &Claim,
        events: Followed<'_>,
        reader: Reader<'_>,
    ) -> Result<(), SyncError> {
        self.bind(model, &claim.scope).await?;
        let context = Context::new(Origin::Event)
            .with_account(claim.scope.account.as_str(), claim.scope.livemode)
            .with_state(self.shared.syncer.state().clone());
        let id = &claim.subject.id;
        for _ in 0..READ_AGAIN_LIMIT {
            let store = self.shared.syncer.store();
            let start = store
                .uncut(|store| async move { store.tick().await })
                .await?;
            let mapped = match retrieve(reader, model, id).await {
                Ok(Some(object)) => map(model, object, &context).await,
                Ok(None) => Mapped::Deleted(id.clone()),
                Err(SyncError::Object { failure, .. }) => Mapped::Failed(failure),
                Err(error) => return Err(error),
            };
            let written = match mapped {
                Mapped::Row(row) => {
                    self.write(model, claim, *row, start, events, &context)
                        .await?
                }
                Mapped::Deleted(_) => self.delete(model, claim, start, events).await?,
                Mapped::Failed(failure) => Written::Failed {
                    column: failure.column,
                    reason: failure.reason,
                },
                Mapped::Other => Written::Failed {
                    column: None,
                    reason: "Stripe answered an object of another resource".to_owned(),
                },
            };
            match written {
                Written::Done(_) => return Ok(()),
                Written::ReadAgain => {
                    let pause = Duration::from_millis(fastrand::u64(0..READ_AGAIN_PAUSE));
                    tokio::time::sleep(pause).await;
                }
                Written::Failed { column, reason } => {
                    return self.unmapped(model, claim, column, reason).await;
                }
            }
        }
        let reason =
            format!("changed or was written by others at each of {READ_AGAIN_LIMIT} reads");
        self.unmapped(model, claim, None, reason).await
    }

    /// Remembers that an object is not in its table as Stripe has it.
    async fn unmapped(
        &self,
        model: &'static Model,
        claim: &Claim,
        column: Option<String>,
        reason: String,
    ) -> Result<(), SyncError> {
        let failure = Failure {
            id: claim.subject.id.clone(),
            column,
            reason,
        };
        let (scope, recorded) = (claim.scope.clone(), failure.clone());
        let store = self.shared.syncer.store();
        store
            .uncut(|store| async move { store.record_failed(model, &scope, &[recorded]).await })
            .await?;
        Err(SyncError::Object {
            model: model.name(),
            failure,
        })
    }

    async fn write(
        &self,
        model: &'static Model,
        claim: &Claim,
        row: KeyedRow,
        start: i64,
        events: Followed<'_>,
        context: &Context,
    ) -> Result<Written, SyncError> {
        let (claim, context) = (claim.clone(), context.clone());
        let (events, last) = (Arc::clone(events.0), events.1);
        let handlers = Arc::clone(&self.shared.handlers);
        let store = self.shared.syncer.store();
        let written = store.uncut(move |store| async move {
            let batch = WriteBatch {
                model,
                scope: &claim.scope,
                rows: vec![row],
                span: Span {
                    start,
                    finish: None,
                },
                single_read: true,
                fresh: false,
                hopes_for_new: false,
                lease: None,
                state: PageState::default(),
                following: Some(Following {
                    claim: &claim,
                    events: &events,
                    handlers: &*handlers,
                    last,
                }),
                context: &context,
            };
            store.write(batch).await
        });
        let rows = written.await?.rows;
        let first = rows.into_iter().next().map(|(_, written)| written);
        Ok(first.unwrap_or(Written::ReadAgain))
    }

    async fn delete(
        &self,
        model: &'static Model,
        claim: &Claim,
        start: i64,
        events: Followed<'_>,
    ) -> Result<Written, SyncError> {
        let (claim, events, last) = (claim.clone(), Arc::clone(events.0), events.1);
        let handlers = Arc::clone(&self.shared.handlers);
        let store = self.shared.syncer.store();
        let deleted = store.uncut(move |store| async move {
            let span = Span {
                start,
                finish: None,
            };
            let following = Following {
                claim: &claim,
                events: &events,
                handlers: &*handlers,
                last,
            };
            let (scope, id) = (&claim.scope, &claim.subject.id);
            store
                .delete_following(model, scope, id, span, following)
                .await
        });
        Ok(match deleted.await? {
            Deletion::ReadAgain => Written::ReadAgain,
            _ => Written::Done(crate::hooks::Outcome::Unchanged),
        })
    }

    /// Checks a table and binds it to an account and mode, once in this process.
    pub(super) async fn bind(&self, model: &'static Model, scope: &Scope) -> Result<(), SyncError> {
        let key = (model.table(), scope.account.clone());
        let known = || {
            let bound = &self.shared.bound;
            bound
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        if known().contains(&key) {
            return Ok(());
        }
        crate::sync::live::bind(&self.shared.syncer, model, scope).await?;
        known().insert(key);
        Ok(())
    }
}

/// The pause after so many failures, with jitter: objects that failed together should not come again together.
pub(super) fn pause(failures: u32) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << failures.min(20))
        .min(LONGEST_PAUSE);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}
