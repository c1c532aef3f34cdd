//! Reads slices of a run: several at once, split where a reader would be idle.
pub(crate) mod early;
pub(crate) mod fetch;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::store::backfill::slices::Slice;

use crate::sync::backfill::lease::RENEW_EVERY;
use crate::sync::backfill::page_write::{BYTES_AHEAD, KILOBYTE, PageWrite};
use crate::sync::backfill::run::BackfillRun;
use crate::sync::backfill::slice::OpenSlice;
use crate::sync::backfill::slice::coverage::covered;
use crate::sync::backfill::slice::density::Density;
use crate::sync::error::SyncError;
use crate::sync::list::{ListTarget, Pager};
use crate::sync::object::Mapped;
use crate::sync::object::children::unnamed_parent;
use crate::sync::object::complete::Incomplete;
use crate::sync::object::map::map_page;
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
    pub(crate) async fn finish(mut self, slices: Vec<Slice>) -> Result<(), SyncError> {
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
            if !self.page(fetched).await? {
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
                rows: pager.is_of_rows(),
                start: early.as_ref().map_or_else(latest, |early| early.start),
                model: self.backfill.run.model,
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

    /// Takes an answer in. Returns whether more are wanted.
    async fn page(&mut self, (fetch, answer): Fetched) -> Result<bool, SyncError> {
        let mut slices = self.slices.iter();
        let Some(index) = slices.position(|slice| slice.settled.new.number == fetch.slice) else {
            return Ok(true);
        };
        self.slices[index].asked -= 1;
        let endpoint = self.slices[index].pager.request();
        let pressure = self.backfill.run.syncer.stripe().pressure(&endpoint);
        let under_way = self.fetching.len() + 1;
        self.backfill.concurrency.answered(&pressure, under_way);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.refused(index, fetch.below, error)?;
                return self.step(index).await;
            }
        };
        self.backfill.concurrency.weigh(answer.bytes);
        self.watermark(answer.date).await?;
        let held = self.hold(answer.bytes).await;

        let (page, lease) = (answer.page, self.backfill.guard.lease());
        let ids: Vec<String> = page.ids().collect();
        let mut seen: Vec<u64> = ids.iter().map(|id| lease.hash(id)).collect();
        let (run, slice) = (self.backfill.run, &mut self.slices[index]);
        let pager = fetch.below.as_ref().unwrap_or(&slice.pager);
        let children = match &pager.target {
            ListTarget::Parents(template) => {
                let below = ids.iter().rev().map(|id| template.pager(id));
                Some(below.collect::<Vec<_>>())
            }
            ListTarget::Rows => None,
        };
        let parent = unnamed_parent(run.model, &pager.query).filter(|_| children.is_none());
        let parent = parent.map(|parent| (parent.to_owned(), ids.clone()));
        let is_own = fetch.below.is_none();
        let mut objects = page.objects;
        if let Some(mut pager) = fetch.below {
            if !pager.turn(ids, None, page.has_more)? {
                slice.below.push(pager);
            }
        } else {
            let texts = objects
                .iter()
                .map(|object| std::str::from_utf8(object).unwrap_or_default());
            let taken = slice.page(&texts.collect::<Vec<_>>(), ids, page.has_more)?;
            if children.is_none() {
                self.backfill.splits.read(taken);
            }
            // What was cut off stands at the end.
            objects.truncate(taken.objects);
            seen.truncate(taken.objects);
        }
        run.cover(covered(self.backfill, &self.slices));
        let slice = &mut self.slices[index];
        if let Some(children) = children {
            slice.below.extend(children);
            return self.step(index).await;
        }
        let mut advance = match is_own {
            true => slice.advance(1, seen.len()),
            // What comes below a page of parents moves its slice only when all of it is there.
            false => slice.unmoved(false, 1, seen.len()),
        };
        if is_own {
            // The next page is asked for before this one is mapped. Nothing is split here: the place after this page is not
            // for the writer before the page itself.
            self.ask_ready();
        }
        if let Some((parent, ids)) = parent {
            // Before the rows are there: what tells of the parent has to find them.
            let store = run.store();
            store
                .know_children(run.model, &run.scope, &parent, &ids)
                .await?;
        }
        let mapped = self.map(objects, answer.incomplete).await;
        // What is outside the filter was not shown, as far as rows are concerned, nor was what is of another resource.
        for object in &mapped {
            if let Mapped::Outside(id) | Mapped::Other(id) = object {
                let hash = self.backfill.guard.lease().hash(id);
                if let Some(place) = seen.iter().position(|seen| *seen == hash) {
                    seen.swap_remove(place);
                    advance.seen -= 1;
                }
            }
        }
        let mut write = PageWrite {
            mapped,
            start: fetch.start,
            held,
            ..PageWrite::of(advance)
        };
        write.state.seen = seen;
        Ok(self.send(write).await && (is_own || self.step(index).await?))
    }

    /// After something of a slice came: if it was the last below a page, the writer is told that the page is read.
    async fn step(&mut self, index: usize) -> Result<bool, SyncError> {
        let slice = &mut self.slices[index];
        if !slice.is_idle() {
            return Ok(true);
        }
        let advance = slice.advance(0, 0);
        Ok(self.send(PageWrite::of(advance)).await)
    }

    async fn map(&self, objects: Vec<Bytes>, mut incomplete: Incomplete) -> Vec<Mapped> {
        let objects = objects.into_iter().enumerate();
        let objects = objects.map(|(place, object)| match incomplete.remove(&place) {
            Some(failure) => Err(failure),
            None => Ok(object),
        });
        let (run, objects) = (self.backfill.run, objects.collect());
        map_page(run.model, objects, &run.context).await
    }

    /// A page that Stripe refused: a vanished cursor is stepped over, a vanished parent has nothing to show, and parents
    /// that the key may not list are done without.
    fn refused(
        &mut self,
        index: usize,
        below: Option<Pager>,
        error: SyncError,
    ) -> Result<(), SyncError> {
        let SyncError::Stripe(refusal) = &error else {
            return Err(error);
        };
        let slice = &mut self.slices[index];
        let pager = below.as_ref().unwrap_or(&slice.pager);
        let (refusals, lists) = (&mut self.backfill.refusals, self.backfill.lists);
        if refusals.take(pager, lists, refusal) {
            if below.is_none() {
                slice.ended = true;
            }
            return Ok(());
        }
        let vanished = refusal.missing_param() == Some("starting_after");
        match below {
            Some(mut pager) if vanished => {
                pager.vanished()?;
                slice.below.push(pager);
            }
            None if vanished => slice.pager.vanished()?,
            Some(pager) if refusal.names_missing() && pager.of_parent => {}
            _ => return Err(error),
        }
        Ok(())
    }
}
