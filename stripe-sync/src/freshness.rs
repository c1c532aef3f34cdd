//! Tokens: which of two reads of one object is the newer.

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
