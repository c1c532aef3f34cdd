//! What was asked about tables once and does not change while a program runs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::db::door::query;
use super::db::error::StoreError;
use super::target::Target;
use super::{DatabaseKind, Store};

/// An answer for each table that was asked about.
pub(super) type Asked = Mutex<HashMap<String, bool>>;

impl Store {
    /// Whether the table takes the quickest write of its database: COPY on PostgreSQL, and on MySQL ON DUPLICATE KEY,
    /// which a unique key besides the model's forbids.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn is_quick(&self, target: &Target<'_>) -> Result<bool, StoreError> {
        let known = || {
            self.known
                .quick
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(answer) = known().get(target.table()) {
            return Ok(*answer);
        }
        let answer = match self.kind() {
            #[cfg(feature = "sqlite")]
            DatabaseKind::Sqlite => true,
            #[cfg(feature = "postgres")]
            DatabaseKind::Postgres => query!(self, target.table(), async |conn| {
                super::postgres::takes_copy(conn, target).await
            })?,
            #[cfg(feature = "mysql")]
            DatabaseKind::MySql => query!(self, target.table(), async |conn| {
                let keys = super::check::unique_keys(conn, &target.place).await?;
                Ok(keys.len() < 2)
            })?,
        };
        known().insert(target.table().to_owned(), answer);
        Ok(answer)
    }
}
