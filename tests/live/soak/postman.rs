//! Deliveries of a soak: over HTTP, to one of the processes, in any order, twice, late, or not at all.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use fastrand::Rng;
use stripe_sync::testing::Delivery;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::service::chrono_now;

/// Where the processes receive.
pub(super) const PATH: &str = "/stripe/webhook";
/// How long an answer is waited for. Stripe waits for about as long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Deliveries that are under way at once.
const AT_ONCE: usize = 16;
/// Of so many deliveries one is lost.
const LOST: u8 = 10;
/// Where the code is in `HTTP/1.1 200 OK`.
const STATUS: std::ops::Range<usize> = 9..12;

/// Who delivers.
pub(super) struct Postman {
    /// The files in which the processes say where they receive.
    ports: Vec<PathBuf>,
    waiting: Vec<Delivery>,
    under_way: JoinSet<(Delivery, Option<u16>)>,
    counts: Counts,
}

/// What became of deliveries.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) taken: usize,
    /// Those that were sent again though they had been taken.
    pub(super) again: usize,
    pub(super) refused: usize,
    pub(super) unanswered: usize,
    pub(super) lost: usize,
}

impl Postman {
    pub(super) fn new(ports: Vec<PathBuf>) -> Self {
        Self {
            ports,
            waiting: Vec::new(),
            under_way: JoinSet::new(),
            counts: Counts::default(),
        }
    }

    /// Takes what is to be delivered.
    pub(super) fn take(&mut self, deliveries: Vec<Delivery>) {
        self.waiting.extend(deliveries);
    }

    /// Sends some of what waits; the rest goes on waiting.
    pub(super) fn send(&mut self, rng: &mut Rng) {
        while let Some(ended) = self.under_way.try_join_next() {
            self.ended(ended.unwrap(), rng);
        }
        rng.shuffle(&mut self.waiting);
        let free = AT_ONCE.saturating_sub(self.under_way.len());
        for _ in 0..rng.usize(0..=free) {
            self.send_one(rng);
        }
    }

    /// Sends the last ones, and returns what became of all.
    pub(super) async fn finish(mut self, rng: &mut Rng) -> Counts {
        while !self.waiting.is_empty() || !self.under_way.is_empty() {
            while self.under_way.len() < AT_ONCE && !self.waiting.is_empty() {
                self.send_one(rng);
            }
            if let Some(ended) = self.under_way.join_next().await {
                self.ended(ended.unwrap(), rng);
            }
        }
        self.counts
    }

    fn send_one(&mut self, rng: &mut Rng) {
        let Some(delivery) = self.waiting.pop() else {
            return;
        };
        if rng.u8(0..LOST) == 0 {
            self.counts.lost += 1;
            return;
        }
        let port = rng.choice(&self.ports).cloned();
        self.under_way.spawn(async move {
            let answer = timeout(PATIENCE, post(port, &delivery)).await;
            let status = answer.ok().and_then(Result::ok);
            (delivery, status)
        });
    }

    fn ended(&mut self, (delivery, status): (Delivery, Option<u16>), rng: &mut Rng) {
        match status {
            Some(200) => {
                self.counts.taken += 1;
                delivery.succeeded();
                if rng.u8(0..8) == 0 {
                    self.counts.again += 1;
                    self.waiting.push(delivery);
                }
            }
            // The database did not take it.
            Some(500) => {
                self.counts.refused += 1;
                self.waiting.push(delivery);
            }
            Some(status) => panic!("a delivery was answered with {status}"),
            None => {
                self.counts.unanswered += 1;
                self.waiting.push(delivery);
            }
        }
    }
}

/// Posts a delivery, which is signed now, and returns the status of the answer.
async fn post(port: Option<PathBuf>, delivery: &Delivery) -> io::Result<u16> {
    let port = fs::read_to_string(port.unwrap_or_default())?;
    let port: u16 = port.parse().map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        delivery.body.len()
    );
    for (name, value) in delivery.headers(chrono_now()) {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.write_all(&delivery.body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status = answer
        .get(STATUS)
        .and_then(|code| str::from_utf8(code).ok());
    let status = status.and_then(|code| code.parse().ok());
    status.ok_or_else(|| io::Error::other("the answer broke off"))
}
