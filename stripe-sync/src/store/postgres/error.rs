//! Which column a PostgreSQL error is about.

use sqlx::SqlSafeStr;
use sqlx::postgres::PgDatabaseError;

use super::table;
use crate::cell::Cell;
use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::target::Target;

/// The column, if the error or its constraint names one, and the reason without values.
///
/// # Errors
/// When the constraint cannot be looked up.
pub(in crate::store) async fn blame(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    cells: &[Cell<'static>],
    error: &PgDatabaseError,
) -> Result<(Option<String>, String), sqlx::Error> {
    let code = error.code();
    match code {
        // character_not_in_repertoire, untranslatable_character: in practice NUL.
        "22021" | "22P05" => {
            if let Some((column, what)) = nul(target, cells) {
                let reason =
                    format!("{what} holds the character U+0000, which PostgreSQL cannot store");
                return Ok((Some(column.to_owned()), reason));
            }
        }
        // invalid_text_representation: the message quotes the value.
        "22P02" => {
            return Ok((
                None,
                format!("a value does not fit the type of its column ({code})"),
            ));
        }
        _ => {}
    }
    let mut column = error.column().map(str::to_owned);
    if let (None, Some(constraint)) = (&column, error.constraint()) {
        column = constraint_column(conn, target, constraint).await?;
    }
    Ok((column, format!("{} ({code})", error.message())))
}

/// The first cell with a NUL character: PostgreSQL's text has none, and its jsonb no `\u0000`.
fn nul<'m>(target: &Target<'m>, cells: &[Cell<'static>]) -> Option<(&'m str, &'static str)> {
    target
        .model
        .written()
        .zip(cells)
        .find_map(|(column, cell)| {
            let what = match cell {
                Cell::Text(text) if text.contains('\0') => "the text",
                Cell::Json(json) if json.contains("\\u0000") || json.contains('\0') => "the JSON",
                _ => return None,
            };
            Some((column.name, what))
        })
}

/// The column of a constraint or a unique index that is about one column.
async fn constraint_column(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    constraint: &str,
) -> Result<Option<String>, sqlx::Error> {
    let sql = "SELECT min(a.attname::text) FROM pg_attribute a JOIN ( \
               SELECT unnest(conkey) AS number FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2 \
               UNION SELECT unnest(i.indkey::int2[]) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
               WHERE i.indrelid = to_regclass($1) AND c.relname = $2) k ON k.number = a.attnum \
               WHERE a.attrelid = to_regclass($1) HAVING count(*) = 1";
    let name = table::regclass(target.model);
    let rows = conn
        .fetch(
            sql.into_sql_str(),
            &[Bind::text(&name), Bind::text(constraint)],
            &[CellType::Text],
        )
        .await?;
    Ok(rows
        .into_iter()
        .next()
        .and_then(|row| Taken::new(row).text_or_null()))
}
