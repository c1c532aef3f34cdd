//! Where a model's table is, and its statements there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use stripe_sync_schema::table::Statements;

use crate::calls::lock;
use crate::model::Model;
use crate::model::registry::TableName;
use crate::store::db::{DatabaseKind, StatementTemplate, StoreError};

/// A model's table where it was placed, and the statements that name it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) table: TableName,
    /// The table's name in messages and in the bookkeeping.
    pub(crate) name: String,
    /// The name in statements.
    pub(crate) quoted: String,
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

impl Place {
    fn new(kind: DatabaseKind, model: &Model, table: TableName) -> Self {
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
            table,
        }
    }

    /// Returns the statements of the connected database.
    ///
    /// # Errors
    /// When the model was derived for other databases.
    pub(crate) fn statements(
        &self,
        kind: DatabaseKind,
        model: &Model,
    ) -> Result<Arc<PlacedStatements>, StoreError> {
        let statements = self.statements.clone();
        statements.ok_or_else(|| StoreError::not_derived(model, kind))
    }
}

/// What identifies a model. Its address does not: a constant may have several.
type Key = (&'static str, String, u64);

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
    (model.name(), model.table(), model.parts.fingerprint)
}
