//! The inbox, as people see it: what waits, what failed, what is replayed, and how long events are kept.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::live::receive::subjects::ACCOUNT;
use crate::live::service::Live;
use crate::live::service::retention::Retention;
use crate::store::events::{EventState, InboxEvent, ObjectRef, Selection};
use crate::sync::error::SyncError;
use crate::sync::report::as_seconds;
use crate::webhook::event::Event;

/// Events that are replayed at once.
const TOGETHER: usize = 100;
/// The most events that one call returns.
const MOST: usize = 10_000;

/// Which events are meant: those that fit every condition. Without any, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct EventFilter {
    selection: Selection,
    most: Option<usize>,
}

/// How many events there are, and how long they wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct InboxCounts {
    /// Events that wait, or failed and will be tried again.
    pub pending: u64,
    /// Events that are done.
    pub done: u64,
    /// Dead letters.
    pub dead: u64,
    /// Events that nobody wanted.
    pub ignored: u64,
    /// What waits to be delivered after a commit: calls of handlers and hooks that are due, that failed and are called again, or
    /// that no process with the handler or model was there for. A number that stays or grows is one of the latter two.
    pub undelivered: u64,
    /// Calls of handlers and hooks that failed for the last time: [`Live::redeliver`] tries them once more.
    pub never_delivered: u64,
    /// Events of the last day of a type that a handler of this process names and that came in the form alone that handlers do
    /// not follow: see [`LiveBuilder::handler_form`](crate::live::LiveBuilder::handler_form).
    pub other_form: u64,
    /// For how long the longest waiting object has waited. Written as `lag_seconds`, a number.
    #[serde(rename = "lag_seconds", serialize_with = "as_seconds")]
    pub lag: Duration,
}

impl fmt::Display for InboxCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} events waiting for {:.0} s, {} done, {} dead, {} ignored; {} to be delivered, {} never delivered",
            self.pending,
            self.lag.as_secs_f64(),
            self.done,
            self.dead,
            self.ignored,
            self.undelivered,
            self.never_delivered
        )?;
        match self.other_form {
            0 => Ok(()),
            events => write!(f, "; {events} of the form that handlers do not follow"),
        }
    }
}

impl EventFilter {
    /// Every event.
    pub fn new() -> Self {
        Self::default()
    }

    /// Events with these ids.
    pub fn ids(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.ids = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Events whose type fits: `invoice.paid`, or `invoice.*`. Called more than once, each will do.
    pub fn kind(mut self, pattern: &str) -> Self {
        // `_` is a sign of its own in LIKE: it fits itself too, and Stripe has no two types that differ in it alone.
        let like = pattern.replace('%', "").replace('*', "%");
        self.selection.kinds.push(like);
        self
    }

    /// Events in a state.
    pub fn state(mut self, state: EventState) -> Self {
        self.selection.state = Some(state);
        self
    }

    /// Events that were received at a moment or after it.
    pub fn received_since(mut self, moment: DateTime<Utc>) -> Self {
        self.selection.since = Some(moment.timestamp_millis());
        self
    }

    /// Events behind the last one of a page: those that happened before it, and of the same second those that are listed behind it.
    ///
    /// ```no_run
    /// # use stripe_sync::live::{EventFilter, Live};
    /// # async fn run(live: Live) -> Result<(), stripe_sync::SyncError> {
    /// let mut page = live.events(&EventFilter::new().at_most(100)).await?;
    /// while let Some(last) = page.last() {
    ///     page = live.events(&EventFilter::new().at_most(100).behind(last)).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn behind(mut self, last: &InboxEvent) -> Self {
        self.selection.before = Some((last.created.timestamp(), last.id.clone()));
        self
    }

    /// So many events at the most, of those that happened last; 10,000 if nothing is said, and never more.
    pub fn at_most(mut self, events: usize) -> Self {
        self.most = Some(events);
        self
    }

    /// Events that were received before a moment.
    pub fn received_before(mut self, moment: DateTime<Utc>) -> Self {
        self.selection.until = Some(moment.timestamp_millis());
        self
    }
}

impl Live {
    /// The events that fit, the newest first, 10,000 at the most.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<InboxEvent>, SyncError> {
        let own = self.prepare().await?;
        let most = filter.most.unwrap_or(MOST).min(MOST);
        let events = self.store().events(own.livemode, &filter.selection, most);
        Ok(events.await?)
    }

    /// Processes the events that fit once more: their objects are read again and their handlers run again, also those of
    /// events that are done. Returns how many; 10,000 at the most at once.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn replay(&self, filter: &EventFilter) -> Result<u64, SyncError> {
        let own = self.prepare().await?;
        let stored = self.events(filter).await?;
        let mut replayed = 0;
        for stored in stored.chunks(TOGETHER) {
            let mut events = Vec::with_capacity(stored.len());
            for stored in stored {
                let Ok(event) = Event::parse(stored.payload.clone()) else {
                    continue;
                };
                let mut event = self.describe(&event, &own, stored.source);
                // An account is an object of its platform, also where another process put the event elsewhere.
                let is_account = |subject: &ObjectRef| subject.object == ACCOUNT;
                if !event.subject().is_some_and(is_account) {
                    event.scope.account.clone_from(&stored.account);
                }
                replayed += u64::from(event.subject().is_some());
                events.push(event);
            }
            self.store().replay_events(&events).await?;
        }
        self.shared.wake.notify_one();
        Ok(replayed)
    }

    /// Calls handlers and hooks once more that failed for the last time after their commit. Returns how many calls.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn redeliver(&self) -> Result<u64, SyncError> {
        let own = self.prepare().await?;
        let revived = self.store().revive_messages(own.livemode).await?;
        self.shared.wake.notify_one();
        Ok(revived)
    }

    /// Purges events and changes that are older than the retention says, and what could not be delivered for so long.
    /// Returns how many events and messages.
    /// [`run`](Self::run) does so every hour.
    ///
    /// An event whose handler still fails is kept until it was delivered.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn purge_expired(&self) -> Result<u64, SyncError> {
        let own = self.prepare().await?;
        let Retention { done, dead, .. } = self.shared.retention;
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
        let (store, livemode) = (self.store(), own.livemode);
        // First: events that wait for nothing else go too.
        let mut purged = store
            .purge_messages(livemode, &self.deliverable(), millis(dead))
            .await?;
        for (state, age) in [
            (EventState::Done, done),
            (EventState::Ignored, done),
            (EventState::Dead, dead),
        ] {
            purged += store.purge_events(livemode, state, millis(age)).await?;
        }
        let changes = millis(self.shared.retention.changes);
        store.purge_changes(livemode, changes).await?;
        Ok(purged)
    }

    /// How many events there are in each state, what is still to be delivered, and the lag: for metrics.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn counts(&self) -> Result<InboxCounts, SyncError> {
        let own = self.prepare().await?;
        let store = self.store();
        let (counted, lag) = store.count_events(own.livemode).await?;
        let (undelivered, never_delivered) = store.count_messages(own.livemode).await?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let mut counts = InboxCounts {
            undelivered: count(undelivered),
            never_delivered: count(never_delivered),
            other_form: self.count_unheard().await?,
            lag: Duration::from_millis(count(lag)),
            ..InboxCounts::default()
        };
        for (state, events) in counted {
            let count = count(events);
            match state {
                EventState::Pending => counts.pending = count,
                EventState::Done => counts.done = count,
                EventState::Dead => counts.dead = count,
                EventState::Ignored => counts.ignored = count,
            }
        }
        Ok(counts)
    }
}
