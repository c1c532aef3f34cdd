//! The verification of each night: every model, in one process of all, with what others leave of the rate budget.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tracing::Instrument as _;

use crate::live::service::Live;
use crate::live::service::night::{due, next};
use crate::model::Model;
use crate::model::registry::Registry;
use crate::store::events::cursor::Cursor;
use crate::sync::error::SyncError;
use crate::sync::models::with_runs;
use crate::sync::syncer::Syncer;
use crate::sync::verify::once::verify_once;
use crate::sync::{Verification, VerifyOptions};

/// The longest time that is slept through until the next night: a clock may be set, and a machine be suspended.
const LOOK_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Verifies a model, or returns what was found since a moment: by this process or by another one, which is waited for.
fn verify(
    syncer: Syncer,
    model: &'static Model,
    options: VerifyOptions,
    not_before: DateTime<Utc>,
) -> BoxFuture<'static, Result<Verification, SyncError>> {
    let span = tracing::info_span!("stripe_sync.verify", model = model.name());
    let verify = async move { verify_once(&syncer, model, &options, Some(not_before)).await };
    Box::pin(verify.instrument(span))
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

    /// The models that have verifications of their own: rows of children are verified with those of their parents.
    pub(crate) fn verified_models(&self) -> Vec<&'static Model> {
        with_runs(&Registry::from(self.models())).models().collect()
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
        // One after the other: the night is long, and the database has other work.
        for model in self.verified_models() {
            let found = verify(syncer.clone(), model, night.options.clone(), moment);
            let found = found.await;
            // What another process has read says nothing of this one's key.
            if !found.as_ref().is_ok_and(|found| found.by_another) {
                let mut refusals = observed.refusals();
                refusals.take(model.object(), &own.account, found.as_ref());
            }
            match found {
                Ok(verification) => {
                    tracing::info!(name: "stripe_sync.verified", model = model.name(), "{verification}");
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
        // Before the night is over: who stops this process then has told what it found.
        let told = self.check_alarms().await;
        let (store, moment) = (self.store(), moment.timestamp());
        store
            .set_cursor(&own, Cursor::Verified, moment, true)
            .await?;
        told.map(drop)
    }
}

#[cfg(all(test, feature = "sqlite", feature = "testing"))]
mod tests;
