//! Which rows are a parent's.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::sql::quote;

use super::db::bind::Bind;
use super::db::door::query;
use super::db::error::StoreError;
use super::sweep::Names;
use super::{Scope, Store};
use crate::model::{Column, Model};

impl Store {
    /// Returns the ids of rows that are not marked as deleted and whose column names a parent.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn rows_of_parent(
        &self,
        model: &'static Model,
        scope: &Scope,
        column: &'static Column,
        parent: &str,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, scope)?;
        let names = Names::new(&target);
        let mut binds = target.scope_binds();
        let sql = format!(
            "SELECT {} {} AND {} = {}",
            names.id_as_text,
            names.alive(""),
            quote(column.name, target.kind.dialect().quote),
            names.placeholder(binds.len() + 1),
        );
        binds.push(Bind::text(parent));
        let sql = AssertSqlSafe(sql).into_sql_str();
        query!(self, target.table(), async |conn| {
            let ids = conn.rows(sql.clone(), &binds).await?;
            Ok(ids.into_iter().map(|(id,)| id).collect())
        })
    }
}
