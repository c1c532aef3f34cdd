//! The stream of changes: every process that subscribes gets every change that events led to, whoever wrote it.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::watch;
use tokio::task::JoinError;

use crate::live::service::Live;
use crate::store::events::changes::StoredChange;
use crate::store::events::position::ChangePosition;
use crate::store::rows::ChangeKind;
use crate::store::rows::remarks::failed::as_rfc3339;
use crate::sync::error::SyncError;

/// How often the changes are asked for what another process wrote.
const POLL_CHANGES: Duration = Duration::from_millis(200);
/// The pause after an error.
const AFTER_ERROR: Duration = Duration::from_secs(1);
/// Changes that are read at once.
const PAGE: usize = 500;

/// A change of a row that events led to. What is in the row is for the application to read: by now it may be newer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RowChange {
    /// Where it stands in the stream. A subscription from here goes on with the next one.
    pub position: ChangePosition,
    /// The struct's name.
    pub model: &'static str,
    /// The table, as the model names it.
    pub table: String,
    /// Stripe's name of the resource, for example `customer`.
    pub object: String,
    /// Stripe's id of the object.
    pub id: String,
    /// The account that the object is in.
    pub account: String,
    /// Whether it is in live mode.
    pub livemode: bool,
    /// What happened.
    pub kind: ChangeKind,
    /// When the row was written, by the database's clock, to the millisecond.
    #[serde(serialize_with = "as_rfc3339")]
    pub changed_at: DateTime<Utc>,
}

impl fmt::Display for RowChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.table, self.id, self.kind)
    }
}

/// A subscription, made by [`Live::changes`]: a stream that waits for more and never ends. Dropping it ends it.
pub struct Changes {
    stream: BoxStream<'static, Result<RowChange, SyncError>>,
    position: ChangePosition,
}

impl Live {
    /// Subscribes to the changes that events lead to in the tables of this service's models, whichever process writes
    /// them: those that are committed from now on, or those behind a position that an earlier subscription came to.
    /// [`ChangePosition::OLDEST`] begins with the oldest one that is kept.
    ///
    /// Each change is delivered once, whatever order transactions commit in, and those of one object in their order. Changes
    /// that `sync_all` and its like make are not among them.
    ///
    /// ```no_run
    /// # async fn run(live: stripe_sync::live::Live) -> Result<(), stripe_sync::SyncError> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut changes = live.changes(None).await?;
    /// while let Some(change) = changes.try_next().await? {
    ///     println!("{} {} {:?}", change.table, change.id, change.kind);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SyncError::ChangesNotKept`] without [`record_changes`](crate::live::LiveBuilder::record_changes); else when the account is
    /// not known, or the database fails. An error in the stream does not end it: it goes on where it was. If changes were
    /// purged before they were delivered, there is one [`SyncError::ChangesForgotten`] among them.
    pub async fn changes(
        &self,
        from: impl Into<Option<ChangePosition>>,
    ) -> Result<Changes, SyncError> {
        if !self.shared.handlers.keeps_changes {
            return Err(SyncError::ChangesNotKept);
        }
        let own = self.prepare().await?;
        let mut reading = Reading {
            live: self.clone(),
            livemode: own.livemode,
            tables: self
                .models()
                .iter()
                .map(|model| self.table(model))
                .collect(),
            position: 0,
            page: VecDeque::new(),
            pause: None,
            written: self.shared.written.subscribe(),
        };
        reading.position = match from.into() {
            Some(ChangePosition::OLDEST) => reading.purged().await?,
            Some(position) => position.0.max(0),
            None => self.store().order_changes().await?,
        };
        let position = ChangePosition(reading.position);
        let stream = stream::unfold(reading, async |reading| Some(reading.next().await));
        Ok(Changes {
            stream: stream.boxed(),
            position,
        })
    }
}

impl Changes {
    /// The position of the change that was delivered last, or where the subscription began.
    pub fn position(&self) -> ChangePosition {
        self.position
    }
}

impl Stream for Changes {
    type Item = Result<RowChange, SyncError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.stream.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(change))) = &next {
            self.position = change.position;
        }
        next
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// A subscription at work.
struct Reading {
    live: Live,
    livemode: bool,
    tables: Vec<String>,
    /// All up to here was read; what is wanted of it and not delivered yet is in the page.
    position: i64,
    page: VecDeque<RowChange>,
    /// How long it waits before it looks again, if it found nothing.
    pause: Option<Duration>,
    /// What this process writes.
    written: watch::Receiver<()>,
}

impl Reading {
    async fn next(mut self) -> (Result<RowChange, SyncError>, Self) {
        loop {
            if let Some(change) = self.page.pop_front() {
                return (Ok(change), self);
            }
            if let Some(pause) = self.pause.take() {
                tokio::select! {
                    // Its sender is in the service that this holds, so it does not fail.
                    _ = self.written.changed() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
            // In a task of its own: a subscriber who does something else before he polls again keeps no connection and no
            // lock meanwhile, and one who goes away cuts nothing off.
            let read = tokio::spawn(async move { (self.read().await, self) });
            let result;
            (result, self) = match read.await.map_err(JoinError::try_into_panic) {
                Ok(read) => read,
                Err(Ok(panic)) => resume_unwind(panic),
                // The runtime is shutting down, and the subscriber with it.
                Err(Err(_)) => pending().await,
            };
            if let Err(error) = result {
                self.pause = Some(AFTER_ERROR);
                return (Err(error), self);
            }
        }
    }

    /// Reads the next changes.
    async fn read(&mut self) -> Result<(), SyncError> {
        let (livemode, behind) = (self.livemode, self.position);
        let store = self.live.store();
        let last = store.order_changes().await?;
        if last < behind {
            // The database is an older one than the position is of: what was delivered since then is not in it.
            return self.skip_to(last);
        }
        if last == behind {
            self.pause = Some(POLL_CHANGES);
            return Ok(());
        }
        let found = store.changes_behind(livemode, behind, PAGE).await?;
        // After they were read: what is purged from now on is among them.
        let purged = self.purged().await?;
        if purged > behind {
            return self.skip_to(purged);
        }
        self.position = match found.last() {
            Some(change) if found.len() == PAGE => change.position,
            // No more than these: others up to the last position are of the other mode.
            Some(change) => change.position.max(last),
            None => last,
        };
        let wanted = found
            .into_iter()
            .filter_map(|change| self.delivered(change));
        self.page = wanted.collect();
        Ok(())
    }

    /// Goes on from another position, and says that changes up to there are not delivered.
    fn skip_to(&mut self, position: i64) -> Result<(), SyncError> {
        let behind = ChangePosition(std::mem::replace(&mut self.position, position));
        Err(SyncError::ChangesForgotten { behind })
    }

    /// How far changes of the tables are purged.
    async fn purged(&self) -> Result<i64, SyncError> {
        let purged = self
            .live
            .store()
            .purged_changes(self.livemode, &self.tables);
        Ok(purged.await?)
    }

    /// A change as it is delivered; `None` if no model of this service has its table.
    fn delivered(&self, change: StoredChange) -> Option<RowChange> {
        let mut models = self.live.models().iter();
        let model = models.find(|model| self.live.table(model) == change.table)?;
        Some(RowChange {
            position: ChangePosition(change.position),
            model: model.name(),
            table: change.table,
            object: change.object,
            id: change.id,
            account: change.scope.account,
            livemode: change.scope.livemode,
            kind: change.kind,
            changed_at: DateTime::from_timestamp_millis(change.changed_at).unwrap_or_default(),
        })
    }
}
