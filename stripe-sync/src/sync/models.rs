//! Several models at once, within one rate budget.

use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::model::Model;
use crate::registry::{Registry, TableName};
use crate::store::Difference;

use super::alone::shares;
use super::{Plan, Report, SyncAll, SyncError, Syncer, all, plan};

/// What became of one model.
pub type ModelResult<T = Report> = (&'static Model, Result<T, SyncError>);

impl Syncer {
    /// Checks that a registry has a model's table where this syncer has it.
    ///
    /// # Errors
    /// When it is elsewhere.
    pub(crate) fn check_place(
        &self,
        model: &'static Model,
        table: Option<&TableName>,
    ) -> Result<(), SyncError> {
        let place = self.store().place(model);
        match table.filter(|table| *table != place.table()) {
            None => Ok(()),
            Some(expected) => Err(SyncError::WrongPlace {
                model: model.name(),
                expected: expected.to_string(),
                found: place.table().to_string(),
            }),
        }
    }
}

/// Returns the models of a registry; one fails whose table is elsewhere in the syncer's own, or is also that of a model of
/// another resource or with another filter.
fn placed(syncer: &Syncer, registry: &Registry) -> Vec<ModelResult<()>> {
    let check = |model, table| {
        syncer.check_place(model, table)?;
        match shares(syncer.store(), model, registry.models()) {
            Some(shared) => Err(shared.into()),
            None => syncer.check_registered(model),
        }
    };
    let models = registry.entries();
    models
        .map(|(model, table)| (model, check(model, table)))
        .collect()
}

/// Creates a model's table, unless it mirrors another resource.
pub(crate) async fn ensure_table(syncer: &Syncer, model: &'static Model) -> Result<(), SyncError> {
    syncer.check_alone(model).await?;
    Ok(syncer.store().ensure_table(model).await?)
}

/// Compares a model with its table, unless that mirrors another resource.
pub(crate) async fn check_table(
    syncer: &Syncer,
    model: &'static Model,
) -> Result<Vec<Difference>, SyncError> {
    syncer.check_alone(model).await?;
    Ok(syncer.store().check_table(model).await?)
}

/// Does something with each model of a registry, one after the other.
macro_rules! each {
    ($syncer:expr, $registry:expr, |$model:ident| $work:expr) => {{
        let mut results = Vec::new();
        for ($model, place) in placed($syncer, $registry) {
            let result = match place {
                Ok(()) => $work.await,
                Err(error) => Err(error),
            };
            results.push(($model, result));
        }
        results
    }};
}

pub(crate) async fn ensure_models(syncer: &Syncer, registry: &Registry) -> Vec<ModelResult<()>> {
    each!(syncer, registry, |model| ensure_table(syncer, model))
}

pub(crate) async fn check_models(
    syncer: &Syncer,
    registry: &Registry,
) -> Vec<ModelResult<Vec<Difference>>> {
    each!(syncer, registry, |model| check_table(syncer, model))
}

pub(crate) async fn plan_models(syncer: &Syncer, registry: &Registry) -> Vec<ModelResult<Plan>> {
    each!(syncer, registry, |model| plan::plan(syncer, model))
}

pub(crate) async fn sync_models(
    syncer: &Syncer,
    registry: &Registry,
    options: SyncAll,
) -> Vec<ModelResult> {
    // Tasks, so that mapping uses every core; dropping the set ends them.
    let mut runs = JoinSet::new();
    for (number, (model, place)) in placed(syncer, registry).into_iter().enumerate() {
        let syncer = syncer.clone();
        let run = async move {
            let result = match place {
                Ok(()) => all::run(&syncer, model, options).await,
                Err(error) => Err(error),
            };
            (number, (model, result))
        };
        runs.spawn(run.in_current_span());
    }
    let mut results: Vec<(usize, ModelResult)> = Vec::with_capacity(runs.len());
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
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::{Stripe, StripeSync};

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers", crate = crate)]
    struct Customer {
        #[allow(dead_code, reason = "only its place matters")]
        id: String,
    }

    #[tokio::test]
    async fn a_model_fails_whose_table_is_elsewhere() {
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap();
        let stripe = Stripe::new("sk_test_1234").unwrap();
        let placed = || Registry::new().model::<Customer>().in_schema("stripe");
        let syncer = Syncer::builder(stripe, pool).build();
        let results = sync_models(&syncer, &placed(), SyncAll::default()).await;
        let messages: Vec<String> = results
            .into_iter()
            .map(|(_, result)| result.unwrap_err().to_string())
            .collect();
        assert_eq!(
            messages,
            [
                "`Customer` is in `stripe.customers` here and in `customers` in the syncer's registry: build the \
              syncer with this registry"
            ]
        );
        let places = super::placed(&syncer, &Registry::new().model::<Customer>());
        assert!(places.iter().all(|(_, place)| place.is_ok()));
    }
}
