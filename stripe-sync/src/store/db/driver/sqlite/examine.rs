//! What only the rows of a table tell on SQLite, whose columns take values of every type.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::sql::quote;
use stripe_sync_schema::sql::sqlite::QUOTE;

use crate::cell::CellType;
use crate::model::Model;
use crate::store::db::column::{FoundColumn, SPACES_IGNORED};
use crate::store::db::connection::Conn;
use crate::store::db::driver::sqlite::fit::holds_seconds;
use crate::store::db::retry::TxError;
use crate::store::db::store::place::Place;
use crate::store::tables::check::conversion::MICROSECONDS_FROM;
use crate::store::tables::{check, create};

/// Completes what was found of the columns: how a key's texts are compared, and whether moments are numbers.
///
/// # Errors
/// When the database fails.
pub(crate) async fn examine(
    conn: &mut Conn<'_>,
    place: &Place,
    model: &Model,
    found: &mut [FoundColumn],
) -> Result<(), TxError> {
    let columns = create::columns(model, conn.kind().dialect());
    for found in found {
        let name = quote(&found.name, QUOTE);
        let wanted = columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(&found.name));
        let Some(wanted) = wanted else { continue };
        if wanted.in_key {
            found.collation = collation(conn, place, &name).await?;
        }
        let is_integer = found.base.contains("int");
        if is_integer && wanted.cell == Some(CellType::Instant) && !wanted.local {
            let own = wanted.own_type.then_some(&*wanted.sql_type);
            let from = match holds_seconds(own) {
                true => format!(" AND abs({name}) >= {MICROSECONDS_FROM}"),
                false => String::new(),
            };
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM {} WHERE typeof({name}) = 'integer'{from})",
                place.quoted
            );
            conn.limit = check::SCAN_TIMEOUT;
            let (exists,) = conn
                .one::<(bool,)>(AssertSqlSafe(sql).into_sql_str(), &[])
                .await?;
            found.old_numbers = exists;
        }
    }
    Ok(())
}

/// How a column compares texts, if not by their bytes: SQLite does not say which collation a column has, so it is tried.
async fn collation(
    conn: &mut Conn<'_>,
    place: &Place,
    name: &str,
) -> Result<Option<String>, TxError> {
    let probe = |texts: [&str; 2]| {
        let [first, second] = texts;
        format!(
            "(SELECT COUNT(DISTINCT x) = 2 FROM (SELECT {name} AS x FROM {} WHERE 0 UNION ALL SELECT '{first}' \
             UNION ALL SELECT '{second}'))",
            place.quoted
        )
    };
    let (case, accents, spaces) = (probe(["a", "A"]), probe(["e", "é"]), probe(["a", "a "]));
    let sql = format!("SELECT {case}, {accents}, {spaces}");
    let answer = conn
        .one::<(bool, bool, bool)>(AssertSqlSafe(sql).into_sql_str(), &[])
        .await?;
    Ok(match answer {
        (true, true, true) => None,
        (true, true, false) => Some(SPACES_IGNORED.to_owned()),
        _ => Some("one that takes different texts for equal".to_owned()),
    })
}
