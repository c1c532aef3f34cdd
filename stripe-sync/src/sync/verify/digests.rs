//! Digests by which two reads of an object, and two looks at its rows, are compared with each other.

use futures_util::future::BoxFuture;
use xxhash_rust::xxh3::Xxh3;

use crate::model::{Model, content};
use crate::store::db::StoreError;
use crate::store::rows::KeyedRow;
use crate::store::rows::stored::Stored;
use crate::sync::object::Mapped;
use crate::sync::verify::compared::{Comparer, written};

/// What a read said of an object, for comparison with another read of it; `None` if there is none that has a row.
pub(super) fn digest(mapped: &Mapped) -> Option<u64> {
    match mapped {
        Mapped::Row(row) => {
            let mut all = Xxh3::new();
            digest_row(&mut all, row);
            Some(all.digest())
        }
        _ => None,
    }
}

fn digest_row(all: &mut Xxh3, row: &KeyedRow) {
    all.update(row.id.as_bytes());
    all.update(&row.hash.to_le_bytes());
    for set in &row.sets {
        all.update(&set.rows.len().to_le_bytes());
        for row in &set.rows {
            digest_row(all, row);
        }
    }
}

impl Comparer<'_> {
    /// A digest of what the tables have of an object and of its children.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn stored_digest(&self, id: &str) -> Result<u64, StoreError> {
        let (store, model) = (self.run.store(), self.run.model);
        let mut all = Xxh3::new();
        let rows = store.whole_rows(model, &self.run.scope, &[id]).await?;
        if let Some(row) = rows.get(id) {
            digest_stored(&mut all, model, id, row);
        }
        self.digest_below(model, vec![id.to_owned()], &mut all)
            .await?;
        Ok(all.digest())
    }

    fn digest_below<'a>(
        &'a self,
        model: &'static Model,
        parents: Vec<String>,
        all: &'a mut Xxh3,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
            for (_, child) in model.children() {
                let (store, scope) = (self.run.store(), &self.run.scope);
                let mut rows = store.whole_rows_below(child, scope, &parents).await?;
                rows.sort_by(|a, b| (&a.parent, &a.id).cmp(&(&b.parent, &b.id)));
                for row in &rows {
                    digest_stored(all, child, &row.id, &row.row);
                }
                let ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
                if !ids.is_empty() && !child.is_of_elements() {
                    self.digest_below(child, ids, all).await?;
                }
            }
            Ok(())
        })
    }
}

fn digest_stored(all: &mut Xxh3, model: &'static Model, id: &str, row: &Stored) {
    all.update(id.as_bytes());
    all.update(&[u8::from(row.deleted)]);
    all.update(&content::hash(&written(model, row), 0).to_le_bytes());
}
