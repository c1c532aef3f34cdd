//! `sync_by_ids`: the objects with these ids.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, stream};

use crate::client::ClientError;
use crate::model::Model;
use crate::model::context::Origin;
use crate::store::rows::remarks::failed::Failure;

use crate::model::StripeSync;
use crate::sync::error::SyncError;
use crate::sync::object::complete::complete;
use crate::sync::object::map::{Mapped, map};
use crate::sync::object::read::{check_readable, retrieve};
use crate::sync::object::run::Run;
use crate::sync::object::write::{Outcomes, Writer};
use crate::sync::report::{IdOutcome, IdsReport};
use crate::sync::syncer::Syncer;

impl Syncer {
    /// Mirrors the objects with these ids; each is asked for once.
    ///
    /// An object that Stripe does not know any more is marked or removed in the table, as the model says.
    ///
    /// # Errors
    /// As `sync_all`; one id that fails does not fail the others.
    pub async fn sync_by_ids<M: StripeSync>(
        &self,
        ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<IdsReport, SyncError> {
        self.sync_model_by_ids(M::MODEL, ids).await
    }
}

/// Objects that are asked for at once; the rate budget decides how fast they are answered.
pub(crate) const READS_AT_ONCE: usize = 16;
/// Objects that are written at once.
pub(crate) const BATCH: usize = 100;
/// As many refusals of the key at the beginning, and nothing else, say that it may not read the resource at all: that is an
/// error of the run. One among others is the failure of one object.
const REFUSALS: usize = 10;
/// Stripe's ids have up to 255 characters.
const LONGEST_ID: usize = 255;
/// How the ids of invoices begin that are not there yet.
const PREVIEW: &str = "upcoming_in_";
/// Why an answer is of no use.
pub(crate) const OTHER_RESOURCE: &str = "Stripe answered an object of another resource";

pub(crate) async fn sync_by_ids(
    syncer: &Syncer,
    model: &'static Model,
    mut ids: Vec<String>,
) -> Result<IdsReport, SyncError> {
    // A resource without such an endpoint is a mistake whatever the ids are.
    check_readable(model)?;
    let run = Run::begin(syncer, model, Origin::ByIds).await?;
    let mut known = HashSet::new();
    ids.retain(|id| known.insert(id.clone()));

    let mut writer = run.writer_of(&ids).await?;
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
    Object(Box<Mapped>),
    NotFound,
    /// It is there, and the rest of one of its lists is not; or the answer is about another object.
    Incomplete(Failure),
    Failed(String),
    /// The key may not read it.
    Refused(ClientError),
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
    let start = run.store().next_token().await?;
    // A closure over borrowed ids inside the stream would make the whole run's future not `Send`.
    let reads: Vec<_> = ids.iter().map(|id| read(run, id)).collect();
    let mut answers = stream::iter(reads).buffer_unordered(READS_AT_ONCE);

    let (mut mapped, mut failed) = (Vec::with_capacity(ids.len()), Vec::new());
    let mut refusals = 0;
    while let Some(answer) = answers.next().await {
        let (id, answer) = answer?;
        writer.may_read |= matches!(answer, Answer::Object(_) | Answer::NotFound);
        mapped.push(match answer {
            Answer::Object(object) => {
                writer.report.see(&object);
                match *object {
                    Mapped::Other(_) => Mapped::Failed(Failure::whole(id, OTHER_RESOURCE)),
                    object => object,
                }
            }
            Answer::NotFound => Mapped::Deleted(id.clone()),
            Answer::Incomplete(failure) => Mapped::Failed(failure),
            Answer::Failed(reason) => {
                failed.push(Failure::whole(id, reason));
                continue;
            }
            Answer::Refused(error) => {
                failed.push(Failure::whole(id, error.to_string()));
                refusals += 1;
                let only_refusals = !writer.may_read && refusals == failed.len();
                if only_refusals && mapped.is_empty() && refusals >= ids.len().min(REFUSALS) {
                    return Err(error.into());
                }
                continue;
            }
        });
    }
    let mut outcomes = writer.write(mapped, start, None).await?;
    for failure in failed {
        outcomes.push((failure.id.clone(), IdOutcome::Failed(failure.clone())));
        writer.report.fail(failure);
    }
    Ok(outcomes)
}

/// Why no object can have an id, if none can: it is not asked for.
pub(crate) fn names_nothing(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("an empty id names no object")
    } else if id.contains('\0') {
        Some("an id with a NUL character names no object")
    } else if id.chars().count() > LONGEST_ID {
        Some("an id of more than 255 characters names no object")
    } else if id.starts_with(PREVIEW) {
        Some("the id is of the preview of an invoice, which no request answers")
    } else {
        None
    }
}

async fn read<'i>(run: &Run<'_>, id: &'i String) -> Result<(&'i String, Answer), SyncError> {
    if let Some(reason) = names_nothing(id) {
        return Ok((id, Answer::Failed(reason.to_owned())));
    }
    let read = async {
        match retrieve(run, id).await? {
            Some(response) => {
                let object = complete(run.reader(), run.model, response.body).await?;
                let mapped = map(run.model, object, &run.context).await;
                Ok(Answer::Object(Box::new(mapped)))
            }
            None => Ok(Answer::NotFound),
        }
    };
    let answer = match read.await {
        Err(SyncError::Object { failure, .. }) => Answer::Incomplete(failure),
        Err(error @ SyncError::NoParent { .. }) => Answer::Failed(error.to_string()),
        Err(SyncError::Stripe(error)) if error.is_permission() => Answer::Refused(error),
        // A key that is wrong fails for every id: that is an error of the run.
        Err(SyncError::Stripe(error)) if !error.is_unauthorized() => {
            Answer::Failed(error.to_string())
        }
        read => read?,
    };
    Ok((id, answer))
}
