//! What a PostgreSQL error means, and which column it is about.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgDatabaseError;

use crate::cell::{Cell, CellType};
use crate::model::Column;
use crate::store::db::column::cell_type;
use crate::store::db::driver::postgres::Postgres;
use crate::store::db::error::attribution::{MISFIT, only, without_values};
use crate::store::db::retry::Class;
use crate::store::db::{
    Attribution, Bind, Conn, Driver as _, PoolerTrouble, TableContext, TxError, catalog,
};

/// The function of PostgreSQL that refuses a row by a row security policy. The code is that of every missing right, and the
/// words are in the server's language.
const ROW_POLICY: &str = "ExecWithCheckOptions";

/// Returns what a SQLSTATE means, and the function of PostgreSQL that said so. What is said of rights and of the structure
/// is of no single row; what else is said, by a trigger for example, is taken to be of one.
pub(crate) fn classify(code: &str, routine: Option<&str>) -> Class {
    match code {
        // Before all of class 08: another connection would say the same.
        code if is_prepared_elsewhere(code, routine) => Class::Other,
        // serialization_failure, deadlock_detected, lock_not_available
        "40001" | "40P01" | "55P03" => Class::Contended,
        // admin_shutdown, crash_shutdown, cannot_connect_now
        "57P01" | "57P02" | "57P03" => Class::Broken,
        code if code.starts_with("08") => Class::Broken,
        "42501" if routine == Some(ROW_POLICY) => Class::Data,
        // read_only_sql_transaction
        "25006" => Class::Other,
        code if code.starts_with("42") => Class::Other,
        _ => Class::Data,
    }
}

/// Whether the connection of the server is not the one on which the driver prepared the statement, which happens behind a
/// pooler: it has another one of that name, or none.
fn is_prepared_elsewhere(code: &str, routine: Option<&str>) -> bool {
    match code {
        // duplicate_prepared_statement, invalid_sql_statement_name
        "42P05" | "26000" => true,
        // protocol_violation: the other statement has not as many parameters.
        "08P01" => routine == Some("exec_bind_message"),
        _ => false,
    }
}

/// Returns what a pooler before the server did, if the error shows it.
pub(crate) fn pooler_trouble(error: &PgDatabaseError) -> Option<PoolerTrouble> {
    // PgBouncer's own words; it has no other language.
    let startup = error.message().contains("unsupported startup parameter");
    if startup {
        return Some(PoolerTrouble::StartupParameter);
    }
    is_prepared_elsewhere(error.code(), error.routine()).then_some(PoolerTrouble::Prepared)
}

/// The column, if the error or its constraint names one, and the reason without values.
///
/// # Errors
/// When the constraint cannot be looked up.
pub(crate) async fn blame(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    cells: &[Cell<'static>],
    error: &PgDatabaseError,
) -> Result<Attribution, TxError> {
    let code = error.code();
    let mut column = error.column().map(str::to_owned);
    if let (None, Some(constraint)) = (&column, error.constraint()) {
        column = constraint_column(conn, target, constraint).await?;
    }
    // A value that cannot be read names its parameter, and each column is a parameter in the order of a row.
    let mut column = column.or_else(|| parameter(target, error.r#where()?));
    let message = without_values(error.message(), cells);
    let mut reason = message.as_str();
    match code {
        // character_not_in_repertoire, untranslatable_character: in practice NUL.
        "22021" | "22P05" => {
            if let Some((column, what)) = nul(target, cells) {
                let column = Some(column.to_owned());
                let reason =
                    format!("{what} holds the character U+0000, which PostgreSQL cannot store");
                return Ok(Attribution { column, reason });
            }
            // The message quotes the letter.
            reason = "a character has no equivalent in the encoding of the database";
            let letters = target.model.written().zip(cells).filter(
                |(_, cell)| matches!(cell, Cell::Text(text) | Cell::Json(text) if !text.is_ascii()),
            );
            column = only(letters.map(|(column, _)| column));
        }
        // string_data_right_truncation: only an assignment says so, and no cast.
        "22001" if column.is_none() => column = too_long(conn, target, cells).await?,
        // What is said of values quotes them, in a form of its own, and does not say where they are.
        code if code.starts_with("22") && code != "22001" => {
            reason = MISFIT;
            if column.is_none() {
                column = uncast(conn, target, cells).await?;
            }
        }
        // check_violation, not_null_violation, without a column: those of a domain.
        "23514" | "23502" if column.is_none() && error.table().is_none() => {
            column = uncast(conn, target, cells).await?;
        }
        _ => {}
    }
    let reason = format!("{reason} ({code})");
    Ok(Attribution { column, reason })
}

/// The column whose array was the parameter that a context such as `unnamed portal parameter $2` names.
fn parameter(target: &TableContext<'_>, context: &str) -> Option<String> {
    let (_, rest) = context.split_once("parameter $")?;
    let digits = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    let number: usize = rest[..digits].parse().ok()?;
    let column = target.model.written().nth(number.checked_sub(1)?)?;
    Some(column.name.to_owned())
}

/// The one column whose type refuses its cell. Each cast is tried in a savepoint; those that cannot fail are not.
async fn uncast(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    cells: &[Cell<'static>],
) -> Result<Option<String>, TxError> {
    let found = catalog::columns(conn, &target.place).await?;
    let mut refused = Vec::new();
    for (column, cell) in target.model.written().zip(cells) {
        let cell = match cell {
            Cell::Instant(value) => Postgres.moment(Some(column), *value),
            other => other.borrowed(),
        };
        let own = found.iter().find(|found| found.name == column.name);
        let Some(own) = own else { continue };
        let sent_as = Postgres.sent_as(Some(column), cell_type(column));
        let sent = Postgres.column_type(sent_as);
        let is_array = matches!(sent_as, CellType::Array(_));
        if own.sql_type == sent || is_array {
            continue;
        }
        let sql = format!("SELECT CAST((CAST($1 AS {sent}[]))[1] AS {})", own.sql_type);
        conn.run("SAVEPOINT stripe_sync_cast").await?;
        let bind = Bind::Column(sent_as, vec![&cell]);
        match conn.execute(AssertSqlSafe(sql), &[bind]).await {
            Ok(_) => {}
            Err(TxError::Data(_)) => refused.push(column),
            // A type to which there is no cast, as that of an array.
            Err(TxError::Other(_)) => {}
            Err(error) => return Err(error),
        }
        conn.run("ROLLBACK TO SAVEPOINT stripe_sync_cast").await?;
    }
    Ok(only(refused.into_iter()))
}

/// The one column that is too short for its text.
async fn too_long(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    cells: &[Cell<'static>],
) -> Result<Option<String>, TxError> {
    let found = catalog::columns(conn, &target.place).await?;
    let is_too_short = |column: &Column, cell: &Cell<'_>| {
        let found = found.iter().find(|found| found.name == column.name);
        let length = found.and_then(|found| usize::try_from(found.length?).ok());
        length.is_some_and(|length| match cell {
            Cell::Text(text) | Cell::Json(text) => text.chars().count() > length,
            // As PostgreSQL writes it.
            Cell::Integer(value) => value.to_string().len() > length,
            _ => false,
        })
    };
    let cells = target.model.written().zip(cells);
    let misfits = cells.filter(|(column, cell)| is_too_short(column, cell));
    Ok(only(misfits.map(|(column, _)| column)))
}

/// The first cell with a NUL character: PostgreSQL's text has none, and its jsonb no `\u0000`.
fn nul<'m>(target: &TableContext<'m>, cells: &[Cell<'static>]) -> Option<(&'m str, &'static str)> {
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
    target: &TableContext<'_>,
    constraint: &str,
) -> Result<Option<String>, TxError> {
    let sql = "WITH t AS (SELECT to_regclass(?) AS id, ?::text AS name) \
               SELECT min(a.attname::text) FROM pg_attribute a JOIN t ON a.attrelid = t.id JOIN ( \
               SELECT unnest(c.conkey) AS number FROM pg_constraint c, t WHERE c.conrelid = t.id AND c.conname = t.name \
               UNION SELECT unnest(i.indkey::int2[]) FROM t, pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
               WHERE i.indrelid = t.id AND c.relname = t.name) k ON k.number = a.attnum HAVING count(*) = 1";
    let binds = [Bind::text(&target.place.quoted), Bind::text(constraint)];
    let found: Option<Option<String>> = conn.row(sql, &binds).await?;
    Ok(found.flatten())
}

#[cfg(test)]
mod tests {
    use super::classify;
    use crate::store::db::retry::Class;

    #[test]
    fn a_statement_that_another_connection_prepared_is_of_no_row_and_not_tried_again() {
        for (code, routine) in [
            ("42P05", "StorePreparedStatement"),
            ("26000", "FetchPreparedStatement"),
            ("08P01", "exec_bind_message"),
        ] {
            assert_eq!(classify(code, Some(routine)), Class::Other, "{code}");
        }
        // Another violation of the protocol is the end of the connection.
        assert_eq!(
            classify("08P01", Some("SocketBackend")),
            Class::Broken,
            "08P01"
        );
    }
}
