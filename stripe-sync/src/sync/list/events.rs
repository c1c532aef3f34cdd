//! The list of events as a chain.

use crate::sync::list::pager::{Chain, Query, Target};

/// The list of events.
pub(crate) const EVENTS: &str = "/v1/events";

/// The list of events with these filters.
pub(crate) fn events(query: Query) -> Chain {
    let mut list = Chain::new((EVENTS, true), query, Target::Rows);
    list.created = Some("created");
    list
}
