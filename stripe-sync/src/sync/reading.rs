//! Reads slices of a walk: several at once, split where a reader would be idle.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::store::{Advance, NewSlice, Slice};

use super::SyncError;
use super::chain::{Chain, Target};
use super::fetch::{Answer, Fetch, Fetched};
use super::inline::Incomplete;
use super::lease::{RENEW_EVERY, Walking};
use super::order::{BYTES_AHEAD, KILOBYTE, Order};
use super::pace::Pace;
use super::page::{Mapped, id_of, map};
use super::refusals::Refusals;
use super::run::Run;
use super::slice::OpenSlice;

/// How often a list without an order in time, whose cursors all vanished, is begun again.
const RESTARTS: u32 = 3;

/// A reader of slices.
pub(crate) struct Reading<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) walking: &'a mut Walking,
    /// The model's lists, by their numbers.
    pub(crate) lists: &'a [Chain],
    pub(crate) slices: Vec<OpenSlice>,
    pub(crate) pace: &'a mut Pace,
    /// No object is older, in unix seconds.
    pub(crate) floor: i64,
    refusals: &'a mut Refusals,
    fetching: JoinSet<Fetched>,
    pub(super) ahead: Arc<Semaphore>,
    pub(super) orders: Sender<Order>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        run: &'a Run<'a>,
        walking: &'a mut Walking,
        lists: &'a [Chain],
        pace: &'a mut Pace,
        floor: i64,
        refusals: &'a mut Refusals,
        orders: Sender<Order>,
    ) -> Self {
        Self {
            run,
            walking,
            lists,
            slices: Vec::new(),
            pace,
            floor,
            refusals,
            fetching: JoinSet::new(),
            ahead: Arc::new(Semaphore::new(BYTES_AHEAD / KILOBYTE)),
            orders,
        }
    }

    /// Reads slices, and what is split off them, to their end.
    ///
    /// # Errors
    /// When Stripe or the database fail for longer than retries last.
    pub(crate) async fn finish(mut self, slices: &[Slice]) -> Result<(), SyncError> {
        for slice in slices {
            let list = usize::try_from(slice.new.list).unwrap_or_default();
            if let Some(chain) = self.lists.get(list) {
                self.slices.push(OpenSlice::resume(slice, chain));
            }
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

    /// The next answer, if there is one before the lease has to be renewed; then one who waits for work gets some.
    async fn next(&mut self) -> Result<Option<Fetched>, SyncError> {
        if self.walking.renew().await?
            && let Some((new, advance)) = self.split().await?
        {
            self.send(Order {
                free: Some(new),
                advance: Some(advance),
                ..Order::default()
            })
            .await?;
        }
        let began = Instant::now();
        let answered = tokio::time::timeout(RENEW_EVERY, self.fetching.join_next()).await;
        self.pace.wait(began.elapsed());
        let Ok(Some(fetched)) = answered else {
            return Ok(None);
        };
        // A fetch that panicked is a bug that must not look like a complete run.
        let fetched = fetched.map_err(|error| SyncError::Page {
            path: self.run.model.object().to_owned(),
            reason: format!("reading it stopped: {error}"),
            request_id: None,
        })?;
        Ok(Some(fetched))
    }

    /// Asks what can be asked for now.
    fn ask_ready(&mut self) {
        while self.fetching.len() < self.pace.width() {
            let Some(slice) = self.slices.iter_mut().find(|slice| slice.is_ready()) else {
                return;
            };
            let below = slice.below.pop();
            slice.asked += 1;
            let chain = below.as_ref().unwrap_or(&slice.chain);
            let fetch = Fetch {
                slice: slice.number,
                request: chain.request(),
                rows: chain.is_of_rows(),
                // The page's freshness begins with the newest token that is known: to take one of its own would cost a
                // question, and an older one only claims less.
                start: self.run.latest.load(Relaxed),
                model: self.run.model,
                stripe: self.run.syncer.stripe().clone(),
                meter: Arc::clone(&self.run.meter),
                below,
            };
            self.fetching.spawn(fetch.run().in_current_span());
        }
    }

    /// Asks until as much is asked for at once as is worth it.
    async fn ask(&mut self) -> Result<(), SyncError> {
        loop {
            self.ask_ready();
            if self.fetching.len() >= self.pace.width() {
                return Ok(());
            }
            let Some((new, advance)) = self.split().await? else {
                return Ok(());
            };
            let list = usize::try_from(new.list).unwrap_or_default();
            if let Some(chain) = self.lists.get(list) {
                let slice = Slice {
                    new: new.clone(),
                    place: String::new(),
                    position: None,
                };
                self.slices.push(OpenSlice::resume(&slice, chain));
            }
            self.send(Order {
                new: Some(new),
                advance: Some(advance),
                ..Order::default()
            })
            .await?;
        }
    }

    /// Splits the older half off the widest rest, if what it would save is worth a request.
    async fn split(&mut self) -> Result<Option<(NewSlice, Advance)>, SyncError> {
        let floor = self.floor;
        let widest = (0..self.slices.len())
            .filter_map(|index| Some((self.slices[index].rest(floor)?, index)))
            .max();
        let Some((rest, index)) = widest else {
            return Ok(None);
        };
        if !self.pace.is_split_worth_it(rest) {
            return Ok(None);
        }
        let number = self.run.syncer.store().tick().await?;
        let victim = &mut self.slices[index];
        let split = victim
            .split(number, floor)
            .map(|new| (new, victim.advance(0, 0)));
        self.pace.split();
        Ok(split)
    }

    /// Takes an answer in; answers whether more are wanted.
    async fn page(&mut self, fetched: Fetched) -> Result<bool, SyncError> {
        let Some(index) = self
            .slices
            .iter()
            .position(|slice| slice.number == fetched.slice)
        else {
            return Ok(true);
        };
        self.slices[index].asked -= 1;
        let endpoint = self.slices[index].chain.request();
        self.pace
            .answered(self.run.syncer.stripe().pressure(&endpoint));
        let answer = match fetched.answer {
            Ok(answer) => answer,
            Err(error) => {
                self.refused(index, fetched.below, error)?;
                return self.step(index).await;
            }
        };
        self.watermark(answer.date).await?;
        let held = self.hold(answer.bytes).await?;
        let start = fetched.start;
        match fetched.below {
            Some(chain) => self.below(index, chain, answer, start, held).await,
            None => self.own(index, answer, start, held).await,
        }
    }

    /// A page of a slice's own chain.
    async fn own(
        &mut self,
        index: usize,
        answer: Answer,
        start: i64,
        held: Option<OwnedSemaphorePermit>,
    ) -> Result<bool, SyncError> {
        let page = answer.page;
        let slice = &mut self.slices[index];
        let ids: Vec<String> = page.objects.iter().filter_map(|json| id_of(json)).collect();
        if let (false, Target::Parents(template)) =
            (slice.chain.is_of_rows(), slice.chain.target.clone())
        {
            slice.page(&[], ids.clone(), page.has_more);
            slice
                .below
                .extend(ids.iter().rev().map(|id| template.chain(id)));
            return self.step(index).await;
        }
        let texts: Vec<&str> = page
            .objects
            .iter()
            .map(|object| std::str::from_utf8(object).unwrap_or_default())
            .collect();
        let lease = self.walking.lease();
        let mut seen: Vec<u64> = ids.iter().map(|id| lease.hash(id)).collect();
        let taken = slice.page(&texts, ids, page.has_more);
        // What was cut off stands at the end.
        seen.truncate(taken.objects);
        self.pace.read(taken);
        let advance = slice.advance(1, seen.len());
        // The next page is asked for before this one is mapped. Nothing is split here: the place after this page is not
        // for the writer before the page itself.
        self.ask_ready();
        let objects = page.objects.into_iter().take(taken.objects).collect();
        let mapped = self.map(objects, answer.incomplete).await;
        self.send(Order {
            mapped,
            seen,
            start,
            advance: Some(advance),
            held,
            ..Order::default()
        })
        .await
    }

    /// A page of a list below a parent.
    async fn below(
        &mut self,
        index: usize,
        mut chain: Chain,
        answer: Answer,
        start: i64,
        held: Option<OwnedSemaphorePermit>,
    ) -> Result<bool, SyncError> {
        let page = answer.page;
        let ids: Vec<String> = page.objects.iter().filter_map(|json| id_of(json)).collect();
        if page.has_more {
            let mut next = chain.clone();
            if ids.is_empty() {
                next.step_back();
            } else {
                next.advance(ids.iter().cloned());
            }
            again(&next)?;
            self.slices[index].below.push(next);
        }
        if let Target::Parents(template) = &mut chain.target {
            let children = ids.iter().rev().map(|id| template.chain(id));
            self.slices[index].below.extend(children);
            return self.step(index).await;
        }
        let seen: Vec<u64> = ids.iter().map(|id| self.walking.lease().hash(id)).collect();
        // What comes below the parent page moves its slice only when all of it is there.
        let counted = self.slices[index].unmoved(false, 1, seen.len());
        let mapped = self.map(page.objects, answer.incomplete).await;
        let order = Order {
            mapped,
            seen,
            start,
            advance: Some(counted),
            held,
            ..Order::default()
        };
        Ok(self.send(order).await? && self.step(index).await?)
    }

    /// After something of a slice came: if it was the last below a page, the writer is told that the page is read.
    async fn step(&mut self, index: usize) -> Result<bool, SyncError> {
        let slice = &mut self.slices[index];
        if !slice.is_idle() {
            return Ok(true);
        }
        let advance = slice.advance(0, 0);
        self.send(Order {
            advance: Some(advance),
            ..Order::default()
        })
        .await
    }

    async fn map(&self, objects: Vec<Bytes>, mut incomplete: Incomplete) -> Vec<Mapped> {
        let mut mapped = Vec::with_capacity(objects.len());
        for (place, object) in objects.into_iter().enumerate() {
            let failed = incomplete.iter().position(|(failed, _)| *failed == place);
            mapped.push(match failed {
                Some(failed) => Mapped::Failed(incomplete.swap_remove(failed).1),
                None => map(self.run.model, object, &self.run.context).await,
            });
        }
        mapped
    }

    /// A page that Stripe refused: a vanished cursor is stepped over, a vanished parent has nothing to show, and parents
    /// that the key may not list are done without.
    fn refused(
        &mut self,
        index: usize,
        below: Option<Chain>,
        error: SyncError,
    ) -> Result<(), SyncError> {
        let SyncError::Stripe(refusal) = &error else {
            return Err(error);
        };
        let slice = &mut self.slices[index];
        let chain = below.as_ref().unwrap_or(&slice.chain);
        if self.refusals.take(chain, self.lists, refusal) {
            if below.is_none() {
                slice.end();
            }
            return Ok(());
        }
        let vanished = refusal.missing_param() == Some("starting_after");
        match below {
            Some(mut chain) if vanished => {
                chain.step_back();
                again(&chain)?;
                slice.below.push(chain);
            }
            None if vanished => {
                slice.step_back();
                again(&slice.chain)?;
            }
            Some(chain) if refusal.is_missing() && chain.of_parent => {}
            _ => return Err(error),
        }
        if vanished {
            tracing::info!(name: "stripe_sync.cursor_vanished", path = slice.chain.path, "cursor vanished");
        }
        Ok(())
    }
}

pub(super) fn again(chain: &Chain) -> Result<(), SyncError> {
    if chain.restarts > RESTARTS {
        return Err(SyncError::CursorLost {
            path: chain.path.clone(),
            times: RESTARTS,
        });
    }
    Ok(())
}
