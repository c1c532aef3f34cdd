//! What was asked about tables once and does not change while a program runs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Store;
use super::db::door::query;
use super::db::error::StoreError;
use super::target::Target;

/// An answer for each table that was asked about.
#[derive(Debug, Default)]
pub(super) struct Asked(Mutex<HashMap<String, bool>>);

impl Asked {
    /// What is known of a table.
    pub(super) fn get(&self, table: &str) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(table).copied()
    }

    /// Remembers a table.
    pub(super) fn set(&self, table: &str, answer: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(table.to_owned(), answer);
    }
}

impl Store {
    /// Whether the table has a unique key besides the model's. Only MySQL's upsert minds.
    ///
    /// # Errors
    /// When the database fails.
    #[cfg(feature = "mysql")]
    pub(super) async fn has_second_key(&self, target: &Target<'_>) -> Result<bool, StoreError> {
        let known = &self.known.second_keys;
        match known.get(target.table()) {
            _ if !self.kind().is_mysql() => return Ok(false),
            Some(answer) => return Ok(answer),
            None => {}
        }
        let answer = query!(self, target.table(), async |conn| {
            let keys = super::mysql::unique_keys(conn, &target.place).await?;
            Ok(keys.len() > 1)
        })?;
        known.set(target.table(), answer);
        Ok(answer)
    }

    /// Whether rows can be copied into the table. Only PostgreSQL has it.
    ///
    /// # Errors
    /// When the database fails.
    #[cfg(feature = "postgres")]
    pub(super) async fn takes_copy(&self, target: &Target<'_>) -> Result<bool, StoreError> {
        let known = &self.known.take_copy;
        match known.get(target.table()) {
            _ if !self.kind().is_postgres() => return Ok(false),
            Some(answer) => return Ok(answer),
            None => {}
        }
        let answer = query!(self, target.table(), async |conn| {
            super::postgres::takes_copy(conn, target).await
        })?;
        known.set(target.table(), answer);
        Ok(answer)
    }
}
