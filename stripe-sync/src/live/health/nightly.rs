//! The verification of each night: every model, in one process of all, with what others leave of the rate budget.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;

use crate::live::service::Live;
use crate::live::service::night::{due, next};
use crate::model::Model;
use crate::store::events::cursor::Cursor;
use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;
use crate::sync::{Verification, VerifyOptions};

/// The longest time that is slept through until the next night: a clock may be set, and a machine be suspended.
const LOOK_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Verifies a model, or returns what was found since a moment: by this process or by another one, which is waited for.
fn verify(
    syncer: Syncer,
    model: &'static Model,
    options: VerifyOptions,
    _not_before: DateTime<Utc>,
) -> BoxFuture<'static, Result<Verification, SyncError>> {
    Box::pin(async move {
        let mut verified = syncer.verify_models(&[model][..], options).await;
        verified.remove(0).1
    })
}

/// What verifies a model.
trait VerifyModel:
    Fn(
    Syncer,
    &'static Model,
    VerifyOptions,
    DateTime<Utc>,
) -> BoxFuture<'static, Result<Verification, SyncError>>
{
}

impl<F> VerifyModel for F where
    F: Fn(
        Syncer,
        &'static Model,
        VerifyOptions,
        DateTime<Utc>,
    ) -> BoxFuture<'static, Result<Verification, SyncError>>
{
}

impl Live {
    /// How long it is until the next night is looked for; `None` if there is none.
    pub(crate) fn until_night(&self) -> Option<Duration> {
        let (now, night) = (Utc::now(), self.shared.night.as_ref()?);
        let wait = (next(now, night.at) - now).min(LOOK_EVERY);
        Some(wait.to_std().unwrap_or_default())
    }

    /// Verifies every model if the night has come, for a process that began at a moment.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. A model that fails does not stop the others.
    pub(crate) async fn verify_if_night(&self, begun: DateTime<Utc>) -> Result<(), SyncError> {
        self.verify_if_night_with(begun, verify).await
    }

    async fn verify_if_night_with(
        &self,
        begun: DateTime<Utc>,
        verify: impl VerifyModel,
    ) -> Result<(), SyncError> {
        let Some(night) = &self.shared.night else {
            return Ok(());
        };
        let own = self.prepare().await?;
        let verified = self.store().cursor(&own, Cursor::Verified).await?;
        let verified = verified.and_then(|moment| DateTime::from_timestamp(moment, 0));
        let Some(moment) = due(Utc::now(), night.at, begun, verified) else {
            return Ok(());
        };
        let syncer = self.shared.syncer.with_leftover();
        let observed = &self.shared.observed;
        // Elements of lists are verified with their parents.
        let models = self.models().iter().copied();
        for model in models.filter(|model| !model.is_of_elements()) {
            let found = verify(syncer.clone(), model, night.options.clone(), moment);
            let found = found.await;
            let mut refusals = observed.refusals();
            refusals.take(model.object(), &own.account, found.as_ref());
            drop(refusals);
            match found {
                Ok(verification) => {
                    tracing::info!(name: "stripe_sync.verified", model = model.name(), "{verification}");
                    observed.take(&verification);
                }
                Err(error) => {
                    tracing::error!(
                        name: "stripe_sync.not_verified",
                        model = model.name(),
                        %error,
                        "a model was not verified; the others are"
                    );
                }
            }
        }
        let (store, moment) = (self.store(), moment.timestamp());
        store
            .set_cursor(&own, Cursor::Verified, moment, true)
            .await?;
        self.check_alarms().await.map(drop)
    }
}

#[cfg(all(test, feature = "sqlite", feature = "testing"))]
mod tests;
