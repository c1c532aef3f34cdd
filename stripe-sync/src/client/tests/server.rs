//! A server of a few lines that answers by script, one step a request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{RateBudget, Stripe, StripeBuilder};

#[derive(Clone)]
pub(crate) enum Step {
    /// An answer: status, extra header lines, body.
    Answer(u16, &'static str, Vec<u8>),
    /// The head and half of the body, then the end.
    Cut,
    /// The end before any answer.
    Reset,
    /// Nothing, for ever.
    Hang,
    /// A head, and then a byte now and then, for ever.
    Drip,
}

pub(crate) fn ok(body: &str) -> Step {
    Step::Answer(
        200,
        "Request-Id: req_ok\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n",
        body.into(),
    )
}

pub(crate) fn status(status: u16, headers: &'static str) -> Step {
    Step::Answer(
        status,
        headers,
        br#"{"error":{"message":"as scripted"}}"#.to_vec(),
    )
}

#[derive(Default)]
struct Log {
    /// Heads and bodies as they came.
    requests: Vec<String>,
    connections: usize,
}

pub(crate) struct Server {
    pub(crate) url: String,
    log: Arc<Mutex<Log>>,
}

impl Server {
    pub(crate) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Log::default()));
        let steps = Arc::new(Mutex::new(steps.into_iter().collect::<VecDeque<_>>()));
        let shared = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, Arc::clone(&steps), Arc::clone(&shared)));
            }
        });
        Self { url, log }
    }

    pub(crate) fn builder(&self) -> StripeBuilder {
        Stripe::builder("sk_test_hunter2")
            .base_url(&self.url)
            .budget(RateBudget::unlimited())
            .retry_seed(1)
    }

    pub(crate) fn stripe(&self) -> Stripe {
        self.builder().build().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.lock().unwrap().requests.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }
}

async fn serve(mut stream: TcpStream, steps: Arc<Mutex<VecDeque<Step>>>, log: Arc<Mutex<Log>>) {
    while let Some(request) = read_request(&mut stream).await {
        log.lock().unwrap().requests.push(request);
        let step = steps.lock().unwrap().pop_front().unwrap_or(Step::Reset);
        match step {
            Step::Reset => return,
            Step::Hang => std::future::pending().await,
            Step::Drip => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
                stream.write_all(head.as_bytes()).await.unwrap();
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
                return;
            }
            Step::Cut => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"object\":";
                stream.write_all(head.as_bytes()).await.unwrap();
                return;
            }
            Step::Answer(status, headers, body) => {
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n");
                stream
                    .write_all(&[head.into_bytes(), body].concat())
                    .await
                    .unwrap();
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.split_once("content-length: ").map_or(0, |(_, rest)| {
                rest.lines().next().unwrap().parse::<usize>().unwrap()
            });
            if read.len() >= end + 4 + length {
                return Some(String::from_utf8(read).unwrap());
            }
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}
