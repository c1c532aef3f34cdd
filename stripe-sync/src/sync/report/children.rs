//! What a run did with the rows of a model's children.

use std::fmt;

use serde::Serialize;

use crate::store::rows::Failure;
use crate::store::rows::sets::ChildWrites;
use crate::sync::report::{LISTED_FAILURES, Report, SHOWN_FAILURES};

/// What a run did with the rows of one model's children: the elements of lists inside its objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChildReport {
    /// The name of the children's struct.
    pub model: String,
    /// The table's name.
    pub table: String,
    /// Rows that were not there before.
    pub inserted: u64,
    /// Rows that were different.
    pub updated: u64,
    /// Rows that were the same and were not written.
    pub unchanged: u64,
    /// Rows that were marked or removed: no list of a parent has them any more, or the parent is gone.
    pub deleted: u64,
    /// Elements that failed. Their old rows stay as they were.
    pub failed: u64,
    /// The first 1,000 of them; `Display` shows ten.
    pub failures: Vec<Failure>,
}

impl ChildReport {
    /// Rows that were written: inserted or updated.
    pub fn written(&self) -> u64 {
        self.inserted + self.updated
    }

    fn add(&mut self, writes: &ChildWrites) {
        self.inserted += writes.inserted;
        self.updated += writes.updated;
        self.unchanged += writes.unchanged;
        self.deleted += writes.deleted;
        for failure in &writes.failures {
            tracing::warn!(
                name: "stripe_sync.failed",
                model = self.model,
                id = failure.id,
                column = failure.column,
                reason = failure.reason,
                "element failed"
            );
            // One that is read again and fails again is the same.
            let mut known = self.failures.iter_mut();
            match known.find(|known| known.id == failure.id) {
                Some(known) => known.clone_from(failure),
                None => {
                    self.failed += 1;
                    if self.failures.len() < LISTED_FAILURES {
                        self.failures.push(failure.clone());
                    }
                }
            }
        }
    }
}

impl Report {
    /// The report of the rows of one model's children, if the run wrote or compared any.
    pub fn child(&self, model: &str) -> Option<&ChildReport> {
        self.children.iter().find(|child| child.model == model)
    }

    /// Counts what became of the rows of children.
    pub(crate) fn count_children(&mut self, writes: &ChildWrites) {
        let is = |child: &&mut ChildReport| {
            (&*child.model, &*child.table) == (writes.model.name(), &*writes.table)
        };
        if let Some(child) = self.children.iter_mut().find(is) {
            return child.add(writes);
        }
        let mut child = ChildReport {
            model: writes.model.name().to_owned(),
            table: writes.table.clone(),
            ..ChildReport::default()
        };
        child.add(writes);
        self.children.push(child);
    }
}

impl fmt::Display for ChildReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} → {}: {} inserted, {} updated, {} unchanged",
            self.model, self.table, self.inserted, self.updated, self.unchanged
        )?;
        for (count, what) in [(self.deleted, "deleted"), (self.failed, "failed")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        for failure in self.failures.iter().take(SHOWN_FAILURES) {
            write!(f, "\n    failed {failure}")?;
        }
        Ok(())
    }
}
