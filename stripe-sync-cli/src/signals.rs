//! The signals that end a command.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;

/// The signals that a process is ended with, from when it was made on.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    received: tokio::sync::watch::Receiver<Option<Exit>>,
    told: Arc<AtomicBool>,
}

impl Signals {
    /// Watches for signals. A second one ends the process at once.
    pub(crate) fn watch() -> Self {
        let (sender, received) = tokio::sync::watch::channel(None);
        tokio::spawn(async move {
            let first = next().await;
            let _ = sender.send(Some(first));
            let second = next().await;
            std::process::exit(i32::from(second.code()));
        });
        Self {
            received,
            told: Arc::default(),
        }
    }

    /// Waits for the first signal.
    pub(crate) fn stopped(&self) -> impl Future<Output = Exit> + Send + 'static {
        let mut received = self.received.clone();
        let told = Arc::clone(&self.told);
        async move {
            let exit = received.wait_for(Option::is_some).await.map(|exit| *exit);
            let exit = match exit {
                Ok(exit) => exit.unwrap_or(Exit::Interrupted),
                Err(_) => std::future::pending().await,
            };
            if !told.swap(true, Ordering::Relaxed) {
                tracing::info!(name: "stripe_sync.stopping", "stopping; a second signal ends it at once");
            }
            exit
        }
    }

    /// Returns what the process was ended with, if it was.
    pub(crate) fn received(&self) -> Option<Exit> {
        *self.received.borrow()
    }
}

#[cfg(unix)]
async fn next() -> Exit {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
    }
}

#[cfg(not(unix))]
async fn next() -> Exit {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Exit::Interrupted,
        Err(_) => std::future::pending().await,
    }
}
