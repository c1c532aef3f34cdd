//! Whether an event's snapshot of its object is as good as a read.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use stripe_sync_schema::catalogue;

use crate::live::service::Live;
use crate::live::work::Refresh;
use crate::model::Model;
use crate::store::events::content_time::ContentTime;
use crate::stripe_time::{SKEW, YOUNG};
use crate::sync::error::SyncError;
use crate::sync::list::expand;
use crate::sync::object::ModelRun;
use crate::sync::object::complete::is_whole;
use crate::webhook::event::{Event, EventForm};

/// Where the content of a row comes from when an event tells of its object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventPolicy {
    /// From a read of the object, which events that come together share. Right whatever the event holds.
    #[default]
    Refetch,
    /// From the event's snapshot of the object where that is known to be newer than the row, and from a read otherwise:
    /// see the [guide](crate::guide::live#an-event-s-own-copy).
    Snapshot,
}

/// The object in the newest of its events.
#[derive(Debug, Clone)]
pub(crate) struct EventSnapshot {
    pub(crate) object: Bytes,
    /// The second in which the object was like this, by Stripe's clock.
    pub(crate) created: i64,
}

impl Live {
    /// Whether a model takes snapshots. Without tokens in its table nothing could tell an older one from a newer row; and no event
    /// has what a request names in `expand`.
    pub(crate) fn takes_snapshots(&self, model: &'static Model) -> bool {
        self.shared.copied.contains(&self.table(model))
            && !model.parts.unversioned
            && expand::paths(model).is_empty()
    }
}

impl Refresh<'_> {
    /// The snapshot in the newest of a claimed object's events, if nothing but these events told of the object and one of
    /// them is the newest.
    pub(crate) async fn snapshot(&self) -> Result<Option<EventSnapshot>, SyncError> {
        let Some(snapshot) = self.newest_snapshot() else {
            return Ok(None);
        };
        let (pending, now) = self.live.store().notices(self.claim).await?;
        // More than events: a child's event, or one who waits, asked for a read. They are counted after the events were
        // asked for, so an event that came in between makes it more too.
        // What happened later than now happened on a test clock, whose time says nothing about the order of reads and changes.
        let is_young = (now / 1000 - YOUNG..=now / 1000 + SKEW).contains(&snapshot.created);
        Ok((pending == self.events.len() && is_young).then_some(snapshot))
    }

    fn newest_snapshot(&self) -> Option<EventSnapshot> {
        let newest = self.events.iter().max_by_key(|event| event.created)?;
        let second = self.events.iter();
        let second = second.filter(|event| event.created == newest.created);
        if second.count() > 1 {
            return None;
        }
        let event = Event::parse(newest.payload.clone()).ok()?;
        let subject = &self.claim.subject;
        let fits = event.form() == EventForm::Snapshot
            && event.api_version().is_some()
            && event.api_version() == self.live.shared.syncer.stripe().api_version()
            && event.object() == Some(subject.object.as_str())
            && event.object_id() == Some(subject.id.as_str())
            && !is_deletion(&event, &subject.object);
        let object = event.data_object().filter(|_| fits)?;
        (!is_on_test_clock(object)).then(|| EventSnapshot {
            object: object.clone(),
            created: newest.created.timestamp(),
        })
    }

    /// The token of what a snapshot is newer than, if it may be written as if it were the answer to a read: a row that was
    /// written or confirmed after that token is not overwritten. `None` if the model's table holds something newer.
    pub(crate) async fn newer_than(
        &self,
        run: &ModelRun<'_>,
        snapshot: &EventSnapshot,
    ) -> Result<Option<i64>, SyncError> {
        if !is_whole(run.model, &snapshot.object) {
            return Ok(None);
        }
        let id = &self.claim.subject.id;
        Ok(match run.store().dated(run.model, &run.scope, id).await? {
            Some(ContentTime {
                stripe_at,
                observed_at,
            }) => (stripe_at < snapshot.created).then_some(observed_at),
            // Before every token: a row or tombstone that is there nevertheless asks for a read.
            None => Some(0),
        })
    }
}

/// Whether an event tells of a deletion: what it carries is how the object was before.
fn is_deletion(event: &Event, object: &str) -> bool {
    catalogue::resource(object)
        .is_none_or(|resource| resource.deleted_events.contains(&event.snapshot_kind()))
}

/// Whether an object says that it lives on a test clock; what cannot be read may.
fn is_on_test_clock(object: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Clocked {
        test_clock: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Clocked>(object).map_or(true, |object| object.test_clock.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_test_clocks_are_known() {
        for (object, expected) in [
            (r#"{"id": "cus_1"}"#, false),
            (r#"{"id": "cus_1", "test_clock": null}"#, false),
            (r#"{"id": "cus_1", "test_clock": "clock_1"}"#, true),
            (r#"{"test_clock": {"id": "clock_1"}}"#, true),
            ("no JSON", true),
        ] {
            assert_eq!(is_on_test_clock(object.as_bytes()), expected, "{object}");
        }
    }
}
