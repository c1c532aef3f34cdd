//! Objects that were found outside the filter and have no row: an older read must not insert what it found of them.
//!
//! Most objects of an account may be outside a filter, so they are not known by their ids: the newest token is stored for each
//! of a few thousand hashes. Of two objects with one hash, a read of the other is done again once in a while.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use crate::store::db::{Bind, Conn, OF_KEY, TableContext, TxError};

/// As many rows as a table, account and mode has at the most. While ten such reads end during the read of a page, one of its
/// hundred objects is read again for every fourth page.
const HASHES: u64 = 4096;

/// The hashes of the ids that were found so since a moment.
#[derive(Debug, Default)]
pub(crate) struct Left(HashSet<i64>);

impl Left {
    /// Whether an object may be among them.
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.0.contains(&hash(id))
    }
}

fn hash(id: &str) -> i64 {
    (xxh3_64(id.as_bytes()) % HASHES).cast_signed()
}

/// Returns those that were found so by reads which ended after a token.
pub(crate) async fn since(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    token: i64,
) -> Result<Left, TxError> {
    let binds = target.around(&[], &[Bind::integer(token)]);
    let sql = format!("SELECT hash FROM $outside {OF_KEY} AND token > ?");
    let hashes: Vec<i64> = conn.rows(sql, &binds).await?;
    Ok(Left(hashes.into_iter().collect()))
}

/// Records that a read which ends with a token found these. The table, account and mode are held alone.
pub(crate) async fn mark(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    ids: &[&str],
    token: i64,
) -> Result<(), TxError> {
    let kind = conn.kind();
    let key = "table_name, account, livemode, hash";
    let sql = kind.upsert("$outside", key, &["token"]);
    let hashes: HashSet<i64> = ids.iter().map(|id| hash(id)).collect();
    for hash in hashes {
        let binds = target.around(&[], &[hash, token].map(Bind::integer));
        conn.execute(sql.as_str(), &binds).await?;
    }
    let greatest = kind.sql().greatest();
    let binds = target.around(&[Bind::integer(token)], &[]);
    let sql = format!("UPDATE $locks SET left_at = {greatest}(left_at, ?) {OF_KEY}");
    conn.execute(sql, &binds).await.map(drop)
}
