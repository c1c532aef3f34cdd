//! The first page of a run, asked for while the account is still asked for: a short run waits for little else than its
//! first answers.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::client::{ClientError, Meter, Request, Response};
use crate::model::Model;

use crate::sync::list::plan::lists;
use crate::sync::syncer::Syncer;

/// A page that was asked for before the run began. Dropping it ends the request.
#[derive(Debug)]
pub(crate) struct Early {
    request: Request,
    /// The token before which it was not asked for.
    pub(crate) start: i64,
    /// Counts the request.
    pub(crate) meter: Arc<Meter>,
    answer: JoinSet<Result<Response, ClientError>>,
}

impl Early {
    /// Asks for the first page of the model's list, where the account is to be asked for, nobody claimed which one it is, and
    /// nobody has mirrored anything in the table: a run that is refused reads nothing. What is wrong with the key or the
    /// database the run itself will say; nothing is made.
    ///
    /// The answer's date is the run's watermark, so no page of the run may be answered before this one is taken in: a model
    /// with several lists asks for none.
    pub(crate) async fn ask(syncer: &Syncer, model: &'static Model) -> Option<Self> {
        let livemode = syncer.asks_for_account()?;
        let [list] = <[_; 1]>::try_from(lists(model, livemode).ok()?).ok()?;
        let store = syncer.store();
        if !store.is_prepared().await.ok()? || !store.is_new(model).await.ok()? {
            return None;
        }
        let start = store.next_token().await.ok()?;
        let (stripe, meter, request) = (syncer.stripe().clone(), Arc::default(), list.request());
        let (asked, counts) = (request.clone(), Arc::clone(&meter));
        let mut answer = JoinSet::new();
        let asking = async move { stripe.get(asked, &counts).await };
        answer.spawn(asking.in_current_span());
        Some(Self {
            request,
            start,
            meter,
            answer,
        })
    }

    /// Whether it is this page.
    pub(crate) fn is_for(&self, request: &Request) -> bool {
        (&self.request.path, &self.request.query) == (&request.path, &request.query)
    }

    /// The answer; `None` if the request panicked, and is to be made again.
    pub(crate) async fn answer(mut self) -> Option<Result<Response, ClientError>> {
        self.answer.join_next().await?.ok()
    }
}
