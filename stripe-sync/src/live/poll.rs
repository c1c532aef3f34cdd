//! Catching up: Stripe's own list of events, from where it was followed last.
pub(crate) mod accounts;
pub(crate) mod cursor;
pub(crate) mod follower;

use std::fmt;
use std::time::Duration;

use crate::client::{Meter, Request, Response};
use crate::live::receive::batch::ReceivedEvents;
use crate::live::service::Live;
use crate::store::db::Scope;
use crate::store::events::Source;
use crate::sync::error::SyncError;
use crate::sync::list::events::events;
use crate::sync::list::{EVENTS, OVERLAP, Page, Query};
use crate::sync::report::{Report, SHOWN_FAILURES};
use crate::webhook::event::Event;
use crate::webhook::listed::ListedEvents;
use cursor::{Gap, Seen};

/// Stripe's name of what the lists show.
const EVENT: &str = "event";

/// What was found in Stripe's lists of events.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CatchUpReport {
    /// Events that the lists showed.
    pub listed: u64,
    /// Of these, those that no delivery had brought.
    pub new: u64,
    /// Whether events were missed: a part of a list is gone, because Stripe forgets events after 30 days, or the list was
    /// followed up to a moment that has not come yet, because a clock was ahead. Then every model was mirrored anew, as
    /// `sync_all` does.
    pub gap: bool,
    /// What these runs did.
    pub reports: Vec<Report>,
    /// Models that could not be mirrored anew, and why: the key may not list them, for example. What the gap hid of them is
    /// missed; [`sync_all`](crate::sync::syncer::Syncer::sync_all) brings it once the reason is gone.
    pub not_mirrored: Vec<(&'static str, SyncError)>,
    /// Connected accounts whose events could not be followed, and why: mostly they are no longer connected. The next call
    /// begins at the same place.
    pub failed: Vec<(String, SyncError)>,
}

impl fmt::Display for CatchUpReport {
    /// Ten failures at the most, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events listed, {} new", self.listed, self.new)?;
        if self.gap {
            f.write_str(", events were missed")?;
        }
        for report in &self.reports {
            write!(f, "\n  {report}")?;
        }
        let models = self
            .not_mirrored
            .iter()
            .map(|(model, error)| (*model, error));
        let accounts = self.failed.iter().map(|(id, error)| (id.as_str(), error));
        for (what, error) in models.chain(accounts).take(SHOWN_FAILURES) {
            write!(f, "\n  failed {what}: {error}")?;
        }
        let failed = self.not_mirrored.len() + self.failed.len();
        match failed.saturating_sub(SHOWN_FAILURES) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl Live {
    /// Lists the events since the last time, with ten minutes of overlap, and keeps those that no delivery brought:
    /// the safety net under the webhooks, or all there is where no endpoint can be reached. They are processed as all
    /// others, by [`run`](Self::run) or [`drain`](Self::drain).
    ///
    /// The first call remembers where to go on from; what was before is `sync_all`'s.
    ///
    /// The list of a platform has its own events only, so each connected account that is known is asked for its own: an
    /// account is known by an event that was kept, by rows in a table of several accounts, or by
    /// [`accounts`](crate::live::LiveBuilder::accounts). One that refuses is in [`CatchUpReport::failed`] and does not stop the others.
    ///
    /// # Errors
    /// When the account is not known, Stripe refuses its own list, or the database fails; then the next call begins at the
    /// same place.
    pub async fn catch_up(&self) -> Result<CatchUpReport, SyncError> {
        let mut caught_up = self.catch_up_own().await?;
        self.catch_up_accounts(Duration::ZERO, &mut caught_up)
            .await?;
        Ok(caught_up)
    }

    /// Catches up with the key's own account.
    pub(crate) async fn catch_up_own(&self) -> Result<CatchUpReport, SyncError> {
        let own = self.prepare().await?;
        self.catch_up_with(own, None).await
    }

    /// Catches up with one account: the key's own, or the connected one that is named.
    pub(crate) async fn catch_up_with(
        &self,
        scope: Scope,
        connected: Option<&str>,
    ) -> Result<CatchUpReport, SyncError> {
        let account = scope.account.clone();
        let caught_up = self.follow(scope, connected).await;
        let observed = &self.shared.observed;
        if let Err(error) = &caught_up {
            observed.lists().failed(&account, error);
        }
        observed
            .refusals()
            .take(EVENT, &account, caught_up.as_ref());
        caught_up
    }

    async fn follow(
        &self,
        scope: Scope,
        connected: Option<&str>,
    ) -> Result<CatchUpReport, SyncError> {
        let store = self.store();
        let since = store.followed_until(&scope).await?;
        let mut caught_up = CatchUpReport::default();
        let here = chrono::Utc::now().timestamp();
        let from = match (since, connected) {
            (Some(since), _) => since,
            // It is known by its first event, which may be a while ago.
            (None, Some(_)) => store.first_event_at(&scope).await?.unwrap_or(here),
            // Nothing was followed yet: a glance, so that the next call goes on from here.
            (None, None) => here,
        };
        let since_moment = |moment: i64| vec![("created[gte]".to_owned(), moment.to_string())];
        let query = since_moment(from - OVERLAP);
        let listed = self.persist_listed(query, connected, &mut caught_up);
        let mut seen = listed.await?;
        let gap = match since {
            Some(since) => self.gap(&scope, since, seen, connected).await?,
            None => None,
        };
        caught_up.gap = gap.is_some();
        if let Some(gap) = gap {
            tracing::warn!(
                name: "stripe_sync.gap",
                account = scope.account,
                reason = gap.reason(),
                "events were missed; every model is mirrored anew"
            );
            if gap == Gap::Ahead {
                // Handlers are to be called for what Stripe still has.
                let query = since_moment(seen.oldest());
                let again = self.persist_listed(query, connected, &mut caught_up);
                seen = again.await?;
            }
            for (model, result) in self.mirror_anew(&scope, connected).await {
                match result {
                    Ok(report) => caught_up.reports.push(report),
                    // The next call does it again.
                    Err(error) if may_pass(&error) => return Err(error),
                    // It would fail each time, and keep all the others from being followed.
                    Err(error) => {
                        tracing::error!(
                            name: "stripe_sync.not_mirrored",
                            model = model.name(),
                            account = scope.account,
                            %error,
                            "a model was not mirrored anew after a gap"
                        );
                        caught_up.not_mirrored.push((model.name(), error));
                    }
                }
            }
        }
        let until = match (seen.until(), since) {
            // Nobody would know where to go on from.
            (None, None) => Some(self.first_moment(connected, here).await?),
            (until, _) => until,
        };
        // First: what is stored is of Stripe's clock, which is known then.
        let observed = &self.shared.observed;
        observed.lists().followed(&scope.account, until, here);
        self.remember(&scope, seen, until, gap).await?;
        Ok(caught_up)
    }

    /// Asks Stripe for events by their ids, and keeps those that are not kept yet. Returns how many are new. One that is
    /// kept already is run again with [`replay`](Self::replay). Events of connected accounts are not found by this.
    ///
    /// # Errors
    /// When Stripe does not know one of them, or the database fails.
    pub async fn fetch_events(
        &self,
        ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<u64, SyncError> {
        let meter = Meter::new();
        let mut new = 0;
        for id in ids {
            let request = Request::get(EVENTS)
                .segment(id.as_ref())
                .endpoint("/v1/events/{id}");
            let response = self.shared.syncer.stripe().get(request, &meter).await?;
            let event = Event::parse(response.body.clone())
                .map_err(|error| SyncError::page(EVENTS, &error, &response))?;
            let mut batch = ReceivedEvents::default();
            batch.events.push(event);
            new += self.persist(&batch, Source::Listed).await?;
        }
        Ok(new)
    }

    /// Lists events, and keeps those that are not kept yet. The list is that of the key's own account, and Stripe's memory is
    /// of 30 days.
    ///
    /// # Errors
    /// When Stripe refuses, or the database fails.
    pub async fn fetch_listed(&self, events: &ListedEvents) -> Result<CatchUpReport, SyncError> {
        let mut caught_up = CatchUpReport::default();
        self.persist_listed(events.query(), None, &mut caught_up)
            .await?;
        Ok(caught_up)
    }

    /// Keeps every event that the list of an account shows, the key's own or a connected one. Returns what was listed.
    async fn persist_listed(
        &self,
        query: Query,
        connected: Option<&str>,
        caught_up: &mut CatchUpReport,
    ) -> Result<Seen, SyncError> {
        let reader = self.reader(connected);
        let mut list = events(query);
        let mut seen: Option<Seen> = None;
        loop {
            let response = list.fetch(&reader).await?;
            let seen = seen.get_or_insert_with(|| Seen::at(response.date));
            let page = Page::of(EVENTS, &response)?;
            let batch = events_of(&page, connected, &response)?;
            seen.take(&batch.events);
            caught_up.listed += page.objects.len() as u64;
            caught_up.new += self.persist(&batch, Source::Listed).await?;
            let last = batch.events.last().map(Event::created_seconds);
            if list.turn(page.ids().collect(), last, page.has_more)? {
                return Ok(*seen);
            }
        }
    }
}

/// Whether the same call may succeed later.
fn may_pass(error: &SyncError) -> bool {
    match error {
        SyncError::Stripe(error) => error.is_transient(),
        SyncError::Store(_) | SyncError::CursorLost { .. } => true,
        SyncError::Incomplete { cause, .. } => may_pass(cause),
        _ => false,
    }
}

/// The events of a page.
pub(crate) fn events_of(
    page: &Page,
    connected: Option<&str>,
    response: &Response,
) -> Result<ReceivedEvents, SyncError> {
    let mut batch = ReceivedEvents::default();
    for json in &page.objects {
        let event = Event::parse(json.clone()).and_then(|event| match connected {
            Some(account) => event.listed_by(account),
            None => Ok(event),
        });
        let taken = batch.take(json.clone(), event);
        taken.map_err(|error| SyncError::page(EVENTS, &error, response))?;
    }
    Ok(batch)
}
