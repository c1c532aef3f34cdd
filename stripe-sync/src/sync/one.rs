//! `sync`: an object that the application has in hand.

use crate::context::Origin;
use crate::model::Model;
use crate::object::StripeObject;

use super::by_ids;
use super::inline;
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
    let mut writer = run.writer(false).await?;
    let object = inline::complete(writer.reader(), model, object.into_json()).await;
    let object = match object {
        Ok(object) => object,
        Err(SyncError::Object { failure, .. }) => {
            let remembered = writer
                .failures(vec![failure.clone()], &mut Vec::new())
                .await;
            run.end(writer.report, remembered)?;
            return Ok(IdOutcome::Failed(failure));
        }
        Err(error) => {
            return run
                .end(writer.report, Err(error))
                .map(|_| IdOutcome::Missing);
        }
    };
    let written = writer.objects(vec![object], start).await;
    let (outcomes, result) = match written {
        Ok(outcomes) => (outcomes, Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    };
    run.end(writer.report, result)?;
    Ok(outcomes
        .into_iter()
        .find_map(|(found, outcome)| (found == id).then_some(outcome))
        .unwrap_or(IdOutcome::Missing))
}
