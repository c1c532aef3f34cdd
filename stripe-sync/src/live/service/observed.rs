//! What this process sees of Stripe while it works, as far as an alarm may follow from it.

pub(crate) mod lists;
pub(crate) mod refusals;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};

use crate::calls::lock;
use crate::sync::{Verification, VerificationCounts};
use lists::EventLists;
use refusals::Refusals;

/// What this process has seen since the service was built.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    lists: Mutex<EventLists>,
    refusals: Mutex<Refusals>,
    verified: Mutex<BTreeMap<String, VerifiedTable>>,
}

/// What the last verification of a table found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VerifiedTable {
    pub(crate) model: String,
    pub(crate) counts: VerificationCounts,
    pub(crate) at: DateTime<Utc>,
}

impl VerifiedTable {
    /// Rows that are not as Stripe has them, and objects that failed.
    pub(crate) fn unequal(&self) -> u64 {
        let counts = &self.counts;
        counts.drifted().saturating_sub(counts.fixed) + counts.failed
    }
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

    /// What the last verifications found, by table.
    pub(crate) fn verified(&self) -> MutexGuard<'_, BTreeMap<String, VerifiedTable>> {
        lock(&self.verified)
    }

    /// Takes in a verification: of its table, and of those of its children.
    pub(crate) fn take(&self, verification: &Verification) {
        let own = (
            &verification.model,
            &verification.table,
            verification.counts,
        );
        let children = verification.children.iter();
        let children = children.map(|child| (&child.model, &child.table, child.counts));
        let mut verified = self.verified();
        for (model, table, counts) in [own].into_iter().chain(children) {
            let of_table = VerifiedTable {
                model: model.clone(),
                counts,
                at: verification.started_at,
            };
            verified.insert(table.clone(), of_table);
        }
    }
}
