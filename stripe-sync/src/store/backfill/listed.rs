//! What a run's lists showed: `listed`, a hash of each id.
//!
//! Rows that the lists could have shown and did not are what a sweep asks Stripe about. Unchanged rows are not written,
//! so their ids are stored here, eight bytes each, in the transaction of their page.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::cell::{Cell, CellType};
use crate::store::db::{Bind, Conn, OF_KEY, Store, StoreError, TxError, transaction};
use crate::store::tables::RunLease;

/// Batches that are read at once: each is of one transaction, some thousand ids at the most.
const BATCHES: i64 = 16;

/// The number of the first batch, where whoever inserts them counts them.
pub(crate) const FIRST_BATCH: i64 = 1;

/// Returns the hash of an id in a run. Two ids with one hash have two in the next run.
pub(crate) fn hash(run: i64, id: &str) -> u64 {
    xxh3_64_with_seed(id.as_bytes(), run.cast_unsigned())
}

/// Returns the numbers whose bytes a row has.
pub(crate) fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().map(|word| u64::from_le_bytes(*word))
}

impl RunLease {
    /// Returns the hash of an id.
    pub(crate) fn hash(&self, id: &str) -> u64 {
        hash(self.run, id)
    }
}

/// Inserts the hashes of one transaction. `batch` is a token of its own. A transaction that is done again inserts them twice,
/// as [`advance`](crate::store::backfill::slices::advance) counts them twice; on MySQL with the same token.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    lease: &RunLease,
    batch: i64,
    hashes: &[u64],
) -> Result<(), TxError> {
    let twice = match conn.kind().dialect().token_before {
        true => " ON DUPLICATE KEY UPDATE hashes = CONCAT(hashes, VALUES(hashes))",
        false => "",
    };
    insert_words(conn, lease, batch, hashes.iter().copied(), twice).await
}

/// Inserts a row with the bytes of some numbers.
pub(crate) async fn insert_words(
    conn: &mut Conn<'_>,
    lease: &RunLease,
    batch: i64,
    words: impl Iterator<Item = u64>,
    on_conflict: &str,
) -> Result<(), TxError> {
    let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    let sql = format!(
        "INSERT INTO $listed (table_name, account, livemode, batch, hashes) VALUES (?, ?, ?, ?, ?){on_conflict}"
    );
    let bytes = Bind::Value(CellType::Bytes, Cell::Bytes(bytes.into()));
    let binds = lease.around(&[], &[Bind::integer(batch), bytes]);
    conn.execute(sql, &binds).await.map(drop)
}

impl Store {
    /// Inserts the hashes of a batch, and with the first one forgets those that stand there under the key of the lease.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn keep_listed(
        &self,
        lease: &RunLease,
        batch: i64,
        hashes: &[u64],
    ) -> Result<(), StoreError> {
        transaction!(self, &lease.table, async |conn| {
            if batch <= FIRST_BATCH {
                let forget = format!("DELETE FROM $listed {OF_KEY}");
                conn.execute(forget, &lease.key()).await?;
            }
            insert_words(conn, lease, batch, hashes.iter().copied(), "").await
        })
    }

    /// Forgets what [`keep_listed`](Self::keep_listed) inserted.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_listed(&self, lease: &RunLease) -> Result<(), StoreError> {
        let forget = format!("DELETE FROM $listed {OF_KEY}");
        self.execute(&lease.table, &forget, &lease.key())
            .await
            .map(drop)
    }

    /// Returns the hashes of the batches after one, and the last batch; `None` when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn listed_after(
        &self,
        lease: &RunLease,
        batch: i64,
    ) -> Result<Option<(i64, Vec<u64>)>, StoreError> {
        let sql = format!(
            "SELECT batch, hashes FROM $listed {OF_KEY} AND batch > ? ORDER BY batch LIMIT {BATCHES}"
        );
        let binds = lease.around(&[], &[Bind::integer(batch)]);
        let batches: Vec<(i64, Vec<u8>)> = self.rows(&lease.table, &sql, &binds).await?;
        let last = batches.last().map(|(batch, _)| *batch);
        let hashes = batches.iter().flat_map(|(_, bytes)| words(bytes));
        Ok(last.map(|last| (last, hashes.collect())))
    }
}
