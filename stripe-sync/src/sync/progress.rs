//! Telling someone how far a run is.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync::report::Bottleneck;

/// A moment in a run. The counts are those of [`Report`](crate::sync::report::Report) so far.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ProgressUpdate<'a> {
    /// The struct's name.
    pub model: &'a str,
    /// Objects seen.
    pub seen: u64,
    /// Rows written.
    pub written: u64,
    /// Objects that failed.
    pub failed: u64,
    /// Requests answered.
    pub requests: u64,
    /// Since the run began.
    pub elapsed: Duration,
    /// The share of the time between the account's beginning and now whose objects were read, from 0 to 1; `None` where no
    /// list has an order in time. Lists do not say how many objects they have.
    pub covered: Option<f64>,
    /// Whether the run waits for another process, which has what is left of the lists, or died with it.
    pub waiting: bool,
    /// What keeps the run from being faster, so far; `None` while too little is known.
    pub limited_by: Option<Bottleneck>,
    /// Whether this is the last update of the run.
    pub finished: bool,
}

/// What shows progress.
pub(crate) type ShowProgress = dyn Fn(ProgressUpdate<'_>) + Send + Sync;

/// The time after which a run is worth a line: shorter ones need no progress.
const QUIET_START: Duration = Duration::from_secs(2);
/// The time between two lines, short enough to look alive.
const INTERVAL: Duration = Duration::from_millis(200);

/// One line on standard error that is rewritten in place, for [`SyncerBuilder::progress`](crate::SyncerBuilder::progress); silent
/// where standard error is not a terminal, and in the first two seconds.
pub fn terminal_progress() -> impl Fn(ProgressUpdate<'_>) + Send + Sync + 'static {
    let last = Mutex::new(None);
    move |update| show(&last, &update)
}

fn show(last: &Mutex<Option<Instant>>, update: &ProgressUpdate<'_>) {
    let mut error = std::io::stderr().lock();
    if !error.is_terminal() || update.elapsed < QUIET_START {
        return;
    }
    if let Ok(mut last) = last.lock() {
        if !update.finished && last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        *last = Some(Instant::now());
    }
    let rate = update.seen as f64 / update.elapsed.as_secs_f64();
    // A terminal that went away is no reason to stop a sync.
    let _ = write!(
        error,
        "\r\x1b[2K{}: {} seen, {} written, {} failed, {} requests, {rate:.0} objects/s{}{}",
        update.model,
        update.seen,
        update.written,
        update.failed,
        update.requests,
        if update.waiting {
            ", waiting for another process"
        } else {
            ""
        },
        if update.finished { "\n" } else { "" }
    );
}
