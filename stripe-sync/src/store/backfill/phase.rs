//! The phases of a run, and the numbers by which its table's row keeps them.

use crate::model::words::words;
use crate::store::db::StoreError;
use crate::store::db::row::state::by_number;

/// What a run does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BackfillPhase {
    /// Lists are read.
    Lists,
    /// Objects that changed meanwhile are read again.
    Changes,
    /// What no list showed is confirmed as deleted.
    Sweep,
    /// Nothing: it ended.
    Ended,
}

words! { BackfillPhase: Lists "lists", Changes "changes", Sweep "sweep", Ended "ended" }

impl BackfillPhase {
    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn of(number: i64) -> Result<Self, StoreError> {
        let all = [Self::Lists, Self::Changes, Self::Sweep, Self::Ended];
        by_number(&all, ("stripe_sync_tables", "phase"), number)
    }
}
