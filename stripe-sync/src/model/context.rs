//! What a hook may know of the run that calls it.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crate::calls::{CallError, HOOK_TIMEOUT, call_within};

/// Why an object is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// `sync_all`: the object is from a list.
    Backfill,
    /// `sync_by_ids`: the object was asked for.
    ByIds,
    /// `sync`: the application had the object in hand.
    Direct,
    /// An event of Stripe's was about it.
    Event,
    /// `remap`: the object is the one that the table holds, and was not read.
    Remap,
    /// `verify`: the object is compared with its row, and nothing is written.
    Verify,
}

/// The run around a hook: which account and mode, why, and the application's own state.
#[derive(Clone)]
pub struct Context {
    account: Option<Arc<str>>,
    livemode: Option<bool>,
    /// Of an element of a list inside another object: the id of that object, and the place in the list.
    place: Option<(Arc<str>, usize)>,
    origin: Origin,
    state: State,
    hooks: HookCalls,
}

/// How hooks are called.
#[derive(Debug, Clone)]
struct HookCalls {
    /// How long one may take.
    timeout: Duration,
    /// Microseconds for which a run waited for them.
    waited: Arc<AtomicU64>,
}

impl Default for HookCalls {
    fn default() -> Self {
        Self {
            timeout: HOOK_TIMEOUT,
            waited: Arc::default(),
        }
    }
}

impl Context {
    /// A context outside of any run, for tests of hooks and of mappings.
    pub fn new(origin: Origin) -> Self {
        Self {
            account: None,
            livemode: None,
            place: None,
            origin,
            state: State::default(),
            hooks: HookCalls::default(),
        }
    }

    /// The same for an account and a mode.
    #[must_use]
    pub fn with_account(mut self, account: impl Into<Arc<str>>, livemode: bool) -> Self {
        self.account = Some(account.into());
        self.livemode = Some(livemode);
        self
    }

    /// The same with the application's state.
    #[must_use]
    pub fn with_state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// The same for the element at a place, from 0, of a list inside another object, which has the id `parent`.
    #[must_use]
    pub fn in_list(mut self, parent: impl Into<Arc<str>>, position: usize) -> Self {
        self.place = Some((parent.into(), position));
        self
    }

    /// The same with another bound of hooks.
    pub(crate) fn with_hook_timeout(mut self, timeout: Duration) -> Self {
        self.hooks.timeout = timeout;
        self
    }

    /// Waits for a hook.
    ///
    /// # Errors
    /// When it panics or takes too long.
    pub(crate) async fn call<T>(&self, hook: impl Future<Output = T>) -> Result<T, CallError> {
        call_within(self.hooks.timeout, hook).await
    }

    /// Waits for something that does nothing but wait for hooks, and counts the time.
    pub(crate) async fn timed<T>(&self, hooks: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let done = hooks.await;
        let waited = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.hooks.waited.fetch_add(waited, Relaxed);
        done
    }

    /// How long hooks were waited for.
    pub(crate) fn waited_for_hooks(&self) -> Duration {
        Duration::from_micros(self.hooks.waited.load(Relaxed))
    }

    /// The account whose objects are read, for example `acct_1`.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whether live data is read.
    pub fn livemode(&self) -> Option<bool> {
        self.livemode
    }

    /// The id of the object in whose list the object stands, for example `sub_1`; `None` if it was read by itself.
    pub fn parent(&self) -> Option<&str> {
        self.place.as_ref().map(|(parent, _)| &**parent)
    }

    /// The place of the object in that list, from 0.
    pub fn position(&self) -> Option<usize> {
        self.place.as_ref().map(|(_, position)| *position)
    }

    /// Why the object is being written.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The application's state of type `T`, as it was given to the syncer.
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.state.get()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("account", &self.account)
            .field("livemode", &self.livemode)
            .field("place", &self.place)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Values of the application that hooks may want, one of each type. Cheap to clone.
#[derive(Clone, Default)]
pub struct State {
    values: Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl State {
    /// The same with one more value; a value of the same type is replaced.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        Arc::make_mut(&mut self.values).insert(TypeId::of::<T>(), Arc::new(value));
        self
    }

    /// The value of type `T`.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.values.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("values", &self.values.len())
            .finish()
    }
}
