//! Which rows are a parent's.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::sql::quote;

use super::connection::{Bind, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::sweep::Names;
use super::target::Target;
use super::{Scope, Store, with_connection};
use crate::cell::CellType;
use crate::model::{Column, Model};

impl Store {
    /// The ids of rows that are not marked as deleted and whose column names a parent.
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
        let target = Target::new(self.kind(), model, scope)?;
        let tries = Tries::new(&target.table, self.kind());
        let ids = self.try_rows_of_parent(&target, column, parent).await;
        ids.map_err(|fault| tries.give_up(fault))
    }

    async fn try_rows_of_parent(
        &self,
        target: &Target<'_>,
        column: &'static Column,
        parent: &str,
    ) -> Result<Vec<String>, Fault> {
        let text = Names::new(target);
        let mut binds = target.scope_binds();
        let sql = format!(
            "SELECT {} {} AND {} = {}",
            text.id_as_text,
            text.alive(1, ""),
            quote(column.name, target.kind.dialect().quote),
            text.placeholder(binds.len() + 1),
        );
        binds.push(Bind::text(parent));
        with_connection!(self, |conn| {
            let sql = AssertSqlSafe(sql).into_sql_str();
            let rows = conn.fetch(sql, &binds, &[CellType::Text]).await?;
            Ok(rows.into_iter().map(|row| Taken::new(row).text()).collect())
        })
    }
}
