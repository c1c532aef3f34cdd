//! Several models at once, within one rate budget.

use tokio::task::JoinSet;

use crate::model::Model;

use super::{Report, SyncAll, SyncError, Syncer, all};

/// What became of one model.
pub type ModelResult = (&'static Model, Result<Report, SyncError>);

pub(crate) async fn sync_models(
    syncer: &Syncer,
    models: &[&'static Model],
    options: SyncAll,
) -> Vec<ModelResult> {
    // Tasks, so that mapping uses every core; dropping the set ends them.
    let mut runs = JoinSet::new();
    for (place, &model) in models.iter().enumerate() {
        let syncer = syncer.clone();
        runs.spawn(async move { (place, all::run(&syncer, model, options).await) });
    }
    let mut results: Vec<(usize, Result<Report, SyncError>)> = Vec::with_capacity(models.len());
    while let Some(ended) = runs.join_next().await {
        match ended {
            Ok(result) => results.push(result),
            // A panic is a bug, in a hook or here: it is no result of a run.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and the caller with it.
                Err(_) => std::future::pending().await,
            },
        }
    }
    results.sort_by_key(|(place, _)| *place);
    let results = results.into_iter().map(|(_, result)| result);
    models.iter().copied().zip(results).collect()
}
