//! The fake itself: its builder, its accounts and keys, its clock and its switches.

pub(crate) mod builder;
pub(crate) mod start;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use stripe_sync_schema::{Mode, fields};

use crate::api::server::Server;
use crate::chaos::canned::{Canned, CannedAnswer};
use crate::chaos::drift::Drift;
use crate::chaos::faults::Faults;
use crate::chaos::limits::RateLimits;
use crate::chaos::quirks::Quirks;
use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::state::account::FakeAccount;
use crate::state::create::Placement;
use crate::state::log::RequestRecord;
use crate::state::request_hook::{Phase, RequestHook, RequestView};
use builder::{ACCOUNT_AGE, FakeStripeBuilder};

/// A running fake Stripe. It serves until it is dropped.
///
/// It dereferences to the [`FakeAccount`] that it was built with.
pub struct FakeStripe {
    pub(crate) first: FakeAccount,
    pub(crate) key: String,
    pub(crate) server: Server,
}

impl fmt::Debug for FakeStripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeStripe")
            .field("base_url", &self.base_url())
            .field("first", &self.first)
            .finish_non_exhaustive()
    }
}

impl Deref for FakeStripe {
    type Target = FakeAccount;

    fn deref(&self) -> &FakeAccount {
        &self.first
    }
}

impl Drop for FakeStripe {
    fn drop(&mut self) {
        // A request hook may hold handles on the fake that would keep it alive.
        self.first.shared.request_hooks().clear();
    }
}

impl FakeStripe {
    /// A fake with the defaults of its builder's methods.
    pub fn builder() -> FakeStripeBuilder {
        FakeStripeBuilder::new()
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end; `https` with the builder's `tls`.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.server.scheme(), self.server.address())
    }

    /// The certificate, in PEM, that a client has to trust; `None` without [`FakeStripeBuilder::tls`].
    #[cfg(feature = "tls")]
    pub fn certificate(&self) -> Option<&str> {
        self.server.certificate()
    }

    /// The secret key of the first account and mode.
    pub fn secret_key(&self) -> &str {
        &self.key
    }

    /// Adds an account that is not connected to any other, and returns a secret key of it. The account may exist:
    /// then this is one more key, of this mode.
    pub fn add_account(&self, id: &str, mode: Mode) -> String {
        let mut state = self.first.shared.lock();
        let since = state.now.saturating_sub(ACCOUNT_AGE);
        state.open_account(id, since, None);
        state.issue_key(
            "sk",
            Scope {
                account: id.to_owned(),
                mode,
            },
            None,
        )
    }

    /// Connects a new account to the first one: its platform lists it, and the platform's keys reach it with `Stripe-Account`.
    /// It has no key of its own.
    ///
    /// # Errors
    /// The id is an account's already.
    pub fn add_connected_account(&self, id: &str) -> Result<FakeAccount, FakeError> {
        let mut state = self.first.shared.lock();
        let now = state.now;
        if !state.open_account(id, now, Some(self.first.id())) {
            return Err(FakeError::IdTaken {
                object: "account".to_owned(),
                id: id.to_owned(),
            });
        }
        let body = state
            .accounts
            .get(id)
            .map(|account| account.body.clone())
            .unwrap_or_default();
        for mode in [Mode::Test, Mode::Live] {
            let platform = Scope {
                account: self.first.id().to_owned(),
                mode,
            };
            let placement = Placement {
                created: now,
                visible_at: now,
                listed: true,
                parent: None,
            };
            state.store(&platform, "account", &body, placement)?;
        }
        Ok(FakeAccount {
            shared: Arc::clone(&self.first.shared),
            scope: Scope {
                account: id.to_owned(),
                mode: self.first.mode(),
            },
            checked: true,
        })
    }

    /// Ends the connection of an account to the first one: the last event that its platform gets of it is
    /// `account.application.deauthorized`, it is in no list, and requests with `Stripe-Account` get 403.
    ///
    /// # Errors
    /// The account is not connected to the first one.
    pub fn disconnect_account(&self, id: &str) -> Result<(), FakeError> {
        self.first.shared.lock().disconnect(id, self.first.id())
    }

    /// A key of the first account and mode that may read only objects with these names; other requests get 403, and
    /// `/v1/events` leaves out events about other objects. Add `account` for `GET /v1/account`.
    ///
    /// # Errors
    /// A name that Stripe does not have.
    pub fn add_restricted_key<'a>(
        &self,
        objects: impl IntoIterator<Item = &'a str>,
    ) -> Result<String, FakeError> {
        let objects =
            objects
                .into_iter()
                .map(|object| match fields::children(object, &[]).is_empty() {
                    true => FakeAccount::check_object(object).map(str::to_owned),
                    // Also what no list shows: `balance`.
                    false => Ok(object.to_owned()),
                });
        let objects = objects.collect::<Result<_, _>>()?;
        Ok(self
            .first
            .shared
            .lock()
            .issue_key("rk", self.first.scope.clone(), Some(objects)))
    }

    /// The objects of an account in a mode.
    ///
    /// # Errors
    /// The account was never added.
    pub fn account(&self, id: &str, mode: Mode) -> Result<FakeAccount, FakeError> {
        let scope = Scope {
            account: id.to_owned(),
            mode,
        };
        self.first.shared.lock().partition(&scope)?;
        Ok(FakeAccount {
            shared: Arc::clone(&self.first.shared),
            scope,
            checked: true,
        })
    }

    /// The time that the fake's clock shows, Unix seconds.
    pub fn now(&self) -> i64 {
        self.first.shared.lock().now
    }

    /// Sets the fake's clock, Unix seconds.
    pub fn set_now(&self, unix: i64) {
        self.first.shared.lock().set_clock(unix);
    }

    /// Moves the fake's clock as far as another clock, which shows this Unix second now, went on since the last call. The first
    /// call moves nothing. What [`set_now`](Self::set_now) and [`advance`](Self::advance) do stays.
    pub fn follow_clock(&self, unix: i64) {
        self.first.shared.lock().follow_clock(unix);
    }

    /// Moves the fake's clock on by whole seconds.
    pub fn advance(&self, by: Duration) {
        self.first.shared.lock().advance(by.as_secs());
    }

    /// The version of Stripe's API in whose shape everything is answered: `2026-10-28.endive`.
    pub fn simulated_version(&self) -> &'static str {
        stripe_sync_schema::api_version()
    }

    /// What a client should be told, each once: versions that were refused, or that were answered in another shape under
    /// [`Versions::AnswerNewest`](crate::Versions::AnswerNewest).
    pub fn warnings(&self) -> Vec<String> {
        self.first.shared.lock().warnings.clone()
    }

    /// All requests so far, in the order in which they were answered (or broken off).
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.first.shared.lock().log.iter().cloned().collect()
    }

    /// How many requests each endpoint (`GET /v1/customers/{id}`) has seen.
    pub fn request_counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for request in &self.first.shared.lock().log {
            *counts
                .entry(format!("{} {}", request.method, request.endpoint))
                .or_default() += 1;
        }
        counts
    }

    /// Forgets all requests so far, also for [`RequestView::nth`] and for the draws of faults.
    pub fn reset_requests(&self) {
        self.first.shared.lock().forget_requests();
    }

    /// Plays these faults from now on; `None` stops them.
    pub fn faults(&self, faults: impl Into<Option<Faults>>) {
        self.first.shared.lock().play(faults.into());
    }

    /// Enforces these limits from now on.
    pub fn limits(&self, limits: RateLimits) {
        self.first.shared.lock().limiter.set(limits);
    }

    /// Behaves like this from now on.
    pub fn quirks(&self, quirks: Quirks) {
        self.first.shared.lock().quirks = quirks;
    }

    /// Objects that are made from now on drift like this.
    pub fn drift(&self, drift: Drift) {
        self.first.shared.lock().drift = drift;
    }

    /// Answers the next requests at a path with this instead of the fake's own answer, however valid they are. What was
    /// said of a path before comes first.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), fake_stripe::FakeError> {
    /// use fake_stripe::{CannedAnswer, FakeStripe};
    ///
    /// let fake = FakeStripe::builder().start().await?;
    /// let missing = r#"{"error": {"type": "invalid_request_error", "code": "resource_missing", "param": "id"}}"#;
    /// fake.answer_with("/v1/customers/cus_1", 1, CannedAnswer::new(404, missing));
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer_with(&self, path: impl Into<String>, times: u64, answer: CannedAnswer) {
        self.first.shared.lock().canned.push(Canned {
            path: path.into(),
            times,
            answer,
        });
    }

    /// Takes back all that [`answer_with`](Self::answer_with) said.
    pub fn clear_answers(&self) {
        self.first.shared.lock().canned.clear();
    }

    /// Calls `run` for every request with a valid key and path from now on, before or after its answer is computed.
    ///
    /// The callback changes objects through [`RequestView::account`]. It runs on the server's task: it must not block for long.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), fake_stripe::FakeError> {
    /// use fake_stripe::{FakeStripe, Phase};
    ///
    /// let fake = FakeStripe::builder().start().await?;
    /// fake.generate("customer", 250)?;
    /// // The last customer of the second page is deleted while the page is on its way: it cannot be a cursor any more.
    /// fake.on_request(Phase::After, |request| {
    ///     if request.endpoint() == "/v1/customers" && request.nth() == 2 {
    ///         let last = request.ids().next_back().map(str::to_owned);
    ///         let _ = last.map(|id| request.account().delete(&id));
    ///     }
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_request(&self, phase: Phase, run: impl Fn(&RequestView) + Send + Sync + 'static) {
        self.first.shared.request_hooks().push(RequestHook {
            phase,
            run: Arc::new(run),
        });
    }

    /// Removes all callbacks.
    pub fn clear_request_hooks(&self) {
        self.first.shared.request_hooks().clear();
    }
}
