//! Reads slices of a run: several at once, split where a reader would be idle.
pub(crate) mod answered;
pub(crate) mod early;
pub(crate) mod fetch;
pub(crate) mod shown;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::store::backfill::slices::Slice;

use crate::sync::backfill::lease::RENEW_EVERY;
use crate::sync::backfill::page_write::{BYTES_AHEAD, KILOBYTE, PageWrite};
use crate::sync::backfill::run::BackfillRun;
use crate::sync::backfill::slice::OpenSlice;
use crate::sync::backfill::slice::density::Density;
use crate::sync::error::SyncError;

use fetch::{Answer, Fetch};

/// A page that was asked for, and the answer.
type Fetched = (Fetch, Result<Answer, SyncError>);

/// A reader of slices.
pub(crate) struct Reading<'w, 'r> {
    pub(crate) backfill: &'w mut BackfillRun<'r>,
    slices: Vec<OpenSlice>,
    /// Whether the run may have slices that no process has claimed.
    has_unclaimed: bool,
    fetching: JoinSet<Fetched>,
    pub(crate) ahead: Arc<Semaphore>,
    pub(crate) writes: Sender<PageWrite>,
}

impl<'w, 'r> Reading<'w, 'r> {
    pub(crate) fn new(backfill: &'w mut BackfillRun<'r>, writes: Sender<PageWrite>) -> Self {
        Self {
            backfill,
            slices: Vec::new(),
            has_unclaimed: false,
            fetching: JoinSet::new(),
            ahead: Arc::new(Semaphore::new(BYTES_AHEAD / KILOBYTE)),
            writes,
        }
    }

    /// Reads slices, and what is split off them, to their end.
    ///
    /// # Errors
    /// When Stripe or the database fail for longer than retries last.
    pub(crate) async fn read_all(mut self, slices: Vec<Slice>) -> Result<(), SyncError> {
        self.has_unclaimed = slices.len() >= self.backfill.concurrency.limit();
        for slice in slices {
            self.open(slice, Density::default());
        }
        loop {
            self.ask().await?;
            if self.fetching.is_empty() {
                return Ok(());
            }
            let Some(fetched) = self.next().await? else {
                continue;
            };
            if !self.take_answer(fetched).await? {
                return Ok(());
            }
        }
    }

    /// Begins to read a slice from where it is. One that was just split off may be as dense as the other half.
    fn open(&mut self, slice: Slice, density: Density) {
        let list = usize::try_from(slice.new.list).unwrap_or_default();
        if let Some(pager) = self.backfill.lists.get(list) {
            self.slices.push(OpenSlice::resume(slice, pager, density));
        }
    }

    /// The next answer, if there is one before the lease has to be renewed; then one who waits for work gets some.
    async fn next(&mut self) -> Result<Option<Fetched>, SyncError> {
        if self.backfill.guard.somebody_waits().await? {
            self.split(true).await?;
        }
        let fetched = match self.fetching.try_join_next() {
            Some(fetched) => fetched,
            None => {
                self.backfill.concurrency.starves();
                let answer = tokio::time::timeout(RENEW_EVERY, self.fetching.join_next());
                let Ok(Some(fetched)) = self.backfill.run.waited(answer).await else {
                    return Ok(None);
                };
                fetched
            }
        };
        // A fetch that panicked is a bug that must not look like a complete run.
        let fetched = fetched.map_err(|error| SyncError::Page {
            path: self.backfill.run.model.object().to_owned(),
            reason: format!("reading it stopped: {error}"),
            request_id: None,
        })?;
        Ok(Some(fetched))
    }

    /// Asks what can be asked for now.
    fn ask_ready(&mut self) {
        while self.fetching.len() < self.backfill.concurrency.limit() {
            let Some(slice) = self.slices.iter_mut().find(|slice| slice.is_ready()) else {
                return;
            };
            let below = slice.below.pop();
            slice.asked += 1;
            let pager = below.as_ref().unwrap_or(&slice.pager);
            let request = pager.request();
            // What was sent before and is not the first page asked for is none at all.
            let early = self.backfill.early.take();
            let early = early.filter(|early| early.is_for(&request));
            // The page's freshness begins with the newest token that is known: to take one of its own would cost a
            // question, and an older one only claims less.
            let latest = || self.backfill.run.latest.load(Relaxed);
            let fetch = Fetch {
                slice: slice.settled.new.number,
                request,
                keeps: pager.keeps(self.backfill.run.model),
                start: early.as_ref().map_or_else(latest, |early| early.start),
                reader: self.backfill.run.reader.clone(),
                below,
            };
            self.fetching.spawn(fetch.run(early).in_current_span());
        }
    }

    /// Asks until as much is asked for at once as is worth it.
    async fn ask(&mut self) -> Result<(), SyncError> {
        loop {
            self.ask_ready();
            let is_enough = self.fetching.len() >= self.backfill.concurrency.limit();
            if is_enough || !(self.claim().await? || self.split(false).await?) {
                return Ok(());
            }
        }
    }

    /// Takes more of the slices that nobody reads: those that are there need no split. Returns whether there were any.
    async fn claim(&mut self) -> Result<bool, SyncError> {
        if !self.has_unclaimed {
            return Ok(false);
        }
        let most = self.backfill.concurrency.limit();
        let (run, lease) = (self.backfill.run, self.backfill.guard.lease());
        let slices = run.store().claim_slices(run.model, lease, most).await?;
        self.has_unclaimed = slices.len() == most;
        let any = !slices.is_empty();
        for slice in slices {
            self.open(slice, Density::default());
        }
        Ok(any)
    }

    /// Splits the older half off the rest with the most objects, if what it would save is worth a request: for another
    /// process, or to be read here. Returns whether it did.
    async fn split(&mut self, for_another: bool) -> Result<bool, SyncError> {
        let floor = self.backfill.floor;
        let expected = |slice: &OpenSlice| slice.expected(floor);
        let remaining = self.slices.iter().enumerate();
        let remaining = remaining.filter_map(|(index, slice)| Some((expected(slice)?, index)));
        let Some((rest, index)) = remaining.max() else {
            return Ok(false);
        };
        let whole = self.slices.iter().filter_map(expected);
        let whole = whole.fold(0, i64::saturating_add);
        if !self.backfill.splits.is_worth_it(rest, whole) {
            return Ok(false);
        }
        let number = self.backfill.run.store().next_token().await?;
        let victim = &mut self.slices[index];
        let new = victim.split(number, floor);
        self.backfill.splits.count();
        let Some(new) = new else {
            return Ok(false);
        };
        let mut write = PageWrite::of(victim.advance(0, 0));
        if for_another {
            write.state.free.push(new);
        } else {
            let density = victim.density;
            write.state.new.push(new.clone());
            let slice = Slice {
                new,
                place: String::new(),
                position: None,
            };
            self.open(slice, density);
        }
        self.send(write).await;
        Ok(true)
    }
}
