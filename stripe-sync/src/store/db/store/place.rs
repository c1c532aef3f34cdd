//! Where a model's table is, and its statements there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use stripe_sync_schema::table::Statements;

use crate::calls::lock;
use crate::model::Model;
use crate::model::registry::Registry;
use crate::model::table_name::TableName;
use crate::store::db::{DatabaseKind, StatementTemplate, StoreError};

/// A model's table where it was placed, and the statements that name it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) table: TableName,
    /// The table's name in messages and in the bookkeeping.
    pub(crate) name: String,
    /// The name in statements.
    pub(crate) quoted: String,
    /// Whether the database keeps the names of the table and its schema as they are.
    fits: bool,
    statements: Option<Arc<PlacedStatements>>,
}

/// The statements of one model on one database, with the names of its table.
pub(crate) type PlacedStatements = Statements<StatementTemplate>;

fn placed(statements: &Statements, table: &str, name: &str) -> PlacedStatements {
    let text = |text| StatementTemplate::new(text, table, name);
    Statements {
        ask: text(statements.ask),
        lock: text(statements.lock),
        compare: text(statements.compare),
        upsert: text(statements.upsert),
        insert: text(statements.insert),
        update: text(statements.update),
        raise: text(statements.raise),
        mark: text(statements.mark),
        remove: text(statements.remove),
    }
}

impl TableName {
    /// The table on a database: a namespace stays on PostgreSQL, as the schema, and is in the name elsewhere.
    #[must_use]
    pub fn on(self, database: DatabaseKind) -> Self {
        match database.dialect().has_namespaces() {
            true => self,
            false => self.with_namespace_in_name(),
        }
    }

    /// Returns the name as the statements of a database write it: [on](Self::on) that database, in quotation marks.
    ///
    /// ```
    /// # #[cfg(feature = "postgres")] {
    /// use stripe_sync::{DatabaseKind, TableName};
    ///
    /// let table = TableName::new("customers").in_namespace("stripe");
    /// assert_eq!(table.quoted(DatabaseKind::Postgres), r#""stripe"."customers""#);
    /// # }
    /// ```
    #[must_use]
    pub fn quoted(&self, database: DatabaseKind) -> String {
        let table = self.clone().on(database);
        database.sql().quote_table(table.schema(), table.name())
    }
}

impl DatabaseKind {
    /// Whether the database keeps the names of a table and its schema as they are. Longer ones are cut or refused.
    #[must_use]
    pub fn keeps(self, table: &TableName) -> bool {
        let longest = self.dialect().longest_name;
        let mut names = table.schema().into_iter().chain([table.name()]);
        names.all(|name| longest.is_none_or(|longest| longest.fits(name)))
    }
}

impl Registry {
    /// The same with every table as it is on a database: see [`TableName::on`]. A [`Syncer`](crate::sync::syncer::Syncer) does so
    /// with the registry that it is built with.
    pub fn on(self, database: DatabaseKind) -> Self {
        self.renamed(|table| table.on(database))
    }
}

impl Place {
    fn new(kind: DatabaseKind, model: &Model, table: TableName) -> Self {
        let table = table.on(kind);
        let quoted = kind.sql().quote_table(table.schema(), table.name());
        let alone = kind.sql().quote(table.name());
        let statements = (kind.dialect().statements)(&model.parts.sql);
        Self {
            name: table.to_string(),
            statements: statements.map(|statements| {
                let mut statements = placed(statements, &quoted, &alone);
                kind.driver().prepare_statements(model, &mut statements);
                statements.into()
            }),
            quoted,
            fits: kind.keeps(&table),
            table,
        }
    }

    /// Returns the statements of the connected database.
    ///
    /// # Errors
    /// When the model was derived for other databases, or the database would cut a name.
    pub(crate) fn statements(
        &self,
        kind: DatabaseKind,
        model: &Model,
    ) -> Result<Arc<PlacedStatements>, StoreError> {
        if !self.fits {
            return Err(StoreError::long_name(model, &self.name, kind));
        }
        let statements = self.statements.clone();
        statements.ok_or_else(|| StoreError::not_derived(model, kind))
    }
}

/// What identifies a model. Its address does not: a constant may have several.
type Key = (&'static str, Option<&'static str>, String, u64);

/// Where the tables of models are: where a registry places them, or else where their structs do.
#[derive(Debug, Default)]
pub(crate) struct Places {
    named: HashMap<Key, TableName>,
    known: Mutex<HashMap<Key, Arc<Place>>>,
}

impl Places {
    pub(crate) fn new(named: impl IntoIterator<Item = (&'static Model, TableName)>) -> Self {
        let named = named.into_iter().map(|(model, table)| (key(model), table));
        Self {
            named: named.collect(),
            known: Mutex::default(),
        }
    }

    pub(crate) fn of(&self, kind: DatabaseKind, model: &'static Model) -> Arc<Place> {
        let key = key(model);
        let mut known = lock(&self.known);
        if let Some(place) = known.get(&key) {
            return Arc::clone(place);
        }
        let table = self.named.get(&key).cloned();
        let table = table.unwrap_or_else(|| TableName::of(model));
        let place = Arc::new(Place::new(kind, model, table));
        known.insert(key, Arc::clone(&place));
        place
    }
}

fn key(model: &'static Model) -> Key {
    let parts = &model.parts;
    (
        parts.name,
        parts.namespace,
        model.table(),
        parts.fingerprint,
    )
}
