//! `sync_all`: every object that the resource's lists can show, what changed meanwhile, and what is gone.

use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::mpsc;
use tracing::Instrument as _;
use xxhash_rust::xxh3::xxh3_64;

use crate::context::Origin;
use crate::model::Model;
use crate::store::{NewSlice, Opening, WalkPhase};

use super::chain::Chain;
use super::lease::{LOOK_EVERY, Walking};
use super::pace::Pace;
use super::reading::Reading;
use super::recipes::lists;
use super::refusals::Refusals;
use super::run::Run;
use super::sweep::{self, Reads};
use super::write::Writer;
use super::writing::{self, PAGES_AHEAD};
use super::{Report, SyncError, Syncer, changes};

/// No Stripe account is older: the year in which Stripe opened, in unix seconds.
pub(crate) const STRIPE_OPENED: i64 = 1_293_840_000;
/// Reads that a run spends on rows that no list showed, unless it is told otherwise.
const CONFIRMATIONS: u64 = 1_000;

/// How `sync_all` works.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SyncAll {
    pub(crate) fresh: bool,
    pub(crate) anew: bool,
    pub(crate) only_newer: bool,
    pub(crate) change_filter: bool,
    pub(crate) confirmations: u64,
}

impl Default for SyncAll {
    fn default() -> Self {
        Self {
            fresh: false,
            anew: false,
            only_newer: false,
            change_filter: false,
            confirmations: CONFIRMATIONS,
        }
    }
}

impl SyncAll {
    /// Every row is written, also those that look unchanged: for a table that others may have written to.
    #[must_use]
    pub fn fresh(mut self, fresh: bool) -> Self {
        self.fresh = fresh;
        self
    }

    /// A run that was stopped is not resumed: everything is read from the first page.
    #[must_use]
    pub fn anew(mut self, anew: bool) -> Self {
        self.anew = anew;
        self
    }

    /// Only what was created, and what events tell of, since the last run that ended. Lists without a `created` filter are
    /// read whole. Deletions are seen by their events only, which Stripe remembers for 30 days. Without a run that ended
    /// it is an ordinary one.
    #[must_use]
    pub fn only_newer(mut self, only_newer: bool) -> Self {
        self.only_newer = only_newer;
        self
    }

    /// A table that has the rows of another filter takes the model's, with the first page that Stripe answers. Rows that are
    /// outside of it leave as the model's `on_delete` says. Without this such a run is refused; a table without rows takes
    /// any filter. While processes with the other filter still run, they are refused from then on.
    #[must_use]
    pub fn change_filter(mut self, change: bool) -> Self {
        self.change_filter = change;
        self
    }

    /// The most reads that this run spends on confirming that rows which no list showed are deleted at Stripe; the rest is
    /// left to the next run, and counted as [`Report::unconfirmed`]. Default 1,000.
    #[must_use]
    pub fn confirmations(mut self, reads: u64) -> Self {
        self.confirmations = reads;
        self
    }
}

/// A run in its span.
pub(crate) async fn run(
    syncer: &Syncer,
    model: &'static Model,
    options: SyncAll,
) -> Result<Report, SyncError> {
    let span = tracing::info_span!("stripe_sync.sync_all", model = model.name());
    sync_all(syncer, model, options).instrument(span).await
}

async fn sync_all(
    syncer: &Syncer,
    model: &'static Model,
    options: SyncAll,
) -> Result<Report, SyncError> {
    let learned = syncer.learned().await?;
    let lists = lists(model, learned.scope.livemode)?;
    let run = Run::begin_all(syncer, model, Origin::Backfill, options.change_filter).await?;
    let newer = newer_than(&run, options).await?;
    let opening = opening(model, &lists, options, newer);
    let walking = Walking::begin(run.store(), model, &run.scope, opening).await?;
    run.latest.fetch_max(walking.lease().token(), Relaxed);
    let mut writer = run.writer(options.fresh).await?;
    writer.report.resumed = walking.resumed;
    let mut walk = Walk {
        run: &run,
        lists: &lists,
        floor: learned.created.unwrap_or(STRIPE_OPENED),
        options,
        newer: newer.is_some(),
        pace: Pace::new(),
        refusals: Refusals::default(),
        walking,
    };
    let walked = walk.go(&mut writer, newer).await;
    writer.report.waiting = walk.pace.waited;
    let refused = walk.refusals.warnings(model);
    writer.report.warnings.extend(refused);
    let ended = walk.walking.end().await;
    run.end(writer.report, walked.and(ended.map_err(SyncError::from)))
}

/// The moment from which on a run is to read, if it is to read only what is newer and there was a run before.
async fn newer_than(run: &Run<'_>, options: SyncAll) -> Result<Option<i64>, SyncError> {
    if !options.only_newer {
        return Ok(None);
    }
    let checkpoint = run.store().checkpoint(run.model, &run.scope).await?;
    Ok(checkpoint.and_then(|checkpoint| checkpoint.finished))
}

/// What the walk is to be, if it begins.
fn opening(
    model: &'static Model,
    lists: &[Chain],
    options: SyncAll,
    newer: Option<i64>,
) -> Opening {
    let lists_read: Vec<String> = lists.iter().map(Chain::identity).collect();
    let identity = format!(
        "{} {lists_read:?} {} {newer:?}",
        model.parts.fingerprint, options.fresh
    );
    let slices = (0..)
        .zip(lists)
        .map(|(list, chain)| NewSlice {
            // Slices that are split off later have tokens as numbers, which are positive.
            number: -1 - list,
            list,
            until: None,
            stop: newer
                .filter(|_| chain.created.is_some())
                .map(|since| since - changes::OVERLAP),
        })
        .collect();
    Opening {
        identity: xxh3_64(identity.as_bytes()).cast_signed(),
        anew: options.anew,
        change_filter: options.change_filter,
        slices,
    }
}

/// A walk, as far as this process takes part in it.
pub(super) struct Walk<'a> {
    pub(super) run: &'a Run<'a>,
    /// The model's lists, by their numbers.
    pub(super) lists: &'a [Chain],
    /// No object is older, in unix seconds.
    pub(super) floor: i64,
    options: SyncAll,
    /// Whether only what is newer is read.
    newer: bool,
    pub(super) pace: Pace,
    /// The lists of parents that the key may not read.
    pub(super) refusals: Refusals,
    pub(super) walking: Walking,
}

impl Walk<'_> {
    /// Goes until the walk has ended, by this process or another.
    async fn go(&mut self, writer: &mut Writer<'_>, newer: Option<i64>) -> Result<(), SyncError> {
        if let (Some(since), None) = (newer, self.walking.watermark) {
            // Events since the last run are looked for, and not only those since this one began.
            self.walking.set_watermark(since).await?;
        }
        loop {
            if self.lists(writer).await? {
                continue;
            }
            let (store, lease) = (self.run.store(), self.walking.lease());
            match store.claim_closing(self.run.model, lease).await? {
                None => self.wait().await?,
                // Whoever swept before may have been killed long ago: what changed since is looked for first.
                Some(WalkPhase::Sweep) => return self.close(writer, WalkPhase::Changes).await,
                Some(phase) => return self.close(writer, phase).await,
            }
        }
    }

    /// Goes through what comes after the lists, which is in this process's hands.
    async fn close(
        &mut self,
        writer: &mut Writer<'_>,
        mut phase: WalkPhase,
    ) -> Result<(), SyncError> {
        loop {
            phase = match phase {
                WalkPhase::Ended => {
                    self.walking.has_ended();
                    return Ok(());
                }
                WalkPhase::Lists => WalkPhase::Changes,
                WalkPhase::Changes => {
                    changes::read(writer, &mut self.walking).await?;
                    if self.newer {
                        WalkPhase::Ended
                    } else {
                        WalkPhase::Sweep
                    }
                }
                WalkPhase::Sweep => {
                    let reads = Reads {
                        most: self.options.confirmations,
                        lists_were_refused: !self.refusals.is_empty(),
                    };
                    sweep::sweep(writer, &mut self.walking, reads).await?;
                    WalkPhase::Ended
                }
            };
            let (store, lease) = (self.run.store(), self.walking.lease());
            match phase {
                WalkPhase::Ended => store.end_walk(lease).await?,
                phase => store.enter(lease, phase).await?,
            }
        }
    }

    /// Reads the slices that this process can get, and writes them side by side; answers whether it got any.
    async fn lists(&mut self, writer: &mut Writer<'_>) -> Result<bool, SyncError> {
        let (store, lease) = (self.run.store(), self.walking.lease().clone());
        let width = self.pace.width;
        let slices = store.claim_slices(self.run.model, &lease, width).await?;
        if slices.is_empty() {
            return Ok(false);
        }
        let (orders, waiting) = mpsc::channel(PAGES_AHEAD);
        let reading = Reading::new(self, orders).finish(&slices);
        let writing = writing::write(writer, &lease, waiting);
        // Whichever fails, the other ends by itself: what was read is written, and nothing more is read.
        let (read, written) = tokio::join!(reading, writing);
        written.and(read).map(|()| true)
    }

    /// Another process reads the rest. It is told that this one would take some of it.
    async fn wait(&self) -> Result<(), SyncError> {
        let lease = self.walking.lease();
        self.run.store().wait_for_work(lease).await?;
        tokio::time::sleep(LOOK_EVERY).await;
        Ok(())
    }
}
