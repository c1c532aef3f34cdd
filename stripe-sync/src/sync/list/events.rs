//! The list of events as a chain.

use crate::sync::list::pager::{ListTarget, Pager, Query};

/// The list of events.
pub(crate) const EVENTS: &str = "/v1/events";

/// The list of events with these filters.
pub(crate) fn events(query: Query) -> Pager {
    let mut list = Pager::new((EVENTS, true), query, ListTarget::Rows);
    list.created = Some("created");
    list
}
