//! Rows that no list showed and whose parents name them: the list of the parent says what became of them.

use std::collections::BTreeSet;

use crate::model::Model;

use crate::sync::backfill::sweep::Sweep;
use crate::sync::error::SyncError;
use crate::sync::object::children::parents_that_list;
use crate::sync::object::lone_sets::Belief;

/// The parent whose list is asked for a model's objects, where Stripe has no list of all of them and rows name their parents.
pub(super) fn parent_to_ask(model: &'static Model) -> Option<&'static str> {
    let parent = model.parts.declared.parent?.object;
    parents_that_list(model).contains(&parent).then_some(parent)
}

impl Sweep<'_, '_> {
    /// Reads the lists of the parents of these rows, each once. What is not in them goes.
    pub(super) async fn confirm_by_parents(
        &mut self,
        parent: &'static str,
        ids: &[String],
    ) -> Result<(), SyncError> {
        let run = self.writer.run;
        let columns = run.model.columns();
        let named = run.model.parts.declared.parent;
        let column = named.and_then(|named| columns.get(named.column));
        let columns: Vec<_> = column.into_iter().collect();
        let mut parents = BTreeSet::new();
        for id in ids {
            let texts = run.store().texts(run.model, &run.scope, id, &columns);
            parents.extend(texts.await?.into_iter().flatten());
        }
        for id in parents {
            if self.reads.most == 0 {
                self.writer.report.unconfirmed += 1;
                continue;
            }
            self.reads.most -= 1;
            self.writer.write_set(parent, &id, Belief::AtOnce).await?;
        }
        Ok(())
    }
}
