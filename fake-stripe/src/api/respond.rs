//! Answers: what a request gets, before anything goes wrong with it.

mod write;

use std::sync::Arc;

use bytes::Bytes;

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::respond::write::Written;
use crate::api::retrieve::{computed, contents};
use crate::api::router::{Route, Target};
use crate::api::{lists, retrieve, search, thin_events};
use crate::clock::http_date;
use crate::params::Params;
use crate::state::State;
use crate::state::replay::{Cause, Page};

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) ids: Vec<Arc<str>>,
}

/// What an answer's headers depend on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Echo {
    pub(crate) version: Option<String>,
    pub(crate) account: Option<String>,
    /// The `Idempotency-Key` of a POST.
    pub(crate) idempotency_key: Option<String>,
    /// The id of the request, which is in the answer and in the events of what it changes.
    pub(crate) request_id: String,
}

const UNAUTHORIZED: u16 = 401;
/// What the repetition of a POST does not change. Not so 409 and 429.
const IS_FINAL: [u16; 5] = [200, 400, 401, 403, 404];

/// The page that a broken gateway shows.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n\
                           <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

impl State {
    /// Computes the answer of a request.
    pub(crate) fn answer(
        &mut self,
        caller: &Caller,
        route: &Route,
        method: &str,
        path: &str,
        params: &Params,
        echo: &Echo,
    ) -> Answer {
        if matches!(route.endpoint.target, Target::NotSimulated) {
            let error = ApiError::not_simulated(method, path);
            return self.refuse(&error, Some(caller), echo);
        }
        if let (Target::FileContents, Some(id)) = (&route.endpoint.target, route.ids.first()) {
            return match contents::of(self, caller, id) {
                Ok((content_type, body)) => Answer {
                    content_type,
                    ..self.plain(200, body, echo, true)
                },
                Err(error) => self.refuse(&error, Some(caller), echo),
            };
        }
        self.cause = (method != "GET").then(|| Cause {
            request: echo.request_id.clone(),
            idempotency_key: echo.idempotency_key.clone(),
        });
        let result = match method {
            "GET" => self
                .read(caller, route, path, params)
                .map(|page| Written { page, replay: None }),
            "DELETE" => self
                .remove(caller, route, path, params)
                .map(|page| Written { page, replay: None }),
            _ => self.write_once(caller, route, path, params, echo),
        };
        self.cause = None;
        match result {
            Ok(Written { page, replay }) => {
                let mut answer = self.plain(200, Bytes::from(page.body), echo, true);
                answer.ids = page.ids;
                if let Some(first) = &replay {
                    answer
                        .headers
                        .push(("idempotent-replayed", "true".to_owned()));
                    answer.headers.push(("original-request", first.clone()));
                } else if method == "POST" && echo.idempotency_key.is_some() {
                    let first = echo.request_id.clone();
                    answer.headers.push(("original-request", first));
                }
                answer
            }
            Err(error) => self.refuse(&error, Some(caller), echo),
        }
    }

    fn read(
        &mut self,
        caller: &Caller,
        route: &Route,
        path: &str,
        params: &Params,
    ) -> Result<Page, ApiError> {
        let id = |nth: usize| route.ids.get(nth).map_or("", String::as_str);
        match &route.endpoint.target {
            Target::OwnAccount => retrieve::own_account(self, caller, params),
            Target::List(list) => lists::list(
                self,
                caller,
                list,
                route.ids.first().map(String::as_str),
                params,
                path,
            ),
            Target::Object(resource) => retrieve::object(self, caller, resource, id(0), params),
            Target::ThinEvents => thin_events::list(self, caller, params),
            Target::ThinEvent => thin_events::one(self, caller, id(0)),
            Target::Child(list) => retrieve::child(self, caller, list, id(0), id(1), params),
            Target::Search(resource) => search::search(self, caller, resource, params, path),
            Target::Balance => computed::balance(self, caller, params),
            Target::CashBalance => computed::cash_balance(self, caller, id(0), params),
            Target::TaxSettings => computed::tax_settings(self, caller, params),
            Target::FileContents | Target::NotSimulated => {
                Err(ApiError::not_simulated("GET", path))
            }
        }
    }

    /// The canned answer to a request at a path, if there is one left.
    pub(crate) fn canned(&mut self, path: &str) -> Option<Answer> {
        let mut canned = self.canned.iter_mut();
        let canned = canned.find(|canned| canned.path == path && canned.times > 0)?;
        canned.times -= 1;
        let answer = canned.answer.clone();
        Some(Answer {
            status: answer.status,
            content_type: answer.content_type,
            headers: vec![("date", http_date(self.now))],
            body: Bytes::from(answer.body),
            ids: Vec::new(),
        })
    }

    /// An error in Stripe's JSON.
    pub(crate) fn refuse(
        &mut self,
        error: &ApiError,
        caller: Option<&Caller>,
        echo: &Echo,
    ) -> Answer {
        let mut answer = self.plain(error.status, Bytes::new(), echo, error.has_request_id);
        let request = answer
            .headers
            .iter()
            .find(|(name, _)| *name == "request-id")
            .map(|(_, id)| id.as_str());
        let url = caller.zip(request).map(|(caller, request)| {
            let mode = if caller.scope.mode.livemode() {
                ""
            } else {
                "test/"
            };
            format!(
                "https://dashboard.stripe.com/{}/{mode}logs/{request}",
                caller.scope.account
            )
        });
        answer.body = Bytes::from(error.body(url.as_deref()));
        let is_said = |name: &str| answer.headers.iter().any(|(of, _)| *of == name);
        if let Some(retry) = error.should_retry
            && !is_said("stripe-should-retry")
        {
            answer
                .headers
                .push(("stripe-should-retry", retry.to_string()));
        }
        if let Some(reason) = &error.reason {
            answer
                .headers
                .push(("stripe-rate-limited-reason", reason.as_str().to_owned()));
        }
        answer
    }

    /// The HTML page of a gateway in front of Stripe: nothing of Stripe's headers.
    pub(crate) fn bad_gateway(&self) -> Answer {
        Answer {
            status: 502,
            content_type: "text/html",
            headers: vec![("date", http_date(self.now))],
            body: Bytes::from_static(BAD_GATEWAY.as_bytes()),
            ids: Vec::new(),
        }
    }

    fn plain(&mut self, status: u16, body: Bytes, echo: &Echo, request_id: bool) -> Answer {
        let date = match self.quirks.wrong_dates.checked_sub(1) {
            Some(left) => {
                self.quirks.wrong_dates = left;
                self.quirks.wrong_date
            }
            None => self.now,
        };
        // Whoever asked for another version is told which one this is.
        let version = match &echo.version {
            Some(_) => stripe_sync_schema::api_version(),
            None => &self.api_version,
        };
        let mut headers = vec![
            ("date", http_date(date)),
            ("stripe-version", version.to_owned()),
            ("server", "nginx".to_owned()),
            ("cache-control", "no-cache, no-store".to_owned()),
            ("vary", "Origin".to_owned()),
        ];
        if status == UNAUTHORIZED {
            headers.push(("www-authenticate", "Bearer realm=\"Stripe\"".to_owned()));
        }
        if request_id {
            headers.push(("request-id", echo.request_id.clone()));
        }
        if let Some(key) = &echo.idempotency_key {
            headers.push(("idempotency-key", key.clone()));
        }
        if let Some(account) = &echo.account {
            headers.push(("stripe-account", account.clone()));
        }
        if let Some(retry) = self.quirks.should_retry.filter(|_| status >= 400) {
            headers.push(("stripe-should-retry", retry.to_string()));
        } else if echo.idempotency_key.is_some() && IS_FINAL.contains(&status) {
            // The same key would get the same answer.
            headers.push(("stripe-should-retry", "false".to_owned()));
        }
        Answer {
            status,
            content_type: "application/json",
            headers,
            body,
            ids: Vec::new(),
        }
    }
}
