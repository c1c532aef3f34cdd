//! `sync_by_ids`: the objects with these ids.

use std::collections::HashSet;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::context::Origin;
use crate::model::Model;
use crate::store::Failure;

use super::retrieve::{retrieve, retrieve_request};
use super::run::Run;
use super::write::Writer;
use super::{IdOutcome, IdsReport, SyncError, Syncer};

/// Objects that are asked for at once; the rate budget decides how fast they are answered.
pub(super) const READS_AT_ONCE: usize = 16;
/// Objects that are written at once.
pub(crate) const BATCH: usize = 100;

pub(crate) async fn sync_by_ids(
    syncer: &Syncer,
    model: &'static Model,
    ids: Vec<String>,
) -> Result<IdsReport, SyncError> {
    // A resource without such an endpoint is a mistake whatever the ids are.
    retrieve_request(model, "")?;
    let run = Run::begin(syncer, model, Origin::ByIds).await?;
    let mut known = HashSet::new();
    let ids: Vec<String> = ids
        .into_iter()
        .filter(|id| known.insert(id.clone()))
        .collect();

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

    let mut by_id: std::collections::HashMap<String, IdOutcome> = outcomes.into_iter().collect();
    let outcomes = ids
        .into_iter()
        .map(|id| {
            let outcome = by_id.remove(&id).unwrap_or(IdOutcome::Missing);
            (id, outcome)
        })
        .collect();
    Ok(IdsReport { report, outcomes })
}

/// What Stripe answered for one id.
enum Answer {
    Object(String, Bytes),
    NotFound(String),
    Failed(Failure),
    /// It is there, and the rest of one of its lists is not.
    Incomplete(Failure),
}

/// Reads objects, not more than [`BATCH`], and writes them; answers what became of each.
///
/// # Errors
/// When Stripe or the database fail as a whole.
pub(crate) async fn write_batch(
    writer: &mut Writer<'_>,
    ids: &[String],
) -> Result<Vec<(String, IdOutcome)>, SyncError> {
    // One token for all: an earlier start claims less, so it is safe for each of the reads.
    let start = writer.store.tick().await?;
    let reader = &*writer;
    // A closure over borrowed ids inside the stream would make the whole run's future not `Send`.
    let reads: Vec<_> = ids.iter().map(|id| read(reader, id)).collect();
    let answers: Vec<Result<Answer, SyncError>> = stream::iter(reads)
        .buffer_unordered(READS_AT_ONCE)
        .collect()
        .await;

    let mut objects = Vec::new();
    let mut missing = Vec::new();
    let mut failed = Vec::new();
    let mut incomplete = Vec::new();
    for answer in answers {
        match answer? {
            Answer::Object(id, object) => objects.push((id, object)),
            Answer::NotFound(id) => missing.push(id),
            Answer::Failed(failure) => failed.push(failure),
            Answer::Incomplete(failure) => incomplete.push(failure),
        }
    }
    let (asked, bodies): (Vec<String>, Vec<Bytes>) = objects.into_iter().unzip();
    let mut outcomes = writer.objects(bodies, start).await?;
    outcomes.extend(writer.not_found(missing, start).await?);
    writer.failures(incomplete, &mut outcomes).await?;
    for failure in failed {
        outcomes.push((failure.id.clone(), IdOutcome::Failed(failure.clone())));
        writer.report.fail(failure);
    }
    // An answer that has another id than was asked for (an alias) still answers the question.
    for id in asked {
        if !outcomes.iter().any(|(known, _)| *known == id) {
            let failure = Failure::whole(&id, "Stripe answered an object with another id");
            outcomes.push((id, IdOutcome::Failed(failure.clone())));
            writer.report.fail(failure);
        }
    }
    Ok(outcomes)
}

async fn read(writer: &Writer<'_>, id: &str) -> Result<Answer, SyncError> {
    let failed = |reason: &str| Answer::Failed(Failure::whole(id, reason));
    if id.is_empty() {
        return Ok(failed("an empty id names no object"));
    }
    match retrieve(writer.reader(), writer.model, id).await {
        Ok(Some(object)) => Ok(Answer::Object(id.to_owned(), object)),
        Ok(None) => Ok(Answer::NotFound(id.to_owned())),
        Err(SyncError::Object { failure, .. }) => Ok(Answer::Incomplete(failure)),
        // A key that may not read at all fails for every id: that is an error of the run.
        Err(SyncError::Stripe(error)) if !error.is_unauthorized() && !error.is_permission() => {
            Ok(failed(&error.to_string()))
        }
        Err(error) => Err(error),
    }
}
