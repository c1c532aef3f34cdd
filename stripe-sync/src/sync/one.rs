//! `sync`: an object that the application has in hand.

use crate::model::Model;
use crate::model::context::Origin;
use crate::object::StripeObject;

use crate::model::StripeSync;
use crate::sync::by_ids;
use crate::sync::error::SyncError;
use crate::sync::list::expand;
use crate::sync::object::complete::complete;
use crate::sync::object::map::map;
use crate::sync::object::{Mapped, ModelRun};
use crate::sync::report::IdOutcome;
use crate::sync::syncer::Syncer;
use tracing::Instrument as _;

impl Syncer {
    /// Mirrors one object that the application has in hand.
    ///
    /// A copy of unknown age could be older than the row, so the object is read from Stripe once more, unless it says
    /// since when it is true:
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeObject, StripeSync, SyncError, Syncer};
    /// # async fn create_customer() -> StripeObject { std::future::pending().await }
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// let token = syncer.start_read().await?;
    /// let object = create_customer().await; // any request to Stripe that answers the object
    /// syncer.sync::<Customer>(object.read_since(token)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As `sync_all`.
    pub async fn sync<M: StripeSync>(&self, object: StripeObject) -> Result<IdOutcome, SyncError> {
        let span = tracing::info_span!(
            "stripe_sync.sync",
            model = M::MODEL.name(),
            id = object.id()
        );
        Box::pin(sync(self, M::MODEL, object).instrument(span)).await
    }
}

pub(crate) async fn sync(
    syncer: &Syncer,
    model: &'static Model,
    object: StripeObject,
) -> Result<IdOutcome, SyncError> {
    let model = syncer.resolved(model);
    if !object.object().is_empty() && object.object() != model.object() {
        return Err(SyncError::WrongObject {
            model: model.name(),
            expected: model.object(),
            found: object.object().to_owned(),
            id: object.id().to_owned(),
        });
    }
    let id = object.id().to_owned();
    // What the application has may lack what the model asks for.
    let start = object
        .read_start()
        .filter(|_| expand::paths(model).is_empty());
    let Some(start) = start else {
        // Nobody knows whether the row is newer than this copy, so the object is read again.
        let report = by_ids::sync_by_ids(syncer, model, vec![id.clone()]).await?;
        return Ok(report.outcome(&id).cloned().unwrap_or(IdOutcome::Missing));
    };
    let run = ModelRun::begin(syncer, model, Origin::Direct, false).await?;
    let mut writer = run.writer(Some(std::slice::from_ref(&id))).await?;
    let write = async {
        let mapped = match complete(&run.reader, model, object.into_json()).await {
            Ok(object) => {
                let mapped = map(model, object, &run.context).await;
                writer.report.seen += u64::from(mapped.is_of_model());
                mapped
            }
            Err(SyncError::Object { failure, .. }) => Mapped::Failed(failure),
            Err(error) => return Err(error),
        };
        writer.write(vec![mapped], start, None).await
    };
    let written = write.await;
    let (_, outcomes) = run.end(writer.report, written)?;
    let found = outcomes.into_iter().find(|(found, _)| *found == id);
    Ok(found.map_or(IdOutcome::Missing, |(_, outcome)| outcome))
}
