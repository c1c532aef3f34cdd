//! Objects that are not in their table as Stripe has them.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::model::Model;
use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Scope, Store, StoreError, query, transaction};
use crate::store::rows::remarks;

/// Why an object stands here that is about to be read again: a run that was killed meanwhile finds it so.
pub(crate) const OVERTAKEN: &str = "was written by others while its list was read";
/// Rows that are read at once where all are wanted.
const PAGE: usize = 1_000;
const OF_FAILED: &str = "WHERE failed_table = ? AND account = ? AND livemode = ?";
const ROW: &str = "id, failed_column, failed_reason, failed_at";

/// An object that is not in the table as Stripe has it, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The object's id; empty if it could not be read.
    pub id: String,
    /// The column to blame, if there is one.
    pub column: Option<String>,
    /// What was expected and what was found, or the hook or database error.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, &self.id, self.column.as_deref(), &self.reason)
    }
}

impl fmt::Display for FailedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, &self.id, self.column.as_deref(), &self.reason)
    }
}

fn print(f: &mut fmt::Formatter<'_>, id: &str, column: Option<&str>, reason: &str) -> fmt::Result {
    let id = match id {
        "" => "(no id)",
        id => id,
    };
    match column {
        Some(column) => write!(f, "{id}: {column}: {reason}"),
        None => write!(f, "{id}: {reason}"),
    }
}

/// An object that failed, and did not succeed since.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct FailedRow {
    /// The object's id; empty if it could not be read.
    pub id: String,
    /// The column to blame, if there is one.
    pub column: Option<String>,
    /// What was expected and what was found, or the hook or database error.
    pub reason: String,
    /// When it failed last, by the clock of the process that wrote this.
    #[serde(serialize_with = "as_rfc3339")]
    pub failed_at: DateTime<Utc>,
}

pub(crate) fn as_rfc3339<S: serde::Serializer>(
    value: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.to_rfc3339())
}

impl Store {
    /// Records failures. One that is recorded already gets the new reason.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn record_failed(
        &self,
        model: &'static Model,
        scope: &Scope,
        failures: &[Failure],
    ) -> Result<(), StoreError> {
        let table = &self.place(model).name;
        let key = scope_binds(table, scope);
        transaction!(self, table, async |conn| {
            remarks::record_failed(conn, &key, failures).await
        })
    }

    /// Removes the failures of objects.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn clear_failed(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
    ) -> Result<(), StoreError> {
        let table = &self.place(model).name;
        let key = scope_binds(table, scope);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        transaction!(self, table, async |conn| {
            remarks::clear_failed(conn, &key, &ids).await
        })
    }

    /// Returns the recorded failures, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn failed(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<Vec<FailedRow>, StoreError> {
        let mut all = Vec::new();
        loop {
            let behind = all.last().map(|row: &FailedRow| row.id.clone());
            let page = self
                .failed_rows_page(model, scope, behind.as_deref(), PAGE)
                .await?;
            let whole = page.len() == PAGE;
            all.extend(page);
            if !whole {
                return Ok(all);
            }
        }
    }

    /// Returns the first of them behind an id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn failed_rows_page(
        &self,
        model: &'static Model,
        scope: &Scope,
        behind: Option<&str>,
        at_most: usize,
    ) -> Result<Vec<FailedRow>, StoreError> {
        let table = &self.place(model).name;
        let mut binds = scope_binds(table, scope).to_vec();
        let behind = behind.map_or("", |id| {
            binds.push(Bind::text(id));
            "AND id > ?"
        });
        let sql =
            format!("SELECT {ROW} FROM $objects {OF_FAILED} {behind} ORDER BY id LIMIT {at_most}");
        let rows = self.rows(table, &sql, &binds).await?;
        let rows = rows.into_iter().map(|row| {
            let (id, column, reason, failed_at) = row;
            FailedRow {
                id,
                column,
                reason,
                failed_at: DateTime::from_timestamp_millis(failed_at).unwrap_or_default(),
            }
        });
        Ok(rows.collect())
    }

    /// Returns those of these ids that are recorded as failed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn failed_among(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let table = &self.place(model).name;
        let key = scope_binds(table, scope);
        // PostgreSQL takes no NUL, and no object has such an id.
        let ids = ids.iter().map(String::as_str);
        let ids: Vec<&str> = ids.filter(|id| !id.contains('\0')).collect();
        let head = format!("SELECT id FROM $objects {OF_FAILED}");
        query!(self, table, async |conn| {
            conn.rows_in_list(&head, &key, &ids).await
        })
    }

    /// Returns how many failures are recorded.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_failed(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<u64, StoreError> {
        let table = &self.place(model).name;
        let key = scope_binds(table, scope);
        let sql = format!("SELECT COUNT(*) FROM $objects {OF_FAILED}");
        let count: i64 = self.one(table, &sql, &key).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}
