//! `sync_by_ids`: the objects with these ids.

use std::collections::{HashMap, HashSet};

use tracing::Instrument as _;

use crate::model::context::Origin;
use crate::model::{Model, StripeSync};
use crate::sync::error::SyncError;
use crate::sync::object::ModelRun;
use crate::sync::object::ids::BATCH;
use crate::sync::object::read::check_readable;
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

    /// [`sync_by_ids`](Self::sync_by_ids) of a model that is known by its description, as a [`Registry`](crate::Registry) has it.
    ///
    /// # Errors
    /// As `sync_by_ids`.
    pub async fn sync_model_by_ids(
        &self,
        model: &'static Model,
        ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<IdsReport, SyncError> {
        let ids = ids.into_iter().map(Into::into).collect();
        let span = tracing::info_span!("stripe_sync.sync_by_ids", model = model.name());
        Box::pin(sync_by_ids(self, model, ids).instrument(span)).await
    }
}

pub(crate) async fn sync_by_ids(
    syncer: &Syncer,
    model: &'static Model,
    mut ids: Vec<String>,
) -> Result<IdsReport, SyncError> {
    let model = syncer.resolved(model);
    // A resource without such an endpoint is a mistake whatever the ids are.
    check_readable(model)?;
    let run = ModelRun::begin(syncer, model, Origin::ByIds, false).await?;
    let mut known = HashSet::new();
    ids.retain(|id| known.insert(id.clone()));

    let mut writer = run.writer(Some(&ids)).await?;
    let mut by_id = HashMap::<String, IdOutcome>::with_capacity(ids.len());
    let batches = async {
        for batch in ids.chunks(BATCH) {
            by_id.extend(Box::pin(writer.write_ids(batch)).await?);
            run.progress(&writer.report, false);
        }
        Ok(())
    };
    let result = batches.await;
    let (report, ()) = run.end(writer.report, result)?;

    let outcome = |id| {
        let outcome = by_id.remove(&id).unwrap_or(IdOutcome::Missing);
        (id, outcome)
    };
    let outcomes = ids.into_iter().map(outcome).collect();
    Ok(IdsReport { report, outcomes })
}
