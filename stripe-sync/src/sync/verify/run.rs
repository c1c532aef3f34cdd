//! One verification of one table.

use chrono::Utc;

use crate::model::Model;
use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::report::Verification;

/// Verifies a table in this process, whatever others do.
///
/// # Errors
/// As [`Syncer::verify`].
pub(super) async fn verify_now(
    syncer: &Syncer,
    model: &'static Model,
    options: &VerifyOptions,
) -> Result<Verification, SyncError> {
    let table = syncer.store().place(model).name.clone();
    Ok(Verification::new(model, table, options, Utc::now()))
}
