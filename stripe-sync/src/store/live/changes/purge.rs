//! Old changes are removed, and how far is remembered, so that who comes too late is told that he missed some.

use super::order::hold;
use super::{PURGED, TABLE};
use crate::store::Store;
use crate::store::db::bind::Bind;
use crate::store::db::door::{query, transaction};
use crate::store::db::error::StoreError;

impl Store {
    /// Removes changes that were made before so many milliseconds ago. One that committed late is kept as long as those
    /// behind it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn purge_changes(
        &self,
        livemode: bool,
        older_than: i64,
    ) -> Result<(), StoreError> {
        // Without a position it could not be said that they are gone.
        self.order_changes().await?;
        let now = self.kind().dialect().now_millis;
        let first_young = format!(
            "SELECT MIN(position) FROM $changes WHERE livemode = ? AND position > 0 AND changed_at >= {now} - ?"
        );
        let remember = format!(
            "INSERT INTO $cursors (name, account, livemode, value) VALUES (?, '', ?, ?) {} {}",
            self.kind().on_conflict("name, account, livemode"),
            self.kind().excluded("value")
        );
        transaction!(self, TABLE, async |conn| {
            hold(conn).await?;
            let livemode = Bind::boolean(livemode);
            let binds = [livemode.clone(), Bind::integer(older_than)];
            let (young,): (Option<i64>,) = conn.one(&first_young, &binds).await?;
            let old = "WHERE livemode = ? AND position > 0 AND position < ?";
            let binds = [livemode.clone(), Bind::integer(young.unwrap_or(i64::MAX))];
            let sql =
                format!("SELECT table_name, MAX(position) FROM $changes {old} GROUP BY table_name");
            for (table, position) in conn.rows::<(String, i64)>(sql, &binds).await? {
                let name = format!("{PURGED}{table}");
                let binds = [Bind::text(&name), livemode.clone(), Bind::integer(position)];
                conn.execute(&remember, &binds).await?;
            }
            let sql = format!("DELETE FROM $changes {old}");
            conn.execute(sql, &binds).await.map(drop)
        })
    }

    /// The last position of a change of these tables that was removed; 0 if none was.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn purged_changes(
        &self,
        livemode: bool,
        tables: &[String],
    ) -> Result<i64, StoreError> {
        let rows = query!(self, TABLE, async |conn| {
            let sql = format!(
                "SELECT name, value FROM $cursors WHERE account = '' AND livemode = ? AND name LIKE '{PURGED}%'"
            );
            conn.rows::<(String, i64)>(sql, &[Bind::boolean(livemode)])
                .await
        })?;
        let of_tables = rows.into_iter().filter(|(name, _)| {
            let table = name.strip_prefix(PURGED);
            table.is_some_and(|table| tables.iter().any(|one| one == table))
        });
        Ok(of_tables
            .map(|(_, position)| position)
            .max()
            .unwrap_or_default())
    }
}
