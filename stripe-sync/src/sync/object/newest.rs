//! Single objects: read and written until no newer read overtakes them.

use std::time::Duration;

use crate::store::rows::delete::Gone;
use crate::store::rows::remarks::failed::Failure;

use crate::sync::by_ids::OTHER_RESOURCE;
use crate::sync::error::SyncError;
use crate::sync::object::complete::complete;
use crate::sync::object::map::{Mapped, map};
use crate::sync::object::read::{Read, retrieve};
use crate::sync::object::write::{Outcomes, Writer};

/// How often an object is read before it counts as failed, because others write it meanwhile. Against a walk the second
/// try stands, against others that read the same object it takes a few more; so many in vain mean that something else is
/// wrong.
const READ_LIMIT: u32 = 20;
/// The longest pause between two tries, in milliseconds. It is random, so that two that met do not meet again.
const READ_PAUSE: u64 = 50;

impl Writer<'_> {
    /// Writes a mapped object that was read by its id; answers that id if it is to be read again.
    pub(crate) async fn object(
        &mut self,
        mapped: Mapped,
        start: i64,
        outcomes: &mut Outcomes,
        failures: &mut Vec<Failure>,
    ) -> Result<Vec<String>, SyncError> {
        match mapped {
            Mapped::Row(row) => self.rows(vec![*row], start, None, outcomes, failures).await,
            Mapped::Deleted(id) => {
                let gone = (Gone::Deleted, vec![id]);
                self.gone(gone, start, None, outcomes, failures).await
            }
            Mapped::Outside(id) => {
                let gone = (Gone::Left, vec![id]);
                self.gone(gone, start, None, outcomes, failures).await
            }
            Mapped::Failed(failure) | Mapped::OtherMode(failure) => {
                failures.push(failure);
                Ok(Vec::new())
            }
            Mapped::Other(_) => Ok(Vec::new()),
        }
    }

    /// Reads objects and writes each until no newer read overtakes it. Of a single one `first` may be the first read. Answers
    /// those that failed, and the last read.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(crate) async fn newest(
        &mut self,
        mut ids: Vec<String>,
        mut first: Option<Read>,
        outcomes: &mut Outcomes,
    ) -> Result<(Vec<Failure>, Option<Read>), SyncError> {
        let (mut failures, mut last) = (Vec::new(), None);
        for _ in 0..READ_LIMIT {
            let mut overtaken = Vec::new();
            for id in std::mem::take(&mut ids) {
                let read = match first.take() {
                    Some(read) => read,
                    None => match self.read(&id).await {
                        Ok(read) => read,
                        Err(error) => {
                            failures.push(self.failure_of(id, error)?);
                            continue;
                        }
                    },
                };
                last = Some(read.clone());
                let start = read.start;
                let mapped = self.map(id, read).await?;
                let again = self.object(mapped, start, outcomes, &mut failures);
                overtaken.extend(again.await?);
            }
            ids = overtaken;
            if ids.is_empty() {
                break;
            }
            let pause = Duration::from_millis(fastrand::u64(0..READ_PAUSE));
            tokio::time::sleep(pause).await;
        }
        let reason = format!("changed or was written by others at each of {READ_LIMIT} reads");
        failures.extend(ids.into_iter().map(|id| Failure::whole(id, &reason)));
        Ok((failures, last))
    }

    /// Reads an object, until the answer is believed.
    async fn read(&self, id: &str) -> Result<Read, SyncError> {
        let run = self.run;
        let start = run.store().next_token().await?;
        let found = retrieve(run, id).await?;
        let read = Read { start, found };
        #[cfg(feature = "live")]
        if let Some(doubt) = self.doubt {
            return doubt.settle(run, id, read).await;
        }
        Ok(read)
    }

    /// The failure of one object whose read Stripe refused.
    ///
    /// # Errors
    /// The error, if it says more than that: the key may not read the resource, or Stripe cannot be reached.
    fn failure_of(&self, id: String, error: SyncError) -> Result<Failure, SyncError> {
        match error {
            SyncError::Object { failure, .. } => Ok(failure),
            // Of an event it is the end: another try would find the same.
            SyncError::NoParent { .. } if !self.is_following() => {
                Ok(Failure::whole(id, error.to_string()))
            }
            SyncError::Stripe(refusal)
                if refusal.status().is_some()
                    && !refusal.is_transient()
                    && !refusal.is_unauthorized()
                    && (self.may_read || !refusal.is_permission()) =>
            {
                Ok(Failure::whole(id, refusal.to_string()))
            }
            error => Err(error),
        }
    }

    /// What a read of an object is to the model.
    async fn map(&mut self, id: String, read: Read) -> Result<Mapped, SyncError> {
        let Some(response) = read.found else {
            return Ok(Mapped::Deleted(id));
        };
        let (run, came) = (self.run, response.body.len());
        match complete(run.reader(), run.model, response.body).await {
            Ok(object) => {
                // What was put in was read later than the answer's date.
                self.date_read(response.date.filter(|_| object.len() == came));
                Ok(match map(run.model, object, &run.context).await {
                    Mapped::Other(_) => Mapped::Failed(Failure::whole(id, OTHER_RESOURCE)),
                    mapped => mapped,
                })
            }
            Err(SyncError::Object { failure, .. }) => Ok(Mapped::Failed(failure)),
            Err(error) => Err(error),
        }
    }
}
