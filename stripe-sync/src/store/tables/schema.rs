//! The schema of a namespace, which is created with the first table in it.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::bookkeeping::Lock;

use crate::model::Model;
use crate::store::db::store::DDL_TIMEOUT;
use crate::store::db::{Bind, Conn, Place, Store, StoreError, TxError, query, transaction};
use crate::store::tables::create;
use crate::store::tables::prepare::hold;

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
        if query!(self, &place.name, async |conn| {
            is_there(conn, &place).await
        })? {
            return Ok(());
        }
        transaction!(self, &place.name, async |conn| {
            // IF NOT EXISTS fails where two sessions create the schema at once.
            if let Some(lock) = Lock::of(conn.kind().sql(), DDL_TIMEOUT) {
                hold(conn, &lock.take).await?;
            }
            if !is_there(conn, &place).await? {
                conn.run(AssertSqlSafe(create.clone())).await?;
            }
            Ok(())
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
