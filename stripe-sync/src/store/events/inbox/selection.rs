//! Which events of the inbox are meant.

use crate::store::db::Bind;
use crate::store::events::EventState;

/// Which events are asked for: all that fit every given condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) ids: Option<Vec<String>>,
    /// `LIKE` patterns of types, of which one must fit.
    pub(crate) kinds: Vec<String>,
    pub(crate) state: Option<EventState>,
    /// Received at or after, in milliseconds.
    pub(crate) since: Option<i64>,
    /// Received before, in milliseconds.
    pub(crate) until: Option<i64>,
    /// Happened before an event: its second and its id.
    pub(crate) before: Option<(i64, String)>,
}

impl Selection {
    /// The condition for events of a mode, and its parameters.
    pub(crate) fn condition(&self, livemode: bool) -> (String, Vec<Bind<'_>>) {
        let mut condition = "WHERE livemode = ?".to_owned();
        let mut binds = vec![Bind::boolean(livemode)];
        if let Some(ids) = &self.ids {
            let marks = vec!["?"; ids.len().max(1)].join(", ");
            condition += &format!(" AND id IN ({marks})");
            match ids.is_empty() {
                // No event has an empty id.
                true => binds.push(Bind::text("")),
                false => binds.extend(ids.iter().map(|id| Bind::text(id))),
            }
        }
        if !self.kinds.is_empty() {
            let any = vec!["kind LIKE ?"; self.kinds.len()].join(" OR ");
            condition += &format!(" AND ({any})");
            binds.extend(self.kinds.iter().map(|kind| Bind::text(kind)));
        }
        if let Some(state) = self.state {
            condition += " AND state = ?";
            binds.push(Bind::integer(state.number()));
        }
        if let Some(since) = self.since {
            condition += " AND received_at >= ?";
            binds.push(Bind::integer(since));
        }
        if let Some(until) = self.until {
            condition += " AND received_at < ?";
            binds.push(Bind::integer(until));
        }
        if let Some((created, id)) = &self.before {
            condition += " AND created <= ? AND (created < ? OR id < ?)";
            let created = Bind::integer(*created);
            binds.extend([created.clone(), created, Bind::text(id)]);
        }
        (condition, binds)
    }
}
