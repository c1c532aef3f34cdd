//! Whether a list page is in the table as it is.

use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::context::TableContext;
use crate::store::db::retry::TxError;
use crate::store::db::statement;

/// Whether the table holds each of the objects with its hash and a token up to the limit. A hash is of a row with its
/// id, so that one object's hash is not another's.
pub(crate) async fn holds_all(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    objects: &[(&str, i64)],
    limit: i64,
) -> Result<bool, TxError> {
    let pieces = target.statements.compare.pieces();
    for objects in objects.chunks(statement::LONG) {
        let length = statement::padded_long(objects.len());
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
        let (same,) = conn.one::<(i64,)>(sql, &binds).await?;
        if usize::try_from(same) != Ok(objects.len()) {
            return Ok(false);
        }
    }
    Ok(true)
}
