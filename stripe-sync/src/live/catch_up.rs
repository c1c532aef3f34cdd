//! Catching up: Stripe's own list of events, from where it was followed last.

use bytes::Bytes;

use super::builder::Live;
use super::receive::unreadable;
use super::{Event, Source};
use crate::client::{Meter, Request};
use crate::sync::live::{OVERLAP, Page, REMEMBERED};
use crate::sync::{Report, SyncAll, SyncError};

/// The list of events.
const EVENTS: &str = "/v1/events";

/// What was found in Stripe's list of events.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CaughtUp {
    /// Events that the list showed.
    pub listed: u64,
    /// Of these, those that no delivery had brought.
    pub new: u64,
    /// Whether a part of the list is gone, because Stripe forgets events after 30 days. Then every model was mirrored
    /// anew, as `sync_all` does.
    pub gap: bool,
    /// What these runs did.
    pub reports: Vec<Report>,
}

impl Live {
    /// Lists the events since the last time, with ten minutes of overlap, and keeps those that no delivery brought:
    /// the safety net under the webhooks, or all there is where no endpoint can be reached. They are processed as all
    /// others, by [`run`](Self::run) or [`process_due`](Self::process_due).
    ///
    /// The first call remembers where to go on from; what was before is `sync_all`'s.
    ///
    /// # Errors
    /// When the account is not known, Stripe refuses, or the database fails; then the next call begins at the same place.
    pub async fn catch_up(&self) -> Result<CaughtUp, SyncError> {
        let own = self.prepare().await?;
        let store = self.shared.syncer.store();
        let scope = own.clone();
        let since = store
            .uncut(|store| async move { store.followed_until(&scope).await })
            .await?;
        let mut caught_up = CaughtUp::default();
        // Nothing was followed yet: a glance, so that the next call goes on from here.
        let from = since.unwrap_or_else(|| chrono::Utc::now().timestamp()) - OVERLAP;
        let query = [("created[gte]", from.to_string())];
        let now = self.keep_listed(&query, &mut caught_up).await?;
        caught_up.gap = since.is_some_and(|since| now - since > REMEMBERED);
        if caught_up.gap {
            tracing::warn!(
                name: "stripe_sync.gap",
                "events are older than Stripe remembers; every model is mirrored anew"
            );
            let models = &self.shared.models;
            let results = self
                .shared
                .syncer
                .sync_models(models, SyncAll::default())
                .await;
            for (_, result) in results {
                caught_up.reports.push(result?);
            }
        }
        store
            .uncut(|store| async move { store.set_followed(&own, now).await })
            .await?;
        Ok(caught_up)
    }

    /// Asks Stripe for events by their ids, and keeps those that are not kept yet; answers how many are new. One that is
    /// kept already is run again with [`replay`](Self::replay).
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
            let event = Event::parse(response.body)
                .map_err(|error| unreadable(&error, response.request_id.clone()))?;
            new += self.keep(&[event], Source::Listed).await?;
        }
        Ok(new)
    }

    /// Lists events of the last 30 days whose type fits (`invoice.paid`, `invoice.*`; all if `None`), if wanted only those
    /// that at least one endpoint of the account did not take, and keeps those that are not kept yet.
    ///
    /// # Errors
    /// When Stripe refuses, or the database fails.
    pub async fn fetch_listed(
        &self,
        kind: Option<&str>,
        only_undelivered: bool,
    ) -> Result<CaughtUp, SyncError> {
        let mut query = Vec::new();
        query.extend(kind.map(|kind| ("type", kind.to_owned())));
        query.extend(only_undelivered.then(|| ("delivery_success", "false".to_owned())));
        let mut caught_up = CaughtUp::default();
        self.keep_listed(&query, &mut caught_up).await?;
        Ok(caught_up)
    }

    /// Keeps every event that a list shows; answers Stripe's time at its first page, in unix seconds.
    async fn keep_listed(
        &self,
        query: &[(&str, String)],
        caught_up: &mut CaughtUp,
    ) -> Result<i64, SyncError> {
        let meter = Meter::new();
        let mut cursor: Option<String> = None;
        let mut now = None;
        loop {
            let mut request = Request::get(EVENTS).query("limit", "100");
            for (name, value) in query {
                request = request.query(*name, value.as_str());
            }
            if let Some(cursor) = &cursor {
                request = request.query("starting_after", cursor.as_str());
            }
            let response = self.shared.syncer.stripe().get(request, &meter).await?;
            let date = response.date;
            let now =
                *now.get_or_insert_with(|| date.unwrap_or_else(|| chrono::Utc::now().timestamp()));
            let (page, more) = page(&response.body, response.request_id.as_ref())?;
            caught_up.listed += page.len() as u64;
            caught_up.new += self.keep(&page, Source::Listed).await?;
            cursor = page.last().map(|event| event.id().to_owned());
            if !more || cursor.is_none() {
                return Ok(now);
            }
        }
    }
}

/// The events of a page, and whether another one follows.
fn page(body: &Bytes, request_id: Option<&String>) -> Result<(Vec<Event>, bool), SyncError> {
    let page = Page::split(body).map_err(|error| SyncError::Page {
        path: EVENTS.to_owned(),
        reason: error.to_string(),
        request_id: request_id.cloned(),
    })?;
    let events = page.objects.into_iter().map(Event::parse);
    let events: Result<Vec<Event>, _> = events.collect();
    let events = events.map_err(|error| unreadable(&error, request_id.cloned()))?;
    Ok((events, page.has_more))
}
