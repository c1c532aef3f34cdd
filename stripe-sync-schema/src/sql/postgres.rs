//! Statements for PostgreSQL.

use super::Names;
use crate::table::{Statement, Table};

/// The quotation mark of names.
pub const QUOTE: char = '"';

/// The statements of a table, one for each field of [`Statements`](crate::table::Statements).
pub fn statements(table: &Table) -> Vec<Statement> {
    let names = Names::new(table, QUOTE);
    let ask = ask(table, &names);
    // Foreign keys that point at the row may still be checked while it is locked.
    let lock = format!("{ask} ORDER BY {} FOR NO KEY UPDATE", names.id());
    vec![
        Statement::fixed("ask", ask),
        Statement::fixed("lock", lock),
        Statement::fixed("compare", compare(table, &names)),
        Statement::fixed("upsert", upsert(table, &names)),
        Statement::fixed("insert", insert(table, &names)),
        Statement::fixed("update", String::new()),
        Statement::fixed("raise", raise(table, &names)),
        Statement::fixed("mark", mark(table, &names)),
        Statement::fixed("remove", remove(table, &names)),
    ]
}

/// The type to which a value is cast: the user's SQL type without its length or precision. A cast to `varchar(4)`
/// would cut the value in silence; the assignment to the column refuses it. `char` and `bit` alone have a length of 1, so
/// the types of the same values without a length stand in.
pub fn cast_type(sql_type: &str) -> String {
    let mut cast = String::with_capacity(sql_type.len());
    let mut depth = 0_usize;
    for letter in sql_type.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 => cast.push(letter),
            _ => {}
        }
    }
    let cast = cast.trim();
    let name = cast.to_lowercase();
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.join(" ").as_str() {
        "char" | "character" | "nchar" | "national char" | "national character" => "bpchar",
        "bit" => "varbit",
        _ => cast,
    }
    .to_owned()
}

/// A value cast to the user's SQL type, if there is one.
fn cast(value: &str, sql_type: Option<&String>) -> String {
    match sql_type {
        Some(sql_type) => format!("{value}::{}", cast_type(sql_type)),
        None => value.to_owned(),
    }
}

/// The condition of a statement about rows with certain ids, whose first parameter is `$first`.
pub fn by_ids(scope: &[String], id: &str, id_type: Option<&str>, first: usize) -> String {
    let mut condition = String::from(" WHERE ");
    for (position, name) in scope.iter().enumerate() {
        condition += &format!("{name} = ${} AND ", first + position);
    }
    let cast = id_type.map_or(String::new(), |id_type| {
        format!("::{}[]", cast_type(id_type))
    });
    condition += &format!("{id} = ANY(${}{cast})", first + scope.len());
    condition
}

fn condition(table: &Table, names: &Names, first: usize) -> String {
    by_ids(names.scope(), names.id(), id_type(table), first)
}

/// The SQL type of the id, if the user set one.
fn id_type(table: &Table) -> Option<&str> {
    let id = table.key.last();
    let mut columns = table.columns.iter();
    columns
        .find(|column| Some(&column.name) == id)
        .and_then(|column| column.sql_type.as_deref())
}

fn ask(table: &Table, names: &Names) -> String {
    let freshness = if names.versioned {
        format!(
            "{}, {}, {} IS NOT NULL",
            names.hash, names.observed_at, names.deleted_at
        )
    } else {
        "NULL::bigint, 0::bigint, false".to_owned()
    };
    let condition = condition(table, names, 1);
    format!(
        "SELECT {}::text, {freshness} FROM {}{condition}",
        names.id(),
        names.table
    )
}

fn compare(table: &Table, names: &Names) -> String {
    if !names.versioned {
        return String::new();
    }
    let scope: String = (3..)
        .zip(names.scope())
        .map(|(number, name)| format!("t.{name} = ${number} AND "))
        .collect();
    let cast = id_type(table).map_or(String::new(), |sql_type| {
        format!("::{}[]", cast_type(sql_type))
    });
    let (hash, observed_at, deleted_at) = (&names.hash, &names.observed_at, &names.deleted_at);
    format!(
        "SELECT w.n, t.{hash}, t.{observed_at}, t.{deleted_at} IS NOT NULL \
         FROM UNNEST($1{cast}, $2) WITH ORDINALITY AS w(id, hash, n) \
         LEFT JOIN {} AS t ON {scope}t.{} = w.id \
         WHERE t.{observed_at} IS NULL OR t.{observed_at} > ${} OR t.{deleted_at} IS NOT NULL \
         OR t.{hash} IS DISTINCT FROM w.hash",
        names.table,
        names.id(),
        names.key.len() + 2
    )
}

/// What an upsert ends with: whether a row was inserted. A partitioned table has no such column to return.
pub const INSERTED: &str = ", xmax = 0";

fn upsert(table: &Table, names: &Names) -> String {
    let (head, next) = insert_rows(table, names);
    let key = names.key.join(", ");
    let set = names.set(|name| format!("excluded.{name}"));
    let id = names.id();
    let guard = if names.versioned {
        format!(" WHERE t.{} <= ${next}", names.observed_at)
    } else {
        String::new()
    };
    format!("{head} ON CONFLICT ({key}) DO UPDATE SET {set}{guard} RETURNING {id}::text{INSERTED}")
}

fn insert(table: &Table, names: &Names) -> String {
    let (head, _) = insert_rows(table, names);
    format!("{head} ON CONFLICT ({}) DO NOTHING", names.key.join(", "))
}

/// An INSERT of rows that are bound as arrays, without what happens to rows that exist, and the number of the next
/// parameter. Rows come sorted by their key, so that two batches take their locks in one order.
fn insert_rows(table: &Table, names: &Names) -> (String, usize) {
    // In the SELECT list arrays are taken apart in step; in FROM each would be copied to a store of its own first.
    let mut values: Vec<String> = (1..)
        .zip(&table.columns)
        .map(|(number, column)| cast(&format!("UNNEST(${number})"), column.sql_type.as_ref()))
        .collect();
    let mut next = values.len() + 1;
    if names.versioned {
        values.push(format!("UNNEST(${next})"));
        // The token.
        values.push(format!("${}", next + 1));
        next += 2;
    }
    if names.synced_at.is_some() {
        values.push(cast(&format!("${next}"), table.synced_at_type.as_ref()));
        next += 1;
    }
    let head = format!(
        "INSERT INTO {} AS t ({}) SELECT {}",
        names.table,
        names.inserted().join(", "),
        values.join(", ")
    );
    (head, next)
}

fn raise(table: &Table, names: &Names) -> String {
    if !names.versioned {
        return String::new();
    }
    let observed_at = &names.observed_at;
    let condition = condition(table, names, 2);
    let last = names.key.len() + 2;
    format!(
        "UPDATE {} SET {observed_at} = $1{condition} AND {observed_at} < ${last}",
        names.table
    )
}

fn mark(table: &Table, names: &Names) -> String {
    if !names.versioned {
        return String::new();
    }
    let deleted_at = cast("$1", table.deleted_at_type.as_ref());
    let mut set = format!(
        "{} = {deleted_at}, {} = $2",
        names.deleted_at, names.observed_at
    );
    let mut first = 3;
    if let Some(synced_at) = &names.synced_at {
        let time = cast("$3", table.synced_at_type.as_ref());
        set += &format!(", {synced_at} = {time}");
        first = 4;
    }
    let condition = condition(table, names, first);
    format!("UPDATE {} SET {set}{condition}", names.table)
}

fn remove(table: &Table, names: &Names) -> String {
    format!("DELETE FROM {}{}", names.table, condition(table, names, 1))
}
