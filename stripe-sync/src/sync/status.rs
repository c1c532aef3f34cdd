//! How far tables are, for people and programs that look on.

use serde::Serialize;

use crate::model::Model;
use crate::registry::Registry;

use super::models::ModelResult;
use super::{SyncError, Syncer, WalkState, state};

/// A table, what it has, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModelStatus {
    /// The struct's name.
    pub model: String,
    /// Stripe's name of the resource.
    pub object: String,
    /// The table, with its schema if it has one.
    pub table: String,
    /// Rows of objects that are there at Stripe, as far as is known.
    pub rows: u64,
    /// Rows that are marked as deleted.
    pub deleted: u64,
    /// Objects that failed, and did not succeed since.
    pub failed: u64,
    /// The newest run; `None` if there was none.
    pub run: Option<WalkState>,
}

pub(super) async fn status(syncer: &Syncer, registry: &Registry) -> Vec<ModelResult<ModelStatus>> {
    let mut all = Vec::new();
    for model in registry.models() {
        all.push((model, of(syncer, model).await));
    }
    all
}

async fn of(syncer: &Syncer, model: &'static Model) -> Result<ModelStatus, SyncError> {
    syncer.check_registered(model)?;
    let run = state::state(syncer, model).await?;
    let scope = syncer.scope().await?;
    let store = syncer.store();
    let (all, alive) = store.count_rows_of(model, &scope).await?;
    let failed = store.count_failed(model, &scope).await?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(ModelStatus {
        model: model.name().to_owned(),
        object: model.object().to_owned(),
        table: store.place(model).table().to_string(),
        rows: count(alive),
        deleted: count(all - alive),
        failed,
        run,
    })
}
