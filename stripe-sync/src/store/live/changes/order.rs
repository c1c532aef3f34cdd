//! Positions of changes: they are given after the commit, by one at a time, so whoever goes on from a position misses
//! none and meets none twice, however long transactions last.
//!
//! Who looks for changes first gives positions to those that have none. He holds the row of the last position until his
//! own commit, so positions become visible in their order; and he sees only what is committed, so what commits later
//! gets a later position. Of two changes of one object the second began when the first was committed, so he who sees
//! the second sees the first, and gives it the lower position.

use super::{GIVEN, POSITIONS, TABLE};
use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::error::StoreError;
use crate::store::fault::{Fault, Tries};
use crate::store::pieces::{self, Pieces};
use crate::store::{Store, with_connection};

/// Changes that get their positions in one transaction.
const TOGETHER: usize = 500;

impl Store {
    /// Gives a position to every change that is committed; answers the last position that was given. If there is nothing
    /// to give, it costs a question.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn order_changes(&self) -> Result<i64, StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_order_changes().await {
                Ok(last) => return Ok(last),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_order_changes(&self) -> Result<i64, Fault> {
        let (last, any) = self.look_for_changes().await?;
        if !any {
            return Ok(last);
        }
        loop {
            let (last, ordered) = self.order_some().await?;
            // Fewer than fit: that was all there was when they were looked for.
            if ordered < TOGETHER {
                return Ok(last);
            }
        }
    }

    /// The last position, and whether any change has none.
    async fn look_for_changes(&self) -> Result<(i64, bool), Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT position, (SELECT MIN(position) FROM {TABLE}) FROM {POSITIONS} WHERE {GIVEN}"
            ));
            let columns = [CellType::Integer, CellType::Integer];
            let rows = conn.fetch(sql, &[], &columns).await?;
            let row = rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
            let mut row = Taken::new(row);
            Ok((row.integer(), row.integer_or_null() == Some(0)))
        })
    }

    async fn order_some(&self) -> Result<(i64, usize), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let last = hold(&mut conn).await?;
        // Without a lock: what another transaction has not committed is neither seen nor waited for.
        let sql = conn.sql(format!(
            "SELECT seq FROM {TABLE} WHERE position = 0 ORDER BY seq LIMIT {TOGETHER}"
        ));
        let rows = conn.fetch(sql, &[], &[CellType::Integer]).await?;
        let numbers: Vec<i64> = rows
            .into_iter()
            .map(|row| Taken::new(row).integer())
            .collect();
        let (Some(first), Some(highest)) = (numbers.first(), numbers.last()) else {
            // Another one was faster.
            transaction.rollback().await?;
            return Ok((last, 0));
        };
        // Positions need not be without gaps; so one statement serves many numbers.
        let (moved, highest) = (last + 1 - first, last + 1 + highest - first);
        for numbers in numbers.chunks(pieces::FULL) {
            give(&mut conn, numbers, moved).await?;
        }
        let sql = conn.sql(format!("UPDATE {POSITIONS} SET position = ? WHERE {GIVEN}"));
        conn.execute(sql, &[Bind::integer(highest)]).await?;
        transaction.commit().await?;
        Ok((highest, numbers.len()))
    }
}

/// Holds the last position until the transaction ends: one at a time gives or forgets them.
pub(super) async fn hold(conn: &mut Conn<'_>) -> Result<i64, sqlx::Error> {
    let lock = conn.kind().dialect().for_update;
    let sql = conn.sql(format!(
        "SELECT position FROM {POSITIONS} WHERE {GIVEN}{lock}"
    ));
    let rows = conn.fetch(sql, &[], &[CellType::Integer]).await?;
    let row = rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
    Ok(Taken::new(row).integer())
}

async fn give(conn: &mut Conn<'_>, numbers: &[i64], moved: i64) -> Result<(), sqlx::Error> {
    let head = format!("UPDATE {TABLE} SET position = seq + ? WHERE seq IN (");
    let list = Pieces {
        head: &head,
        row: "?",
        tail: ")",
    };
    let length = pieces::padded(numbers.len());
    let last = numbers.last().copied().unwrap_or_default();
    let padding = std::iter::repeat_n(last, length - numbers.len());
    let mut binds = vec![Bind::integer(moved)];
    binds.extend(numbers.iter().copied().chain(padding).map(Bind::integer));
    let sql = conn.sql(list.assemble(length));
    conn.execute(sql, &binds).await.map(drop)
}
