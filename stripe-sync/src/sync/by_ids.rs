//! `sync_by_ids`: the objects with these ids.

use std::collections::{HashMap, HashSet};

use crate::model::context::Origin;
use crate::model::{Model, StripeSync};
use crate::sync::error::SyncError;
use crate::sync::object::ids::BATCH;
use crate::sync::object::read::check_readable;
use crate::sync::object::run::Run;
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

pub(crate) async fn sync_by_ids(
    syncer: &Syncer,
    model: &'static Model,
    mut ids: Vec<String>,
) -> Result<IdsReport, SyncError> {
    // A resource without such an endpoint is a mistake whatever the ids are.
    check_readable(model)?;
    let run = Run::begin(syncer, model, Origin::ByIds, false).await?;
    let mut known = HashSet::new();
    ids.retain(|id| known.insert(id.clone()));

    let mut writer = run.writer_of(&ids).await?;
    let mut outcomes = Vec::with_capacity(ids.len());
    let mut result = Ok(());
    for batch in ids.chunks(BATCH) {
        match writer.write_ids(batch).await {
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
