//! The tables of a model's children.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::model::Model;
use crate::store::db::{Facts, Scope, Store, StoreError, TableContext};

/// How deep sets may be inside one another: items of subscriptions of customers. Requests expand no deeper.
const DEEPEST: usize = 4;

/// The table of one list's elements.
#[derive(Debug)]
pub(crate) struct ChildTable<'a> {
    pub(crate) target: TableContext<'a>,
    pub(crate) facts: Arc<Facts>,
    /// The tables of the elements' own lists.
    pub(crate) tables: Vec<ChildTable<'a>>,
}

impl Store {
    /// Returns the tables of a model's children, in the order of its lists.
    ///
    /// # Errors
    /// When a child was not derived for the connected database, or the database fails.
    pub(crate) async fn child_tables<'a>(
        &'a self,
        model: &'static Model,
        scope: &'a Scope,
    ) -> Result<Vec<ChildTable<'a>>, StoreError> {
        match model.parts.declared.children.is_empty() {
            true => Ok(Vec::new()),
            false => self.tables_below(model, scope, DEEPEST).await,
        }
    }

    fn tables_below<'a>(
        &'a self,
        model: &'static Model,
        scope: &'a Scope,
        deepest: usize,
    ) -> BoxFuture<'a, Result<Vec<ChildTable<'a>>, StoreError>> {
        Box::pin(async move {
            let mut tables = Vec::new();
            if deepest == 0 {
                return Ok(tables);
            }
            for (_, child) in model.children() {
                let target = self.target(child, scope)?;
                crate::store::rows::hooked::check(&target)?;
                tables.push(ChildTable {
                    facts: self.facts(&target).await?,
                    target,
                    tables: self.tables_below(child, scope, deepest - 1).await?,
                });
            }
            Ok(tables)
        })
    }
}
