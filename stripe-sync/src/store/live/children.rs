//! Children of an object that an event told of: which rows are theirs, and that there is something to do about each.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::sql::quote;

use super::due;
use super::work::{self, Subject};
use crate::cell::CellType;
use crate::model::{Column, Model};
use crate::store::connection::{Bind, Taken};
use crate::store::error::StoreError;
use crate::store::fault::{Fault, Tries};
use crate::store::sweep::Names;
use crate::store::target::Target;
use crate::store::{Scope, Store, with_connection};

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

    /// Says that there is something to do about objects, without an event that is about them.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn notice_objects(
        &self,
        scope: &Scope,
        subjects: &[Subject],
    ) -> Result<(), StoreError> {
        let mut tries = Tries::new(work::TABLE, self.kind());
        loop {
            match self.try_notice(scope, subjects).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    /// The subjects must be in order, so that two who notice the same ones do not wait for each other.
    async fn try_notice(&self, scope: &Scope, subjects: &[Subject]) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        for subject in subjects {
            due::notice(&mut conn, scope, subject).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
