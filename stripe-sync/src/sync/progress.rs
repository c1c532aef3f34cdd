//! Telling someone how far a run is.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

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
    /// Whether this is the last update of the run.
    pub finished: bool,
}

/// Something that shows progress: a terminal, a web page, a gauge. Called after each page, so it must not block.
pub trait Progress: Send + Sync + 'static {
    /// Takes one update.
    fn update(&self, update: ProgressUpdate<'_>);
}

impl<F: Fn(ProgressUpdate<'_>) + Send + Sync + 'static> Progress for F {
    fn update(&self, update: ProgressUpdate<'_>) {
        self(update);
    }
}

/// The time after which a run is worth a line: shorter ones need no progress.
const QUIET_START: Duration = Duration::from_secs(2);
/// The time between two lines, short enough to look alive.
const INTERVAL: Duration = Duration::from_millis(200);

/// One line on standard error that is rewritten in place; silent where standard error is not a terminal, and in the
/// first two seconds.
#[derive(Debug, Default)]
pub struct TerminalProgress {
    last: Mutex<Option<Instant>>,
}

impl TerminalProgress {
    /// A line for the runs of one syncer.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Progress for TerminalProgress {
    fn update(&self, update: ProgressUpdate<'_>) {
        let mut error = std::io::stderr().lock();
        if !error.is_terminal() || update.elapsed < QUIET_START {
            return;
        }
        if let Ok(mut last) = self.last.lock() {
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
}
