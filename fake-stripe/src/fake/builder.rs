//! What a fake starts with.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use stripe_sync_schema::Mode;

use crate::api::server::{Front, Server};
use crate::chaos::drift::Drift;
use crate::chaos::limits::Limiter;
use crate::chaos::nasty::Nasty;
use crate::chaos::quirks::Quirks;
use crate::clock::DEFAULT_NOW;
use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::fake::FakeStripe;
use crate::generate::Plans;
use crate::state::account::FakeAccount;
use crate::state::versions::Versions;
use crate::state::{Shared, State};
use crate::webhooks::Webhooks;

/// How long the first account exists when the fake starts: three years.
pub(crate) const ACCOUNT_AGE: i64 = 3 * 365 * 86_400;

/// What a [`FakeStripe`] starts with.
#[derive(Debug, Clone)]
#[must_use]
pub struct FakeStripeBuilder {
    seed: u64,
    account: String,
    mode: Mode,
    now: i64,
    account_created: Option<i64>,
    api_version: String,
    address: SocketAddr,
    secret_key: Option<String>,
    most_requests: usize,
    nasty: Nasty,
    past_events: bool,
    coherent: bool,
    versions: Versions,
    any_test_key: bool,
    pub(crate) control: Option<Front>,
    #[cfg(feature = "tls")]
    tls: Option<Vec<String>>,
}

impl FakeStripeBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seed: 0,
            account: "acct_1FakeStripe".to_owned(),
            mode: Mode::Test,
            now: DEFAULT_NOW,
            account_created: None,
            api_version: stripe_sync_schema::api_version().to_owned(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secret_key: None,
            most_requests: usize::MAX,
            nasty: Nasty::none(),
            past_events: false,
            coherent: true,
            versions: Versions::default(),
            any_test_key: false,
            control: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The seed of everything that is made up. The same seed and calls make the same objects. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The id of the first account. Default `acct_1FakeStripe`.
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account = id.into();
        self
    }

    /// The mode of the first account's key. Default [`Mode::Test`].
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The time that the fake's clock shows, Unix seconds. Default 2026-11-01.
    pub fn now(mut self, unix: i64) -> Self {
        self.now = unix;
        self
    }

    /// When the first account was created, Unix seconds. Default three years before [`FakeStripeBuilder::now`].
    pub fn account_created(mut self, unix: i64) -> Self {
        self.account_created = Some(unix);
        self
    }

    /// The account's default API version, which events carry and requests without a `Stripe-Version` get.
    /// Default: the version that the schema speaks for.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = version.into();
        self
    }

    /// Where the server listens. Default: a free port of 127.0.0.1, so that fakes do not meet.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// The secret key of the first account. Default: one that is made up.
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.secret_key = Some(key.into());
        self
    }

    /// Whether [`FakeStripe::requests`] has the requests. Default `true`; a fake that serves for days runs out of memory then.
    pub fn record_requests(mut self, on: bool) -> Self {
        self.most_requests = if on { usize::MAX } else { 0 };
        self
    }

    /// [`FakeStripe::requests`] has this many at most, the last ones. Default: all.
    pub fn record_last_requests(mut self, most: usize) -> Self {
        self.most_requests = most;
        self
    }

    /// Whether every key that begins with `sk_test_` or `rk_test_` opens the first account in test mode, also those that were
    /// never issued. Default `false`: they are refused as at Stripe.
    pub fn any_test_key(mut self, on: bool) -> Self {
        self.any_test_key = on;
        self
    }

    /// Serves HTTPS, with a certificate that is made at the start: for `localhost`, `127.0.0.1`, `::1`, the address,
    /// `api.stripe.com` and these names. Clients have to trust [`FakeStripe::certificate`]. Default: HTTP.
    #[cfg(feature = "tls")]
    pub fn tls<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.tls = Some(names.into_iter().map(str::to_owned).collect());
        self
    }

    /// Whether objects that are generated have the events of their creation, each at the time of it, for readers that start
    /// from `/v1/events`. Webhooks are not sent: they were then. Default `false`.
    pub fn past_events(mut self, on: bool) -> Self {
        self.past_events = on;
        self
    }

    /// Whether objects agree with each other. Without it each is drawn by itself, member by member, a change changes what it
    /// names and nothing else, and nothing that Stripe would refuse is refused: for a test whose changes must not reach
    /// other objects. Default `true`.
    pub fn coherent(mut self, on: bool) -> Self {
        self.coherent = on;
        self
    }

    /// How many of the objects that are made up are strange, and in which way. Default [`Nasty::none`].
    pub fn nasty(mut self, nasty: Nasty) -> Self {
        self.nasty = nasty;
        self
    }

    /// What requests get that ask for another version than the fake simulates. Default [`Versions::Refuse`].
    pub fn versions(mut self, versions: Versions) -> Self {
        self.versions = versions;
        self
    }

    /// Opens the port and serves on it from a task of the current Tokio runtime.
    ///
    /// # Errors
    /// [`FakeError::Listen`] if the port cannot be opened, [`FakeError::Certificate`] if a name is none of a host.
    pub async fn start(self) -> Result<FakeStripe, FakeError> {
        let scope = Scope {
            account: self.account,
            mode: self.mode,
        };
        let test = Scope {
            account: scope.account.clone(),
            mode: Mode::Test,
        };
        let state = State {
            first: scope.clone(),
            seed: self.seed,
            now: self.now,
            followed: None,
            api_version: self.api_version,
            rng: fastrand::Rng::with_seed(self.seed),
            noise: fastrand::Rng::with_seed(!self.seed),
            plans: Plans::default(),
            accounts: HashMap::new(),
            keys: HashMap::new(),
            any_test_key: self.any_test_key.then_some(test),
            partitions: HashMap::new(),
            faults: None,
            limiter: Limiter::default(),
            quirks: Quirks::new(),
            drift: Drift::none(),
            nasty: self.nasty,
            pending: BTreeMap::new(),
            changing: Vec::new(),
            made: None,
            is_coherent: self.coherent,
            renumbered: Default::default(),
            has_past_events: self.past_events,
            told_at: None,
            depth: 0,
            canned: Vec::new(),
            log: VecDeque::new(),
            most_requests: self.most_requests,
            visits: HashMap::new(),
            repeats: HashMap::new(),
            faults_played: 0,
            answered: HashSet::new(),
            ended: HashSet::new(),
            webhooks: Webhooks::default(),
            replays: HashMap::new(),
            cause: None,
            versions: self.versions,
            warnings: Vec::new(),
        };
        let shared = Arc::new(Shared::new(state));
        let key = {
            let mut state = shared.lock();
            let since = self
                .account_created
                .unwrap_or(self.now.saturating_sub(ACCOUNT_AGE));
            state.open_account(&scope.account, since, None);
            match self.secret_key {
                Some(key) => state.add_key(key, scope.clone(), None),
                None => state.issue_key("sk", scope.clone(), None),
            }
        };
        shared.save_start();
        let server = Server::listen(self.address).await?;
        #[cfg(feature = "tls")]
        let server = match &self.tls {
            Some(names) => server.with_tls(names)?,
            None => server,
        };
        let server = server.serve(Arc::clone(&shared), self.control);
        Ok(FakeStripe {
            first: FakeAccount {
                shared,
                scope,
                checked: true,
            },
            key,
            server,
        })
    }
}
