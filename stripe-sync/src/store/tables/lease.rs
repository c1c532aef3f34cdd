//! The right of a process to take part in a backfill run.

use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Scope, StoreError};

/// The right to take part in a run. Its token is checked in each of the run's transactions.
#[derive(Debug, Clone)]
pub(crate) struct RunLease {
    pub(crate) table: String,
    pub(crate) scope: Scope,
    /// The run's fencing token: the next run has a larger one.
    pub(crate) run: i64,
    /// Of this process and run: what it holds is its own.
    pub(crate) owner: i64,
    /// Whether the table takes the model's filter with the run's first page.
    pub(crate) changes_filter: bool,
}

impl RunLease {
    /// The run's table, account and mode as parameters.
    pub(crate) fn key(&self) -> [Bind<'_>; 3] {
        scope_binds(&self.table, &self.scope)
    }

    /// The parameters of a statement with that key, and others before and after it.
    pub(crate) fn around<'b>(&'b self, before: &[Bind<'b>], after: &[Bind<'b>]) -> Vec<Bind<'b>> {
        [before, &self.key(), after].concat()
    }

    /// Why the run's work is refused once another run has followed.
    pub(crate) fn lost(&self) -> StoreError {
        StoreError::LeaseLost {
            table: self.table.clone(),
        }
    }
}
