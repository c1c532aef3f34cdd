//! What is known of single objects besides their rows: `objects`.
//!
//! One row holds up to three remarks about an object: that it was found deleted without a row (a tombstone), that no list
//! shows it, that it could not be written. A row without any is removed.
pub(crate) mod children;
pub(crate) mod failed;
pub(crate) mod outside;

use std::collections::HashMap;

use chrono::Utc;

use crate::store::db::{Bind, Conn, OF_KEY, Store, StoreError, TableContext, TxError, transaction};
use crate::store::tables::RunLease;
use failed::Failure;

/// The longest id in characters that the bookkeeping stores; Stripe's have at most 255.
const LONGEST_ID: usize = 255;
/// The longest reason in bytes: what a person can read, and a quarter of what a MySQL TEXT holds.
const LONGEST_REASON: usize = 16_000;
/// Ids that are read at once.
const IDS: i64 = 10_000;

const DELETED: &str = "deleted_token";
const UNLISTED: &str = "unlisted";
const FAILED: &[&str] = &["failed_column", "failed_reason", "failed_at"];

/// Returns the tokens with which objects were found deleted that have no row.
pub(crate) async fn tombstones(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    ids: &[&str],
) -> Result<HashMap<String, i64>, TxError> {
    let head = format!("SELECT id, {DELETED} FROM $objects {OF_KEY} AND {DELETED} IS NOT NULL");
    let found = conn.rows_in_list(&head, &target.key(), ids).await?;
    Ok(found.into_iter().collect())
}

/// Records deletions. The table, account and mode are held alone, so nobody else writes the same ones.
pub(crate) async fn write_tombstones(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    ids: &[&str],
    token: i64,
) -> Result<(), TxError> {
    remark(
        conn,
        &target.key(),
        ids,
        &[DELETED],
        &[Bind::integer(token)],
    )
    .await
}

/// Removes tombstones: the objects exist again.
pub(crate) async fn clear_tombstones(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    ids: &[&str],
) -> Result<(), TxError> {
    clear(conn, &target.key(), ids, &format!("{DELETED} = NULL")).await
}

/// Records failures. One that is recorded already gets the new reason.
pub(crate) async fn record_failed(
    conn: &mut Conn<'_>,
    key: &[Bind<'_>; 3],
    failures: &[Failure],
) -> Result<(), TxError> {
    let mut failures: Vec<&Failure> = failures.iter().collect();
    failures.sort_by(|a, b| a.id.cmp(&b.id));
    let now = Utc::now().timestamp_millis();
    for failure in failures {
        // A text with NUL is what may have failed; PostgreSQL would refuse it here too.
        let id: String = clean(&failure.id).chars().take(LONGEST_ID).collect();
        let mut reason = clean(&failure.reason);
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        let values = [
            Bind::text_or_null(failure.column.as_deref()),
            Bind::text(&reason),
            Bind::integer(now),
        ];
        remark(conn, key, &[&id], FAILED, &values).await?;
    }
    Ok(())
}

/// Whether any object of the table is recorded as failed.
pub(crate) async fn has_failures(
    conn: &mut Conn<'_>,
    key: &[Bind<'_>; 3],
) -> Result<bool, TxError> {
    let sql = format!("SELECT id FROM $objects {OF_KEY} AND failed_at IS NOT NULL LIMIT 1");
    let found: Option<String> = conn.row(sql, key).await?;
    Ok(found.is_some())
}

/// Removes the failures of objects.
pub(crate) async fn clear_failed(
    conn: &mut Conn<'_>,
    key: &[Bind<'_>; 3],
    ids: &[&str],
) -> Result<(), TxError> {
    let set = FAILED.join(" = NULL, ") + " = NULL";
    clear(conn, key, ids, &set).await
}

fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Writes columns of objects' rows.
async fn remark(
    conn: &mut Conn<'_>,
    key: &[Bind<'_>; 3],
    ids: &[&str],
    columns: &[&str],
    values: &[Bind<'_>],
) -> Result<(), TxError> {
    let key_columns = "table_name, account, livemode, id";
    let sql = conn.kind().upsert("$objects", key_columns, columns);
    for id in ids {
        let binds = [&key[..], &[Bind::text(id)], values].concat();
        conn.execute(sql.as_str(), &binds).await?;
    }
    Ok(())
}

/// Takes a remark off objects, and removes the rows that have no other.
async fn clear(
    conn: &mut Conn<'_>,
    key: &[Bind<'_>; 3],
    ids: &[&str],
    set: &str,
) -> Result<(), TxError> {
    let update = format!("UPDATE $objects SET {set} {OF_KEY}");
    let remove = format!(
        "DELETE FROM $objects {OF_KEY} AND {DELETED} IS NULL AND NOT {UNLISTED} AND failed_at IS NULL \
         AND erased_at IS NULL"
    );
    // Most objects have no remark, and live events come one object at a time.
    if conn.execute_in_list(&update, key, ids).await? > 0 {
        conn.execute_in_list(&remove, key, ids).await?;
    }
    Ok(())
}

impl Store {
    /// Returns how many objects were found deleted since the run began and have no row.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_tombstones(&self, lease: &RunLease) -> Result<i64, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM $objects {OF_KEY} AND {DELETED} > ?");
        let binds = lease.around(&[], &[Bind::integer(lease.run)]);
        self.one(&lease.table, &sql, &binds).await
    }

    /// Returns how many ids are known to be in no list.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_unlisted(&self, lease: &RunLease) -> Result<i64, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM $objects {OF_KEY} AND {UNLISTED}");
        self.one(&lease.table, &sql, &lease.key()).await
    }

    /// Returns ids that are known to be in no list, after one, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn unlisted_after(
        &self,
        lease: &RunLease,
        id: &str,
    ) -> Result<Vec<String>, StoreError> {
        let binds = lease.around(&[], &[Bind::text(id)]);
        let sql = format!(
            "SELECT id FROM $objects {OF_KEY} AND id > ? AND {UNLISTED} ORDER BY id LIMIT {IDS}"
        );
        self.rows(&lease.table, &sql, &binds).await
    }

    /// Records that no list shows these objects, or removes that record.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_unlisted(
        &self,
        lease: &RunLease,
        ids: &[String],
        unlisted: bool,
    ) -> Result<(), StoreError> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        transaction!(self, &lease.table, async |conn| {
            let (key, yes) = (lease.key(), [Bind::boolean(true)]);
            match unlisted {
                true => remark(conn, &key, &ids, &[UNLISTED], &yes).await,
                false => clear(conn, &key, &ids, &format!("{UNLISTED} = FALSE")).await,
            }
        })
    }
}
