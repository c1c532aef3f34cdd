//! A call of the control API: what it says, and which objects it means.

use std::io;
use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::Incoming;
use serde_json::Value;
use stripe_sync_schema::Mode;

use crate::control::errors::ControlError;
use crate::control::routes::Route;
use crate::data::partition::Scope;
use crate::params::Params;
use crate::state::Shared;
use crate::state::account::FakeAccount;

/// See the module.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) shared: Arc<Shared>,
    /// The name or the id in the path.
    pub(crate) name: String,
    params: Params,
    /// Null if there is none.
    pub(crate) body: Value,
}

impl Call {
    pub(crate) async fn read(
        shared: Arc<Shared>,
        request: Request<Incoming>,
        route: &Route,
        name: String,
    ) -> Result<Self, ControlError> {
        let params = Params::parse(request.uri().query().unwrap_or_default());
        for (key, _) in params.iter() {
            if !route.query.contains(&key) {
                let known = match route.query {
                    [] => "none".to_owned(),
                    names => names.join(", "),
                };
                let message = format!("unknown parameter `{key}`; known here: {known}");
                return Err(ControlError::Wrong(message));
            }
        }
        let body = request.into_body().collect().await;
        let bytes = body
            .map_err(|error| ControlError::Broken(io::Error::other(error)))?
            .to_bytes();
        let body = match &*bytes {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes)
                .map_err(|error| ControlError::NotJson(error.to_string()))?,
        };
        Ok(Self {
            shared,
            name,
            params,
            body,
        })
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ControlError> {
        match self.param(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ControlError::Wrong(format!(
                "`{name}`: expected true or false, got `{other}`"
            ))),
        }
    }

    /// The account and mode that the call means: those that the fake was built with, unless it says others.
    pub(crate) fn account(&self) -> Result<FakeAccount, ControlError> {
        let livemode = self.flag("livemode")?;
        let checked = self.flag("checked")?.unwrap_or(true);
        let mut state = self.shared.lock();
        let mut scope = state.first.clone();
        if let Some(livemode) = livemode {
            scope.mode = if livemode { Mode::Live } else { Mode::Test };
        }
        if let Some(account) = self.param("account") {
            scope = Scope {
                account: account.to_owned(),
                ..scope
            };
            state.adopt(account);
        }
        state.partition(&scope)?;
        Ok(FakeAccount {
            shared: Arc::clone(&self.shared),
            scope,
            checked,
        })
    }
}
