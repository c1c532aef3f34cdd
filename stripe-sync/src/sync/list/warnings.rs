//! What lists inside objects show that is odd, for the report of a run.

use std::sync::Mutex;

use crate::calls::lock;

/// Warnings that a report lists one by one; the rest are counted. An account may have a million such objects.
const LISTED: usize = 100;

/// Warnings of a run, from all that reads for it.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Mutex<(Vec<String>, usize)>);

impl Warnings {
    /// Takes one in.
    pub(crate) fn push(&self, warning: String) {
        tracing::warn!(name: "stripe_sync.warning", warning, "a list is odd");
        let mut inner = lock(&self.0);
        if inner.0.len() < LISTED {
            inner.0.push(warning);
        } else {
            inner.1 += 1;
        }
    }

    /// All of them, for the report.
    pub(crate) fn take(&self) -> Vec<String> {
        let (mut warnings, more) = std::mem::take(&mut *lock(&self.0));
        if more > 0 {
            warnings.push(format!("and {more} more of the same kind"));
        }
        warnings
    }
}
