//! The name of a model's table, and what stands before it.

use std::fmt;

use crate::model::Model;

/// A table's name, with its schema (PostgreSQL), its database (MySQL) or its attached database (SQLite) if it has one, or with
/// a namespace.
///
/// A namespace does not depend on the database: it is a schema on PostgreSQL, and a prefix of the table's name elsewhere.
///
/// ```
/// # #[cfg(all(feature = "sqlite", feature = "postgres"))] {
/// use stripe_sync::{DatabaseKind, TableName};
///
/// let table = TableName::new("customers").in_namespace("stripe");
/// assert_eq!(table.to_string(), "stripe.customers");
/// let on_postgres = table.clone().on(DatabaseKind::Postgres);
/// assert_eq!((on_postgres.schema(), on_postgres.name()), (Some("stripe"), "customers"));
/// let on_sqlite = table.on(DatabaseKind::Sqlite);
/// assert_eq!((on_sqlite.schema(), on_sqlite.name()), (None, "stripe_customers"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    qualifier: Option<Qualifier>,
    name: String,
}

/// What stands before a table's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Qualifier {
    Schema(String),
    Namespace(String),
}

impl TableName {
    /// A table of the connection's own schema. The name is quoted as it is: a dot in it is part of the name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            qualifier: None,
            name: name.into(),
        }
    }

    /// The same table in a schema, which is there: nothing creates it. It takes the place of a namespace.
    #[must_use]
    pub fn in_schema(mut self, schema: impl Into<String>) -> Self {
        self.qualifier = Some(Qualifier::Schema(schema.into()));
        self
    }

    /// The same table in a namespace: a schema on PostgreSQL, which is created with the table, and a prefix of its name elsewhere,
    /// with `_` between them. It takes the place of a schema.
    #[must_use]
    pub fn in_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.qualifier = Some(Qualifier::Namespace(namespace.into()));
        self
    }

    /// The same with the name behind a prefix, which takes the place of a namespace.
    pub(crate) fn prefixed(mut self, prefix: &str) -> Self {
        if self.namespace().is_some() {
            self.qualifier = None;
        }
        self.name.insert_str(0, prefix);
        self
    }

    /// The same where a namespace is a prefix of the name.
    pub(crate) fn with_namespace_in_name(mut self) -> Self {
        if let Some(namespace) = self.namespace() {
            self.name = format!("{namespace}_{}", self.name);
            self.qualifier = None;
        }
        self
    }

    /// Returns where the struct says that its table is.
    pub fn of(model: &Model) -> Self {
        let parts = &model.parts;
        let table = Self::new(parts.table);
        match (parts.schema, parts.namespace) {
            (Some(schema), _) => table.in_schema(schema),
            (None, Some(namespace)) => table.in_namespace(namespace),
            (None, None) => table,
        }
    }

    /// Returns the schema. A namespace is one, as it is on PostgreSQL, until [`on`](Self::on) says that it is in the name.
    pub fn schema(&self) -> Option<&str> {
        let (Qualifier::Schema(name) | Qualifier::Namespace(name)) = self.qualifier.as_ref()?;
        Some(name)
    }

    /// Returns the namespace. Of a table [on](Self::on) PostgreSQL, it is the schema that is created with the table; on other
    /// databases there is none any more.
    pub fn namespace(&self) -> Option<&str> {
        match &self.qualifier {
            Some(Qualifier::Namespace(name)) => Some(name),
            _ => None,
        }
    }

    /// Returns the name without the schema or the namespace.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether both are one table by their names, where a namespace is a schema.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.schema() == other.schema() && self.name == other.name
    }
}

impl fmt::Display for TableName {
    /// As in `billing.customers`, also for a namespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema() {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
