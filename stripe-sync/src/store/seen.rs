//! What a walk's lists showed: `stripe_sync_seen`, a hash of each id.
//!
//! Rows that the lists could have shown and did not are what a sweep asks Stripe about. Unchanged rows are not written,
//! so their ids are kept here, eight bytes each, in the transaction of their page.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Store;
use super::connection::{Bind, Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::walk::{WalkLease, key};
use super::with_connection;
use crate::cell::{Cell, CellType};

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";
/// Batches that are read at once: each is of one transaction, some thousand ids at the most.
const BATCHES: i64 = 16;

impl WalkLease {
    /// The hash of an id. Two ids with one hash have two in the next walk.
    pub(crate) fn hash(&self, id: &str) -> u64 {
        xxh3_64_with_seed(id.as_bytes(), self.token().cast_unsigned())
    }
}

/// Keeps the hashes of one transaction. `batch` is a token of its own.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    lease: &WalkLease,
    batch: i64,
    hashes: &[u64],
) -> Result<(), sqlx::Error> {
    if hashes.is_empty() {
        return Ok(());
    }
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
    let sql = conn.sql(
        "INSERT INTO stripe_sync_seen (table_name, account, livemode, batch, hashes) VALUES (?, ?, ?, ?, ?)",
    );
    let mut binds = key(lease).to_vec();
    binds.extend([
        Bind::integer(batch),
        Bind::Value(CellType::Bytes, Cell::Bytes(bytes.into())),
    ]);
    conn.execute(sql, &binds).await.map(drop)
}

/// Forgets what was seen of a table, account and mode.
pub(super) async fn remove(conn: &mut Conn<'_>, lease: &WalkLease) -> Result<(), sqlx::Error> {
    let sql = conn.sql(format!("DELETE FROM stripe_sync_seen {OF_KEY}"));
    conn.execute(sql, &key(lease)).await.map(drop)
}

impl Store {
    /// The hashes of the batches after one, and the last batch; `None` when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn seen_after(
        &self,
        lease: &WalkLease,
        batch: i64,
    ) -> Result<Option<(i64, Vec<u64>)>, StoreError> {
        let tries = Tries::new(&lease.table, self.kind());
        let found = self.try_seen(lease, batch).await;
        found.map_err(|fault| tries.give_up(fault))
    }

    async fn try_seen(
        &self,
        lease: &WalkLease,
        batch: i64,
    ) -> Result<Option<(i64, Vec<u64>)>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT batch, hashes FROM stripe_sync_seen {OF_KEY} AND batch > ? ORDER BY batch LIMIT {BATCHES}"
            ));
            let mut binds = key(lease).to_vec();
            binds.push(Bind::integer(batch));
            let columns = [CellType::Integer, CellType::Bytes];
            let mut found = None;
            for row in conn.fetch(sql, &binds, &columns).await? {
                let mut row = Taken::new(row);
                let (last, hashes) = found.get_or_insert((batch, Vec::new()));
                *last = row.integer();
                let bytes = row.bytes();
                let (chunks, _) = bytes.as_chunks::<8>();
                hashes.extend(chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)));
            }
            Ok(found)
        })
    }
}
