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
        Statement::fixed("upsert", upsert(table, &names)),
        Statement::fixed("insert", String::new()),
        Statement::fixed("update", String::new()),
        Statement::fixed("raise", raise(table, &names)),
        Statement::fixed("mark", mark(table, &names)),
        Statement::fixed("remove", remove(table, &names)),
    ]
}

/// The type to which a value is cast: the user's SQL type without its length or precision. A cast to `varchar(4)`
/// would cut the value in silence; the assignment to the column refuses it.
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
    cast.trim().to_owned()
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
    let id = table.key.last();
    let id_type = table
        .columns
        .iter()
        .find(|column| Some(&column.name) == id)
        .and_then(|column| column.sql_type.as_deref());
    by_ids(names.scope(), names.id(), id_type, first)
}

fn ask(table: &Table, names: &Names) -> String {
    let freshness = if names.guarded {
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

fn upsert(table: &Table, names: &Names) -> String {
    let width = table.columns.len();
    let arrays = width + usize::from(names.guarded);
    let mut values: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| match &column.sql_type {
            Some(sql_type) => format!("r.c{position}::{}", cast_type(sql_type)),
            None => format!("r.c{position}"),
        })
        .collect();
    let mut next = arrays;
    let mut parameter = || {
        next += 1;
        format!("${next}")
    };
    let mut guard = String::new();
    if names.guarded {
        // The hash, and then the token.
        values.push(format!("r.c{width}"));
        values.push(parameter());
        guard = format!(" WHERE t.{} <= {}", names.observed_at, parameter());
    }
    if names.synced_at.is_some() {
        values.push(parameter());
    }
    let list = |prefix: &str, from: usize, to: usize| {
        (from..to)
            .map(|number| format!("{prefix}{number}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let columns = names.inserted().join(", ");
    let into = format!("INSERT INTO {} AS t ({columns})", names.table);
    let rows = format!(
        "UNNEST({}) AS r({})",
        list("$", 1, arrays + 1),
        list("c", 0, arrays)
    );
    // Sorted by key, two batches take their locks in one order.
    let order = list_of_key(table);
    let key = names.key.join(", ");
    let set = names.set(|name| format!("excluded.{name}"));
    let id = names.id();
    format!(
        "{into} SELECT {} FROM {rows} ORDER BY {order} ON CONFLICT ({key}) DO UPDATE SET {set}{guard} \
         RETURNING {id}::text, xmax = 0",
        values.join(", ")
    )
}

/// The key's columns as the rows of `UNNEST` name them.
fn list_of_key(table: &Table) -> String {
    table
        .key
        .iter()
        .filter_map(|key| table.columns.iter().position(|column| column.name == *key))
        .map(|position| format!("r.c{position}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn raise(table: &Table, names: &Names) -> String {
    if !names.guarded {
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
    if !names.guarded {
        return String::new();
    }
    let mut set = format!("{} = $1, {} = $2", names.deleted_at, names.observed_at);
    let mut first = 3;
    if let Some(synced_at) = &names.synced_at {
        set += &format!(", {synced_at} = $3");
        first = 4;
    }
    let condition = condition(table, names, first);
    format!("UPDATE {} SET {set}{condition}", names.table)
}

fn remove(table: &Table, names: &Names) -> String {
    format!("DELETE FROM {}{}", names.table, condition(table, names, 1))
}
