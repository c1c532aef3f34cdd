//! Tests of the fake over HTTP.
#![allow(missing_docs)]

mod arrays;
mod catalogue;
mod changes;
mod control;
mod copies;
mod deliveries;
mod expansion;
mod forms;
mod hidden;
mod idempotency;
mod ids;
mod inside;
mod paging;
mod paths;
mod pump;
mod reads;
mod references;
mod refusals;
mod removals;
mod search;
mod stories;
mod thin;
mod trouble;
mod versions;
mod webhooks;

use bytes::Bytes;
use fake_stripe::FakeStripe;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An answer as a client sees it.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Sends a request with these headers; the error is a broken connection.
async fn send(
    fake: &FakeStripe,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
) -> Result<Reply, String> {
    send_body(fake, method, target, headers, String::new()).await
}

/// As [`send`], with a body.
async fn send_body(
    fake: &FakeStripe,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<Reply, String> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}{target}", fake.base_url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = client
        .request(request.body(Full::from(body)).unwrap())
        .await
        .map_err(|error| format!("{error:?}"))?;
    let (head, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|error| format!("{error:?}"))?
        .to_bytes();
    Ok(Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body,
    })
}

async fn try_get(fake: &FakeStripe, target: &str) -> Result<Reply, String> {
    send(
        fake,
        Method::GET,
        target,
        &[("authorization", &format!("Bearer {}", fake.secret_key()))],
    )
    .await
}

async fn get(fake: &FakeStripe, target: &str) -> Reply {
    try_get(fake, target).await.unwrap()
}

/// The body of an answer that has to be 200.
async fn ok(fake: &FakeStripe, target: &str) -> Value {
    let reply = get(fake, target).await;
    assert_eq!(
        reply.status,
        200,
        "{target}: {}",
        String::from_utf8_lossy(&reply.body)
    );
    reply.json()
}

/// Status, code and param of a refusal.
async fn refusal(fake: &FakeStripe, target: &str) -> (u16, String, String) {
    let reply = get(fake, target).await;
    let text = |name: &str| {
        reply.json()["error"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        !text("message").is_empty() && !text("type").is_empty(),
        "{}",
        reply.json()
    );
    (reply.status, text("code"), text("param"))
}

fn ids(list: &Value) -> Vec<String> {
    assert_eq!(list["object"], "list");
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Walks a list to its end; `query` begins with `&` or is empty.
async fn walk(fake: &FakeStripe, path: &str, query: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ok(fake, &format!("{path}?limit=100{query}{cursor}")).await;
        all.extend(ids(&page));
        if page["has_more"] == false {
            return all;
        }
        cursor = format!("&starting_after={}", all.last().unwrap());
    }
}

async fn start() -> FakeStripe {
    FakeStripe::builder()
        .seed(42)
        .account("acct_1")
        .start()
        .await
        .unwrap()
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}
