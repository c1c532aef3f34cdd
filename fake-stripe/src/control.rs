//! The control API: what a test in Rust does with [`FakeStripe`](crate::FakeStripe), over HTTP for all other languages.
//!
//! JSON in, JSON out, below `/_fake`. It asks for no key: who reaches the port of a fake may do anything with it.

mod call;
mod errors;
mod objects;
mod routes;
mod settings;
mod watch;

use std::io;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response};
use serde_json::{Value, json};

use crate::api::respond::Answer;
use crate::api::server::response::{Body, response};
use crate::api::server::{Front, Served};
use crate::control::call::Call;
use crate::control::errors::ControlError;
use crate::control::routes::{Run, find};
use crate::delivery::post::deliver;
use crate::fake::builder::FakeStripeBuilder;
use crate::state::Shared;

impl FakeStripeBuilder {
    /// Whether the fake serves its control API below `/_fake`, with which programs in other languages create and change objects,
    /// play faults and move the clock. The README has its routes. Default `false`.
    pub fn control(mut self, on: bool) -> Self {
        const SERVE: Front = serve;
        self.control = on.then_some(SERVE);
        self
    }
}

fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Served {
    Box::pin(answer(shared, request))
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let (status, value) = match run(shared, request).await {
        Ok(value) => (200, value),
        Err(ControlError::Broken(error)) => return Err(error),
        Err(error) => {
            let body = json!({ "error": { "message": error.to_string() } });
            (error.status(), body)
        }
    };
    let mut body = serde_json::to_vec_pretty(&value).unwrap_or_default();
    body.push(b'\n');
    Ok(response(Answer {
        status,
        content_type: "application/json",
        headers: Vec::new(),
        body: body.into(),
        ids: Vec::new(),
    }))
}

async fn run(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Value, ControlError> {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let (route, name) = find(&method, &path)?;
    let call = Call::read(shared, request, route, name).await?;
    match route.run {
        Run::Now(run) => run(&call),
        Run::Deliver => {
            let posted = deliver(&call.shared).await?;
            Ok(json!({ "delivered": posted.delivered, "failed": posted.failed }))
        }
    }
}
