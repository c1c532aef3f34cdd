//! The objects of an account in a mode.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use stripe_sync_schema::Mode;

use crate::data::collection::{Collection, Record};
use crate::data::index::resource_index;
use crate::error::FakeError;

/// The objects of all accounts.
pub(crate) type Partitions = HashMap<Scope, Partition>;

/// The mode that a key does not open.
pub(crate) fn other_mode(mode: Mode) -> Mode {
    match mode {
        Mode::Test => Mode::Live,
        Mode::Live => Mode::Test,
    }
}

/// An account in a mode: what an object belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) account: String,
    pub(crate) mode: Mode,
}

/// An account of the fake.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The account object; it has no `livemode` and is the same in both modes.
    pub(crate) body: Value,
    /// The account that it is connected to.
    pub(crate) platform: Option<String>,
}

/// The objects of an account in a mode.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    pub(crate) scope: Scope,
    /// When the account was created: no object is older.
    pub(crate) since: i64,
    seed: u64,
    collections: BTreeMap<&'static str, Collection>,
}

impl Partition {
    pub(crate) fn new(scope: Scope, since: i64, seed: u64) -> Self {
        Self {
            scope,
            since,
            seed,
            collections: BTreeMap::new(),
        }
    }

    pub(crate) fn collection(&self, object: &str) -> Option<&Collection> {
        self.collections.get(object)
    }

    /// The collection of an object name, made if it is the first object. The error is an unknown name.
    pub(crate) fn collection_mut(&mut self, object: &str) -> Result<&mut Collection, FakeError> {
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        Ok(self
            .collections
            .entry(index.object)
            .or_insert_with(|| Collection::new(index, self.seed)))
    }

    pub(crate) fn collections(&self) -> impl Iterator<Item = &Collection> {
        self.collections.values()
    }

    /// The alive object with this id, whatever its name.
    pub(crate) fn find(&self, id: &str) -> Option<(&'static str, &Record)> {
        self.collections
            .values()
            .find_map(|collection| Some((collection.index.object, collection.get(id)?)))
    }

    /// The stored object as a value.
    pub(crate) fn value(&self, object: &str, id: &str) -> Option<Value> {
        self.collection(object)?.get(id).map(parse)
    }
}

/// A stored body as a value.
pub(crate) fn parse(record: &Record) -> Value {
    // The fake wrote these bytes itself.
    serde_json::from_slice(&record.body).unwrap_or_default()
}
