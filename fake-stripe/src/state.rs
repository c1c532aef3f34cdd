//! Everything a fake holds: accounts, keys, objects, and the switches of its behaviour.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::auth::Key;
use super::canned::Canned;
use super::drift::Drift;
use super::errors::FakeError;
use super::facets;
use super::faults::Faults;
use super::generate::Plans;
use super::limits::Limiter;
use super::log::RequestRecord;
use super::quirks::Quirks;
use super::respond::Replay;
use super::script::Script;
use super::shelf::{Record, Shelf};
use super::webhooks::Hooks;
use crate::client::Mode;

/// The mode that a key does not open.
pub(super) fn other_mode(mode: Mode) -> Mode {
    match mode {
        Mode::Test => Mode::Live,
        Mode::Live => Mode::Test,
    }
}

/// An account in a mode: what an object belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    pub(super) account: String,
    pub(super) mode: Mode,
}

/// An account of the fake.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The account object; it has no `livemode` and is the same in both modes.
    pub(super) body: Value,
    /// The account that it is connected to.
    pub(super) platform: Option<String>,
}

/// The objects of an account in a mode.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) scope: Scope,
    /// When the account was created: no object is older.
    pub(super) since: i64,
    seed: u64,
    shelves: BTreeMap<&'static str, Shelf>,
}

impl Partition {
    pub(super) fn new(scope: Scope, since: i64, seed: u64) -> Self {
        Self {
            scope,
            since,
            seed,
            shelves: BTreeMap::new(),
        }
    }

    pub(super) fn shelf(&self, object: &str) -> Option<&Shelf> {
        self.shelves.get(object)
    }

    /// The shelf of an object name, made if it is the first object. The error is an unknown name.
    pub(super) fn shelf_mut(&mut self, object: &str) -> Result<&mut Shelf, FakeError> {
        let spec = facets::spec(object).ok_or_else(|| FakeError::unknown_object(object))?;
        Ok(self
            .shelves
            .entry(spec.object)
            .or_insert_with(|| Shelf::new(spec, self.seed)))
    }

    pub(super) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.shelves.values()
    }

    /// The alive object with this id, whatever its name.
    pub(super) fn find(&self, id: &str) -> Option<(&'static str, &Record)> {
        self.shelves
            .values()
            .find_map(|shelf| Some((shelf.spec.object, shelf.get(id)?)))
    }

    /// The stored object as a value.
    pub(super) fn value(&self, object: &str, id: &str) -> Option<Value> {
        self.shelf(object)?.get(id).map(parse)
    }
}

/// A stored body as a value.
pub(super) fn parse(record: &Record) -> Value {
    // The fake wrote these bytes itself.
    serde_json::from_slice(&record.body).unwrap_or_default()
}

/// See the module.
#[derive(Debug)]
pub(super) struct State {
    pub(super) seed: u64,
    pub(super) now: i64,
    pub(super) api_version: String,
    /// Draws for what is made up and changed.
    pub(super) rng: fastrand::Rng,
    /// Draws for answers: serving a request does not change what is made up next.
    pub(super) noise: fastrand::Rng,
    pub(super) plans: Plans,
    pub(super) accounts: HashMap<String, Account>,
    pub(super) keys: HashMap<String, Key>,
    pub(super) partitions: HashMap<Scope, Partition>,
    pub(super) faults: Option<Faults>,
    pub(super) limiter: Limiter,
    pub(super) quirks: Quirks,
    pub(super) drift: Drift,
    pub(super) canned: Vec<Canned>,
    pub(super) log: Vec<RequestRecord>,
    /// Requests of each endpoint, for scripts.
    pub(super) visits: HashMap<String, u64>,
    /// Requests of each path and query, for faults.
    pub(super) repeats: HashMap<String, u32>,
    pub(super) faults_played: u64,
    /// (object id, fingerprint of a list's filters) of every answered row, kept only for the quirk that asks for it.
    pub(super) answered: HashSet<(Arc<str>, u64)>,
    /// The same for the rows with which a page began or ended.
    pub(super) ended: HashSet<(Arc<str>, u64)>,
    pub(super) hooks: Hooks,
    /// Answers to POSTs by their idempotency keys.
    pub(super) replays: HashMap<(Scope, String), Replay>,
}

impl State {
    /// The objects of an account and mode. The error is an account that was never added.
    pub(super) fn partition(&self, scope: &Scope) -> Result<&Partition, FakeError> {
        self.partitions
            .get(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })
    }

    /// See [`State::partition`].
    pub(super) fn partition_mut(&mut self, scope: &Scope) -> Result<&mut Partition, FakeError> {
        self.partitions
            .get_mut(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })
    }
}

/// What the server, the handles and the scripts share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    scripts: Mutex<Vec<Script>>,
}

impl Shared {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            scripts: Mutex::new(Vec::new()),
        }
    }

    /// A script that panicked does not take the fake down.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn scripts(&self) -> MutexGuard<'_, Vec<Script>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
