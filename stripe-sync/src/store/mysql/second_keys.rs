//! Tables with a unique key besides the model's, on which `ON DUPLICATE KEY UPDATE` could overwrite another row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::store::connection::Conn;
use crate::store::target::Target;

/// Which tables were asked already.
#[derive(Debug, Default)]
pub(in crate::store) struct SecondKeys(Mutex<HashMap<String, bool>>);

impl SecondKeys {
    /// What is known of a table.
    pub(in crate::store) fn get(&self, table: &str) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(table).copied()
    }

    /// Remembers a table.
    pub(in crate::store) fn set(&self, table: &str, second: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(table.to_owned(), second);
    }
}

/// Whether a table has more than one unique key.
pub(in crate::store) async fn has_second_key(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
) -> Result<bool, sqlx::Error> {
    let keys = super::unique_keys(conn, target.model).await?;
    Ok(keys.len() > 1)
}
