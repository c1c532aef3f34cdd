//! Events that sum up a parent's list: of the objects in it there are none.

use serde_json::{Map, Value, json};
use stripe_sync_schema::catalogue::Summary;

use crate::data::index::ResourceIndex;
use crate::data::inline_lists::{INLINE_ROWS, children};
use crate::data::partition::{Scope, parse};
use crate::error::FakeError;
use crate::state::State;

/// A parent whose list is summed up, as it was before a change.
#[derive(Debug)]
pub(crate) struct Sum {
    summary: &'static Summary,
    parent: String,
    before: Value,
}

impl State {
    /// The list that an object is about to come to or to leave, if an event sums it up.
    pub(crate) fn sum(
        &self,
        scope: &Scope,
        index: &'static ResourceIndex,
        parent: Option<&str>,
    ) -> Result<Option<Sum>, FakeError> {
        let (Some(summary), Some(parent)) = (&index.resource.summary, parent) else {
            return Ok(None);
        };
        Ok(Some(Sum {
            summary,
            parent: parent.to_owned(),
            before: self.summed_up(scope, index, summary, parent)?,
        }))
    }

    /// Tells how the list is now.
    pub(crate) fn announce_sum(
        &mut self,
        scope: &Scope,
        index: &'static ResourceIndex,
        sum: Option<Sum>,
    ) -> Result<(), FakeError> {
        let Some(Sum {
            summary,
            parent,
            before,
        }) = sum
        else {
            return Ok(());
        };
        let now = self.summed_up(scope, index, summary, &parent)?;
        let member = member_of(summary);
        let object = json!({
            "object": summary.object,
            summary.member: parent,
            member: now,
            "livemode": scope.mode.livemode(),
        });
        let previous = Map::from_iter([(member.to_owned(), json!({ "data": before["data"] }))]);
        for kind in &summary.events {
            self.record_event(scope, kind, &object, Some(&previous))?;
        }
        Ok(())
    }

    /// The first page of a parent's list: more the event does not have.
    fn summed_up(
        &self,
        scope: &Scope,
        index: &'static ResourceIndex,
        summary: &Summary,
        parent: &str,
    ) -> Result<Value, FakeError> {
        let rows = children(
            self.partition(scope)?,
            summary.parent,
            parent,
            &[index.object],
        );
        let has_more = rows.len() > INLINE_ROWS;
        let rows = rows.into_iter().take(INLINE_ROWS);
        let data: Vec<Value> = rows.map(|(_, _, record)| parse(record)).collect();
        let path = index.resource.list.as_ref().map_or("/v1", |list| list.path);
        let url = format!("{path}?{}={parent}", summary.member);
        Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
    }
}

/// The member with the list: `entitlements` of `entitlements.active_entitlement_summary`.
fn member_of(summary: &Summary) -> &'static str {
    summary.object.split('.').next().unwrap_or(summary.object)
}
