//! What a table holds.

use std::collections::BTreeMap;

use serde_json::Value;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};

use super::database::{Database, Pool};

impl Database {
    /// The rows that are not marked as deleted: id, and the whole object in the column `object`.
    pub(crate) async fn rows(&self, table: &str) -> BTreeMap<String, Value> {
        let select = |object: &str| {
            AssertSqlSafe(format!(
                "SELECT id, {object} FROM {table} WHERE stripe_deleted_at IS NULL"
            ))
        };
        let rows: Vec<(String, String)> = match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_as(select("object")).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_as(select("object::text")).fetch_all(pool).await,
            Pool::MySql(pool) => {
                sqlx::query_as(select("CAST(object AS CHAR)"))
                    .fetch_all(pool)
                    .await
            }
        }
        .unwrap();
        rows.into_iter()
            .map(|(id, object)| (id, serde_json::from_str(&object).unwrap()))
            .collect()
    }

    /// The texts that a query of one column answers.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<Option<String>> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        }
        .unwrap()
    }
}
