//! Which parent's list showed an object, where the object does not name its parent: `children`.

use crate::model::Model;
use crate::store::db::{Bind, OF_KEY, Scope, Store, StoreError, transaction};

impl Store {
    /// Records that a parent's list showed these objects.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn know_children(
        &self,
        model: &'static Model,
        scope: &Scope,
        parent: &str,
        ids: &[String],
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let target = self.target(model, scope)?;
        let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        ids.sort_unstable();
        let key = "table_name, account, livemode, id";
        let sql = self.kind().upsert("$children", key, &["parent"]);
        transaction!(self, target.table(), async |conn| {
            for id in &ids {
                let binds = target.around(&[], &[Bind::text(id), Bind::text(parent)]);
                conn.execute(sql.as_str(), &binds).await?;
            }
            Ok(())
        })
    }

    /// Returns the ids of the objects that a parent's list showed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn children(
        &self,
        model: &'static Model,
        scope: &Scope,
        parent: &str,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, scope)?;
        let binds = target.around(&[], &[Bind::text(parent)]);
        let sql = format!("SELECT id FROM $children {OF_KEY} AND parent = ?");
        self.rows(target.table(), &sql, &binds).await
    }

    /// Removes objects that their parent's list does not show any more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_children(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let target = self.target(model, scope)?;
        let head = format!("DELETE FROM $children {OF_KEY}");
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        transaction!(self, target.table(), async |conn| {
            let key = target.key();
            conn.execute_in_list(&head, &key, &ids).await.map(drop)
        })
    }
}
