//! Single objects: read and written until no newer read overtakes them.

use std::time::Duration;

use crate::client::Response;
use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::complete::complete;
use crate::sync::object::map::map;
use crate::sync::object::read::retrieve;
use crate::sync::object::write::failed;
use crate::sync::object::{Mapped, ModelRun, ObjectWriter, Outcomes, Read};

/// How often an object is read before it counts as failed, because others write it meanwhile. Against a run the second
/// try stands, against others that read the same object it takes a few more; so many in vain mean that something else is
/// wrong.
const READ_LIMIT: u32 = 20;
/// The longest pause between two tries, in milliseconds. It is random, so that two that met do not meet again.
const READ_PAUSE: u64 = 50;
/// Why an answer is of no use.
const OTHER_RESOURCE: &str = "Stripe answered an object of another resource";

/// What a read of an object is to the model.
pub(crate) struct Found {
    pub(crate) mapped: Mapped,
    /// Whether Stripe showed an object of the model's resource.
    pub(crate) is_shown: bool,
    /// Stripe's clock when it answered all of the object, in unix seconds.
    date: Option<i64>,
}

/// Completes and maps the answer to the read of an object. What is wrong with the object alone is its failure.
///
/// # Errors
/// When Stripe refused the read, or does not answer at all.
pub(crate) async fn found(
    run: &ModelRun<'_>,
    id: &str,
    answer: Result<Option<Response>, SyncError>,
) -> Result<Found, SyncError> {
    let not_shown = |mapped| Found {
        mapped,
        is_shown: false,
        date: None,
    };
    let read = async {
        let Some(response) = answer? else {
            return Ok(not_shown(Mapped::Deleted(id.to_owned())));
        };
        let received = response.body.len();
        let object = complete(&run.reader, run.model, response.body).await?;
        // What was put in was read later than the answer's date.
        let date = response.date.filter(|_| object.len() == received);
        let mapped = map(run.model, object, &run.context).await;
        let is_shown = mapped.is_of_model();
        let mapped = match mapped {
            Mapped::Other(_) => Mapped::Failed(Failure::whole(id, OTHER_RESOURCE)),
            Mapped::Failed(failure) => Mapped::Failed(Failure {
                id: id.to_owned(),
                ..failure
            }),
            mapped => mapped,
        };
        Ok(Found {
            mapped,
            is_shown,
            date,
        })
    };
    match read.await {
        Err(SyncError::Object { failure, .. }) => Ok(not_shown(Mapped::Failed(failure))),
        found => found,
    }
}

impl ObjectWriter<'_> {
    /// Reads an object and writes it until no newer read overtakes it; `first` may be the first read. Records or clears its
    /// failure. Returns its outcome and the last read.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(crate) async fn write_newest(
        &mut self,
        id: String,
        first: Option<Read>,
    ) -> Result<(Outcomes, Option<Read>), SyncError> {
        let mut outcomes = Vec::new();
        let last = self.newest(vec![id], first, &mut outcomes).await?;
        self.record(&outcomes).await?;
        Ok((outcomes, last))
    }

    /// Reads objects and writes each until no newer read overtakes it. Of a single one `first` may be the first read. Returns
    /// the last read.
    pub(crate) async fn newest(
        &mut self,
        mut ids: Vec<String>,
        mut first: Option<Read>,
        outcomes: &mut Outcomes,
    ) -> Result<Option<Read>, SyncError> {
        let mut last = None;
        for _ in 0..READ_LIMIT {
            let mut overtaken = Vec::new();
            for id in std::mem::take(&mut ids) {
                let read = match first.take() {
                    Some(read) => Ok(read),
                    None => self.read(&id).await,
                };
                let (start, answer) = match read {
                    Ok(read) => {
                        last = Some(read.clone());
                        (read.start, Ok(read.found))
                    }
                    Err(error) => (0, Err(error)),
                };
                match found(self.run, &id, answer).await {
                    Ok(found) => {
                        self.date_read(found.date);
                        let again = self.write_once(vec![found.mapped], start, None, outcomes);
                        overtaken.extend(Box::pin(again).await?);
                    }
                    Err(error) => outcomes.push(failed(self.failure_of(id, error)?)),
                }
            }
            ids = overtaken;
            if ids.is_empty() {
                break;
            }
            let pause = Duration::from_millis(fastrand::u64(0..READ_PAUSE));
            tokio::time::sleep(pause).await;
        }
        let reason = format!("changed or was written by others at each of {READ_LIMIT} reads");
        let overtaken = ids.into_iter().map(|id| Failure::whole(id, &reason));
        outcomes.extend(overtaken.map(failed));
        Ok(last)
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
}
