//! Positions of changes: they are given after the commit, by one at a time, so whoever goes on from a position misses
//! none and meets none twice, however long transactions last.
//!
//! Who looks for changes first gives positions to those that have none. He holds the row of the last position until his
//! own commit, so positions become visible in their order; and he sees only what is committed, so what commits later
//! gets a later position. Of two changes of one object the second began when the first was committed, so he who sees
//! the second sees the first, and gives it the lower position.

use crate::store::db::statement::{FULL, padded};
use crate::store::db::{Bind, Conn, Store, StoreError, TxError, transaction};
use crate::store::events::changes::{ASSIGNED, TABLE};

/// Changes that get their positions in one transaction.
const TOGETHER: usize = 500;

impl Store {
    /// Gives a position to every change that is committed; returns the last position that was given. If there is nothing
    /// to give, it costs a question.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn order_changes(&self) -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT value, (SELECT MIN(position) FROM $changes) FROM $cursors WHERE {ASSIGNED}"
        );
        let (last, first) = self.one::<(i64, Option<i64>)>(TABLE, &sql, &[]).await?;
        if first != Some(0) {
            return Ok(last);
        }
        loop {
            let (last, ordered) =
                transaction!(self, TABLE, async |conn| { order_some(conn).await })?;
            // Fewer than fit: that was all there was when they were looked for.
            if ordered < TOGETHER {
                return Ok(last);
            }
        }
    }
}

/// Gives positions to the first changes that have none; returns the last position, and how many they were.
async fn order_some(conn: &mut Conn<'_>) -> Result<(i64, usize), TxError> {
    let last = hold(conn).await?;
    // Without a lock: what another transaction has not committed is neither seen nor waited for.
    let sql = format!("SELECT seq FROM $changes WHERE position = 0 ORDER BY seq LIMIT {TOGETHER}");
    let rows = conn.rows::<i64>(sql, &[]).await?;
    let (Some(first), Some(highest)) = (rows.first(), rows.last()) else {
        // Another one was faster.
        return Ok((last, 0));
    };
    // Positions need not be without gaps; so one statement serves many numbers.
    let moved = last + 1 - first;
    for rows in rows.chunks(FULL) {
        let length = padded(rows.len());
        let mut binds = vec![Bind::integer(moved)];
        binds.extend(rows.iter().copied().map(Bind::integer));
        binds.resize(length + 1, binds[rows.len()].clone());
        let sql = format!(
            "UPDATE $changes SET position = seq + ? WHERE seq IN ({})",
            vec!["?"; length].join(", ")
        );
        conn.execute(sql, &binds).await?;
    }
    let last = highest + moved;
    let sql = format!("UPDATE $cursors SET value = ? WHERE {ASSIGNED}");
    conn.execute(sql, &[Bind::integer(last)]).await?;
    Ok((last, rows.len()))
}

/// Holds the last position until the transaction ends: one at a time gives or purges them.
pub(crate) async fn hold(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    let lock = conn.kind().dialect().for_update;
    let sql = format!("SELECT value FROM $cursors WHERE {ASSIGNED}{lock}");
    conn.one(sql, &[]).await
}
