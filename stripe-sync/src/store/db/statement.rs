//! Statements whose length follows the number of rows: few different lengths, so that prepared statements are reused.

pub(crate) mod placeholders;

use std::sync::Arc;

use stripe_sync_schema::sql::{TABLE, TABLE_NAME};
use stripe_sync_schema::table::Text;

use crate::store::db::row::Row;
use crate::store::db::{Bind, Conn, TxError};

/// The rows of a full statement: the size of Stripe's list pages, and where multi-row statements stop getting faster.
pub(crate) const FULL: usize = 100;

/// A statement whose length follows the number of rows, with the names of a table: see [`Text`].
#[derive(Debug, Clone)]
pub(crate) struct StatementTemplate {
    pub(crate) head: Arc<str>,
    pub(crate) row: &'static str,
    pub(crate) tail: String,
}

impl StatementTemplate {
    pub(crate) fn new(text: Text, table: &str, name: &str) -> Self {
        let placed = |text: &str| text.replace(TABLE, table).replace(TABLE_NAME, name);
        Self {
            head: placed(text.head).into(),
            row: text.row,
            tail: placed(text.tail),
        }
    }

    /// Whether each row has its own text; PostgreSQL takes arrays instead.
    pub(crate) fn is_list(&self) -> bool {
        !self.row.is_empty()
    }

    /// The longest list of ids that one statement takes, at least one.
    pub(crate) fn longest(&self, ids: usize) -> usize {
        if self.is_list() { FULL } else { ids.max(1) }
    }

    /// The statement for a number of rows.
    pub(crate) fn assemble(&self, rows: usize) -> String {
        let length = self.head.len() + (self.row.len() + 2) * rows + self.tail.len();
        let mut sql = String::with_capacity(length);
        sql.push_str(&self.head);
        for row in 0..rows {
            if row > 0 {
                sql.push_str(", ");
            }
            sql.push_str(self.row);
        }
        sql.push_str(&self.tail);
        sql
    }
}

/// Statements about a list of ids, however long: `head`, `AND id IN (...)`, in pieces of [`FULL`].
impl Conn<'_> {
    /// Runs the statement and returns how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses or does not respond.
    pub(crate) async fn execute_in_list<'b>(
        &mut self,
        head: &str,
        before: &[Bind<'b>],
        ids: &[&'b str],
    ) -> Result<u64, TxError> {
        let mut touched = 0;
        for ids in ids.chunks(FULL) {
            let (sql, binds) = in_list(head, before, ids);
            touched += self.execute(sql, &binds).await?;
        }
        Ok(touched)
    }

    /// Runs the statement and reads its rows.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub(crate) async fn rows_in_list<'b, R: Row>(
        &mut self,
        head: &str,
        before: &[Bind<'b>],
        ids: &[&'b str],
    ) -> Result<Vec<R>, TxError> {
        let mut rows = Vec::new();
        for ids in ids.chunks(FULL) {
            let (sql, binds) = in_list(head, before, ids);
            rows.extend(self.rows::<R>(sql, &binds).await?);
        }
        Ok(rows)
    }
}

/// A piece of such a statement and its parameters. The last id is repeated up to the next length: one prepared statement
/// serves many.
fn in_list<'b>(head: &str, before: &[Bind<'b>], ids: &[&'b str]) -> (String, Vec<Bind<'b>>) {
    let length = padded(ids.len());
    let sql = format!("{head} AND id IN ({})", vec!["?"; length].join(", "));
    let mut binds = before.to_vec();
    binds.extend(filled(ids, length).map(|id| Bind::text(id)));
    (sql, binds)
}

/// The items, with the last one repeated up to a length: one prepared statement serves many.
pub(crate) fn filled<T>(items: &[T], length: usize) -> impl Iterator<Item = &T> {
    (0..length).filter_map(|place| items.get(place).or(items.last()))
}

/// The length of a statement that holds so many rows and repeats the last one for the rest.
pub(crate) fn padded(rows: usize) -> usize {
    match rows {
        0 => 0,
        FULL.. => FULL.max(rows),
        rows => rows.next_power_of_two().min(FULL),
    }
}

/// The most rows of a statement that only compares: a transaction holds about so many.
pub(crate) const LONG: usize = 1_000;

/// The length of a statement that compares so many rows.
pub(crate) fn padded_long(rows: usize) -> usize {
    match rows {
        0..=FULL => padded(rows),
        rows => rows
            .div_ceil(FULL)
            .next_power_of_two()
            .saturating_mul(FULL)
            .min(LONG),
    }
}

/// The lengths of the statements that write so many rows: full ones, then powers of two.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) fn lengths(rows: usize, width: usize, max_binds: usize) -> Vec<usize> {
    // One parameter is reserved for what follows the rows.
    let full = ((max_binds - 1) / width.max(1)).clamp(1, FULL);
    let mut lengths = vec![full; rows / full];
    let mut rest = rows % full;
    while rest > 0 {
        let length = 1 << rest.ilog2();
        lengths.push(length);
        rest -= length;
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::{StatementTemplate, padded};

    #[test]
    fn rows_stand_between_head_and_tail() {
        let pieces = StatementTemplate {
            head: "IN (".into(),
            row: "?",
            tail: ")".into(),
        };
        assert_eq!(pieces.assemble(3), "IN (?, ?, ?)");
        assert_eq!(pieces.longest(500), 100);
    }

    #[test]
    fn few_lengths_serve_all() {
        let lengths: std::collections::BTreeSet<usize> = (1..=100).map(padded).collect();
        assert_eq!(
            lengths.into_iter().collect::<Vec<_>>(),
            [1, 2, 4, 8, 16, 32, 64, 100]
        );
    }

    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    #[test]
    fn a_batch_is_full_statements_and_powers_of_two() {
        use super::lengths;
        assert_eq!(lengths(237, 10, 32_766), [100, 100, 32, 4, 1]);
        assert_eq!(lengths(5, 20_000, 32_766), [1, 1, 1, 1, 1]);
        assert!(lengths(0, 10, 32_766).is_empty());
    }
}
