//! What a real table looks like.

use sqlx::AssertSqlSafe;

use crate::cell::CellType;
use crate::model::Model;
use crate::store::db::column::wanted;
use crate::store::db::driver::sqlite::fit::holds_seconds;
use crate::store::db::store::SCAN_TIMEOUT;
use crate::store::db::{Conn, FoundColumn, MICROSECONDS_FROM, Place, TxError};

/// Stands for the collation of a column that ignores spaces at the end of a text, and nothing else.
pub(crate) const SPACES_IGNORED: &str = "rtrim_bin";

/// A type has no length in its base. `ANY` stores values unchanged in strict tables only. An integer key is the row's own
/// number, so it needs no default. See [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(crate) const COLUMNS: &str = "SELECT name, type, CASE WHEN lower(type) = 'any' \
     AND NOT EXISTS (SELECT 1 FROM pragma_table_list WHERE name = ?2 COLLATE NOCASE AND strict) THEN 'numeric' \
     ELSE lower(trim(substr(type, 1, instr(type || '(', '(') - 1))) END, \
     \"notnull\" = 0, dflt_value IS NOT NULL OR hidden <> 0 OR (pk > 0 AND lower(type) = 'integer'), \
     NULL, NULL, NULL, NULL, NULL, hidden > 1 \
     FROM pragma_table_xinfo(?2, ?1)";

/// A column takes the place of another that can be dropped: none that anything else uses. Whose name stands in the statement
/// of something else, or twice in the table's own, may be used by it. See
/// [`Dialect::obstacles`](crate::store::db::dialect::Dialect).
pub(crate) const OBSTACLES: &str = "WITH used (name, by) AS ( \
     SELECT name, 'the primary key' FROM pragma_table_xinfo(?2, ?1) WHERE pk > 0 \
     UNION ALL SELECT c.name, 'an index' FROM pragma_index_list(?2, ?1) AS i, pragma_index_info(i.name, ?1) AS c \
     UNION ALL SELECT \"from\", 'a foreign key' FROM pragma_foreign_key_list(?2, ?1) \
     UNION ALL SELECT x.name, 'an index, trigger, view, constraint or generated column' \
     FROM (SELECT name, '[^a-z0-9_]' || lower(name) || '[^a-z0-9_]*' AS word FROM pragma_table_xinfo(?2, ?1)) AS x \
     JOIN sqlite_master AS m ON lower(m.sql) || ' ' GLOB '*' || x.word || \
     CASE WHEN m.type = 'table' AND m.name = ?2 COLLATE NOCASE THEN x.word ELSE '' END \
     WHERE m.tbl_name = ?2 COLLATE NOCASE OR m.type IN ('trigger', 'view')) \
     SELECT '', 'all', CASE type WHEN 'view' THEN 'it is a view: change its definition, or give the model a table' \
     ELSE 'it is a virtual table: make a new one, or give the model a table' END FROM pragma_table_list \
     WHERE name = ?2 COLLATE NOCASE AND schema = COALESCE(?1, schema) COLLATE NOCASE AND type <> 'table' \
     UNION ALL SELECT name, p.column1, 'SQLite changes no column, and drops none that ' || by || \
     ' uses: make a new table, copy the rows, and rename it' FROM used, (VALUES ('type'), ('null')) AS p";

/// The primary key, which may have no index of its own, and unique indexes. See
/// [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(crate) const UNIQUE_KEYS: &str = "SELECT '', name, pk FROM pragma_table_info(?2, ?1) WHERE pk > 0 \
     UNION ALL SELECT i.name, COALESCE(c.name, ''), c.seqno FROM pragma_index_list(?2, ?1) AS i, \
     pragma_index_info(i.name, ?1) AS c WHERE i.\"unique\" = 1 AND i.partial = 0 ORDER BY 1, 3";

/// See [`Dialect::indexes`](crate::store::db::dialect::Dialect).
pub(crate) const INDEXES: &str = "SELECT name, column1, column2, 1 FROM ( \
     SELECT '' AS name, name AS column1, 1 AS column2, pk AS place FROM pragma_table_info(?2, ?1) WHERE pk > 0 \
     UNION ALL SELECT i.name, COALESCE(c.name, ''), i.\"unique\", c.seqno FROM pragma_index_list(?2, ?1) AS i, \
     pragma_index_info(i.name, ?1) AS c WHERE i.partial = 0) ORDER BY name, place";

/// A foreign key leads to a table of the same file. See [`Dialect::foreign_keys`](crate::store::db::dialect::Dialect).
pub(crate) const FOREIGN_KEYS: &str = "SELECT lower(COALESCE(?1, 'main') || '.' || ?2), '' \
     UNION ALL SELECT lower(COALESCE(?1, 'main') || '.' || ?2), lower(COALESCE(?1, 'main') || '.' || \"table\") \
     FROM pragma_foreign_key_list(?2, ?1)";

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
    let columns = wanted::columns(model, conn.kind().driver());
    for found in found {
        let name = conn.kind().sql().quote(&found.name);
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
            conn.limit = SCAN_TIMEOUT;
            found.old_numbers = conn.one(AssertSqlSafe(sql), &[]).await?;
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
        .one::<(bool, bool, bool)>(AssertSqlSafe(sql), &[])
        .await?;
    Ok(match answer {
        (true, true, true) => None,
        (true, true, false) => Some(SPACES_IGNORED.to_owned()),
        _ => Some("one that takes different texts for equal".to_owned()),
    })
}
