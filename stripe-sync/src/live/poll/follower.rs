//! Stripe's list of events for one who is given them one after the other, and not through the inbox.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::live::poll::cursor::Seen;
use crate::live::poll::events_of;
use crate::store::db::{Scope, Store};
use crate::store::events::forwarded::Forwarded;
use crate::sync::error::SyncError;
use crate::sync::list::events::events;
use crate::sync::list::{EVENTS, OVERLAP, Page, REMEMBERED, Reader};
use crate::sync::syncer::Syncer;
use crate::webhook::event::Event;

/// The seconds of a part of the list, where all of it is more than a page: the list shows the newest first, and the oldest
/// are given first.
const PART: i64 = 3_600;
/// The longest name.
const LONGEST_NAME: usize = 200;

/// Follows the list of the account's events: each is given once, the oldest first, also after the process was killed.
///
/// What was given is noted in the database, under a name. An event is given a second time only where the process ended
/// between what was done with it and the note. Events that become visible up to ten minutes late are found. They are those
/// of the key's own account; Stripe keeps them for 30 days.
///
/// ```no_run
/// # async fn send(_: &stripe_sync::webhook::Event) {}
/// # async fn run(syncer: stripe_sync::Syncer) -> Result<(), stripe_sync::SyncError> {
/// use stripe_sync::live::EventFollower;
///
/// let mut follower = EventFollower::new(&syncer, "reports").await?;
/// loop {
///     for event in follower.next().await?.events {
///         send(&event).await;
///         follower.note(&event).await?;
///     }
///     tokio::time::sleep(std::time::Duration::from_secs(2)).await;
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct EventFollower {
    syncer: Syncer,
    scope: Scope,
    name: String,
    /// Until when the list was looked at, in unix seconds: what is before was given, or is nothing.
    looked_until: Option<i64>,
}

/// Events that were not given yet.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FollowedEvents {
    /// The oldest first.
    pub events: Vec<Event>,
    /// Whether Stripe has forgotten events since the last one that was given: they are lost to this follower.
    pub gap: bool,
    /// Whether there is more to be asked for at once.
    pub has_more: bool,
}

impl EventFollower {
    /// A follower of this name. A new one begins with what happens from now on.
    ///
    /// # Errors
    /// When the account is not known, Stripe refuses, or the database fails.
    pub async fn new(syncer: &Syncer, name: impl Into<String>) -> Result<Self, SyncError> {
        let mut name = name.into();
        name.truncate(name.floor_char_boundary(LONGEST_NAME));
        let follower = Self {
            scope: syncer.scope().await?,
            syncer: syncer.clone(),
            name,
            looked_until: None,
        };
        follower.store().prepare().await?;
        if follower.forwarded().await?.is_none() {
            let now = follower.now().await?;
            follower.start(now).await?;
        }
        Ok(follower)
    }

    /// Begins with what happens from now on: what was not given is not.
    ///
    /// # Errors
    /// When Stripe refuses, or the database fails.
    pub async fn begin_now(&mut self) -> Result<(), SyncError> {
        let now = self.now().await?;
        self.looked_until = None;
        self.start(now).await
    }

    /// Begins with what happened since a moment, also what was given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_at(&mut self, moment: DateTime<Utc>) -> Result<(), SyncError> {
        self.looked_until = None;
        self.start(moment.timestamp()).await
    }

    /// Events that were not given yet, as far as they are on one page or of one hour.
    ///
    /// # Errors
    /// When Stripe refuses, or the database fails.
    pub async fn next(&mut self) -> Result<FollowedEvents, SyncError> {
        let forwarded = self.forwarded().await?.unwrap_or_default();
        let until = forwarded.until.max(self.looked_until.unwrap_or(i64::MIN));
        let from = (until - OVERLAP).max(forwarded.begin.unwrap_or(i64::MIN));
        let (mut seen, date, whole) = self.list(from, None, true).await?;
        let mut followed = FollowedEvents {
            gap: date.is_some_and(|date| date - until > REMEMBERED),
            ..FollowedEvents::default()
        };
        if !whole {
            let end = from + OVERLAP + PART;
            (seen, _, _) = self.list(from, Some(end), false).await?;
            followed.has_more = date.is_some_and(|date| end < date);
            self.looked_until = Some(end.min(date.unwrap_or(end)));
        }
        seen.retain(|event| !forwarded.ids.contains(event.id()));
        // The list's own order, from its end: within a second Stripe shows the later one first.
        seen.reverse();
        seen.sort_by_key(Event::created_seconds);
        followed.events = seen;
        Ok(followed)
    }

    /// Notes that an event was given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note(&self, event: &Event) -> Result<(), SyncError> {
        let created = event.created_seconds();
        let given = (event.id(), created);
        let store = self.store();
        let noted = store.set_forwarded(&self.name, &self.scope, given, created - 2 * OVERLAP);
        Ok(noted.await?)
    }

    /// The events of a part of the list, newest first, the `Date` of its first page, and whether that is all of it; with `one_page`
    /// not more than a page is asked for.
    async fn list(
        &self,
        from: i64,
        until: Option<i64>,
        one_page: bool,
    ) -> Result<(Vec<Event>, Option<i64>, bool), SyncError> {
        let reader = Reader::new(self.syncer.stripe());
        let mut query = vec![("created[gte]".to_owned(), from.to_string())];
        query.extend(until.map(|until| ("created[lt]".to_owned(), until.to_string())));
        let mut list = events(query);
        let (mut seen, mut ids, mut date) = (Vec::new(), HashSet::new(), None);
        loop {
            let response = list.fetch(&reader).await?;
            date = date.or(response.date);
            let page = Page::of(EVENTS, &response)?;
            let batch = events_of(&page, None, &response)?;
            if !batch.unreadable.is_empty() {
                tracing::warn!(
                    name: "stripe_sync.unreadable",
                    events = batch.unreadable.len(),
                    "events that cannot be read are not given"
                );
            }
            let last = batch.events.last().map(Event::created_seconds);
            // Behind an earlier cursor some come once more.
            let new = |event: &Event| ids.insert(event.id().to_owned());
            seen.extend(batch.events.into_iter().filter(new));
            let ended = list.turn(page.ids().collect(), last, page.has_more)?;
            if ended || one_page {
                return Ok((seen, date, ended));
            }
        }
    }

    async fn now(&self) -> Result<i64, SyncError> {
        let (events, date, _) = self.list(Utc::now().timestamp(), None, true).await?;
        let mut seen = Seen::at(date);
        seen.take(&events);
        Ok(seen.until().unwrap_or_else(|| Utc::now().timestamp()))
    }

    async fn start(&self, moment: i64) -> Result<(), SyncError> {
        let store = self.store();
        Ok(store
            .begin_forwarding(&self.name, &self.scope, moment)
            .await?)
    }

    async fn forwarded(&self) -> Result<Option<Forwarded>, SyncError> {
        Ok(self.store().forwarded(&self.name, &self.scope).await?)
    }

    fn store(&self) -> &Store {
        self.syncer.store()
    }
}
