//! Waiting for an object, which is read now, or for an event: the caller goes on when it is in the tables.

use std::time::Duration;

use tokio::time::Instant;

use crate::live::inbox::EventFilter;
use crate::live::service::Live;
use crate::model::words::words;
use crate::model::{Model, StripeSync};
use crate::store::db::Scope;
use crate::store::events::queue::wait::WaitStatus;
use crate::store::events::{EventState, InboxEvent, ObjectRef};
use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::read::check_readable;

/// How often the database is asked whether an object is read, or an event done.
const POLL_STATUS: Duration = Duration::from_millis(50);

/// What came of waiting for an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
#[non_exhaustive]
pub enum WaitOutcome {
    /// The object is in its table as Stripe had it at a moment after the call began. If Stripe does not have it, its row is
    /// marked or removed, or there is none.
    Read,
    /// It could not be read or written: it was given up within the limit, or failed and was still tried again at the end.
    /// [`Syncer::failed_rows`](crate::sync::syncer::Syncer::failed_rows) says why, once it is given up or if the row is to blame.
    Failed,
    /// Its turn did not come within the limit, or it was still being read. It will be read nevertheless.
    TimedOut,
}

words! { WaitOutcome: Read "read", Failed "failed", TimedOut "timed out" }

/// The end of a limit; a limit beyond all time ends in a year.
pub(crate) fn deadline(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let now = Instant::now();
    now.checked_add(limit).unwrap_or(now + YEAR)
}

impl WaitOutcome {
    /// Whether the object is in its table as Stripe had it after the call began.
    pub fn is_read(self) -> bool {
        self == Self::Read
    }
}

impl Live {
    /// Reads an object and waits until it is in its table, so that a request that has just changed it at Stripe can read
    /// its own change. No event need have come; if some wait, one read serves them and all who wait for the object.
    ///
    /// The object's turn comes before all others that wait, at once where this process runs the service, and otherwise
    /// when another one that does so looks, within a second. Where none runs, the limit passes.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # async fn run<Customer: stripe_sync::StripeSync>(
    /// #     live: stripe_sync::live::Live,
    /// # ) -> Result<(), stripe_sync::SyncError> {
    /// if live.wait_for_object::<Customer>("cus_1", Duration::from_secs(5)).await?.is_read() {
    ///     println!("the row of cus_1 is as Stripe has it");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SyncError::NotMirrored`] if the model is none of this service's; when its resource cannot be read by id, the
    /// table does not fit, the account is not known, or the database fails. A failure to read the object is an answer.
    pub async fn wait_for_object<M: StripeSync>(
        &self,
        id: &str,
        limit: Duration,
    ) -> Result<WaitOutcome, SyncError> {
        let own = self.prepare().await?;
        self.wait_for_one(M::MODEL, own, id, limit).await
    }

    /// The same for an object of a connected account. The model's table needs `#[stripe(account)]` in its key.
    ///
    /// # Errors
    /// As [`wait_for_object`](Self::wait_for_object); when the table holds another account's rows.
    pub async fn wait_for_object_of<M: StripeSync>(
        &self,
        account: &str,
        id: &str,
        limit: Duration,
    ) -> Result<WaitOutcome, SyncError> {
        let own = self.prepare().await?;
        let scope = Scope {
            account: account.to_owned(),
            livemode: own.livemode,
        };
        self.wait_for_one(M::MODEL, scope, id, limit).await
    }

    /// Waits until an event is processed, so that a request after a checkout can read what the checkout wrote. Returns
    /// whether it was within the time limit. An event that has not arrived yet is waited for too.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn wait_for(&self, event: &str, limit: Duration) -> Result<bool, SyncError> {
        let filter = EventFilter::new().ids([event]);
        let deadline = deadline(limit);
        loop {
            let found = self.events(&filter).await?;
            let over = |event: &InboxEvent| event.state != EventState::Pending;
            if let Some(event) = found.first().filter(|event| over(event)) {
                return Ok(event.state == EventState::Done);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(POLL_STATUS).await;
        }
    }

    async fn wait_for_one(
        &self,
        model: &'static Model,
        scope: Scope,
        id: &str,
        limit: Duration,
    ) -> Result<WaitOutcome, SyncError> {
        let deadline = deadline(limit);
        self.check_awaited(model, &scope, id).await?;
        let store = self.store();
        let subject = ObjectRef::new(model.object(), id);
        let ask = async || {
            let ticket = store.ask_for(&scope, &subject).await;
            self.shared.wake.notify_one();
            ticket
        };
        let mut ticket = ask().await?;
        loop {
            let standing = store.asked_for(&scope, &subject, ticket).await?;
            let late = Instant::now() >= deadline;
            match standing {
                WaitStatus::Read => return Ok(WaitOutcome::Read),
                WaitStatus::GivenUp => return Ok(WaitOutcome::Failed),
                WaitStatus::Failing if late => return Ok(WaitOutcome::Failed),
                _ if late => return Ok(WaitOutcome::TimedOut),
                // Whether it was read or given up is not known any more: this process slept for longer than that is kept.
                WaitStatus::Purged => ticket = ask().await?,
                WaitStatus::Failing | WaitStatus::Waiting => {}
            }
            tokio::time::sleep_until(deadline.min(Instant::now() + POLL_STATUS)).await;
        }
    }

    /// What would fail for every try is an error at once.
    async fn check_awaited(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
    ) -> Result<(), SyncError> {
        let mut models = self.models().iter();
        if !models
            .any(|known| self.table(known) == self.table(model) && known.object() == model.object())
        {
            return Err(SyncError::NotMirrored {
                model: model.name(),
            });
        }
        check_readable(model)?;
        if id.is_empty() || id.contains('\0') {
            return Err(SyncError::Object {
                model: model.name(),
                failure: Failure::whole(id, "such an id names no object"),
            });
        }
        self.check(model, scope).await
    }
}
