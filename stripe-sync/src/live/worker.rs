//! The work in hand: several pieces at once, and the next one as soon as any of them is done, so that none waits for a
//! slower one.

use std::future::Future;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tracing::Instrument as _;

use crate::calls::lock;
use crate::live::service::{Live, ProcessStats};
use crate::sync::error::SyncError;

/// How long it is waited for more to be done, once something is, before the next is claimed: claiming several costs as much
/// as claiming one.
const GATHER: Duration = Duration::from_millis(5);

/// How often the queue is asked for more while a worker has something in hand.
const POLL_BESIDE_WORK: Duration = Duration::from_millis(200);

/// A piece of work that is claimed.
pub(crate) type Work = BoxFuture<'static, Result<ProcessStats, SyncError>>;

/// What waits in the database to be worked on.
pub(crate) trait Backlog: Send {
    /// Claims at most `most` pieces. Boxed: what nests this future would hit the compiler's recursion limit.
    fn claim(&mut self, most: usize) -> BoxFuture<'_, Result<Vec<Work>, SyncError>>;

    /// What says that there may be more.
    fn signal(&self) -> &Notify;

    /// How long it is waited at the most for the signal, with nothing in hand.
    fn due_in(&self) -> BoxFuture<'_, Duration>;
}

/// How far a service is with stopping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// It runs.
    #[default]
    Not,
    /// Nothing more is claimed, and what is claimed is finished.
    Finish,
    /// What is not finished is given back.
    GiveBack,
}

/// Waits until the service has reached this stage of stopping; for ever, if nobody can stop it.
pub(crate) async fn stopped(stop: &watch::Receiver<Stop>, as_far: Stop) {
    let mut stop = stop.clone();
    if stop.wait_for(|stop| *stop >= as_far).await.is_err() {
        std::future::pending().await
    }
}

impl Live {
    /// Works through a backlog until nothing of it is left. Returns whether there was anything.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. What was in hand is finished before.
    pub(crate) async fn work_through(
        &self,
        backlog: &mut impl Backlog,
        stop: &watch::Receiver<Stop>,
        processed: &mut ProcessStats,
    ) -> Result<bool, SyncError> {
        let most = self.shared.at_once;
        let mut tasks = JoinSet::new();
        let (mut any, mut failure) = (false, None);
        loop {
            let goes_on = failure.is_none() && *stop.borrow() == Stop::Not;
            if goes_on {
                match backlog.claim(most.saturating_sub(tasks.len())).await {
                    Ok(claimed) => {
                        any |= !claimed.is_empty();
                        for work in claimed {
                            tasks.spawn(work.in_current_span());
                        }
                    }
                    Err(error) => failure = Some(error),
                }
            }
            if tasks.is_empty() {
                return failure.map_or(Ok(any), Err);
            }
            tokio::select! {
                Some(ended) = tasks.join_next() => {
                    self.take(ended, processed, &mut failure);
                    let gathered = tokio::time::Instant::now() + GATHER;
                    while let Ok(Some(ended)) = tokio::time::timeout_at(gathered, tasks.join_next()).await {
                        self.take(ended, processed, &mut failure);
                    }
                }
                // The database is not asked here: a question that is cut off costs its connection.
                () = backlog.signal().notified(), if goes_on && tasks.len() < most => {}
                () = sleep(POLL_BESIDE_WORK), if goes_on && tasks.len() < most => {}
                () = stopped(stop, Stop::Finish), if goes_on => {}
                () = stopped(stop, Stop::GiveBack) => tasks.shutdown().await,
            }
        }
    }

    /// Counts what a piece of work came to.
    fn take(
        &self,
        ended: Result<Result<ProcessStats, SyncError>, JoinError>,
        processed: &mut ProcessStats,
        failure: &mut Option<SyncError>,
    ) {
        match ended {
            Ok(Ok(done)) => {
                processed.add(&done);
                lock(&self.shared.totals).add(&done);
                if done.objects + done.retried + done.dead > 0 {
                    self.shared.written.send_replace(());
                    self.shared.wake_delivery.notify_one();
                }
            }
            Ok(Err(error)) => *failure = failure.take().or(Some(error)),
            // The runtime is shutting down, or the work was dropped and is given back.
            Err(error) => {
                tracing::debug!(name: "stripe_sync.work_ended", %error, "work ended early")
            }
        }
    }

    /// Works on a backlog until it is asked to stop.
    pub(crate) async fn work_on(
        &self,
        mut backlog: impl Backlog,
        stop: &watch::Receiver<Stop>,
        after_error: Duration,
    ) {
        while *stop.borrow() == Stop::Not {
            let mut processed = ProcessStats::default();
            let worked = self.work_through(&mut backlog, stop, &mut processed);
            match worked.await {
                Ok(true) => {}
                Ok(false) => {
                    let idle = async {
                        let pause = backlog.due_in().await;
                        let _ = timeout(pause, backlog.signal().notified()).await;
                    };
                    unless_stopped(stop, idle).await;
                }
                Err(error) => {
                    tracing::error!(name: "stripe_sync.live_failed", %error, "events are not processed");
                    unless_stopped(stop, sleep(after_error)).await;
                }
            }
        }
    }
}

/// Waits for something, unless it is asked to stop.
pub(crate) async fn unless_stopped(
    stop: &watch::Receiver<Stop>,
    waiting: impl Future<Output = ()>,
) {
    tokio::select! {
        () = waiting => {}
        () = stopped(stop, Stop::Finish) => {}
    }
}
