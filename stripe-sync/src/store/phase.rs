//! The phases of a walk, and the numbers by which a checkpoint keeps them.

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
    const ALL: [Self; 4] = [Self::Lists, Self::Changes, Self::Sweep, Self::Done];

    pub(super) fn number(self) -> i64 {
        Self::ALL
            .iter()
            .position(|phase| *phase == self)
            .map_or(0, |number| i64::try_from(number).unwrap_or_default())
    }

    pub(super) fn of(number: i64) -> Self {
        let number = usize::try_from(number).unwrap_or_default();
        Self::ALL.get(number).copied().unwrap_or(Self::Lists)
    }
}
