//! Webhooks posted over HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::start;
use fake_stripe::webhook_signature;

pub(super) type Seen = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A receiver that answers with the status in the path: `/500`. `/0` cuts the connection.
pub(super) async fn receiver() -> (SocketAddr, Seen) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let all = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let all = Arc::clone(&all);
            let serve = move |request: Request<Incoming>| {
                let all = Arc::clone(&all);
                async move {
                    let status: u16 = request.uri().path()[1..].parse().unwrap();
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    all.lock().unwrap().push((head.headers, body));
                    if status == 0 {
                        return Err(std::io::Error::other("cut"));
                    }
                    let answer = Response::builder()
                        .status(status)
                        .header("location", "/200");
                    Ok(answer.body(Full::new(Bytes::new())).unwrap())
                }
            };
            tokio::spawn(
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(serve)),
            );
        }
    });
    (address, seen)
}

#[tokio::test]
async fn what_is_due_is_posted_and_failures_come_again() {
    let fake = start().await;
    let (address, seen) = receiver().await;
    let url = |status: u16| format!("http://{address}/{status}");
    let good = fake.webhook_endpoint(&url(204)).create().unwrap();
    for status in [0, 302, 404, 500] {
        fake.webhook_endpoint(&url(status)).create().unwrap();
    }
    fake.create("customer", json!({})).unwrap();
    let pump = fake.deliver_webhooks().unwrap();
    fake.create("customer", json!({})).unwrap();
    pump.idle().await;
    assert_eq!((pump.delivered(), pump.failed()), (2, 8));
    assert_eq!(seen.lock().unwrap().len(), 10, "a redirect is not followed");
    let posts = seen.lock().unwrap().clone();
    let verified = posts.iter().filter(|(headers, body)| {
        let header = headers["stripe-signature"].to_str().unwrap();
        let fields: Vec<(&str, &str)> = header
            .split(',')
            .map(|part| part.split_once('=').unwrap())
            .collect();
        assert_eq!(fields[0].0, "t");
        let t: i64 = fields[0].1.parse().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let age = i64::try_from(now.as_secs()).unwrap() - t;
        assert!((0..60).contains(&age), "signed with the real clock");
        assert_eq!(headers["content-type"], "application/json; charset=utf-8");
        assert!(serde_json::from_slice::<Value>(body).unwrap()["id"].is_string());
        fields.contains(&("v1", &webhook_signature(&good.secret, t, body)))
    });
    assert_eq!(verified.count(), 2, "each endpoint has its own secret");

    fake.advance(Duration::from_secs(600));
    pump.idle().await;
    assert_eq!((pump.delivered(), pump.failed()), (2, 16));
    pump.stop();
    fake.create("customer", json!({})).unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(seen.lock().unwrap().len(), 18, "it was stopped");
}

#[tokio::test]
async fn a_burst_is_delivered_whole() {
    let fake = start().await;
    let (address, seen) = receiver().await;
    fake.webhook_endpoint(&format!("http://{address}/200"))
        .events(["customer.updated"])
        .create()
        .unwrap();
    let customers = fake.generate("customer", 5).unwrap();
    let pump = fake.deliver_webhooks().unwrap();
    for nth in 0..500 {
        fake.update(&customers[nth % 5], json!({ "name": format!("n{nth}") }))
            .unwrap();
    }
    pump.idle().await;
    assert_eq!((pump.delivered(), pump.failed()), (500, 0));
    assert_eq!(seen.lock().unwrap().len(), 500);
    let pending = fake
        .events()
        .iter()
        .filter(|event| event["pending_webhooks"] != 0)
        .count();
    assert_eq!(pending, 0);
    assert!(fake.take_deliveries().is_empty());
}
