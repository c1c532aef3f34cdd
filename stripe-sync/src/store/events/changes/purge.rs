//! Old changes are removed, and how far is stored, so that a subscriber who comes too late learns that some are missing.

use std::collections::BTreeMap;

use crate::store::db::{Bind, Scope, Store, StoreError, transaction};
use crate::store::events::changes::order::hold;
use crate::store::events::changes::{PURGED, TABLE};
use crate::store::tables::cursors;

/// Changes that are looked at in one step.
const STEP: usize = 1_000;

impl Store {
    /// Removes changes that were made before so many milliseconds ago, of one mode, in bounded steps. One that committed late is kept
    /// as long as those behind it.
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
        // What lies before the first young one is old, as positions are in the order of commits.
        let select = format!(
            "SELECT position, table_name, changed_at, {now} FROM $changes WHERE livemode = ? AND position > 0 \
             ORDER BY position LIMIT {STEP}"
        );
        let scope = Scope {
            livemode,
            ..Scope::default()
        };
        loop {
            let is_last = transaction!(self, TABLE, async |conn| {
                hold(conn).await?;
                let of_mode = [Bind::boolean(livemode)];
                let rows: Vec<(i64, String, i64, i64)> = conn.rows(&select, &of_mode).await?;
                let is_old = |row: &&(_, _, i64, i64)| row.2 < row.3 - older_than;
                let old: Vec<_> = rows.iter().take_while(is_old).collect();
                let positions = old.iter().map(|row| (&*row.1, row.0));
                let last_of_tables: BTreeMap<&str, i64> = positions.collect();
                for (table, position) in last_of_tables {
                    let name = format!("{PURGED}{table}");
                    cursors::set(conn, &name, &scope, position, true).await?;
                }
                if let Some(last) = old.last() {
                    let sql = "DELETE FROM $changes WHERE livemode = ? AND position > 0 AND position <= ?";
                    let binds = [Bind::boolean(livemode), Bind::integer(last.0)];
                    conn.execute(sql, &binds).await?;
                }
                Ok(rows.len() < STEP || old.len() < rows.len())
            })?;
            if is_last {
                return Ok(());
            }
        }
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
        let sql = format!(
            "SELECT name, value FROM $cursors WHERE account = '' AND livemode = ? AND name LIKE '{PURGED}%'"
        );
        let of_mode = [Bind::boolean(livemode)];
        let rows: Vec<(String, i64)> = self.rows(TABLE, &sql, &of_mode).await?;
        let of_tables = rows.into_iter().filter_map(|(name, position)| {
            let table = name.strip_prefix(PURGED)?;
            tables.iter().any(|one| one == table).then_some(position)
        });
        Ok(of_tables.max().unwrap_or_default())
    }
}
