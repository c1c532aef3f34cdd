//! How far a list of events was followed, and whether there is a gap in what was.
//!
//! The `Date` of an answer, and this machine's clock, may be of any year. What they say is bounded by one another and by
//! what was seen, so that no list is asked from a moment on that has not come yet.

use crate::live::service::Live;
use crate::store::db::Scope;
use crate::store::events::cursor::Cursor;
use crate::stripe_time::{is_ahead, seen_until};
use crate::sync::error::SyncError;
use crate::sync::list::newest_event::{Newest, newest};
use crate::sync::list::{REMEMBERED, Reader};
use crate::webhook::event::Event;

/// What a list showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Stripe's time at the first page, in unix seconds, if it said so.
    date: Option<i64>,
    /// This machine's time then.
    here: i64,
    /// The second of the newest event.
    newest: Option<i64>,
}

/// Why events were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Stripe does not remember them.
    Forgotten {
        /// Stripe's time when that was seen.
        date: i64,
    },
    /// The list was followed up to a moment that has not come yet.
    Ahead,
}

impl Gap {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Forgotten { .. } => "they are older than Stripe remembers",
            Self::Ahead => "a clock was ahead when the list was followed last",
        }
    }
}

impl Seen {
    pub(crate) fn at(date: Option<i64>) -> Self {
        Self {
            date,
            here: chrono::Utc::now().timestamp(),
            newest: None,
        }
    }

    pub(crate) fn take(&mut self, page: &[Event]) {
        let newest = page.iter().map(Event::created_seconds).max();
        self.newest = self.newest.max(newest);
    }

    /// Until when the list was seen, if anybody can say.
    pub(crate) fn until(self) -> Option<i64> {
        seen_until(self.date, self.here, self.newest)
    }

    /// The oldest moment that Stripe remembers events of, or one before it.
    pub(crate) fn oldest(self) -> i64 {
        self.until().unwrap_or(self.here).min(self.here) - REMEMBERED
    }
}

impl Live {
    /// Whether events were missed since a list was followed last.
    pub(crate) async fn gap(
        &self,
        scope: &Scope,
        since: i64,
        seen: Seen,
        connected: Option<&str>,
    ) -> Result<Option<Gap>, SyncError> {
        let Seen { date, here, .. } = seen;
        if is_ahead(since, date, here) {
            return Ok(Some(Gap::Ahead));
        }
        // What Stripe forgets follows from its own clock.
        let mut date = date.unwrap_or(here);
        if date - since <= REMEMBERED {
            return Ok(None);
        }
        if is_ahead(date, None, here) {
            // A clock that nothing else bears out is asked once more, and is believed once.
            let look = self.newest(connected).await?;
            date = date.min(look.date.unwrap_or(here));
            let mirrored = self.store().cursor(scope, Cursor::Mirrored).await?;
            let mirrored = mirrored.filter(|mirrored| !is_ahead(*mirrored, Some(date), here));
            if date - since.max(mirrored.unwrap_or(since)) <= REMEMBERED {
                return Ok(None);
            }
        }
        Ok(Some(Gap::Forgotten { date }))
    }

    async fn newest(&self, connected: Option<&str>) -> Result<Newest, SyncError> {
        newest(&self.reader(connected)).await
    }

    /// Who asks Stripe as the key's own account or a connected one.
    pub(crate) fn reader(&self, account: Option<&str>) -> Reader {
        Reader {
            account: account.map(str::to_owned),
            ..Reader::new(self.shared.syncer.stripe())
        }
    }

    /// The moment from which on a list is to be followed that nobody has followed yet, and whose first page had a `Date` that
    /// is not believed.
    pub(crate) async fn first_moment(
        &self,
        connected: Option<&str>,
        here: i64,
    ) -> Result<i64, SyncError> {
        let Newest { date, created } = self.newest(connected).await?;
        Ok(seen_until(date, here, created).unwrap_or(here))
    }

    /// Remembers until when a list was followed.
    pub(crate) async fn remember(
        &self,
        scope: &Scope,
        seen: Seen,
        until: Option<i64>,
        gap: Option<Gap>,
    ) -> Result<(), SyncError> {
        let store = self.store();
        if let Some(Gap::Forgotten { date }) = gap {
            store
                .set_cursor(scope, Cursor::Mirrored, date, true)
                .await?;
        }
        let is_ahead = gap == Some(Gap::Ahead);
        let until = until.or_else(|| is_ahead.then(|| seen.oldest()));
        if let Some(until) = until {
            let followed = store.set_cursor(scope, Cursor::Followed, until, is_ahead);
            followed.await?;
        }
        Ok(())
    }
}
