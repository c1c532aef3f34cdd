//! The schema of a namespace, which is created with the first table in it.

use sqlx::AssertSqlSafe;

use crate::model::Model;
use crate::store::db::{Bind, Conn, Place, Store, StoreError, TxError, query};
use crate::store::tables::create;

impl Store {
    /// The statement that creates the schema of a model's namespace, where a namespace is a schema.
    pub(crate) fn schema_statement(&self, model: &'static Model) -> Option<String> {
        create::create_schema(model, &self.place(model).table, self.kind())
    }

    /// Creates the schema of a model's namespace, where a namespace is a schema, unless it is there.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn ensure_schema(&self, model: &'static Model) -> Result<(), StoreError> {
        let place = self.place(model);
        let Some(create) = self.schema_statement(model) else {
            return Ok(());
        };
        // Without the right to create schemas, IF NOT EXISTS is refused even if the schema is there.
        if self.has_schema(&place).await? {
            return Ok(());
        }
        let created = query!(self, &place.name, async |conn| {
            conn.run(AssertSqlSafe(create.clone())).await
        });
        // IF NOT EXISTS fails where another session creates the schema meanwhile.
        match created {
            Err(error) if !self.has_schema(&place).await? => Err(error),
            _ => Ok(()),
        }
    }

    async fn has_schema(&self, place: &Place) -> Result<bool, StoreError> {
        query!(self, &place.name, async |conn| {
            is_there(conn, place).await
        })
    }
}

/// Whether the schema of a table's namespace is there, or there is none to create.
pub(crate) async fn is_there(conn: &mut Conn<'_>, place: &Place) -> Result<bool, TxError> {
    let ask = conn.kind().dialect().has_schema;
    let (Some(ask), Some(namespace)) = (ask, place.table.namespace()) else {
        return Ok(true);
    };
    conn.one(ask, &[Bind::text(namespace)]).await
}
