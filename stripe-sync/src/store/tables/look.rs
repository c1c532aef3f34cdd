//! What of the bookkeeping tables a database has.
//!
//! Looking comes before creating: a role that may create nothing has to be able to run where everything is there.

use std::collections::{BTreeMap, BTreeSet};

use super::bookkeeping::{CLOCK, NEXT_TOKEN, SKIP_TOKENS, VERSION_TABLE, tables};
use super::migration;
use super::placement::Placement;
use super::table::Table;
use crate::store::DatabaseKind;

/// A question with texts as its parameters, in this database's way.
#[derive(Debug)]
pub(in crate::store) struct Question {
    pub(in crate::store) sql: String,
    pub(in crate::store) binds: Vec<String>,
}

/// A row of the answer: `table`, `function` or `schema`; its name; of a table, one column.
pub(in crate::store) type Answer = (String, String, String);

/// What is there.
#[derive(Debug, Default)]
pub(in crate::store) struct Found {
    /// The columns of each table, by its name with the prefix. A sequence is one too.
    tables: BTreeMap<String, BTreeSet<String>>,
    functions: BTreeSet<String>,
    schema: bool,
}

/// Asks which bookkeeping tables there are, of this version and of those before it, and what columns they have.
pub(in crate::store) fn look(kind: DatabaseKind, placement: &Placement) -> Question {
    let names: Vec<String> = tables()
        .map(|table| table.name)
        .chain(migration::old_tables(placement))
        .map(|name| placement.prefixed(name))
        .collect();
    match kind {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => sqlite(placement, names),
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => postgres(placement, names),
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => mysql(placement, names),
    }
}

/// Asks which version the tables have; no row if that is not said. For a database that has [`Found::has_version`].
pub(in crate::store) fn version_question(kind: DatabaseKind, placement: &Placement) -> String {
    let sql = "SELECT version FROM $version WHERE one = 1";
    placement.expand(kind, sql).into_owned()
}

#[cfg(feature = "sqlite")]
fn sqlite(placement: &Placement, names: Vec<String>) -> Question {
    // Where an unqualified CREATE TABLE goes.
    const MAIN: &str = "main";
    let schema = placement.quoted_schema(DatabaseKind::Sqlite);
    let sql = format!(
        "SELECT 'table', m.name, c.name FROM {}.sqlite_master AS m, pragma_table_info(m.name, ?) AS c \
         WHERE m.type = 'table' AND m.name IN ({})",
        schema.as_deref().unwrap_or(MAIN),
        vec!["?"; names.len()].join(", ")
    );
    let mut binds = vec![placement.schema_name().unwrap_or(MAIN).to_owned()];
    binds.extend(names);
    Question { sql, binds }
}

#[cfg(feature = "postgres")]
fn postgres(placement: &Placement, names: Vec<String>) -> Question {
    let functions = [NEXT_TOKEN, SKIP_TOKENS].map(|name| placement.prefixed(name));
    let mut binds: Vec<String> = placement
        .schema_name()
        .map(str::to_owned)
        .into_iter()
        .collect();
    let mut list = |names: &[String]| {
        let first = binds.len() + 1;
        binds.extend_from_slice(names);
        let marks: Vec<String> = (first..=binds.len())
            .map(|number| format!("${number}::text"))
            .collect();
        marks.join(", ")
    };
    let (names, functions) = (list(&names), list(&functions));
    let schema = placement.schema_name().is_some();
    // Without a schema, what an unqualified name finds along the search path.
    let (of_table, of_function) = match schema {
        true => ("n.nspname = $1::text", "n.nspname = $1::text"),
        false => (
            "pg_catalog.pg_table_is_visible(c.oid)",
            "pg_catalog.pg_function_is_visible(p.oid)",
        ),
    };
    let mut sql = format!(
        "SELECT 'table', c.relname::text, a.attname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE {of_table} AND c.relkind IN ('r', 'p', 'S') AND c.relname IN ({names}) \
         UNION ALL SELECT 'function', p.proname::text, '' FROM pg_catalog.pg_proc p \
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE {of_function} AND p.proname IN ({functions})"
    );
    if schema {
        sql += " UNION ALL SELECT 'schema', n.nspname::text, '' FROM pg_catalog.pg_namespace n \
                WHERE n.nspname = $1::text";
    }
    Question { sql, binds }
}

#[cfg(feature = "mysql")]
fn mysql(placement: &Placement, names: Vec<String>) -> Question {
    let schema = placement.schema_name();
    let of_table = match schema {
        Some(_) => "?",
        None => "DATABASE()",
    };
    // The catalogue of some servers has names as bytes, which CAST makes text.
    let mut sql = format!(
        "SELECT 'table', CAST(table_name AS CHAR), CAST(column_name AS CHAR) FROM information_schema.columns \
         WHERE table_schema = {of_table} AND table_name IN ({})",
        vec!["?"; names.len()].join(", ")
    );
    let mut binds: Vec<String> = schema.map(str::to_owned).into_iter().collect();
    binds.extend(names);
    if let Some(schema) = schema {
        sql += " UNION ALL SELECT 'schema', CAST(schema_name AS CHAR), '' FROM information_schema.schemata \
                WHERE schema_name = ?";
        binds.push(schema.to_owned());
    }
    Question { sql, binds }
}

impl Found {
    /// What the answer to [`look`] says.
    pub(in crate::store) fn new(rows: impl IntoIterator<Item = Answer>) -> Self {
        let mut found = Self::default();
        for (what, name, column) in rows {
            match what.as_str() {
                "table" => {
                    found.tables.entry(name).or_default().insert(column);
                }
                "function" => {
                    found.functions.insert(name);
                }
                _ => found.schema = true,
            }
        }
        found
    }

    /// Whether there is a table that can say which version the tables have.
    pub(in crate::store) fn has_version(&self, placement: &Placement) -> bool {
        self.has(placement, VERSION_TABLE)
    }

    /// Whether the schema need not be created.
    pub(super) fn has_schema(&self, placement: &Placement) -> bool {
        // A role may see a schema's tables and not the schema.
        placement.schema_name().is_none() || self.schema || !self.tables.is_empty()
    }

    /// Whether there is a table with this name.
    pub(super) fn has(&self, placement: &Placement, table: &str) -> bool {
        self.tables.contains_key(&placement.prefixed(table))
    }

    /// Whether a table and all that belongs to it is there.
    pub(super) fn is_whole(
        &self,
        kind: DatabaseKind,
        placement: &Placement,
        table: &Table,
    ) -> bool {
        let function = |name| self.functions.contains(&placement.prefixed(name));
        let functions = !kind.is_postgres()
            || table.name != CLOCK
            || [NEXT_TOKEN, SKIP_TOKENS].into_iter().all(function);
        self.has(placement, table.name) && functions
    }

    /// Whether a table has a column.
    pub(super) fn has_column(&self, placement: &Placement, table: &str, column: &str) -> bool {
        let columns = self.tables.get(&placement.prefixed(table));
        columns.is_some_and(|columns| columns.contains(column))
    }
}
