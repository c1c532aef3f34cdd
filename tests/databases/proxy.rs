//! A proxy before a database server, which falls silent on the connections that are open, cuts them, or delays what they carry.
#![allow(
    dead_code,
    reason = "not every test of this file's users does all of it"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A proxy before a server. Connections that are made after it struck work.
#[derive(Clone)]
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

struct State {
    /// Raised when it strikes; a connection remembers the one that it was made in.
    generation: watch::Sender<u64>,
    /// Answers of the server until it strikes; below zero it does not.
    answers: AtomicI64,
    /// Whether it cuts the connections instead of falling silent.
    cuts: AtomicBool,
    /// Milliseconds that each piece of what a connection carries is held back.
    delay: AtomicU64,
}

impl Proxy {
    /// Starts a proxy before a local port.
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            generation: watch::Sender::new(0),
            answers: AtomicI64::new(-1),
            cuts: AtomicBool::new(false),
            delay: AtomicU64::new(0),
        });
        let proxy = Self {
            port,
            state: Arc::clone(&state),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A server that takes no more connections ends this one.
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                    continue;
                };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let there = Arc::clone(&state).pump(from_client, to_server, false);
                let back = Arc::clone(&state).pump(from_server, to_client, true);
                tokio::spawn(there);
                tokio::spawn(back);
            }
        });
        proxy
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Falls silent on all open connections after so many more answers of the server.
    pub(crate) fn fall_silent_after(&self, answers: i64) {
        self.state.cuts.store(false, Ordering::SeqCst);
        self.state.answers.store(answers, Ordering::SeqCst);
    }

    /// Cuts all open connections after so many more answers of the server. The last one is not passed on: what it was
    /// about is done, and nobody knows.
    pub(crate) fn cut_after(&self, answers: i64) {
        self.state.cuts.store(true, Ordering::SeqCst);
        self.state.answers.store(answers, Ordering::SeqCst);
    }

    /// Holds back each piece of what the connections carry for so long, until it is told otherwise.
    pub(crate) fn delay(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.state.delay.store(millis, Ordering::SeqCst);
    }

    /// Passes everything on from now on, on connections on which it has not fallen silent.
    pub(crate) fn behave(&self) {
        self.state.answers.store(-1, Ordering::SeqCst);
        self.delay(Duration::ZERO);
    }

    /// How often it struck.
    pub(crate) fn strikes(&self) -> u64 {
        *self.state.generation.borrow()
    }

    /// Waits until it has struck so often.
    pub(crate) async fn struck(&self, times: u64) {
        let mut generation = self.state.generation.subscribe();
        generation.wait_for(|now| *now >= times).await.unwrap();
    }
}

impl State {
    /// Passes bytes on until it strikes.
    fn pump(
        self: Arc<Self>,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        answers: bool,
    ) -> impl Future<Output = ()> + Send {
        let mut generation = self.generation.subscribe();
        let born = *generation.borrow_and_update();
        async move {
            let mut bytes = vec![0; 64 * 1024];
            let mut struck = false;
            loop {
                let read = tokio::select! {
                    read = from.read(&mut bytes) => read.unwrap_or(0),
                    _ = generation.changed(), if !struck => {
                        struck = true;
                        match self.cuts.load(Ordering::SeqCst) {
                            true => return,
                            false => continue,
                        }
                    }
                };
                if read == 0 {
                    return;
                }
                if answers
                    && self.answers.load(Ordering::SeqCst) >= 0
                    && self.answers.fetch_sub(1, Ordering::SeqCst) == 0
                {
                    self.generation.send_modify(|generation| *generation += 1);
                }
                let delay = self.delay.load(Ordering::SeqCst);
                if delay > 0 {
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
                // What comes after the blow is swallowed.
                let silent = *self.generation.borrow() != born;
                if !silent && to.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}
