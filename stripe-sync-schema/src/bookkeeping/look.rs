//! What of the bookkeeping tables a database has.
//!
//! Looking comes before creating: a role that may create nothing has to be able to run where everything is there.

use std::collections::{BTreeMap, BTreeSet};

use super::Bookkeeping;
use super::list::{NEXT_TOKEN, OLD_INDEXES, SKIP_TOKENS, VERSION_TABLE, tables};
use crate::sql::Database;

/// A question with texts as its parameters, in its database's way.
#[derive(Debug)]
pub struct Question {
    /// The statement.
    pub sql: String,
    /// The values of its parameters, in their order.
    pub binds: Vec<String>,
}

/// What is there.
#[derive(Debug, Default)]
pub struct Found {
    /// The columns of each table, by its name without the prefix. A sequence is one too, and a function with one column.
    columns: BTreeMap<String, BTreeSet<String>>,
    /// The indexes, without the prefix.
    indexes: BTreeSet<String>,
    /// Whether the schema is there, where one is named.
    pub(super) schema: bool,
}

impl Bookkeeping<'_> {
    /// Asks which bookkeeping tables there are, of this version and of those before it, and what columns and indexes they have.
    ///
    /// The answer is for [`found`](Self::found): rows of three texts, none of which is null.
    #[must_use]
    pub fn look(self) -> Question {
        let schema = self.placement.schema.as_deref();
        let mut binds = Vec::new();
        // A parameter; it is bound in the order in which the text has them.
        let mut bind = |value: &str| {
            binds.push(value.to_owned());
            match self.database {
                Database::Postgres => format!("${}::text", binds.len()),
                Database::Sqlite | Database::MySql => "?".to_owned(),
            }
        };
        let names: Vec<&str> = tables()
            .map(|table| table.name)
            .chain(self.old_tables())
            .collect();
        let mut indexes: Vec<&str> = tables()
            .flat_map(|table| table.indexes)
            .map(|index| index.name)
            .collect();
        indexes.extend(OLD_INDEXES.iter().map(|(_, index)| *index));
        let list = |bind: &mut dyn FnMut(&str) -> String, names: &[&str]| {
            let marks = names
                .iter()
                .map(|name| bind(&self.placement.prefixed(name)));
            marks.collect::<Vec<_>>().join(", ")
        };
        let mut sql = match self.database {
            Database::Sqlite => format!(
                // `table_info` leaves computed columns out.
                "SELECT 'table', m.name, c.name FROM {within}.sqlite_master AS m, pragma_table_xinfo(m.name, {}) AS c \
                 WHERE m.type = 'table' AND m.name IN ({}) \
                 UNION ALL SELECT 'index', name, '' FROM {within}.sqlite_master WHERE type = 'index' AND name IN ({})",
                bind(schema.unwrap_or("main")),
                list(&mut bind, &names),
                list(&mut bind, &indexes),
                // Where an unqualified CREATE TABLE goes.
                within = self.schema().as_deref().unwrap_or("main"),
            ),
            Database::Postgres => {
                // Without a schema, what an unqualified name finds along the search path.
                let within = |bind: &mut dyn FnMut(&str) -> String, visible: &str| match schema {
                    Some(schema) => format!("n.nspname = {}", bind(schema)),
                    None => format!("pg_catalog.{visible}"),
                };
                format!(
                    "SELECT 'table', c.relname::text, a.attname::text FROM pg_catalog.pg_class c \
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
                     WHERE {} AND c.relkind IN ('r', 'p', 'S') AND c.relname IN ({}) \
                     UNION ALL SELECT 'function', p.proname::text, '' FROM pg_catalog.pg_proc p \
                     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE {} AND p.proname IN ({}) \
                     UNION ALL SELECT 'index', c.relname::text, '' FROM pg_catalog.pg_class c \
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                     WHERE {} AND c.relkind IN ('i', 'I') AND c.relname IN ({})",
                    within(&mut bind, "pg_table_is_visible(c.oid)"),
                    list(&mut bind, &names),
                    within(&mut bind, "pg_function_is_visible(p.oid)"),
                    list(&mut bind, &[NEXT_TOKEN, SKIP_TOKENS]),
                    within(&mut bind, "pg_table_is_visible(c.oid)"),
                    list(&mut bind, &indexes)
                )
            }
            // The catalogue of some servers has names as bytes, which CAST makes text.
            Database::MySql => format!(
                "SELECT 'table', CAST(table_name AS CHAR), CAST(column_name AS CHAR) FROM information_schema.columns \
                 WHERE table_schema = {} AND table_name IN ({}) \
                 UNION ALL SELECT 'index', CAST(index_name AS CHAR), '' FROM information_schema.statistics \
                 WHERE table_schema = {} AND index_name IN ({})",
                schema.map_or_else(|| "DATABASE()".to_owned(), &mut bind),
                list(&mut bind, &names),
                schema.map_or_else(|| "DATABASE()".to_owned(), &mut bind),
                list(&mut bind, &indexes)
            ),
        };
        let schemas = match self.database {
            Database::Sqlite => None,
            Database::Postgres => {
                Some("nspname::text, '' FROM pg_catalog.pg_namespace WHERE nspname")
            }
            Database::MySql => Some(
                "CAST(schema_name AS CHAR), '' FROM information_schema.schemata WHERE schema_name",
            ),
        };
        if let (Some(schemas), Some(schema)) = (schemas, schema) {
            sql += &format!(" UNION ALL SELECT 'schema', {schemas} = {}", bind(schema));
        }
        Question { sql, binds }
    }

    /// Returns what the answer to [`look`](Self::look) says.
    #[must_use]
    pub fn found(self, rows: impl IntoIterator<Item = (String, String, String)>) -> Found {
        let mut found = Found::default();
        let prefix = self.placement.prefixed("");
        for (what, name, column) in rows {
            // A role may see a schema's tables and not the schema.
            found.schema = true;
            if let (true, Some(name)) = (what != "schema", name.strip_prefix(&prefix)) {
                if what == "index" {
                    found.indexes.insert(name.to_owned());
                    continue;
                }
                let columns = found.columns.entry(name.to_owned()).or_default();
                columns.insert(column);
            }
        }
        found
    }

    /// Asks which version the tables have, if there is a table that can say so: one number, or no row.
    #[must_use]
    pub fn version(self, found: &Found) -> Option<String> {
        let sql = "SELECT version FROM $version WHERE one = 1";
        found.has(VERSION_TABLE).then(|| self.expand(sql))
    }
}

impl Found {
    /// Whether there is a table or a function with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Whether there is an index with this name.
    pub(super) fn has_index(&self, name: &str) -> bool {
        self.indexes.contains(name)
    }

    /// Whether a table has a column.
    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        let columns = self.columns.get(table);
        columns.is_some_and(|columns| columns.contains(column))
    }
}
