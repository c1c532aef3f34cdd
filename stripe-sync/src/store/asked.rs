//! What was asked about tables once and does not change while a program runs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::target::Target;
use super::{Store, with_connection};

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
        if !self.kind().is_mysql() {
            return Ok(false);
        }
        let asked = async || {
            with_connection!(self, |conn| Ok(super::mysql::has_second_key(
                &mut conn, target
            )
            .await?))
        };
        self.ask(&self.seen.second_keys, target, asked).await
    }

    /// Whether rows can be copied into the table. Only PostgreSQL has it.
    ///
    /// # Errors
    /// When the database fails.
    #[cfg(feature = "postgres")]
    pub(super) async fn takes_copy(&self, target: &Target<'_>) -> Result<bool, StoreError> {
        if !self.kind().is_postgres() {
            return Ok(false);
        }
        let asked = async || {
            with_connection!(self, |conn| Ok(super::postgres::takes_copy(
                &mut conn, target
            )
            .await?))
        };
        self.ask(&self.seen.take_copy, target, asked).await
    }

    async fn ask(
        &self,
        known: &Asked,
        target: &Target<'_>,
        asked: impl AsyncFnOnce() -> Result<bool, Fault>,
    ) -> Result<bool, StoreError> {
        if let Some(answer) = known.get(&target.table) {
            return Ok(answer);
        }
        let answer = asked().await;
        let answer =
            answer.map_err(|fault| Tries::new(&target.table, self.kind()).give_up(fault))?;
        known.set(&target.table, answer);
        Ok(answer)
    }
}
