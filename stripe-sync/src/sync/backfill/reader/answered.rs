//! Pages that Stripe answered: a page of parents opens the lists below them, a page of rows is mapped and given to the writer,
//! and a refused page is stepped over where it may be.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::sync::backfill::page_write::PageWrite;
use crate::sync::backfill::reader::fetch::{Answer, Fetch};
use crate::sync::backfill::reader::shown::{Shown, map_shown};
use crate::sync::backfill::reader::{Fetched, Reading};
use crate::sync::backfill::slice::PageRead;
use crate::sync::backfill::slice::coverage::covered;
use crate::sync::error::SyncError;
use crate::sync::list::pager::ChildList;
use crate::sync::list::{ListTarget, Page, Pager};
use crate::sync::object::Mapped;
use crate::sync::object::children::{owner, unnamed_parent};

impl Reading<'_, '_> {
    /// Takes an answer in. Returns whether more are wanted.
    pub(crate) async fn take_answer(
        &mut self,
        (fetch, answer): Fetched,
    ) -> Result<bool, SyncError> {
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
        let pager = fetch.below.as_ref().unwrap_or(&self.slices[index].pager);
        match &pager.target {
            ListTarget::Parents(template) => {
                let template = Arc::clone(template);
                self.take_parents(index, fetch, answer.page, &template)
                    .await
            }
            ListTarget::Rows | ListTarget::Elements(_) => {
                self.take_rows(index, fetch, answer, held).await
            }
        }
    }

    /// Takes in a page of parents: the list below each of them is read next.
    async fn take_parents(
        &mut self,
        index: usize,
        fetch: Fetch,
        page: Page,
        template: &ChildList,
    ) -> Result<bool, SyncError> {
        let ids: Vec<String> = page.ids().collect();
        let below: Vec<Pager> = ids.iter().rev().map(|id| template.pager(id)).collect();
        self.turn(index, fetch.below, &page, ids)?;
        self.slices[index].below.extend(below);
        self.step(index).await
    }

    /// Takes in a page of rows: maps it, and gives it to the writer.
    async fn take_rows(
        &mut self,
        index: usize,
        fetch: Fetch,
        answer: Answer,
        held: Vec<OwnedSemaphorePermit>,
    ) -> Result<bool, SyncError> {
        let (mut page, run) = (answer.page, self.backfill.run);
        let ids: Vec<String> = page.ids().collect();
        let pager = fetch.below.as_ref().unwrap_or(&self.slices[index].pager);
        let parent = unnamed_parent(run.model, &pager.query);
        let parent = parent.map(|parent| (parent.to_owned(), ids.clone()));
        let elements = match pager.target {
            ListTarget::Elements(list) => Some(list),
            _ => None,
        };
        let owner = owner(run.model, pager);
        let is_own = fetch.below.is_none();
        if let Some(taken) = self.turn(index, fetch.below, &page, ids)? {
            self.backfill.splits.read(taken);
            // What was cut off stands at the end.
            page.objects.truncate(taken.objects);
        }
        let shown = Shown::of_page(page.objects, answer.incomplete, (owner, elements));
        let ids_shown = shown.iter().flat_map(Shown::ids);
        let lease = self.backfill.guard.lease();
        let mut seen: Vec<u64> = ids_shown.map(|id| lease.hash(&id)).collect();
        let slice = &mut self.slices[index];
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
            let (store, scope) = (run.store(), &run.scope);
            store.know_children(run.model, scope, &parent, &ids).await?;
        }
        let mapped = map_shown(run.model, shown, &run.context).await;
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

    /// Moves a list past its page. Returns what of the page is the slice's, for a page of the slice's own list.
    fn turn(
        &mut self,
        index: usize,
        below: Option<Pager>,
        page: &Page,
        ids: Vec<String>,
    ) -> Result<Option<PageRead>, SyncError> {
        let slice = &mut self.slices[index];
        let taken = if let Some(mut pager) = below {
            if !pager.turn(ids, None, page.has_more)? {
                slice.below.push(pager);
            }
            None
        } else {
            let texts = page
                .objects
                .iter()
                .map(|object| std::str::from_utf8(object).unwrap_or_default());
            Some(slice.page(&texts.collect::<Vec<_>>(), ids, page.has_more)?)
        };
        self.backfill
            .run
            .cover(covered(self.backfill, &self.slices));
        Ok(taken)
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
