//! Deletions that have no row: `stripe_sync_tombstones`.

use std::collections::HashMap;

use super::bookkeeping::scope_binds;
use super::connection::{Bind, Conn, Taken};
use super::pieces::{self, Pieces};
use super::target::Target;
use crate::cell::CellType;

/// When the objects that are known as deleted were seen so.
pub(super) async fn read(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
) -> Result<HashMap<String, i64>, sqlx::Error> {
    let mut found = HashMap::new();
    for ids in ids.chunks(pieces::FULL) {
        let sql = conn.sql(about("SELECT id, observed_at FROM", ids));
        let columns = [CellType::Text, CellType::Integer];
        for row in conn.fetch(sql, &binds(target, ids), &columns).await? {
            let mut row = Taken::new(row);
            found.insert(row.text(), row.integer());
        }
    }
    Ok(found)
}

/// Forgets that objects were deleted: they are there again, or get a newer tombstone.
pub(super) async fn remove(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
) -> Result<(), sqlx::Error> {
    for ids in ids.chunks(pieces::FULL) {
        let sql = conn.sql(about("DELETE FROM", ids));
        conn.execute(sql, &binds(target, ids)).await?;
    }
    Ok(())
}

/// Remembers deletions. The table, account and mode are held alone, so nobody else writes the same ones.
pub(super) async fn write(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
    observed_at: i64,
) -> Result<(), sqlx::Error> {
    remove(conn, target, ids).await?;
    for id in ids {
        let sql = conn.sql(
            "INSERT INTO stripe_sync_tombstones (table_name, account, livemode, id, observed_at) \
             VALUES (?, ?, ?, ?, ?)",
        );
        let mut binds = key(target);
        binds.extend([Bind::text(id), Bind::integer(observed_at)]);
        conn.execute(sql, &binds).await?;
    }
    Ok(())
}

fn about(verb: &str, ids: &[&str]) -> String {
    let head = format!(
        "{verb} stripe_sync_tombstones WHERE table_name = ? AND account = ? AND livemode = ? AND id IN ("
    );
    let list = Pieces {
        head: &head,
        row: "?",
        tail: ")",
    };
    list.assemble(pieces::padded(ids.len()))
}

fn binds<'b>(target: &'b Target<'_>, ids: &[&'b str]) -> Vec<Bind<'b>> {
    let mut binds = key(target);
    let last = ids.last().copied().unwrap_or_default();
    let padding = std::iter::repeat_n(last, pieces::padded(ids.len()) - ids.len());
    binds.extend(ids.iter().copied().chain(padding).map(Bind::text));
    binds
}

fn key<'b>(target: &'b Target<'_>) -> Vec<Bind<'b>> {
    scope_binds(&target.table, &target.scope.account, target.scope.livemode).to_vec()
}
