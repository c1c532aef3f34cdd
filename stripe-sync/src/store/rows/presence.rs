//! What is known of an object by its id alone.

use crate::model::Model;
use crate::store::db::{Scope, Store, StoreError, query};
use crate::store::rows::{WantedColumns, remarks, stored};

/// What a table and the bookkeeping know of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// There is a row that is not marked as deleted.
    Alive,
    /// Its row is marked as deleted, or it has none and is known to be deleted.
    Deleted,
    /// Nothing.
    Unknown,
}

impl Store {
    /// Returns what is known of an object.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn presence(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
    ) -> Result<Presence, StoreError> {
        let target = self.target(model, scope)?;
        query!(self, target.table(), async |conn| {
            let found = stored::read(conn, &target, &[id], false, &WantedColumns::none()).await?;
            match found.get(id) {
                Some(row) if row.deleted => return Ok(Presence::Deleted),
                Some(_) => return Ok(Presence::Alive),
                None => {}
            }
            let tombstones = remarks::tombstones(conn, &target, &[id]).await?;
            Ok(match tombstones.is_empty() {
                true => Presence::Unknown,
                false => Presence::Deleted,
            })
        })
    }
}
