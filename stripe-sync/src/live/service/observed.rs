//! What this process sees of Stripe while it works, as far as an alarm may follow from it.

pub(crate) mod lists;
pub(crate) mod refusals;

use std::sync::{Mutex, MutexGuard};

use crate::calls::lock;
use lists::EventLists;
use refusals::Refusals;

/// What this process has seen since the service was built.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    lists: Mutex<EventLists>,
    refusals: Mutex<Refusals>,
}

impl Observed {
    /// Stripe's lists of events.
    pub(crate) fn lists(&self) -> MutexGuard<'_, EventLists> {
        lock(&self.lists)
    }

    /// What Stripe refused to show.
    pub(crate) fn refusals(&self) -> MutexGuard<'_, Refusals> {
        lock(&self.refusals)
    }
}
