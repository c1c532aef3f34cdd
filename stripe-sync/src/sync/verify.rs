//! `verify`: proves that a table equals Stripe, and mends what does not.
//!
//! Every object of the lists is mapped as in a read and compared with its row, column by column. Neither hash nor token is
//! trusted. What is not equal is suspected, and read once more after a while; what then is still not equal, and was read
//! the same twice, is drift.

mod compared;
mod digests;
mod fix;
pub(crate) mod history;
mod listed;
mod lists;
pub(crate) mod object;
pub(crate) mod once;
pub(crate) mod options;
pub(crate) mod references;
mod relisted;
pub(crate) mod report;
mod run;
mod suspects;
mod tally;

use tracing::Instrument as _;

use crate::model::{Model, StripeSync};
use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;

use options::VerifyOptions;
use report::Verification;

impl Syncer {
    /// Compares every row and column of a model's table, and those of its children, with Stripe, and says what is not equal.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// let verification = syncer.verify::<Customer>().await?;
    /// println!("{verification}");
    /// assert!(verification.is_equal());
    /// # Ok(()) }
    /// ```
    ///
    /// It costs one request for a hundred objects, and one for each row that is not equal or that no list shows. A row that
    /// is not equal at the first look is looked at again after [`grace`](VerifyOptions::grace), with a second read of its
    /// object: only if both reads agree with each other and not with the row, it is drift. So a verification may run while
    /// objects change and live sync is at work. It holds one page at a time.
    ///
    /// The hooks of the mapping run as in a read, with [`Origin::Verify`](crate::Origin::Verify); `sync` hooks and
    /// `after_commit` do not. Nothing is written to the table.
    ///
    /// While another process verifies the same table, this call waits for what that one finds.
    ///
    /// # Errors
    /// When the table does not fit or holds another account's rows, the resource has no list, or Stripe or the database fail
    /// for longer than retries last. An object that fails is counted.
    pub async fn verify<M: StripeSync>(&self) -> Result<Verification, SyncError> {
        self.verify_with::<M>(VerifyOptions::default()).await
    }

    /// [`verify`](Self::verify) with settings: with [`fix`](VerifyOptions::fix) what is drift is mended.
    ///
    /// # Errors
    /// As `verify`.
    pub async fn verify_with<M: StripeSync>(
        &self,
        options: VerifyOptions,
    ) -> Result<Verification, SyncError> {
        Box::pin(verify(self, M::MODEL, &options)).await
    }
}

/// Verifies a model, in a span.
pub(crate) async fn verify(
    syncer: &Syncer,
    model: &'static Model,
    options: &VerifyOptions,
) -> Result<Verification, SyncError> {
    let model = syncer.resolved(model);
    let span = tracing::info_span!("stripe_sync.verify", model = model.name());
    once::verify_once(syncer, model, options, None)
        .instrument(span)
        .await
}
