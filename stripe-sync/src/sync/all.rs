//! `sync_all`: every object that the resource's lists can show.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{JoinError, JoinSet};

use crate::client::{ClientError, Meter, Stripe};
use crate::context::Origin;
use crate::model::Model;
use crate::store::{StoreError, WalkLease};

use super::chain::{Chain, Target, chains};
use super::lease::{RENEW_EVERY, Walking};
use super::page::{Mapped, Page, id_of, map};
use super::run::Run;
use super::write::{Writer, resource};
use super::{Report, SyncError, Syncer};

/// Lists that are read at once. One list is one chain of cursors; more of them exist only for resources that are
/// listed once for each parent.
const CHAINS_AT_ONCE: usize = 8;
/// Pages that may wait for the writer. It takes all that wait into one transaction, about 1,000 rows.
const PAGES_AHEAD: usize = 10;
/// How often a list whose cursors all vanished is begun again.
const RESTARTS: u32 = 3;
/// How `sync_all` works.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SyncAll {
    pub(crate) fresh: bool,
}

impl SyncAll {
    /// Every row is written, also those that look unchanged: for a table that others may have written to.
    #[must_use]
    pub fn fresh(mut self, fresh: bool) -> Self {
        self.fresh = fresh;
        self
    }
}

/// The answer to one page of a chain.
struct Fetched {
    chain: Chain,
    start: i64,
    answer: Result<(Bytes, Option<String>), SyncError>,
}

pub(crate) async fn sync_all(
    syncer: &Syncer,
    model: &'static Model,
    options: SyncAll,
) -> Result<Report, SyncError> {
    let livemode = syncer.scope().await?.livemode;
    let recipes = resource(model)
        .map(|resource| chains(resource, model.parts.filters, livemode))
        .filter(|chains| !chains.is_empty())
        .ok_or(SyncError::NotListable {
            model: model.name(),
            object: model.object(),
        })?;
    let run = Run::begin(syncer, model, Origin::Backfill).await?;
    let mut walking = Walking::begin(syncer.store(), model, &run.scope).await?;
    let mut writer = run.writer(options.fresh).await?;
    let lease = walking.lease().cloned();
    if let Some(lease) = &lease {
        run.latest.fetch_max(lease.token(), Relaxed);
    }
    let (pages, read) = mpsc::channel(PAGES_AHEAD);
    let reading = Walk::new(&run, &mut walking, recipes, pages).finish();
    let writing = write_pages(&run, &mut writer, lease.as_ref(), read);
    // Whichever fails, the other ends by itself: what was read is written, and nothing more is read.
    let (read, written) = tokio::join!(reading, writing);
    walking.end().await?;
    run.end(writer.report, written.and(read))
}

/// The objects of a page, mapped while the database is busy with the pages before it.
struct Ready {
    mapped: Vec<Mapped>,
    start: i64,
}

/// Writes pages in the order in which they come. All that wait go in one transaction: each costs a wait for the disk.
async fn write_pages(
    run: &Run<'_>,
    writer: &mut Writer<'_>,
    lease: Option<&WalkLease>,
    mut pages: Receiver<Ready>,
) -> Result<(), SyncError> {
    while let Some(mut batch) = pages.recv().await {
        while let Ok(page) = pages.try_recv() {
            batch.mapped.extend(page.mapped);
            // The oldest read speaks for all: it can only lose to what a younger one would win against.
            batch.start = batch.start.min(page.start);
        }
        writer.mapped(batch.mapped, batch.start, lease).await?;
        run.progress(&writer.report, false);
    }
    Ok(())
}

/// A walk of every chain of one model.
struct Walk<'a> {
    run: &'a Run<'a>,
    walking: &'a mut Walking,
    /// The recipes that are still to come. Two of them may show the same object, so one follows the other: a page that
    /// leaves a row alone must not be overtaken by an older page that changes it.
    recipes: Vec<Chain>,
    /// The chains to read, depth first: the children of one page of parents come before the next page, so that the
    /// stack stays short.
    todo: Vec<Chain>,
    fetching: JoinSet<Fetched>,
    /// Where pages go.
    pages: Sender<Ready>,
}

impl<'a> Walk<'a> {
    fn new(
        run: &'a Run<'a>,
        walking: &'a mut Walking,
        mut recipes: Vec<Chain>,
        pages: Sender<Ready>,
    ) -> Self {
        recipes.reverse();
        Self {
            run,
            walking,
            recipes,
            todo: Vec::new(),
            fetching: JoinSet::new(),
            pages,
        }
    }

    async fn finish(mut self) -> Result<(), SyncError> {
        loop {
            self.fetch_more();
            let Some(fetched) = self.next().await? else {
                match self.recipes.pop() {
                    Some(recipe) => self.todo.push(recipe),
                    None => return Ok(()),
                }
                continue;
            };
            // A fetch that panicked is a bug that must not look like a complete run.
            let fetched = fetched.map_err(|error| SyncError::Page {
                path: self.run.model.object().to_owned(),
                reason: format!("reading it stopped: {error}"),
                request_id: None,
            })?;
            if !self.page(fetched).await? {
                return Ok(());
            }
        }
    }

    /// The next answer; the lease is renewed while it is waited for.
    async fn next(&mut self) -> Result<Option<Result<Fetched, JoinError>>, StoreError> {
        loop {
            self.walking.renew().await?;
            let answered = tokio::time::timeout(RENEW_EVERY, self.fetching.join_next()).await;
            if let Ok(answered) = answered {
                return Ok(answered);
            }
        }
    }

    /// Starts reading until enough lists are read at once.
    fn fetch_more(&mut self) {
        while self.fetching.len() < CHAINS_AT_ONCE {
            let Some(chain) = self.todo.pop() else {
                return;
            };
            let syncer = self.run.syncer;
            self.fetching.spawn(fetch(
                syncer.stripe().clone(),
                self.run.latest.load(Relaxed),
                Arc::clone(&self.run.meter),
                chain,
            ));
        }
    }

    /// Takes a page in; answers whether more are wanted.
    async fn page(&mut self, fetched: Fetched) -> Result<bool, SyncError> {
        let Fetched {
            mut chain,
            start,
            answer,
        } = fetched;
        let (body, request_id) = match answer {
            Ok(answer) => answer,
            Err(error) => return self.refused(chain, error).map(|()| true),
        };
        let page = Page::split(&body).map_err(|error| SyncError::Page {
            path: chain.path.clone(),
            reason: error.to_string(),
            request_id,
        })?;
        let ids: Vec<String> = page.objects.iter().filter_map(|json| id_of(json)).collect();
        if page.has_more {
            if ids.is_empty() {
                // More is promised and nothing came: the cursor is no place in this list any more.
                chain.step_back();
            } else {
                chain.advance(ids.iter().cloned());
            }
            self.again(chain.clone())?;
        }
        match &chain.target {
            Target::Rows => {
                self.fetch_more();
                let mut mapped = Vec::with_capacity(page.objects.len());
                for object in page.objects {
                    mapped.push(map(self.run.model, object, &self.run.context).await);
                }
                return self.send(Ready { mapped, start }).await;
            }
            Target::Parents(template) => {
                self.todo
                    .extend(ids.iter().rev().map(|id| template.chain(id)));
            }
        }
        Ok(true)
    }

    /// Gives a page to the writer; the lease is renewed while the writer is busy. Answers `false` when it has failed.
    async fn send(&mut self, page: Ready) -> Result<bool, SyncError> {
        loop {
            self.walking.renew().await?;
            match tokio::time::timeout(RENEW_EVERY, self.pages.reserve()).await {
                Ok(Ok(place)) => {
                    place.send(page);
                    return Ok(true);
                }
                Ok(Err(_)) => return Ok(false),
                Err(_) => {}
            }
        }
    }

    /// A page that Stripe refused: a vanished cursor is stepped over, a vanished parent has nothing to show.
    fn refused(&mut self, mut chain: Chain, error: SyncError) -> Result<(), SyncError> {
        let SyncError::Stripe(refusal) = &error else {
            return Err(error);
        };
        if refusal.missing_param() == Some("starting_after") {
            tracing::info!(name: "stripe_sync.cursor_vanished", path = chain.path, "cursor vanished");
            chain.step_back();
            return self.again(chain);
        }
        if refusal.is_missing() && chain.of_parent {
            return Ok(());
        }
        Err(error)
    }

    fn again(&mut self, chain: Chain) -> Result<(), SyncError> {
        if chain.restarts > RESTARTS {
            return Err(SyncError::CursorLost {
                path: chain.path,
                times: RESTARTS,
            });
        }
        self.todo.push(chain);
        Ok(())
    }
}

/// Reads one page. Its freshness begins with the newest token that is known: to take one of its own for each page
/// would cost a question, and an older one only claims less.
async fn fetch(stripe: Stripe, start: i64, meter: Arc<Meter>, chain: Chain) -> Fetched {
    let answer: Result<_, ClientError> = stripe.get(chain.request(), &meter).await;
    Fetched {
        chain,
        start,
        answer: answer
            .map(|response| (response.body, response.request_id))
            .map_err(SyncError::from),
    }
}
