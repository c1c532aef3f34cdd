//! Everything a fake holds, and changes to it: accounts, keys, objects, events, and the switches of its behaviour.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod announce;
mod checks;
pub(crate) mod coherence;
pub(crate) mod create;
mod endpoints;
pub(crate) mod log;
pub(crate) mod mutate;
mod remove;
pub(crate) mod replay;
pub(crate) mod request_hook;
mod rows;
mod summaries;
pub(crate) mod versions;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::chaos::canned::Canned;
use crate::chaos::drift::Drift;
use crate::chaos::faults::Faults;
use crate::chaos::limits::Limiter;
use crate::chaos::nasty::Nasty;
use crate::chaos::quirks::Quirks;
use crate::data::partition::{Account, Partition, Partitions, Scope};
use crate::error::FakeError;
use crate::generate::Plans;
use crate::state::accounts::Key;
use crate::state::log::RequestRecord;
use crate::state::replay::{Cause, Replay};
use crate::state::request_hook::RequestHook;
use crate::state::versions::Versions;
use crate::webhooks::Webhooks;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// The account and mode that the fake was built with.
    pub(crate) first: Scope,
    pub(crate) seed: u64,
    pub(crate) now: i64,
    /// What the clock showed that this one goes on with; `None` if it follows none.
    pub(crate) followed: Option<i64>,
    pub(crate) api_version: String,
    /// Draws for what is made up and changed.
    pub(crate) rng: fastrand::Rng,
    /// Draws for answers: serving a request does not change what is made up next.
    pub(crate) noise: fastrand::Rng,
    pub(crate) plans: Plans,
    pub(crate) accounts: HashMap<String, Account>,
    pub(crate) keys: HashMap<String, Key>,
    /// What keys of test mode open that were never issued; `None` if they are refused.
    pub(crate) any_test_key: Option<Scope>,
    pub(crate) partitions: Partitions,
    pub(crate) faults: Option<Faults>,
    pub(crate) limiter: Limiter,
    pub(crate) quirks: Quirks,
    pub(crate) drift: Drift,
    pub(crate) nasty: Nasty,
    /// Movements on balances that are pending, by the second from which they are available.
    pub(crate) pending: BTreeMap<i64, Vec<(Scope, String)>>,
    /// The ids of the objects that are being changed, each because of the one before.
    pub(crate) changing: Vec<String>,
    /// The objects that a story made so far, while one is told.
    pub(crate) made: Option<Vec<(&'static str, String)>>,
    /// The customers whose invoices of the past are to be numbered by their times.
    pub(crate) renumbered: BTreeSet<String>,
    /// Whether objects agree with each other.
    pub(crate) is_coherent: bool,
    /// Whether objects of the past have events.
    pub(crate) has_past_events: bool,
    /// When the events happened that are recorded now, if they are of the past.
    pub(crate) told_at: Option<i64>,
    /// How many objects are being made, each for the one before.
    pub(crate) depth: u8,
    pub(crate) canned: Vec<Canned>,
    pub(crate) log: VecDeque<RequestRecord>,
    pub(crate) most_requests: usize,
    /// Requests of each endpoint, for request hooks.
    pub(crate) visits: HashMap<String, u64>,
    /// Requests of each path and query, for faults.
    pub(crate) repeats: HashMap<String, u32>,
    pub(crate) faults_played: u64,
    /// (object id, fingerprint of a list's filters) of every answered row, kept only for the quirk that asks for it.
    pub(crate) answered: HashSet<(Arc<str>, u64)>,
    /// The same for the rows with which a page began or ended.
    pub(crate) ended: HashSet<(Arc<str>, u64)>,
    pub(crate) webhooks: Webhooks,
    /// Answers to POSTs by their idempotency keys.
    pub(crate) replays: HashMap<(Scope, String), Replay>,
    /// The call that is being answered, for the events of what it changes. `None` for changes from a test.
    pub(crate) cause: Option<Cause>,
    pub(crate) versions: Versions,
    pub(crate) warnings: Vec<String>,
}

impl State {
    /// The objects of an account and mode. The error is an account that was never added.
    pub(crate) fn partition(&self, scope: &Scope) -> Result<&Partition, FakeError> {
        self.partitions
            .get(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })
    }

    /// See [`State::partition`].
    pub(crate) fn partition_mut(&mut self, scope: &Scope) -> Result<&mut Partition, FakeError> {
        self.partitions
            .get_mut(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })
    }
}

/// What the server, the handles and the request hooks share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// What a reset goes back to.
    start: Mutex<Option<Box<State>>>,
    request_hooks: Mutex<Vec<RequestHook>>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            start: Mutex::new(None),
            request_hooks: Mutex::new(Vec::new()),
        }
    }

    /// A request hook that panicked does not take the fake down.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reset goes back to.
    pub(crate) fn start(&self) -> MutexGuard<'_, Option<Box<State>>> {
        self.start.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn request_hooks(&self) -> MutexGuard<'_, Vec<RequestHook>> {
        self.request_hooks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
