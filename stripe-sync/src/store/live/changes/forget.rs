//! Old changes are forgotten, and how far, so that who comes too late is told that he missed some.

use super::order::hold;
use super::{POSITIONS, TABLE};
use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::error::StoreError;
use crate::store::fault::{Fault, Tries};
use crate::store::{Store, with_connection};

impl Store {
    /// Forgets changes that were made before so many milliseconds ago. One that committed late is kept as long as those
    /// behind it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_changes(
        &self,
        livemode: bool,
        older_than: i64,
    ) -> Result<(), StoreError> {
        // Without a position it could not be said that they are forgotten.
        self.order_changes().await?;
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_forget_changes(livemode, older_than).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_forget_changes(&self, livemode: bool, older_than: i64) -> Result<(), Fault> {
        let now = self.kind().dialect().now_millis;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        hold(&mut conn).await?;
        let sql = conn.sql(format!(
            "SELECT MIN(position) FROM {TABLE} WHERE livemode = ? AND position > 0 AND changed_at >= {now} - ?"
        ));
        let binds = [Bind::boolean(livemode), Bind::integer(older_than)];
        let rows = conn.fetch(sql, &binds, &[CellType::Integer]).await?;
        let kept = rows.into_iter().next();
        let kept = kept.and_then(|row| Taken::new(row).integer_or_null());
        let old = "WHERE livemode = ? AND position > 0 AND position < ?";
        let binds = [
            Bind::boolean(livemode),
            Bind::integer(kept.unwrap_or(i64::MAX)),
        ];
        let sql = conn.sql(format!(
            "SELECT table_name, MAX(position) FROM {TABLE} {old} GROUP BY table_name"
        ));
        let columns = [CellType::Text, CellType::Integer];
        for row in conn.fetch(sql, &binds, &columns).await? {
            let mut row = Taken::new(row);
            let (table, position) = (row.text(), row.integer());
            remember(&mut conn, &table, livemode, position).await?;
        }
        let sql = conn.sql(format!("DELETE FROM {TABLE} {old}"));
        conn.execute(sql, &binds).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The last position of a change of these tables that was forgotten; 0 if none was.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forgotten_changes(
        &self,
        livemode: bool,
        tables: &[String],
    ) -> Result<i64, StoreError> {
        let tries = Tries::new(POSITIONS, self.kind());
        let position = self.try_forgotten_changes(livemode, tables).await;
        position.map_err(|fault| tries.give_up(fault))
    }

    async fn try_forgotten_changes(&self, livemode: bool, tables: &[String]) -> Result<i64, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT table_name, position FROM {POSITIONS} WHERE livemode = ? AND table_name <> ''"
            ));
            let columns = [CellType::Text, CellType::Integer];
            let rows = conn
                .fetch(sql, &[Bind::boolean(livemode)], &columns)
                .await?;
            let of_tables = rows.into_iter().filter_map(|row| {
                let mut row = Taken::new(row);
                let table = row.text();
                tables.contains(&table).then(|| row.integer())
            });
            Ok(of_tables.max().unwrap_or_default())
        })
    }
}

/// Remembers up to where the changes of a table are forgotten.
async fn remember(
    conn: &mut Conn<'_>,
    table: &str,
    livemode: bool,
    position: i64,
) -> Result<(), sqlx::Error> {
    let update = if conn.kind().is_mysql() {
        "ON DUPLICATE KEY UPDATE position = VALUES(position)"
    } else {
        "ON CONFLICT (table_name, livemode) DO UPDATE SET position = excluded.position"
    };
    let sql = conn.sql(format!(
        "INSERT INTO {POSITIONS} (table_name, livemode, position) VALUES (?, ?, ?) {update}"
    ));
    let binds = [
        Bind::text(table),
        Bind::boolean(livemode),
        Bind::integer(position),
    ];
    conn.execute(sql, &binds).await.map(drop)
}
