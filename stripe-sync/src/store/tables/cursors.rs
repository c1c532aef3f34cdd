//! Moments and numbers that are stored by their names: `cursors`.

use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Conn, Scope, TxError};

/// Stores a value under a name of an account and mode. It replaces a larger one only if it may go back.
///
/// # Errors
/// When the database fails.
pub(crate) async fn set(
    conn: &mut Conn<'_>,
    name: &str,
    scope: &Scope,
    value: i64,
    may_go_back: bool,
) -> Result<(), TxError> {
    let sql = conn.kind().sql();
    let replaced = match may_go_back {
        true => "?".to_owned(),
        false => format!("{}($cursors.value, ?)", sql.greatest()),
    };
    let set = format!(
        "INSERT INTO $cursors (name, account, livemode, value) VALUES (?, ?, ?, ?) {} value = {replaced}",
        sql.on_conflict("name, account, livemode")
    );
    let values = [value, value].map(Bind::integer);
    let binds = [&scope_binds(name, scope)[..], &values].concat();
    conn.execute(set, &binds).await.map(drop)
}
