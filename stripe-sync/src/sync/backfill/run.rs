//! `sync_all`: every object that the resource's lists can show, what changed meanwhile, and what is gone.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use chrono::{DateTime, Utc};
use futures_util::future::{self, BoxFuture, Either};
use tokio::sync::mpsc;
use tracing::Instrument as _;
use xxhash_rust::xxh3::xxh3_64;

use crate::model::Model;
use crate::model::context::Origin;
use crate::store::backfill::run::RunSpec;
use crate::store::backfill::{BackfillPhase, NewSlice};

use crate::sync::backfill::concurrency::Concurrency;
use crate::sync::backfill::lease::POLL_SLICES;
use crate::sync::backfill::reader::Reading;
use crate::sync::backfill::reader::early::Early;
use crate::sync::backfill::refusals::Refusals;
use crate::sync::backfill::since::{Since, since};
use crate::sync::backfill::slice::splits::Splits;
use crate::sync::backfill::sweep::Reads;
use crate::sync::backfill::{RunGuard, catch_changes, page_write, sweep};
use crate::sync::error::SyncError;
use crate::sync::list::plan::lists;
use crate::sync::list::{OVERLAP, Pager};
use crate::sync::object::{ModelRun, ObjectWriter};
use crate::sync::report::Report;
use crate::sync::syncer::Syncer;

/// No Stripe account is older: the year in which Stripe opened, in unix seconds.
pub(crate) const STRIPE_OPENED: i64 = 1_293_840_000;
/// Reads that a run spends on rows that no list showed, unless it is told otherwise.
const CONFIRMATIONS: u64 = 1_000;

/// How `sync_all` works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct SyncAllOptions {
    pub(crate) rewrite_unchanged: bool,
    pub(crate) restart: bool,
    pub(crate) incremental: bool,
    /// The moment before which nothing is read, in unix seconds.
    pub(crate) since: Option<i64>,
    pub(crate) change_filter: bool,
    pub(crate) after_wipe: bool,
    pub(crate) max_delete_checks: u64,
}

impl Default for SyncAllOptions {
    fn default() -> Self {
        Self {
            rewrite_unchanged: false,
            restart: false,
            incremental: false,
            since: None,
            change_filter: false,
            after_wipe: false,
            max_delete_checks: CONFIRMATIONS,
        }
    }
}

impl SyncAllOptions {
    /// Rows are compared by their columns, also those that look unchanged by their hash, and written where they differ: for a
    /// table that others may have written to.
    pub fn rewrite_unchanged(mut self, rewrite_unchanged: bool) -> Self {
        self.rewrite_unchanged = rewrite_unchanged;
        self
    }

    /// A run that was stopped is not resumed: everything is read from the first page.
    pub fn restart(mut self, restart: bool) -> Self {
        self.restart = restart;
        self
    }

    /// Only what was created, and what events tell of, since the last run that ended, and what failed before, as many of
    /// these as [`max_delete_checks`](Self::max_delete_checks) says. Lists without a `created` filter are read whole. Deletions
    /// are seen by their events only, which Stripe remembers for 30 days. Without a run that ended it is an ordinary one.
    pub fn incremental(mut self, incremental: bool) -> Self {
        self.incremental = incremental;
        self
    }

    /// Only what was created at a moment or after it: what is older is neither read nor removed. Lists without a `created`
    /// filter are read whole. A later [`incremental`](Self::incremental) run does not start from this one, and deletions are
    /// left to an ordinary one.
    pub fn since(mut self, moment: DateTime<Utc>) -> Self {
        self.since = Some(moment.timestamp());
        self
    }

    /// A table that has the rows of another filter takes the model's, with the first page that Stripe answers. Rows that are
    /// outside of it leave as the model's `on_delete` says. Without this such a run is refused; a table without rows takes
    /// any filter. While processes with the other filter still run, they are refused from then on.
    pub fn change_filter(mut self, change: bool) -> Self {
        self.change_filter = change;
        self
    }

    /// All that Stripe had may be gone, as in a sandbox whose data was deleted. Without this, rows are kept where the lists
    /// show nothing, or where they show none of the rows that were there and Stripe knows none of three that are read: a key
    /// of another account looks the same. With it each row that no list shows is still read before it is taken for deleted.
    pub fn after_wipe(mut self, wiped: bool) -> Self {
        self.after_wipe = wiped;
        self
    }

    /// The most reads that this run spends on confirming that rows which no list showed are deleted at Stripe; the rest is
    /// left to the next run, and counted as [`Report::unconfirmed`]. A run over [what is newer](Self::incremental) spends them on
    /// what failed before, and warns of the rest. Default 1,000.
    pub fn max_delete_checks(mut self, reads: u64) -> Self {
        self.max_delete_checks = reads;
        self
    }
}

/// Runs a backfill in its span. It is on the heap: what nests this future would hit the compiler's recursion limit.
pub(crate) fn run<'r>(
    syncer: &'r Syncer,
    model: &'static Model,
    options: SyncAllOptions,
    stop: BoxFuture<'r, ()>,
) -> BoxFuture<'r, Result<Report, SyncError>> {
    let model = syncer.resolved(model);
    let span = tracing::info_span!("stripe_sync.sync_all", model = model.name());
    Box::pin(run_in_span(syncer, model, options, stop).instrument(span))
}

async fn run_in_span(
    syncer: &Syncer,
    model: &'static Model,
    options: SyncAllOptions,
    stop: BoxFuture<'_, ()>,
) -> Result<Report, SyncError> {
    let early = Box::pin(Early::ask(syncer, model));
    let (early, learned) = future::join(early, Box::pin(syncer.learned())).await;
    let learned = learned?;
    let lists = lists(model, learned.scope.livemode)?;
    let mut run = ModelRun::begin(syncer, model, Origin::Backfill, options.change_filter).await?;
    if let Some(early) = &early {
        run.reader.meter = Arc::clone(&early.meter);
    }
    let Since {
        options,
        newer,
        warning,
    } = since(&run, options).await?;
    let opening = opening(model, &lists, options, newer);
    let waiting = Instant::now();
    let nothing = Report::new(model, run.store().place(model).name.clone());
    let show = || run.waiting(&nothing);
    let guard = RunGuard::begin(&run, opening, show).await?;
    run.latest.fetch_max(guard.lease().run, Relaxed);
    let mut writer = run.writer(None).await?;
    writer.rewrite_unchanged = options.rewrite_unchanged;
    writer.report.resumed = guard.resumed;
    writer.report.lease = waiting.elapsed();
    writer.report.warnings.extend(warning);
    let mut backfill = BackfillRun {
        run: &run,
        lists: &lists,
        floor: learned.created.unwrap_or(STRIPE_OPENED),
        options,
        newer,
        concurrency: Concurrency::begin(
            lists
                .first()
                .map(|list| syncer.stripe().pressure(&list.request())),
        ),
        splits: Splits::new(),
        // A run that others began has a watermark, and the page may be from before it.
        early: early.filter(|_| !guard.resumed),
        refusals: Refusals::default(),
        guard,
    };
    let result = match future::select(Box::pin(backfill.go(&mut writer)), stop).await {
        Either::Left((result, _)) => Some(result),
        // What was in hand is undone, and read again by the next run.
        Either::Right(((), _)) => None,
    };
    writer.report.stopped = result.is_none();
    let result = result.unwrap_or(Ok(()));
    if let Err(SyncError::NothingTaken { .. }) = &result {
        // What was refused is behind the places of its lists.
        run.store().give_up_run(backfill.guard.lease()).await?;
    }
    let refused = backfill.refusals.warnings(model);
    writer.report.warnings.extend(refused);
    let ended = backfill.guard.end().await;
    let result = result.and(ended.map_err(SyncError::from));
    run.end(writer.report, result).map(|(report, ())| report)
}

/// What the run is to be, if it begins.
fn opening(
    model: &'static Model,
    lists: &[Pager],
    options: SyncAllOptions,
    newer: Option<i64>,
) -> RunSpec {
    let lists_read: Vec<String> = lists.iter().map(Pager::identity).collect();
    let identity = format!(
        "{} {lists_read:?} {} {newer:?} {:?}",
        model.mapping(),
        options.rewrite_unchanged,
        options.since
    );
    let begin = newer.map(|newer| newer - OVERLAP);
    let begin = begin.max(options.since);
    let slices = (0..)
        .zip(lists)
        .map(|(list, pager)| NewSlice {
            // Slices that are split off later have tokens as numbers, which are positive.
            number: -1 - list,
            list,
            until: None,
            stop: begin.filter(|_| pager.created.is_some()),
        })
        .collect();
    RunSpec {
        identity: xxh3_64(identity.as_bytes()).cast_signed(),
        restart: options.restart,
        change_filter: options.change_filter,
        slices,
    }
}

/// A run, as far as this process takes part in it.
pub(crate) struct BackfillRun<'a> {
    pub(crate) run: &'a ModelRun<'a>,
    /// The model's lists, by their numbers.
    pub(crate) lists: &'a [Pager],
    /// No object is older, in unix seconds.
    pub(crate) floor: i64,
    pub(crate) options: SyncAllOptions,
    /// Read only what was created or changed after this moment, in unix seconds; of an incremental run.
    pub(crate) newer: Option<i64>,
    pub(crate) concurrency: Concurrency,
    pub(crate) splits: Splits,
    /// A first page that was asked for already.
    pub(crate) early: Option<Early>,
    /// The lists of parents that the key may not read.
    pub(crate) refusals: Refusals,
    pub(crate) guard: RunGuard,
}

impl BackfillRun<'_> {
    /// Goes until the run has ended, by this process or another.
    async fn go(&mut self, writer: &mut ObjectWriter<'_>) -> Result<(), SyncError> {
        loop {
            if self.lists(writer).await? {
                continue;
            }
            let (store, lease) = (self.run.store(), self.guard.lease());
            if let Some(phase) = store.claim_finalizer(self.run.model, lease).await? {
                let (began, before) = (Instant::now(), self.run.accounted(&writer.report));
                let closed = self.close(writer, phase).await;
                // What waits for neither Stripe nor a hook waits for the database: little is mapped here.
                let known = self.run.accounted(&writer.report) - before;
                writer.report.writing += began.elapsed().saturating_sub(known);
                return closed;
            }
            // Another process reads the rest. It is told that this one would take some of it.
            let waiting = Instant::now();
            self.run.waiting(&writer.report);
            store.wait_for_work(lease).await?;
            tokio::time::sleep(POLL_SLICES).await;
            writer.report.lease += waiting.elapsed();
        }
    }

    /// Goes through what comes after the lists, which is in this process's hands.
    async fn close(
        &mut self,
        writer: &mut ObjectWriter<'_>,
        phase: BackfillPhase,
    ) -> Result<(), SyncError> {
        if phase == BackfillPhase::Ended {
            self.guard.has_ended();
            return Ok(());
        }
        let (store, lease) = (self.run.store(), self.guard.lease());
        if phase == BackfillPhase::Lists {
            store.enter(lease, BackfillPhase::Changes).await?;
        }
        // Also in the phase of the sweep: whoever swept before may have been killed long ago, so what changed since is
        // looked for first.
        let most = self.options.max_delete_checks;
        let followed = catch_changes::read(writer, &self.guard, self.newer, most);
        let mut followed = followed.await?;
        if self.newer.is_none() && self.options.since.is_none() {
            store.enter(lease, BackfillPhase::Sweep).await?;
            let reads = Reads {
                most,
                lists_were_refused: !self.refusals.is_empty(),
                after_wipe: self.options.after_wipe,
            };
            sweep::sweep(writer, lease, reads).await?;
        }
        if self.options.since.is_some() {
            store.end_run(lease, true).await?;
        } else {
            if let Some(followed) = &mut followed {
                // What was in no list that was read may be a row that changed.
                if !self.refusals.is_empty() || writer.report.unconfirmed > 0 {
                    followed.shown_until = None;
                }
                store.keep_followed(lease, followed).await?;
            }
            store.end_run(lease, false).await?;
        }
        self.guard.has_ended();
        Ok(())
    }

    /// Reads the slices that this process can get, and writes them side by side. Returns whether it got any.
    async fn lists(&mut self, writer: &mut ObjectWriter<'_>) -> Result<bool, SyncError> {
        let (store, lease) = (self.run.store(), self.guard.lease().clone());
        let most = self.concurrency.limit();
        let slices = store.claim_slices(self.run.model, &lease, most).await?;
        if slices.is_empty() {
            self.early = None;
            return Ok(false);
        }
        let (writes, waiting) = mpsc::channel(page_write::PAGES_AHEAD);
        let reading = Reading::new(self, writes).read_all(slices);
        let writing = page_write::write_pages(writer, &lease, waiting);
        // Whichever fails, the other ends by itself: what was read is written, and nothing more is read.
        let (read, written) = tokio::join!(reading, writing);
        written.and(read).map(|()| true)
    }
}
