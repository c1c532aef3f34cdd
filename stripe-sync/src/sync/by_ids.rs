//! `sync_by_ids`: the objects with these ids.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::context::Origin;
use crate::model::Model;
use crate::store::Failure;

use super::inline::complete;
use super::page::{Mapped, map};
use super::retrieve::{retrieve, retrieve_request};
use super::run::Run;
use super::write::{Outcomes, Writer};
use super::{IdOutcome, IdsReport, SyncError, Syncer};

/// Objects that are asked for at once; the rate budget decides how fast they are answered.
pub(super) const READS_AT_ONCE: usize = 16;
/// Objects that are written at once.
pub(crate) const BATCH: usize = 100;

pub(crate) async fn sync_by_ids(
    syncer: &Syncer,
    model: &'static Model,
    mut ids: Vec<String>,
) -> Result<IdsReport, SyncError> {
    // A resource without such an endpoint is a mistake whatever the ids are.
    retrieve_request(model, "")?;
    let run = Run::begin(syncer, model, Origin::ByIds).await?;
    let mut known = HashSet::new();
    ids.retain(|id| known.insert(id.clone()));

    let mut writer = run.writer(false).await?;
    let mut outcomes = Vec::with_capacity(ids.len());
    let mut result = Ok(());
    for batch in ids.chunks(BATCH) {
        match write_batch(&mut writer, batch).await {
            Ok(batch) => outcomes.extend(batch),
            Err(error) => {
                result = Err(error);
                break;
            }
        }
        run.progress(&writer.report, false);
    }
    let report = run.end(writer.report, result)?;

    let mut by_id: HashMap<String, IdOutcome> = outcomes.into_iter().collect();
    let outcome = |id| {
        let outcome = by_id.remove(&id).unwrap_or(IdOutcome::Missing);
        (id, outcome)
    };
    let outcomes = ids.into_iter().map(outcome).collect();
    Ok(IdsReport { report, outcomes })
}

/// What Stripe answered for one id.
enum Answer {
    Object(Bytes),
    NotFound,
    /// It is there, and the rest of one of its lists is not.
    Incomplete(Failure),
    Failed(String),
}

/// Reads objects, not more than [`BATCH`], and writes them; answers what became of each.
///
/// # Errors
/// When Stripe or the database fail as a whole.
pub(crate) async fn write_batch(
    writer: &mut Writer<'_>,
    ids: &[String],
) -> Result<Outcomes, SyncError> {
    let run = writer.run;
    // One token for all: an earlier start claims less, so it is safe for each of the reads.
    let start = run.store().tick().await?;
    // A closure over borrowed ids inside the stream would make the whole run's future not `Send`.
    let reads: Vec<_> = ids.iter().map(|id| read(run, id)).collect();
    let answers = stream::iter(reads).buffer_unordered(READS_AT_ONCE);
    let answers: Vec<Result<_, SyncError>> = answers.collect().await;

    let (mut mapped, mut asked, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (id, answer) in answers.into_iter().collect::<Result<Vec<_>, _>>()? {
        mapped.push(match answer {
            Answer::Object(object) => {
                asked.push(id);
                let object = map(run.model, object, &run.context).await;
                writer.report.see(&object);
                object
            }
            Answer::NotFound => Mapped::Deleted(id.clone()),
            Answer::Incomplete(failure) => Mapped::Failed(failure),
            Answer::Failed(reason) => {
                failed.push(Failure::whole(id, reason));
                continue;
            }
        });
    }
    let mut outcomes = writer.write(mapped, start, None).await?;
    // An answer that has another id than was asked for (an alias) still answers the question.
    asked.retain(|id| !outcomes.iter().any(|(known, _)| known == *id));
    let other = "Stripe answered an object with another id";
    failed.extend(asked.into_iter().map(|id| Failure::whole(id, other)));
    for failure in failed {
        outcomes.push((failure.id.clone(), IdOutcome::Failed(failure.clone())));
        writer.report.fail(failure);
    }
    Ok(outcomes)
}

async fn read<'i>(run: &Run<'_>, id: &'i String) -> Result<(&'i String, Answer), SyncError> {
    if id.is_empty() {
        let reason = "an empty id names no object".to_owned();
        return Ok((id, Answer::Failed(reason)));
    }
    let read = async {
        match retrieve(run.reader(), run.model, id).await? {
            Some(response) => complete(run.reader(), run.model, response.body)
                .await
                .map(Answer::Object),
            None => Ok(Answer::NotFound),
        }
    };
    let answer = match read.await {
        Err(SyncError::Object { failure, .. }) => Answer::Incomplete(failure),
        // A key that may not read at all fails for every id: that is an error of the run.
        Err(SyncError::Stripe(error)) if !error.is_unauthorized() && !error.is_permission() => {
            Answer::Failed(error.to_string())
        }
        read => read?,
    };
    Ok((id, answer))
}
