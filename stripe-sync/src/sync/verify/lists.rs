//! The lists of a model, read to their end: one page after the other of each, and some lists at once.

use std::str::from_utf8;

use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::object::list::integer;
use crate::sync::backfill::refusals::Refusals;
use crate::sync::error::SyncError;
use crate::sync::list::pager::ElementList;
use crate::sync::list::plan::lists;
use crate::sync::list::{ListTarget, Page, Pager, Reader};
use crate::sync::object::ModelRun;
use crate::sync::object::children::owner;
use crate::sync::object::complete::{Incomplete, Keeps, complete_page};

/// Pages that are asked for at once, each of another list. As many are held, whatever their size.
const LISTS_AT_ONCE: usize = 4;

/// A page with objects of the model.
pub(super) struct ListedPage {
    pub(super) page: Page,
    /// The objects that could not be completed.
    pub(super) incomplete: Incomplete,
    /// The list that the model's objects stand in, if the page is one of their parents.
    pub(super) elements: Option<ElementList>,
    /// The parent whose list it is, if it is that of one.
    pub(super) parent: Option<String>,
}

/// A page that was asked for, and the answer.
type Fetched = (Pager, Result<(Page, Incomplete), SyncError>);

/// The lists of a model, while they are read.
pub(super) struct Lists<'r> {
    run: &'r ModelRun<'r>,
    /// All of them, for what the key may not read.
    all: Vec<Pager>,
    /// Those that go on, the next one at the end: what is below a page comes before the page after it.
    waiting: Vec<Pager>,
    fetching: JoinSet<Fetched>,
    refusals: Refusals,
}

impl<'r> Lists<'r> {
    /// The lists from their beginning, of objects that were created since a moment, in unix seconds.
    ///
    /// # Errors
    /// When no list shows the model's objects.
    pub(super) fn begin(run: &'r ModelRun<'r>, since: Option<i64>) -> Result<Self, SyncError> {
        let mut all = lists(run.model, run.scope.livemode)?;
        if let Some(since) = since {
            for pager in all.iter_mut().filter(|pager| pager.created.is_some()) {
                let bound = ("created[gte]".to_owned(), since.to_string());
                pager.query.push(bound);
            }
        }
        let waiting = all.iter().rev().cloned().collect();
        Ok(Self {
            run,
            all,
            waiting,
            fetching: JoinSet::new(),
            refusals: Refusals::default(),
        })
    }

    /// The next page with objects of the model; `None` at the end of all lists.
    ///
    /// # Errors
    /// When Stripe refuses for longer than retries last, or a list does not end.
    pub(super) async fn next(&mut self) -> Result<Option<ListedPage>, SyncError> {
        loop {
            self.ask();
            let Some(fetched) = self.fetching.join_next().await else {
                return Ok(None);
            };
            let (mut pager, answer) = fetched.map_err(|error| SyncError::Page {
                path: self.run.model.object().to_owned(),
                reason: format!("reading it stopped: {error}"),
                request_id: None,
            })?;
            let (page, incomplete) = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    self.refused(&pager, error)?;
                    continue;
                }
            };
            let ids: Vec<String> = page.ids().collect();
            let last = pager.created.and_then(|field| {
                let last = page.objects.last()?;
                integer(from_utf8(last).ok()?, field)
            });
            let below = match &pager.target {
                ListTarget::Parents(template) => {
                    let below = ids.iter().rev().map(|id| template.pager(id));
                    Some(below.collect::<Vec<_>>())
                }
                ListTarget::Rows | ListTarget::Elements(_) => None,
            };
            let elements = match pager.target {
                ListTarget::Elements(list) => Some(list),
                _ => None,
            };
            let parent = owner(self.run.model, &pager);
            if !pager.turn(ids, last, page.has_more)? {
                self.waiting.push(pager);
            }
            match below {
                Some(below) => self.waiting.extend(below),
                None => {
                    // The page after this one is on its way while this one is compared.
                    self.ask();
                    return Ok(Some(ListedPage {
                        page,
                        incomplete,
                        elements,
                        parent,
                    }));
                }
            }
        }
    }

    /// Whether there was something that the key may not read.
    pub(super) fn is_partial(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// What the key may not read, in words.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.refusals.warnings(self.run.model)
    }

    fn ask(&mut self) {
        while self.fetching.len() < LISTS_AT_ONCE
            && let Some(mut pager) = self.waiting.pop()
        {
            let (reader, keeps) = (self.run.reader.clone(), pager.keeps(self.run.model));
            let fetch = async move {
                let answer = fetch(&mut pager, &reader, keeps).await;
                (pager, answer)
            };
            self.fetching.spawn(fetch.in_current_span());
        }
    }

    /// A list that Stripe refused: a parent that is gone has nothing to show, and lists of parents that the key may not read
    /// are done without.
    fn refused(&mut self, pager: &Pager, error: SyncError) -> Result<(), SyncError> {
        let SyncError::Stripe(refusal) = &error else {
            return Err(error);
        };
        let is_done_without = self.refusals.take(pager, &self.all, refusal);
        match is_done_without || (refusal.names_missing() && pager.of_parent) {
            true => Ok(()),
            false => Err(error),
        }
    }
}

async fn fetch(
    pager: &mut Pager,
    reader: &Reader,
    keeps: Option<Keeps>,
) -> Result<(Page, Incomplete), SyncError> {
    let response = pager.fetch(reader).await?;
    let mut page = Page::of(&pager.path, &response)?;
    let incomplete = match keeps {
        Some(keeps) => complete_page(reader, keeps, &mut page.objects).await?,
        None => Incomplete::new(),
    };
    Ok((page, incomplete))
}
