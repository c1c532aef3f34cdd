//! A proxy before a database server, which can fall silent on the connections that are open.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A proxy before a server. Connections that are made after it fell silent work.
#[derive(Clone)]
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Raised when the open connections fall silent; a connection remembers the one that it was made in.
    generation: AtomicU64,
    /// Answers of the server until that happens; below zero it does not.
    answers: AtomicI64,
}

impl Proxy {
    /// Starts a proxy before a local port.
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            generation: AtomicU64::new(0),
            answers: AtomicI64::new(-1),
        });
        let proxy = Self {
            port,
            state: Arc::clone(&state),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let generation = state.generation.load(Ordering::SeqCst);
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let state = Arc::clone(&state);
                tokio::spawn(pump(
                    Arc::clone(&state),
                    generation,
                    from_client,
                    to_server,
                    false,
                ));
                tokio::spawn(pump(state, generation, from_server, to_client, true));
            }
        });
        proxy
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Falls silent on all open connections after so many more answers of the server.
    pub(crate) fn fall_silent_after(&self, answers: i64) {
        self.state.answers.store(answers, Ordering::SeqCst);
    }

    /// Whether it fell silent since it was told to.
    pub(crate) fn fell_silent(&self) -> bool {
        self.state.generation.load(Ordering::SeqCst) > 0
    }
}

/// Passes bytes on, until the connection's generation is over: then it swallows them.
async fn pump(
    state: Arc<State>,
    generation: u64,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    answers: bool,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = match from.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        if answers && state.answers.load(Ordering::SeqCst) >= 0 {
            let left = state.answers.fetch_sub(1, Ordering::SeqCst);
            if left == 0 {
                state.generation.fetch_add(1, Ordering::SeqCst);
            }
        }
        if state.generation.load(Ordering::SeqCst) != generation {
            continue;
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
