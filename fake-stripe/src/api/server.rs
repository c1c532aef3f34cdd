//! The HTTP server: connections, and the way of a request through keys, limits, faults and scripts.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{self, HeaderMap};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use super::account::FakeAccount;
use super::auth::Caller;
use super::errors::ApiError;
use super::faults::Fault;
use super::log::RequestRecord;
use super::query::Params;
use super::respond::{Answer, Echo};
use super::router::{self, Route};
use super::script::{Phase, RequestView};
use super::state::{Shared, State};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The first half of a body that breaks off has to be on its way before the connection is cut.
const CUT_DELAY: Duration = Duration::from_millis(10);

/// The listening task; it and all connections end when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    task: AbortHandle,
}

impl Server {
    pub(super) async fn start(shared: Arc<Shared>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, shared)).abort_handle();
        Ok(Self { address, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Without it, small answers wait for the client's delayed acknowledgements.
                let _ = stream.set_nodelay(true);
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let service = service_fn(|request| serve(Arc::clone(&shared), request));
                    // A connection that breaks is the client's business, or was broken on purpose.
                    let _ = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

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

async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let headers = request.headers();
    let asked = Asked {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        echo: Echo {
            version: text(headers, "stripe-version"),
            account: text(headers, "stripe-account"),
            idempotency_key: text(headers, "idempotency-key"),
        },
    };
    let authorization = text(headers, header::AUTHORIZATION.as_str());
    let mut params = Params::parse(&asked.query);
    if asked.method == "POST" {
        params = form(request.into_body()).await?;
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
        },
    };
    let scripted = !shared.scripts().is_empty();
    if scripted {
        run(&shared, &view(Phase::Before, Vec::new()));
    }
    if !visit.latency.is_zero() {
        tokio::time::sleep(visit.latency).await;
    }
    let early = match visit.fault {
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
    if scripted {
        run(&shared, &view(Phase::After, answer.ids.clone()));
    }
    Ok(if visit.fault == Some(Fault::CutBody) {
        cut(answer)
    } else {
        response(answer)
    })
}

/// The parameters of a POST.
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
    let caller = Caller::identify(
        &state.keys,
        &state.accounts,
        authorization,
        asked.echo.account.as_deref(),
    );
    let caller = caller.map_err(|error| refuse(state, asked, None, None, &error))?;
    let Some(route) = router::route(&asked.path) else {
        return Err(refuse(
            state,
            asked,
            Some(&caller),
            None,
            &ApiError::unknown_url(&asked.method, &asked.path),
        ));
    };
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
    state.log.push(RequestRecord {
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
    state.log.push(RequestRecord {
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
        fault: visit.and_then(|visit| visit.fault),
        at: state.now,
    });
}

/// The answer of a fault; `None` if there is none.
fn fail(state: &mut State, fault: Fault, visit: &Visit, asked: &Asked) -> Option<Answer> {
    match fault {
        Fault::TooManyRequests(reason) => Some(state.refuse(
            &ApiError::too_many_requests(reason),
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

/// Runs the scripts of a phase without holding any lock, so that they can change the fake.
fn run(shared: &Shared, view: &RequestView) {
    let scripts: Vec<_> = shared
        .scripts()
        .iter()
        .filter(|script| script.phase == view.phase)
        .cloned()
        .collect();
    for script in scripts {
        (script.run)(view);
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn response(answer: Answer) -> Response<Body> {
    let body = Full::new(answer.body.clone())
        .map_err(|never: Infallible| match never {})
        .boxed_unsync();
    with_headers(answer, body)
}

/// Half of the body under the whole body's length.
fn cut(answer: Answer) -> Response<Body> {
    let half = answer.body.slice(..answer.body.len() / 2);
    let first = stream::once(async move { Ok(Frame::data(half)) });
    let then = stream::once(async {
        tokio::time::sleep(CUT_DELAY).await;
        Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "a cut body was asked for",
        ))
    });
    with_headers(
        answer,
        BodyExt::boxed_unsync(StreamBody::new(first.chain(then))),
    )
}

fn with_headers(answer: Answer, body: Body) -> Response<Body> {
    let mut builder = Response::builder().status(answer.status);
    builder = builder
        .header(header::CONTENT_TYPE, answer.content_type)
        .header(header::CONTENT_LENGTH, answer.body.len());
    for (name, value) in &answer.headers {
        // What is echoed may not be a header value.
        if let Ok(value) = header::HeaderValue::from_str(value) {
            builder = builder.header(*name, value);
        }
    }
    // Status, names and values are all valid here.
    builder.body(body).unwrap_or_default()
}
