#![doc = include_str!("docs/freshness.md")]

/// The start of a read, as a number from the database's own counter. See `Syncer::start_read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadToken(i64);

impl ReadToken {
    /// A token from the counter.
    pub(crate) const fn new(start: i64) -> Self {
        Self(start)
    }

    /// The counter's value before the read began.
    pub(crate) const fn start(self) -> i64 {
        self.0
    }
}

/// How an object was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadBy {
    /// On a list page, by the one walk of its model, account and mode.
    List,
    /// One at a time.
    Id,
}

/// What the table knows of one object, under the lock that the decision is made under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// `observed_at` of the row, or of the tombstone where there is no row; `None` if the object was never seen.
    pub(crate) observed_at: Option<i64>,
    /// The finish of the newest list page that left unchanged rows of this model, account and mode alone.
    pub(crate) compared_at: i64,
    /// Whether the read found what the table holds already: the same content, or the same deletion.
    pub(crate) same: bool,
}

/// What to do with what a read found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Write it, with the read's finish as `observed_at`.
    Write,
    /// Nothing to write; raise `observed_at` to the read's finish.
    Raise,
    /// Nothing to do.
    Leave,
    /// Ask Stripe again: which of two reads is the newer cannot be told.
    ReadAgain,
}

/// The rule.
pub(crate) fn decide(known: Known, start: i64, by: ReadBy) -> Decision {
    let Some(observed_at) = known.observed_at else {
        return Decision::Write;
    };
    match (known.same, by) {
        (true, ReadBy::Id) => Decision::Raise,
        (true, ReadBy::List) => Decision::Leave,
        (false, ReadBy::List) if start >= observed_at => Decision::Write,
        (false, ReadBy::Id) if start >= observed_at.max(known.compared_at) => Decision::Write,
        (false, _) => Decision::ReadAgain,
    }
}

#[cfg(test)]
mod model;
