//! What became of the deliveries that the fake posted itself.

use std::collections::VecDeque;

/// Attempts that are kept; the oldest are forgotten first.
const MOST: usize = 10_000;

/// One POST to an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) endpoint: String,
    pub(crate) url: String,
    pub(crate) event: String,
    pub(crate) kind: String,
    /// 1 for the first of its event and endpoint.
    pub(crate) nth: u32,
    /// The fake's time, Unix seconds.
    pub(crate) at: i64,
    pub(crate) outcome: Outcome,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    UnderWay,
    /// The status of the answer.
    Answered(u16),
    /// Why there was no answer.
    Failed(String),
}

impl Outcome {
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts {
    /// The number of the first that is kept.
    first: u64,
    kept: VecDeque<Attempt>,
}

impl Attempts {
    /// Keeps an attempt and returns its number.
    pub(crate) fn push(&mut self, attempt: Attempt) -> u64 {
        self.kept.push_back(attempt);
        if self.kept.len() > MOST {
            self.kept.pop_front();
            self.first += 1;
        }
        self.next() - 1
    }

    /// Notes what became of an attempt.
    pub(crate) fn end(&mut self, number: u64, outcome: Outcome) {
        let place = self.place(number);
        if let Some(attempt) = place.and_then(|place| self.kept.get_mut(place)) {
            attempt.outcome = outcome;
        }
    }

    /// The attempt with this number; `None` if it is forgotten.
    pub(crate) fn get(&self, number: u64) -> Option<&Attempt> {
        self.kept.get(self.place(number)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Attempt> {
        self.kept.iter()
    }

    /// The numbers of those that have no answer yet.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = u64> {
        let numbered = (self.first..).zip(&self.kept);
        numbered.filter_map(|(number, attempt)| {
            (attempt.outcome == Outcome::UnderWay).then_some(number)
        })
    }

    /// Forgets all, and gives no number that another gave.
    pub(crate) fn skip_to(&mut self, other: &Self) {
        self.kept.clear();
        self.first = other.next();
    }

    fn next(&self) -> u64 {
        self.first
            .saturating_add(u64::try_from(self.kept.len()).unwrap_or(u64::MAX))
    }

    fn place(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}
