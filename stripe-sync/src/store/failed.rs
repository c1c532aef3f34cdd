//! Objects that are not in their table as Stripe has them: `stripe_sync_failed`.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Store;
use super::binding::Scope;
use super::bookkeeping::scope_binds;
use super::connection::{Bind, Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::with_connection;
use crate::cell::{Cell, CellType};
use crate::model::Model;

/// The longest id in characters that the bookkeeping keeps; Stripe's have at most 255.
const LONGEST_ID: usize = 255;
/// Why an object stands here that is about to be read again: a run that was killed meanwhile finds it so.
pub(crate) const OVERTAKEN: &str = "was written by others while its list was read";
/// The longest reason in bytes; a MySQL TEXT holds 65,535.
const LONGEST_REASON: usize = 16_000;

/// An object that is not in the table as Stripe has it, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The object's id; empty if it could not be read.
    pub id: String,
    /// The column to blame, if there is one.
    pub column: Option<String>,
    /// What was expected and what came, or the hook or database error.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = match self.id.as_str() {
            "" => "(no id)",
            id => id,
        };
        match &self.column {
            Some(column) => write!(f, "{id}: {column}: {}", self.reason),
            None => write!(f, "{id}: {}", self.reason),
        }
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
    /// What was expected and what came, or the hook or database error.
    pub reason: String,
    /// When it failed last, by the clock of the process that wrote this.
    #[serde(serialize_with = "as_rfc3339")]
    pub failed_at: DateTime<Utc>,
}

fn as_rfc3339<S: serde::Serializer>(
    value: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.to_rfc3339())
}

impl Store {
    /// Remembers failures; one that is remembered already gets the new reason.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn record_failed(
        &self,
        model: &'static Model,
        scope: &Scope,
        failures: &[Failure],
    ) -> Result<(), StoreError> {
        let table = model.table();
        let mut tries = Tries::new(&table, self.kind());
        loop {
            match self.try_record(&table, scope, failures).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_record(
        &self,
        table: &str,
        scope: &Scope,
        failures: &[Failure],
    ) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        record(&mut transaction.conn(), table, scope, failures).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets the failures of objects.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn clear_failed(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
    ) -> Result<(), StoreError> {
        let table = model.table();
        let mut tries = Tries::new(&table, self.kind());
        loop {
            match self.try_clear(&table, scope, ids).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_clear(&self, table: &str, scope: &Scope, ids: &[String]) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        clear(&mut transaction.conn(), table, scope, ids).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The failures that are remembered, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn failed(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<Vec<FailedRow>, StoreError> {
        let table = model.table();
        let tries = Tries::new(&table, self.kind());
        let rows = self.try_failed(&table, scope).await;
        rows.map_err(|fault| tries.give_up(fault))
    }

    async fn try_failed(&self, table: &str, scope: &Scope) -> Result<Vec<FailedRow>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(
                "SELECT id, column_name, reason, failed_at FROM stripe_sync_failed \
                 WHERE table_name = ? AND account = ? AND livemode = ? ORDER BY id",
            );
            let binds = scope_binds(table, &scope.account, scope.livemode);
            let columns = [
                CellType::Text,
                CellType::Text,
                CellType::Text,
                CellType::Instant,
            ];
            let rows = conn.fetch(sql, &binds, &columns).await?;
            Ok(rows.into_iter().map(failed_row).collect())
        })
    }
}

/// Remembers failures within a transaction.
pub(super) async fn record(
    conn: &mut Conn<'_>,
    table: &str,
    scope: &Scope,
    failures: &[Failure],
) -> Result<(), sqlx::Error> {
    let columns = "table_name, account, livemode, id, column_name, reason, failed_at";
    let mut sql =
        format!("INSERT INTO stripe_sync_failed ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)");
    sql += if conn.kind().is_mysql() {
        " ON DUPLICATE KEY UPDATE column_name = VALUES(column_name), reason = VALUES(reason), \
         failed_at = VALUES(failed_at)"
    } else {
        " ON CONFLICT (table_name, account, livemode, id) DO UPDATE SET column_name = excluded.column_name, \
         reason = excluded.reason, failed_at = excluded.failed_at"
    };
    let mut failures: Vec<&Failure> = failures.iter().collect();
    failures.sort_by(|a, b| a.id.cmp(&b.id));
    let now = Utc::now();
    for failure in failures {
        // A text with NUL is what may have failed; PostgreSQL would refuse it here too.
        let id: String = clean(&failure.id).chars().take(LONGEST_ID).collect();
        let mut reason = clean(&failure.reason);
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        let mut binds = scope_binds(table, &scope.account, scope.livemode).to_vec();
        binds.extend([
            Bind::text(&id),
            Bind::text_or_null(failure.column.as_deref()),
            Bind::text(&reason),
            Bind::Value(CellType::Instant, Cell::Instant(now)),
        ]);
        let sql = conn.sql(sql.as_str());
        conn.execute(sql, &binds).await?;
    }
    Ok(())
}

/// Forgets the failures of objects within a transaction.
pub(super) async fn clear(
    conn: &mut Conn<'_>,
    table: &str,
    scope: &Scope,
    ids: &[String],
) -> Result<(), sqlx::Error> {
    for id in ids {
        let sql = conn.sql(
            "DELETE FROM stripe_sync_failed WHERE table_name = ? AND account = ? AND livemode = ? AND id = ?",
        );
        let mut binds = scope_binds(table, &scope.account, scope.livemode).to_vec();
        binds.push(Bind::text(id));
        conn.execute(sql, &binds).await?;
    }
    Ok(())
}

fn failed_row(row: Vec<Cell<'static>>) -> FailedRow {
    let mut row = Taken::new(row);
    FailedRow {
        id: row.text(),
        column: row.text_or_null(),
        reason: row.text(),
        failed_at: row.instant().unwrap_or_default(),
    }
}

fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
