//! `sync`: an object that the application has in hand.

use crate::context::Origin;
use crate::model::Model;
use crate::object::StripeObject;

use super::by_ids;
use super::inline::complete;
use super::page::{Mapped, map};
use super::run::Run;
use super::{IdOutcome, SyncError, Syncer};

pub(crate) async fn sync(
    syncer: &Syncer,
    model: &'static Model,
    object: StripeObject,
) -> Result<IdOutcome, SyncError> {
    if !object.object().is_empty() && object.object() != model.object() {
        return Err(SyncError::WrongObject {
            model: model.name(),
            expected: model.object(),
            found: object.object().to_owned(),
            id: object.id().to_owned(),
        });
    }
    let id = object.id().to_owned();
    let Some(start) = object.read_start() else {
        // Nobody knows whether the row is newer than this copy, so the object is read again.
        let report = by_ids::sync_by_ids(syncer, model, vec![id.clone()]).await?;
        return Ok(report.outcome(&id).cloned().unwrap_or(IdOutcome::Missing));
    };
    let run = Run::begin(syncer, model, Origin::Object).await?;
    let mut writer = run.writer_of(std::slice::from_ref(&id)).await?;
    let mapped = match complete(run.reader(), model, object.into_json()).await {
        Ok(object) => {
            let object = map(model, object, &run.context).await;
            writer.report.see(&object);
            Ok(object)
        }
        Err(SyncError::Object { failure, .. }) => Ok(Mapped::Failed(failure)),
        Err(error) => Err(error),
    };
    let written = match mapped {
        Ok(object) => writer.write(vec![object], start, None).await,
        Err(error) => Err(error),
    };
    let (outcomes, result) = match written {
        Ok(outcomes) => (outcomes, Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    };
    run.end(writer.report, result)?;
    let mut found = outcomes.into_iter().filter(|(found, _)| *found == id);
    Ok(found
        .next()
        .map_or(IdOutcome::Missing, |(_, outcome)| outcome))
}
