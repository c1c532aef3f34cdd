//! One object into the tables of its models: read, or taken from an event, and written until it is the newest.

use std::sync::PoisonError;
use std::time::Duration;

use super::builder::Live;
use super::copy::{EventCopy, Usable};
use crate::context::{Context, Origin};
use crate::hooks::Outcome;
use crate::model::Model;
use crate::store::{
    Claim, Deletion, Failure, Following, KeyedRow, PageState, Scope, Span, StoredEvent, WriteBatch,
    Written,
};
use crate::sync::SyncError;
use crate::sync::live::{Mapped, Reader, Retrieved, complete, map, retrieve_cut};

/// How often an object is read again at once because others wrote it meanwhile, as in `sync_by_ids`.
const READ_AGAIN_LIMIT: u32 = 20;
/// The longest pause between two of these reads, in milliseconds.
const READ_AGAIN_PAUSE: u64 = 50;

/// A claimed object on its way.
pub(super) struct Refresh<'a> {
    live: &'a Live,
    claim: &'a Claim,
    events: &'a [StoredEvent],
    reader: Reader<'a>,
    context: Context,
    copy: Option<EventCopy>,
    /// The last read, which several models of one resource share.
    read: Option<Read>,
    copied: u64,
}

/// A read of the object.
#[derive(Clone)]
struct Read {
    /// Taken before it.
    start: i64,
    /// `None` if Stripe does not know the object.
    found: Option<Retrieved>,
}

/// What is to be written.
struct Content {
    mapped: Mapped,
    start: i64,
    /// Of when it is, where that is known: unix seconds of Stripe's clock.
    stripe_at: Option<i64>,
}

impl<'a> Refresh<'a> {
    pub(super) fn new(
        live: &'a Live,
        claim: &'a Claim,
        events: &'a [StoredEvent],
        reader: Reader<'a>,
    ) -> Self {
        let context = Context::new(Origin::Event)
            .with_account(claim.scope.account.as_str(), claim.scope.livemode)
            .with_state(live.shared.syncer.state().clone());
        Self {
            live,
            claim,
            events,
            reader,
            context,
            copy: None,
            read: None,
            copied: 0,
        }
    }

    /// How many rows are an event's own copy.
    pub(super) fn copied(&self) -> u64 {
        self.copied
    }

    /// Writes the object to a model's table; the `last` model's write completes the events.
    pub(super) async fn refresh(
        &mut self,
        model: &'static Model,
        last: bool,
    ) -> Result<(), SyncError> {
        self.live.bind(model, &self.claim.scope).await?;
        if self.take_copy(model, last).await? {
            self.copied += 1;
            return Ok(());
        }
        for _ in 0..READ_AGAIN_LIMIT {
            let content = self.read(model).await?;
            match self.write(model, content, last).await? {
                Written::Done(_) => return Ok(()),
                Written::ReadAgain => {
                    self.read = None;
                    let pause = Duration::from_millis(fastrand::u64(0..READ_AGAIN_PAUSE));
                    tokio::time::sleep(pause).await;
                }
                Written::Failed { column, reason } => {
                    return self.unmapped(model, column, reason).await;
                }
            }
        }
        let reason =
            format!("changed or was written by others at each of {READ_AGAIN_LIMIT} reads");
        self.unmapped(model, None, reason).await
    }

    /// Writes an event's own copy, if the model takes it and it is newer than the row; answers whether it did. What keeps
    /// it from being written is left to a read to find again.
    async fn take_copy(&mut self, model: &'static Model, last: bool) -> Result<bool, SyncError> {
        // A read is there already, and newer than any event.
        if !self.live.takes_copies(model) || self.read.is_some() {
            return Ok(false);
        }
        if self.copy.is_none() {
            self.copy = self.live.copy(self.claim, self.events).await?;
        }
        let Some(copy) = &self.copy else {
            return Ok(false);
        };
        let Some(usable) = self.live.usable(model, self.claim, copy).await? else {
            return Ok(false);
        };
        let Usable {
            object,
            start,
            created,
        } = usable;
        let content = Content {
            mapped: map(model, object, &self.context).await,
            start,
            stripe_at: Some(created),
        };
        if !matches!(content.mapped, Mapped::Row(_)) {
            return Ok(false);
        }
        let written = self.write(model, content, last).await?;
        Ok(matches!(written, Written::Done(_)))
    }

    /// What Stripe says, by the read that another model needed or by one of its own.
    async fn read(&mut self, model: &'static Model) -> Result<Content, SyncError> {
        let id = &self.claim.subject.id;
        let read = match &self.read {
            Some(read) => read.clone(),
            None => {
                let start = self.live.shared.syncer.store().tick().await?;
                let found = retrieve_cut(self.reader, model, id).await?;
                self.read.insert(Read { start, found }).clone()
            }
        };
        let Read { start, found } = read;
        let mut stripe_at = None;
        let mapped = match found {
            None => Mapped::Deleted(id.clone()),
            Some(Retrieved { object, date }) => {
                let came = object.len();
                match complete(self.reader, model, object).await {
                    Ok(whole) => {
                        // What was put in was read later than the answer's date.
                        let complete = whole.len() == came;
                        stripe_at = date.filter(|_| complete && self.live.takes_copies(model));
                        map(model, whole, &self.context).await
                    }
                    Err(SyncError::Object { failure, .. }) => Mapped::Failed(failure),
                    Err(error) => return Err(error),
                }
            }
        };
        Ok(Content {
            mapped,
            start,
            stripe_at,
        })
    }

    async fn write(
        &self,
        model: &'static Model,
        content: Content,
        last: bool,
    ) -> Result<Written, SyncError> {
        let Content {
            mapped,
            start,
            stripe_at,
        } = content;
        match mapped {
            Mapped::Row(row) => self.upsert(model, *row, start, stripe_at, last).await,
            Mapped::Deleted(_) => self.delete(model, start, last).await,
            Mapped::Failed(failure) => Ok(Written::Failed {
                column: failure.column,
                reason: failure.reason,
            }),
            Mapped::Other => Ok(Written::Failed {
                column: None,
                reason: "Stripe answered an object of another resource".to_owned(),
            }),
        }
    }

    async fn upsert(
        &self,
        model: &'static Model,
        row: KeyedRow,
        start: i64,
        stripe_at: Option<i64>,
        last: bool,
    ) -> Result<Written, SyncError> {
        let batch = WriteBatch {
            model,
            scope: &self.claim.scope,
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
            following: Some(self.following(last, stripe_at)),
            context: &self.context,
        };
        let rows = self.live.shared.syncer.store().write(batch).await?.rows;
        let first = rows.into_iter().next().map(|(_, written)| written);
        Ok(first.unwrap_or(Written::ReadAgain))
    }

    async fn delete(
        &self,
        model: &'static Model,
        start: i64,
        last: bool,
    ) -> Result<Written, SyncError> {
        let span = Span {
            start,
            finish: None,
        };
        let (scope, id) = (&self.claim.scope, &self.claim.subject.id);
        let following = self.following(last, None);
        let store = self.live.shared.syncer.store();
        let deleted = store.delete_following(model, scope, id, span, following);
        Ok(match deleted.await? {
            Deletion::ReadAgain => Written::ReadAgain,
            _ => Written::Done(Outcome::Unchanged),
        })
    }

    /// Completes the events of an object that no model mirrors.
    pub(super) async fn follow(&self) -> Result<(), SyncError> {
        let store = self.live.shared.syncer.store();
        Ok(store.follow(self.following(true, None)).await?)
    }

    /// What a write follows from.
    fn following(&self, last: bool, stripe_at: Option<i64>) -> Following<'_> {
        Following {
            claim: self.claim,
            events: self.events,
            handlers: &self.live.shared.handlers,
            last,
            stripe_at,
        }
    }

    /// Remembers that an object is not in its table as Stripe has it.
    async fn unmapped(
        &self,
        model: &'static Model,
        column: Option<String>,
        reason: String,
    ) -> Result<(), SyncError> {
        let failure = Failure {
            id: self.claim.subject.id.clone(),
            column,
            reason,
        };
        let store = self.live.shared.syncer.store();
        let failures = std::slice::from_ref(&failure);
        store
            .record_failed(model, &self.claim.scope, failures)
            .await?;
        Err(SyncError::Object {
            model: model.name(),
            failure,
        })
    }
}

impl Live {
    /// Checks a table and binds it to an account and mode, once in this process.
    pub(super) async fn bind(&self, model: &'static Model, scope: &Scope) -> Result<(), SyncError> {
        let key = (self.table(model), scope.account.clone());
        let bound = &self.shared.bound;
        let known = || bound.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&key) {
            return Ok(());
        }
        crate::sync::live::bind(&self.shared.syncer, model, scope).await?;
        known().insert(key);
        Ok(())
    }
}
