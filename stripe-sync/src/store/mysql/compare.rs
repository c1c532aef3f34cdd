//! Whether a list page is in the table as it is.

use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::pieces::{self, Pieces};
use crate::store::target::Target;

/// Whether the table holds each of the objects with its hash and a token up to the limit. A hash is of a row with its
/// id, so that one object's hash is not another's.
pub(in crate::store) async fn holds_all(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    objects: &[(&str, i64)],
    limit: i64,
) -> Result<bool, sqlx::Error> {
    let pieces = Pieces::from(target.statements.compare);
    for objects in objects.chunks(pieces::LONG) {
        let length = pieces::padded_long(objects.len());
        // The statement has a list of ids and one of hashes.
        let list = vec!["?"; length].join(", ");
        let sql = format!("{}{list}{}{list})", pieces.head, pieces.tail);
        let filled = |place: usize| objects.get(place).or(objects.last());
        let mut binds = target.scope_binds();
        binds.extend((0..length).filter_map(filled).map(|(id, _)| Bind::text(id)));
        binds.push(Bind::integer(limit));
        binds.extend(
            (0..length)
                .filter_map(filled)
                .map(|(_, hash)| Bind::integer(*hash)),
        );
        let sql = AssertSqlSafe(sql).into_sql_str();
        let rows = conn.fetch(sql, &binds, &[CellType::Integer]).await?;
        let same = rows.into_iter().next().map(|row| Taken::new(row).integer());
        if same != i64::try_from(objects.len()).ok() {
            return Ok(false);
        }
    }
    Ok(true)
}
