//! Rows that have one another's values under unique keys of the user's: no order of writing them is right.

use sqlx::AssertSqlSafe;

use crate::store::db::{Bind, Conn, TableContext, TxError, catalog};

/// Takes such values out of rows, within the transaction, so that each can be given its own. Returns `false` where none of
/// their columns may be null.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn make(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    ids: &[&str],
) -> Result<bool, TxError> {
    let found = catalog::columns(conn, &target.place).await?;
    let unique = catalog::unique_keys(conn, &target.place).await?.concat();
    let columns = target.model.written().filter(|column| {
        let in_key = target.model.key().any(|one| one.name == column.name);
        let is_nullable = catalog::column_of(target.kind, column.name, &found)
            .is_some_and(|found| found.nullable);
        !in_key && is_nullable && unique.iter().any(|name| name == column.name)
    });
    let set: Vec<String> = columns
        .map(|column| format!("{} = NULL", target.quote(column.name)))
        .collect();
    if set.is_empty() {
        return Ok(false);
    }
    let conditions = (1..).zip(target.model.key()).map(|(number, column)| {
        let place = target.kind.placeholder(number);
        format!("{} = {place}", target.quote(column.name))
    });
    let sql = format!(
        "UPDATE {} SET {} WHERE {}",
        target.place.quoted,
        set.join(", "),
        conditions.collect::<Vec<_>>().join(" AND ")
    );
    for id in ids {
        let binds = [target.scope_binds(), vec![Bind::text(id)]].concat();
        conn.execute(AssertSqlSafe(sql.clone()), &binds).await?;
    }
    Ok(true)
}
