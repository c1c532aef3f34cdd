//! One page of a walk: asked for, taken apart, and its objects completed.

use std::sync::Arc;

use bytes::Bytes;

use crate::client::{ClientError, Meter, Request, Response, Stripe};
use crate::model::Model;

use super::SyncError;
use super::chain::Chain;
use super::early::Early;
use super::inline::{self, Incomplete};
use super::page::Page;
use super::retrieve::Reader;
use super::warnings::Warnings;

/// What is to be asked for.
pub(super) struct Fetch {
    /// The number of the slice.
    pub(super) slice: i64,
    /// The list below a parent that it is of, if it is not of the slice's own chain.
    pub(super) below: Option<Chain>,
    pub(super) request: Request,
    /// The same request, if it was sent before the run began.
    pub(super) early: Option<Early>,
    /// Whether its objects are rows of the model, and not parents.
    pub(super) rows: bool,
    /// The token before which it is not asked for.
    pub(super) start: i64,
    pub(super) model: &'static Model,
    pub(super) stripe: Stripe,
    pub(super) meter: Arc<Meter>,
    pub(super) warnings: Arc<Warnings>,
}

/// A page with what it took to complete its objects.
pub(super) struct Answer {
    /// Stripe's clock when it answered, in unix seconds.
    pub(super) date: Option<i64>,
    pub(super) bytes: usize,
    pub(super) page: Page,
    /// The objects of the page that could not be completed.
    pub(super) incomplete: Incomplete,
}

impl Fetch {
    /// Asks for the page.
    pub(super) async fn run(mut self) -> (Self, Result<Answer, SyncError>) {
        let early = match self.early.take() {
            Some(early) => early.answer().await,
            None => None,
        };
        let answer = self.answer(early).await;
        (self, answer)
    }

    async fn answer(
        &self,
        early: Option<Result<Response, ClientError>>,
    ) -> Result<Answer, SyncError> {
        let reader = Reader {
            stripe: &self.stripe,
            meter: &self.meter,
            account: None,
            warnings: &self.warnings,
        };
        let response = match early {
            Some(response) => response?,
            None => reader.get(self.request.clone()).await?,
        };
        let mut page = Page::of(&self.request.path, &response)?;
        let size = |page: &Page| page.objects.iter().map(Bytes::len).sum::<usize>();
        let came = size(&page);
        let mut incomplete = Incomplete::new();
        if self.rows {
            incomplete = inline::complete_page(reader, self.model, &mut page.objects).await?;
        }
        Ok(Answer {
            date: response.date,
            bytes: response.body.len() + size(&page).saturating_sub(came),
            page,
            incomplete,
        })
    }
}
