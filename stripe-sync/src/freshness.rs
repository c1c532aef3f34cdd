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
    /// On a list page, by the one run of its model, account and mode.
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
    /// The token with which the run of that page began, of several the newest.
    pub(crate) run: i64,
    /// The finish of the newest read of a parent's list in which the object could have stood; 0 for a model without a parent.
    pub(crate) sets_at: i64,
    /// Whether the read found what the table holds already: the same content, or the same deletion.
    pub(crate) same: bool,
}

/// What to do with what a read found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Write it, with the read's finish as `observed_at`.
    Write,
    /// The same, and ask Stripe again: a list of the parent was read meanwhile, and may lack the object. Whoever reads that list
    /// from now on finds the row.
    WriteAndReadAgain,
    /// Nothing to write; raise `observed_at` to the read's finish.
    Raise,
    /// Nothing to do.
    Leave,
    /// Ask Stripe again: which of two reads is the newer is not known.
    ReadAgain,
    /// The same, and raise `observed_at` to the read's finish: the pages of the run leave the row alone no more, and the
    /// next read need not fit between two of them.
    RaiseAndReadAgain,
}

/// The rule.
pub(crate) fn decide(known: Known, start: i64, by: ReadBy) -> Decision {
    let Some(observed_at) = known.observed_at else {
        return match by {
            ReadBy::Id if start < known.sets_at => Decision::WriteAndReadAgain,
            _ => Decision::Write,
        };
    };
    // Written or raised since the run began: each page that compares it raises it, so its own token says everything.
    let raised = observed_at > known.run;
    match (known.same, by) {
        (true, ReadBy::List) if !raised => Decision::Leave,
        (true, _) => Decision::Raise,
        (false, _) if start < observed_at => Decision::ReadAgain,
        (false, ReadBy::Id) if !raised && start < known.compared_at => Decision::RaiseAndReadAgain,
        (false, _) => Decision::Write,
    }
}

#[cfg(test)]
mod tests;
