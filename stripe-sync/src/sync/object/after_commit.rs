//! After a commit: the hooks of the rows that changed, and what became of the rows of children.

use crate::model::Model;
use crate::model::hooks::{AFTER_COMMIT, HookError};
use crate::store::rows::sets::ChildWrites;
use crate::store::rows::{Changes, Failure};

use crate::sync::object::ObjectWriter;

impl ObjectWriter<'_> {
    /// Calls the model's hook with the rows that changed.
    pub(crate) async fn after_commit(&mut self, changes: Changes) {
        for failure in self.call_after_commit(self.run.model, changes).await {
            self.report.fail(failure);
        }
    }

    /// Counts the rows of children, and calls their hooks.
    pub(crate) async fn take_children(&mut self, children: Vec<ChildWrites>) {
        for mut child in children {
            let changes = std::mem::take(&mut child.changes);
            let failures = self.call_after_commit(child.model, changes).await;
            child.failures.extend(failures);
            // Of an event the service says what failed.
            if self.is_following() {
                let model = child.model;
                let failures = child.failures.drain(..);
                self.failed_children
                    .extend(failures.map(|failure| (model, failure)));
            }
            match child.model.is(self.run.model) {
                true => self.count_own(child),
                false => self.report.count_children(&child),
            }
        }
    }

    /// Counts rows of the run's own model that were read as a set.
    fn count_own(&mut self, writes: ChildWrites) {
        self.report.inserted += writes.inserted;
        self.report.updated += writes.updated;
        self.report.deleted += writes.deleted;
        for failure in writes.failures {
            if self.failed.insert(failure.id.clone()) {
                self.report.fail(failure);
            }
        }
    }

    /// Calls a model's hook with the rows that changed. Returns the failures.
    async fn call_after_commit(&self, model: &'static Model, changes: Changes) -> Vec<Failure> {
        let mut failures = Vec::new();
        let Some(hook) = model.parts.after_commit else {
            return failures;
        };
        for (id, change) in changes {
            let context = &self.run.context;
            let called = context.timed(context.call(hook(change, context)));
            let reason = match called.await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.to_string(),
                Err(error) => HookError::new(AFTER_COMMIT, error).to_string(),
            };
            failures.push(Failure::whole(id, reason));
        }
        failures
    }
}
