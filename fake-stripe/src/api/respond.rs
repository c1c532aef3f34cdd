//! Answers: what a request gets, before anything goes wrong with it.

use std::sync::Arc;

use bytes::Bytes;

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::router::{Route, Target};
use crate::api::{lists, retrieve, thin_events, webhook_endpoints};
use crate::clock::http_date;
use crate::data::render;
use crate::generate::characters;
use crate::params::Params;
use crate::state::State;
use crate::state::replay::{Page, Replay};

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
}

const WEBHOOK_ENDPOINTS: &str = "/v1/webhook_endpoints";

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
        let result = match method {
            "GET" => self.read(caller, route, path, params),
            "DELETE" => self.remove(caller, route, path),
            "POST" => self.write_once(caller, route, path, params, echo),
            _ => Err(ApiError::unknown_url(method, path)),
        };
        match result {
            Ok(page) => {
                let mut answer = self.plain(200, Bytes::from(page.body), echo, true);
                answer.ids = page.ids;
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
        }
    }

    /// A write, or the answer that the same write had before.
    fn write_once(
        &mut self,
        caller: &Caller,
        route: &Route,
        path: &str,
        params: &Params,
        echo: &Echo,
    ) -> Result<Page, ApiError> {
        let Some(key) = &echo.idempotency_key else {
            return self.write(caller, route, path, params);
        };
        let place = (caller.scope.clone(), key.clone());
        if let Some(replay) = self.replays.get(&place) {
            return if replay.path == path && replay.params == *params {
                Ok(replay.page.clone())
            } else {
                Err(ApiError::idempotency(key))
            };
        }
        // A refusal is not kept: Stripe keeps it only once the request began to execute.
        let page = self.write(caller, route, path, params)?;
        let replay = Replay {
            path: path.to_owned(),
            params: params.clone(),
            page: page.clone(),
        };
        self.replays.insert(place, replay);
        Ok(page)
    }

    fn write(
        &mut self,
        caller: &Caller,
        route: &Route,
        path: &str,
        params: &Params,
    ) -> Result<Page, ApiError> {
        match &route.endpoint.target {
            Target::List(list) if list.list.path == WEBHOOK_ENDPOINTS => {
                webhook_endpoints::create(self, caller, params)
            }
            Target::Object(resource) if resource.object == "webhook_endpoint" => {
                let id = route.ids.first().map_or("", String::as_str);
                webhook_endpoints::update(self, caller, id, params)
            }
            _ => Err(ApiError::unknown_url("POST", path)),
        }
    }

    fn remove(&mut self, caller: &Caller, route: &Route, path: &str) -> Result<Page, ApiError> {
        let unknown = || ApiError::unknown_url("DELETE", path);
        let Target::Object(resource) = &route.endpoint.target else {
            return Err(unknown());
        };
        caller.check(resource.object)?;
        let id = route.ids.first().map_or("", String::as_str);
        if !resource.deletable && resource.object != "subscription" {
            return Err(unknown());
        }
        let missing = || ApiError::no_such_object(resource.object, id, caller.scope.mode, false);
        let partition = self.partition(&caller.scope).map_err(|_| missing())?;
        partition
            .collection(resource.object)
            .and_then(|collection| collection.get(id))
            .ok_or_else(missing)?;
        let last = self.delete(&caller.scope, id).map_err(|_| missing())?;
        let value = if resource.deletable {
            retrieve::deleted(id, resource.object)
        } else {
            last
        };
        Ok(Page {
            body: render::object(&value, None),
            ids: vec![id.into()],
        })
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
        let mut headers = vec![
            ("date", http_date(date)),
            (
                "stripe-version",
                echo.version
                    .clone()
                    .unwrap_or_else(|| self.api_version.clone()),
            ),
        ];
        if request_id {
            headers.push((
                "request-id",
                format!("req_{}", characters(14, &mut self.noise)),
            ));
        }
        if let Some(account) = &echo.account {
            headers.push(("stripe-account", account.clone()));
        }
        if let Some(retry) = self.quirks.should_retry.filter(|_| status >= 400) {
            headers.push(("stripe-should-retry", retry.to_string()));
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
