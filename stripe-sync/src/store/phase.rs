//! The phases of a walk, and the numbers by which its table's row keeps them.

use super::db::error::StoreError;

/// What a walk does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The lists are read.
    Lists,
    /// What changed meanwhile is read again.
    Changes,
    /// What the lists did not show is confirmed as deleted.
    Sweep,
    /// Nothing: it ended.
    Done,
}

impl Phase {
    pub(super) fn number(self) -> i64 {
        self as i64
    }

    /// Returns the phase with a number.
    ///
    /// # Errors
    /// When a newer program wrote it.
    pub(super) fn of(number: i64) -> Result<Self, StoreError> {
        let mut phases = [Self::Lists, Self::Changes, Self::Sweep, Self::Done].into_iter();
        phases
            .find(|phase| phase.number() == number)
            .ok_or(StoreError::UnknownState {
                table: "stripe_sync_tables",
                column: "phase",
                value: number,
            })
    }
}
