//! The list of events as a pager.

use crate::sync::list::{ListTarget, Pager, Query};

/// The list of events.
pub(crate) const EVENTS: &str = "/v1/events";

/// How far before the end of what was followed events are looked for, in seconds: they become visible late. Others lost rows
/// with 300.
pub(crate) const OVERLAP: i64 = 600;
/// Stripe remembers events for 30 days (docs.stripe.com/api/events).
pub(crate) const REMEMBERED: i64 = 30 * 86_400;

/// The list of events with these filters.
pub(crate) fn events(query: Query) -> Pager {
    let mut list = Pager::new((EVENTS, true), query, ListTarget::Rows);
    list.created = Some("created");
    list
}
