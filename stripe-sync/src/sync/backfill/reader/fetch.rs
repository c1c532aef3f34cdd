//! One page of a run: asked for, taken apart, and its objects completed.

use bytes::Bytes;
use futures_util::future::OptionFuture;

use crate::client::Request;

use crate::sync::backfill::reader::early::Early;
use crate::sync::error::SyncError;
use crate::sync::list::{Page, Pager, Reader};
use crate::sync::object::complete::{Incomplete, Keeps, complete_page};

/// What is to be asked for.
pub(crate) struct Fetch {
    /// The number of the slice.
    pub(crate) slice: i64,
    /// The list below a parent that it is of, if it is not of the slice's own pager.
    pub(crate) below: Option<Pager>,
    pub(crate) request: Request,
    /// What is kept of its objects, unless they only lead to others.
    pub(crate) keeps: Option<Keeps>,
    /// The token before which it is not asked for.
    pub(crate) start: i64,
    pub(crate) reader: Reader,
}

/// A page with what it took to complete its objects.
pub(crate) struct Answer {
    /// Stripe's clock when it answered, in unix seconds.
    pub(crate) date: Option<i64>,
    pub(crate) bytes: usize,
    pub(crate) page: Page,
    /// The objects of the page that could not be completed.
    pub(crate) incomplete: Incomplete,
}

impl Fetch {
    /// Asks for the page, unless the same request was sent before the run began.
    pub(crate) async fn run(self, early: Option<Early>) -> (Self, Result<Answer, SyncError>) {
        let answer = self.answer(early).await;
        (self, answer)
    }

    async fn answer(&self, early: Option<Early>) -> Result<Answer, SyncError> {
        let reader = &self.reader;
        let early = OptionFuture::from(early.map(Early::answer)).await;
        let response = match early.flatten() {
            Some(response) => response?,
            None => reader.get(self.request.clone()).await?,
        };
        let mut page = Page::of(&self.request.path, &response)?;
        let size = |page: &Page| page.objects.iter().map(Bytes::len).sum::<usize>();
        let received = size(&page);
        let incomplete = match self.keeps {
            Some(keeps) => complete_page(reader, keeps, &mut page.objects).await?,
            None => Incomplete::new(),
        };
        Ok(Answer {
            date: response.date,
            bytes: response.body.len() + size(&page).saturating_sub(received),
            page,
            incomplete,
        })
    }
}
