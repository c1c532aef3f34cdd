//! The way of a request through keys, versions, limits, faults and request hooks.

pub(crate) mod versions;

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::{Request, Response};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::respond::{Answer, Echo};
use crate::api::router::{self, Route};
use crate::api::server::response::{Body, cut, response};
use crate::chaos::faults::Fault;
use crate::generate::characters;
use crate::params::Params;
use crate::state::account::FakeAccount;
use crate::state::log::RequestRecord;
use crate::state::request_hook::{Phase, RequestView};
use crate::state::{Shared, State};

/// A request that was let in.
struct Visit {
    caller: Caller,
    route: Route,
    nth: u64,
    latency: Duration,
    fault: Option<Fault>,
}

/// The parts of a request that answers depend on.
struct Asked {
    method: String,
    path: String,
    query: String,
    echo: Echo,
}

/// Frees the place that a request has under the concurrency limits.
struct Place {
    shared: Arc<Shared>,
    scope: String,
    endpoint: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared
            .lock()
            .limiter
            .leave(&self.scope, &self.endpoint);
    }
}

/// Serves a request, or breaks its connection off.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let headers = request.headers();
    let method = request.method().as_str().to_owned();
    let is_post = method == "POST";
    let asked = Asked {
        method,
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        echo: Echo {
            version: text(headers, "stripe-version"),
            account: text(headers, "stripe-account"),
            // Stripe ignores the keys of other requests, which have the same effect however often they are sent.
            idempotency_key: text(headers, "idempotency-key").filter(|_| is_post),
            request_id: request_id(&mut shared.lock()),
        },
    };
    let authorization = text(headers, header::AUTHORIZATION.as_str());
    let mut params = Params::parse(&asked.query);
    match &*asked.method {
        "POST" => params = form(request.into_body()).await?,
        // Libraries send them in the query or in the body.
        "DELETE" => params = params.and(form(request.into_body()).await?),
        _ => {}
    }

    let (visit, _place) = match admit(&shared, &asked, authorization.as_deref()) {
        Ok(admitted) => admitted,
        Err(answer) => return Ok(response(answer)),
    };
    let view = |phase, ids| RequestView {
        phase,
        method: asked.method.clone(),
        path: asked.path.clone(),
        endpoint: visit.route.endpoint.template.clone(),
        nth: visit.nth,
        params: params.clone(),
        ids,
        account: FakeAccount {
            shared: Arc::clone(&shared),
            scope: visit.caller.scope.clone(),
            checked: true,
        },
    };
    let hooked = !shared.request_hooks().is_empty();
    if hooked {
        run(&shared, &view(Phase::Before, Vec::new()));
    }
    if !visit.latency.is_zero() {
        tokio::time::sleep(visit.latency).await;
    }
    let early = match &visit.fault {
        None | Some(Fault::CutBody) => None,
        Some(fault) => {
            let answer = fail(&mut shared.lock(), fault, &visit, &asked);
            log(
                &mut shared.lock(),
                &asked,
                Some(&visit),
                answer.as_ref().map(|answer| answer.status),
            );
            match (answer, fault) {
                (Some(answer), _) => Some(answer),
                (None, Fault::Hang) => return pending().await,
                (None, _) => {
                    return Err(io::Error::new(
                        io::ErrorKind::ConnectionReset,
                        "a reset was asked for",
                    ));
                }
            }
        }
    };
    if let Some(answer) = early {
        return Ok(response(answer));
    }
    let answer = {
        let mut state = shared.lock();
        let answer = match state.canned(&asked.path) {
            Some(answer) => answer,
            None => state.answer(
                &visit.caller,
                &visit.route,
                &asked.method,
                &asked.path,
                &params,
                &asked.echo,
            ),
        };
        log(&mut state, &asked, Some(&visit), Some(answer.status));
        answer
    };
    if hooked {
        run(&shared, &view(Phase::After, answer.ids.clone()));
    }
    Ok(if visit.fault == Some(Fault::CutBody) {
        cut(answer)
    } else {
        response(answer)
    })
}

/// Characters of a request's id after its prefix.
const ID_LENGTH: usize = 14;

fn request_id(state: &mut State) -> String {
    format!("req_{}", characters(ID_LENGTH, &mut state.noise))
}

/// The parameters of a body.
async fn form(body: Incoming) -> Result<Params, io::Error> {
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    Ok(Params::parse(&String::from_utf8_lossy(&body)))
}

/// Checks key, path and limits, and draws the request's faults.
fn admit(
    shared: &Arc<Shared>,
    asked: &Asked,
    authorization: Option<&str>,
) -> Result<(Visit, Place), Answer> {
    let mut guard = shared.lock();
    let state = &mut *guard;
    if let Some(id) = &asked.echo.account {
        state.adopt(id);
    }
    let caller = Caller::identify(
        &state.keys,
        state.any_test_key.as_ref(),
        &state.accounts,
        authorization,
        asked.echo.account.as_deref(),
    );
    let caller = caller.map_err(|error| refuse(state, asked, None, None, &error))?;
    let Some(route) = router::route(&asked.method, &asked.path) else {
        return Err(refuse(
            state,
            asked,
            Some(&caller),
            None,
            &ApiError::unknown_url(&asked.method, &asked.path),
        ));
    };
    if let Some(version) = &asked.echo.version {
        let template = &route.endpoint.template;
        versions::check(state, version, &asked.method, template)
            .map_err(|error| refuse(state, asked, Some(&caller), Some(&route), &error))?;
    }
    let endpoint = format!("{} {}", asked.method, route.endpoint.template);
    let visits = state
        .visits
        .entry(route.endpoint.template.clone())
        .or_default();
    *visits += 1;
    let nth = *visits;
    let scope = format!("{} {}", caller.scope.account, caller.scope.mode);
    if let Err(reason) = state.limiter.enter(&scope, &endpoint, Instant::now()) {
        let error = ApiError::too_many_requests(Some(reason));
        return Err(refuse(state, asked, Some(&caller), Some(&route), &error));
    }
    let place = Place {
        shared: Arc::clone(shared),
        scope,
        endpoint,
    };
    let (latency, fault) = match &state.faults {
        None => (Duration::ZERO, None),
        Some(faults) => {
            let target = format!("{}?{}", asked.path, asked.query);
            let repeats = state.repeats.entry(target.clone()).or_default();
            *repeats += 1;
            faults.draw(&target, *repeats, state.faults_played)
        }
    };
    state.faults_played += u64::from(fault.is_some());
    Ok((
        Visit {
            caller,
            route,
            nth,
            latency,
            fault,
        },
        place,
    ))
}

fn refuse(
    state: &mut State,
    asked: &Asked,
    caller: Option<&Caller>,
    route: Option<&Route>,
    error: &ApiError,
) -> Answer {
    let answer = state.refuse(error, caller, &asked.echo);
    state.record_request(RequestRecord {
        method: asked.method.clone(),
        path: asked.path.clone(),
        query: asked.query.clone(),
        endpoint: route
            .map(|route| route.endpoint.template.clone())
            .unwrap_or_default(),
        account: caller
            .map(|caller| caller.scope.account.clone())
            .unwrap_or_default(),
        mode: caller.map(|caller| caller.scope.mode),
        status: Some(answer.status),
        fault: None,
        at: state.now,
    });
    answer
}

fn log(state: &mut State, asked: &Asked, visit: Option<&Visit>, status: Option<u16>) {
    state.record_request(RequestRecord {
        method: asked.method.clone(),
        path: asked.path.clone(),
        query: asked.query.clone(),
        endpoint: visit
            .map(|visit| visit.route.endpoint.template.clone())
            .unwrap_or_default(),
        account: visit
            .map(|visit| visit.caller.scope.account.clone())
            .unwrap_or_default(),
        mode: visit.map(|visit| visit.caller.scope.mode),
        status,
        fault: visit.and_then(|visit| visit.fault.clone()),
        at: state.now,
    });
}

/// The answer of a fault; `None` if there is none.
fn fail(state: &mut State, fault: &Fault, visit: &Visit, asked: &Asked) -> Option<Answer> {
    match fault {
        Fault::TooManyRequests(reason) => Some(state.refuse(
            &ApiError::too_many_requests(reason.clone()),
            Some(&visit.caller),
            &asked.echo,
        )),
        Fault::ServerError => {
            Some(state.refuse(&ApiError::server_error(), Some(&visit.caller), &asked.echo))
        }
        Fault::BadGateway => Some(state.bad_gateway()),
        Fault::Reset | Fault::Hang | Fault::CutBody => None,
    }
}

/// Runs the hooks of a phase without holding any lock, so that they can change the fake.
fn run(shared: &Shared, view: &RequestView) {
    let hooks: Vec<_> = shared
        .request_hooks()
        .iter()
        .filter(|hook| hook.phase == view.phase)
        .cloned()
        .collect();
    for hook in hooks {
        (hook.run)(view);
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
