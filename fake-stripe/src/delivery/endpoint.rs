//! Endpoints that a test opens, closes and gives new secrets.

use std::time::Duration;

use crate::api::webhook_endpoints::settings::Settings;
use crate::delivery::{Delivery, WebhookPump};
use crate::error::FakeError;
use crate::fake::FakeStripe;
use crate::state::account::FakeAccount;
use crate::webhooks::Secret;

/// An endpoint that a test opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FakeEndpoint {
    /// `we_…`, or `ed_…` for a destination of thin events.
    pub id: String,
    /// Where its deliveries go.
    pub url: String,
    /// The secret (`whsec_…`) that they are signed with.
    pub secret: String,
}

/// What an endpoint is before it is opened. See [`FakeAccount::webhook_endpoint`].
#[derive(Debug)]
#[must_use]
pub struct FakeEndpointBuilder<'a> {
    account: &'a FakeAccount,
    settings: Settings,
    thin: bool,
    secret: Option<String>,
}

impl FakeEndpointBuilder<'_> {
    /// The event types that it gets. Default: `*`, all. Those of thin events begin with `v1.`.
    pub fn events<'e>(mut self, events: impl IntoIterator<Item = &'e str>) -> Self {
        self.settings.events = Some(events.into_iter().map(str::to_owned).collect());
        self
    }

    /// The API version that its events are rendered at. Default: the account's.
    pub fn api_version(mut self, version: &str) -> Self {
        self.settings.api_version = Some(version.to_owned());
        self
    }

    /// Gets the events of the connected accounts, and not the account's own.
    pub fn connect(mut self) -> Self {
        self.settings.connect = true;
        self
    }

    /// Makes it a destination of thin events, which no list of `/v1` shows.
    pub fn thin(mut self) -> Self {
        self.thin = true;
        self
    }

    /// What its deliveries are signed with (`whsec_…`). Default: a secret that is made up.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Opens it.
    ///
    /// # Errors
    /// What Stripe refuses: a URL without a scheme, no or unknown event types, a 17th endpoint.
    pub fn create(self) -> Result<FakeEndpoint, FakeError> {
        self.settings.check(self.thin)?;
        let scope = &self.account.scope;
        let url = self.settings.url.clone().unwrap_or_default();
        let mut state = self.account.shared.lock();
        let (id, secret) = if self.thin {
            state.open_thin(scope, self.settings, self.secret)?
        } else {
            let (body, secret) = state.open_endpoint(scope, self.settings, self.secret)?;
            (body["id"].as_str().unwrap_or_default().to_owned(), secret)
        };
        Ok(FakeEndpoint { id, url, secret })
    }
}

impl FakeAccount {
    /// A webhook endpoint of this account and mode, for all events unless others are named. It is opened by
    /// [`FakeEndpointBuilder::create`]. `POST /v1/webhook_endpoints` does the same.
    pub fn webhook_endpoint(&self, url: &str) -> FakeEndpointBuilder<'_> {
        FakeEndpointBuilder {
            account: self,
            settings: Settings {
                url: Some(url.to_owned()),
                events: Some(vec!["*".to_owned()]),
                ..Settings::default()
            },
            thin: false,
            secret: None,
        }
    }
}

impl FakeStripe {
    /// Gives an endpoint a new secret and returns it. Its deliveries are signed with the old one too for so long.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub fn roll_secret(&self, endpoint: &str, keep_old_for: Duration) -> Result<String, FakeError> {
        let mut state = self.shared.lock();
        let missing = || self.missing(endpoint);
        state.endpoint(endpoint).ok_or_else(missing)?;
        let until = state
            .now
            .saturating_add(i64::try_from(keep_old_for.as_secs()).unwrap_or(i64::MAX));
        let text = state.new_secret();
        let kept = state
            .webhooks
            .endpoints
            .get_mut(endpoint)
            .ok_or_else(missing)?;
        for old in &mut kept.secrets {
            old.until = Some(old.until.map_or(until, |sooner| sooner.min(until)));
        }
        kept.secrets.push(Secret {
            text: text.clone(),
            until: None,
        });
        Ok(text)
    }

    /// Disables an endpoint: what is due while it is disabled is lost to it, and what happens meanwhile never comes.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub fn disable_endpoint(&self, endpoint: &str) -> Result<(), FakeError> {
        self.set_enabled(endpoint, false)
    }

    /// Enables an endpoint again. What is due later than now still comes.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub fn enable_endpoint(&self, endpoint: &str) -> Result<(), FakeError> {
        self.shared.lock().stop_retries();
        self.set_enabled(endpoint, true)
    }

    /// Deletes an endpoint, and with it all that is due at it.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub fn remove_endpoint(&self, endpoint: &str) -> Result<(), FakeError> {
        let mut state = self.shared.lock();
        let kept = state.webhooks.endpoints.remove(endpoint);
        let kept = kept.ok_or_else(|| self.missing(endpoint))?;
        if kept.thin.is_none() {
            state.delete(&kept.scope, endpoint)?;
        }
        Ok(())
    }

    /// Takes everything that is due at the endpoints of all accounts and both modes, in the order of the events.
    /// Taking is an attempt: what is not marked by [`Delivery::succeeded`] is due again at Stripe's retry times, when
    /// [`FakeStripe::advance`] passes them.
    pub fn take_deliveries(&self) -> Vec<Delivery> {
        self.shared.lock().take_deliveries(&self.shared)
    }

    /// See [`Delivery::succeeded`].
    pub fn mark_delivered(&self, delivery: &Delivery) {
        delivery.succeeded();
    }

    /// See [`Delivery::redeliver`].
    pub fn redeliver(&self, delivery: &Delivery) {
        delivery.redeliver();
    }

    /// Posts what is due to the endpoints' URLs from now on, until the handle is stopped or dropped. Must be called in a Tokio
    /// runtime.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn deliver_webhooks(&self) -> Result<WebhookPump, FakeError> {
        WebhookPump::start(&self.shared)
    }

    fn set_enabled(&self, endpoint: &str, enabled: bool) -> Result<(), FakeError> {
        let mut state = self.shared.lock();
        let missing = || self.missing(endpoint);
        let kept = state
            .webhooks
            .endpoints
            .get_mut(endpoint)
            .ok_or_else(missing)?;
        if let Some(thin) = &mut kept.thin {
            thin.enabled = enabled;
            return Ok(());
        }
        let scope = kept.scope.clone();
        let status = if enabled { "enabled" } else { "disabled" };
        state.amend(
            &scope,
            endpoint,
            &serde_json::json!({ "status": status }),
            false,
        )?;
        Ok(())
    }

    fn missing(&self, endpoint: &str) -> FakeError {
        FakeError::NoSuchId {
            id: endpoint.to_owned(),
            account: self.id().to_owned(),
            mode: self.mode(),
        }
    }
}
