//! Statements for SQLite.

use super::Names;
use crate::table::{Statement, Table};

/// The quotation mark of names.
pub const QUOTE: char = '"';

/// The statements of a table, one for each field of [`Statements`](crate::table::Statements).
pub fn statements(table: &Table) -> Vec<Statement> {
    let names = Names::new(table, QUOTE);
    let by_ids = ByIds::new(&names);
    // One writer at a time: asking inside the transaction is a lock already.
    let ask = by_ids.ask("NULL, 0, 0");
    vec![
        by_ids.statement("ask", ask.clone(), ")"),
        by_ids.statement("lock", ask, ")"),
        compare(&names),
        upsert(&names),
        insert(&names),
        Statement::fixed("update", String::new()),
        by_ids.raise(),
        by_ids.mark(),
        by_ids.remove(),
    ]
}

fn compare(names: &Names) -> Statement {
    if !names.versioned {
        return Statement::fixed("compare", String::new());
    }
    let (hash, observed_at, deleted_at) = (&names.hash, &names.observed_at, &names.deleted_at);
    let scope: String = names
        .scope()
        .iter()
        .map(|name| format!("t.{name} = ? AND "))
        .collect();
    let tail = format!(
        ") SELECT w.n, t.{hash}, t.{observed_at}, t.{deleted_at} IS NOT NULL \
         FROM w LEFT JOIN {} AS t ON {scope}t.{} = w.id \
         WHERE t.{observed_at} IS NULL OR t.{observed_at} > ? OR t.{deleted_at} IS NOT NULL OR t.{hash} IS NOT w.hash",
        names.table,
        names.id()
    );
    let head = "WITH w(n, id, hash) AS (VALUES ".to_owned();
    Statement::rows("compare", head, placeholders(3), tail)
}

fn upsert(names: &Names) -> Statement {
    let set = names.set(|name| format!("excluded.{name}"));
    let mut tail = format!(
        " ON CONFLICT ({}) DO UPDATE SET {set}",
        names.key.join(", ")
    );
    if names.versioned {
        tail += &format!(" WHERE {}.{} <= ?", names.table_alone(), names.observed_at);
    }
    Statement::rows(
        "upsert",
        format!("{} VALUES ", names.insert_into()),
        placeholders(names.inserted().len()),
        tail,
    )
}

fn insert(names: &Names) -> Statement {
    Statement::rows(
        "insert",
        format!("{} VALUES ", names.insert_into()),
        placeholders(names.inserted().len()),
        format!(" ON CONFLICT ({}) DO NOTHING", names.key.join(", ")),
    )
}

/// `(?, ?)`.
pub(super) fn placeholders(count: usize) -> String {
    format!("({})", vec!["?"; count].join(", "))
}

/// Statements about rows with certain ids, as SQLite and MySQL write them alike.
pub(super) struct ByIds<'n> {
    names: &'n Names,
    condition: String,
}

impl<'n> ByIds<'n> {
    pub(super) fn new(names: &'n Names) -> Self {
        let scope: String = names
            .scope()
            .iter()
            .map(|name| format!("{name} = ? AND "))
            .collect();
        Self {
            names,
            condition: format!(" WHERE {scope}{} IN (", names.id()),
        }
    }

    pub(super) fn statement(&self, field: &'static str, head: String, tail: &str) -> Statement {
        Statement::rows(field, head, "?".to_owned(), tail.to_owned())
    }

    /// `unversioned` stands in for the columns that an unversioned table does not have.
    pub(super) fn ask(&self, unversioned: &str) -> String {
        let names = self.names;
        let freshness = if names.versioned {
            format!(
                "{}, {}, {} IS NOT NULL",
                names.hash, names.observed_at, names.deleted_at
            )
        } else {
            unversioned.to_owned()
        };
        let (id, table, condition) = (names.id(), &names.table, &self.condition);
        format!("SELECT {id}, {freshness} FROM {table}{condition}")
    }

    pub(super) fn raise(&self) -> Statement {
        let names = self.names;
        if !names.versioned {
            return Statement::fixed("raise", String::new());
        }
        let observed_at = &names.observed_at;
        let head = format!(
            "UPDATE {} SET {observed_at} = ?{}",
            names.table, self.condition
        );
        self.statement("raise", head, &format!(") AND {observed_at} < ?"))
    }

    pub(super) fn mark(&self) -> Statement {
        let names = self.names;
        if !names.versioned {
            return Statement::fixed("mark", String::new());
        }
        let mut set = format!("{} = ?, {} = ?", names.deleted_at, names.observed_at);
        if let Some(synced_at) = &names.synced_at {
            set += &format!(", {synced_at} = ?");
        }
        let head = format!("UPDATE {} SET {set}{}", names.table, self.condition);
        self.statement("mark", head, ")")
    }

    pub(super) fn remove(&self) -> Statement {
        let head = format!("DELETE FROM {}{}", self.names.table, self.condition);
        self.statement("remove", head, ")")
    }
}
