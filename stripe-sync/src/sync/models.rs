//! Several models at once, within one rate budget.

use std::future::Future;

use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::model::Model;
use crate::model::load_order::{self, Step};
use crate::model::registry::Registry;
use crate::model::table_name::TableName;
use crate::store::db::DatabaseKind;
use crate::store::tables::check::difference::Difference;
use crate::store::tables::check::missing_index::MissingIndex;

use crate::model::StripeSync;
use crate::sync::backfill::plan::Plan;
use crate::sync::backfill::{SyncAllOptions, plan, run};
use crate::sync::error::{ModelResult, SyncError};
use crate::sync::object::children::parents_that_list;
use crate::sync::status;
use crate::sync::status::ModelStatus;
use crate::sync::status::pending::{self, PendingStatements};
use crate::sync::syncer::Syncer;
use crate::sync::syncer::shared_table::check_shared;
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::report::Verification;
use crate::sync::verify::verify;

/// Models that are verified at once: each waits for a while before it looks at its suspects again.
const VERIFIED_AT_ONCE: usize = 8;

/// Does something with each model of a registry, one after the other.
macro_rules! each {
    ($syncer:expr, $registry:expr, |$model:ident| $work:expr) => {{
        let mut results = Vec::new();
        for ($model, place) in placed($syncer, $registry) {
            let result = match place {
                Ok(()) => Box::pin($work).await,
                Err(error) => Err(error),
            };
            results.push(($model, result));
        }
        results
    }};
}

/// The statements that create a model's table on a database where its struct says that it is, for a migration. The first one
/// creates the schema, if the model is in a namespace and the database is PostgreSQL.
/// [`Syncer::create_table`] gives those of a table that was placed elsewhere. Of a model that was derived for other databases
/// it is a comment that says so.
pub fn create_table<M: StripeSync>(database: DatabaseKind) -> Vec<String> {
    crate::store::tables::create::create_table(M::MODEL, &TableName::of(M::MODEL), database)
}

impl Syncer {
    /// The statements that create the model's table, for a migration; a comment if it was derived for other databases.
    pub fn create_table<M: StripeSync>(&self) -> Vec<String> {
        let place = self.store().place(M::MODEL);
        crate::store::tables::create::create_table(M::MODEL, &place.table, self.store().kind())
    }

    /// Creates the model's table and those of its children, or adds the columns that they lack. For development: a migration is
    /// under your control. On PostgreSQL it creates the schema of a namespace, too, if the role may.
    ///
    /// # Errors
    /// When the model was derived for other databases, the table mirrors another resource, or the database refuses.
    pub async fn ensure_table<M: StripeSync>(&self) -> Result<(), SyncError> {
        Box::pin(ensure_table(self, M::MODEL)).await
    }

    /// Compares the model with the real table. Runs do so before they write; empty means that all is well.
    ///
    /// # Errors
    /// When the model was derived for other databases, the table mirrors another resource, or the database fails.
    pub async fn check_table<M: StripeSync>(&self) -> Result<Vec<Difference>, SyncError> {
        Box::pin(check_table(self, M::MODEL)).await
    }

    /// The indexes that the struct asks for and its table lacks, each with the statement that creates it. They come with a
    /// table that [`ensure_table`](Self::ensure_table) creates; in one that is there they are yours to create, and a run does
    /// not need them.
    ///
    /// # Errors
    /// As [`check_table`](Self::check_table).
    pub async fn missing_indexes<M: StripeSync>(&self) -> Result<Vec<MissingIndex>, SyncError> {
        self.check_alone(M::MODEL).await?;
        Ok(self.store().missing_indexes(M::MODEL).await?)
    }

    /// [`sync_all`](Self::sync_all) of several models at once, within one rate budget: Stripe limits each endpoint to a
    /// quarter of what it allows an account. One that fails does not stop the others.
    ///
    /// ```no_run
    /// # use stripe_sync::{Registry, StripeSync, SyncAllOptions, Syncer};
    /// # async fn run<Customer: StripeSync, Price: StripeSync>(syncer: Syncer) {
    /// let models = Registry::new().model::<Customer>().model::<Price>();
    /// for (model, result) in syncer.sync_models(models, SyncAllOptions::default()).await {
    ///     match result {
    ///         Ok(report) => println!("{report}"),
    ///         Err(error) => eprintln!("{}: {error}", model.name()),
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// A model whose rows refer to another one's, by `#[stripe(references = ...)]` or by a foreign key of the table, begins after
    /// that one has ended. Where they refer to each other in a circle, the first by its struct's name begins it.
    ///
    /// The rows of `#[stripe(children)]` come with those of their parents: the model of such elements has no run and no result of
    /// its own, unless Stripe lists them by themselves and the registry names the model, too.
    ///
    /// A model whose place the registry names must be there in the syncer's registry too; one that is elsewhere fails.
    pub async fn sync_models(
        &self,
        models: impl Into<Registry>,
        options: SyncAllOptions,
    ) -> Vec<ModelResult> {
        self.sync_models_until(models, options, std::future::pending())
            .await
    }

    /// [`sync_models`](Self::sync_models) that ends early when a signal comes, as
    /// [`sync_all_until`](Self::sync_all_until) does.
    pub async fn sync_models_until(
        &self,
        models: impl Into<Registry>,
        options: SyncAllOptions,
        signal: impl Future<Output = ()> + Send + 'static,
    ) -> Vec<ModelResult> {
        let signal = Box::pin(signal);
        let models = models.into().resolved_in(self.registry());
        Box::pin(sync_models(self, &models, options, signal)).await
    }

    /// [`verify_with`](Self::verify_with) of several models, some at once, within one rate budget. One that fails does not stop
    /// the others. The rows of `#[stripe(children)]` are verified with those of their parents, as
    /// [`sync_models`](Self::sync_models) writes them.
    pub async fn verify_models(
        &self,
        models: impl Into<Registry>,
        options: VerifyOptions,
    ) -> Vec<ModelResult<Verification>> {
        let models = models.into().resolved_in(self.registry());
        Box::pin(verify_models(self, &models, &options)).await
    }

    /// [`ensure_table`](Self::ensure_table) of several models, one after the other. One that fails does not stop the others.
    pub async fn ensure_models(&self, models: impl Into<Registry>) -> Vec<ModelResult<()>> {
        let models = models.into().resolved_in(self.registry());
        each!(self, &models, |model| ensure_table(self, model))
    }

    /// [`check_table`](Self::check_table) of several models.
    pub async fn check_models(
        &self,
        models: impl Into<Registry>,
    ) -> Vec<ModelResult<Vec<Difference>>> {
        let models = models.into().resolved_in(self.registry());
        each!(self, &models, |model| check_table(self, model))
    }

    /// [`plan`](Self::plan) of several models. A model that [`sync_models`](Self::sync_models) gives no run of its own has no plan:
    /// those of its parents [name it](Plan::children).
    pub async fn plan_models(&self, models: impl Into<Registry>) -> Vec<ModelResult<Plan>> {
        let models = with_runs(&models.into().resolved_in(self.registry()));
        each!(self, &models, |model| plan::plan(self, model))
    }

    /// How far each table is, what it has and what failed.
    pub async fn status(&self, models: impl Into<Registry>) -> Vec<ModelResult<ModelStatus>> {
        let models = models.into().resolved_in(self.registry());
        Box::pin(status::status(self, &models)).await
    }

    /// The statements that the database lacks: of the bookkeeping, and of the tables of this syncer's registry. Writes
    /// nothing, and asks Stripe nothing.
    ///
    /// # Errors
    /// When the database fails, or a newer program made the bookkeeping tables.
    pub async fn pending_statements(&self) -> Result<PendingStatements, SyncError> {
        Box::pin(pending::statements(self)).await
    }

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
        let table = table.map(|table| table.clone().on(self.store().kind()));
        match table.filter(|table| !table.is_at(&place.table)) {
            None => Ok(()),
            Some(expected) => Err(SyncError::WrongPlace {
                model: model.name(),
                expected: expected.to_string(),
                found: place.table.to_string(),
            }),
        }
    }
}

/// Returns the models of a registry; one fails whose table is elsewhere in the syncer's own, or is also that of a model of
/// another resource or with another filter.
fn placed(syncer: &Syncer, registry: &Registry) -> Vec<ModelResult<()>> {
    let check = |model, table| {
        syncer.check_place(model, table)?;
        check_shared(syncer.store(), model, registry.models())?;
        syncer.check_registered(model)
    };
    let models = registry.entries();
    models
        .map(|(model, table)| (model, check(model, table)))
        .collect()
}

/// Creates a model's table, unless it mirrors another resource.
async fn ensure_table(syncer: &Syncer, model: &'static Model) -> Result<(), SyncError> {
    let model = syncer.resolved(model);
    for model in model.descendants().into_iter().rev().chain([model]) {
        syncer.check_alone(model).await?;
        syncer.store().ensure_table(model).await?;
    }
    Ok(())
}

/// Compares a model with its table, unless that mirrors another resource.
async fn check_table(syncer: &Syncer, model: &'static Model) -> Result<Vec<Difference>, SyncError> {
    syncer.check_alone(model).await?;
    Ok(syncer.store().check_table(model).await?)
}

/// The order of runs: each behind those of the models to which its columns refer and its foreign keys lead. A database that
/// cannot say the latter fails the runs, which say it.
async fn order(syncer: &Syncer, places: &[ModelResult<()>]) -> Vec<Step> {
    let models: Vec<&'static Model> = places.iter().map(|(model, _)| *model).collect();
    let mut references = load_order::references(&models);
    let keys = models
        .iter()
        .map(|model| syncer.store().foreign_keys(model));
    let keys = join_all(keys).await;
    let keys: Vec<_> = keys.into_iter().map(Result::unwrap_or_default).collect();
    for (model, keys_of_model) in keys.iter().enumerate() {
        let others = keys.iter().enumerate();
        let others = others.filter(|(_, other)| keys_of_model.others.contains(&other.own));
        references[model].extend(others.map(|(other, _)| other));
    }
    load_order::load_order(&models, &references)
}

/// Whether the runs of other models write all rows of a model: no list but those of its parents shows its objects, and each
/// parent's model keeps them as children.
fn is_covered(model: &'static Model, registry: &Registry) -> bool {
    let keeps = |parent: &&'static str| {
        registry.models().any(|other| {
            let mut children = other.children();
            other.object() == *parent
                && !other.is_filtered()
                && children.any(|(_, child)| child.is(model))
        })
    };
    let parents = parents_that_list(model);
    !parents.is_empty() && parents.iter().all(keeps)
}

/// The models of a registry that have a run of their own.
pub(crate) fn with_runs(registry: &Registry) -> Registry {
    registry.without_children(|model| is_covered(model, registry))
}

async fn sync_models(
    syncer: &Syncer,
    registry: &Registry,
    options: SyncAllOptions,
    stop: BoxFuture<'static, ()>,
) -> Vec<ModelResult> {
    let stop = stop.shared();
    let registry = &with_runs(registry);
    let places = placed(syncer, registry);
    // What a run waits for ends with the other run, however that ends.
    let (ended, ends): (Vec<_>, Vec<_>) = places.iter().map(|_| oneshot::channel::<()>()).unzip();
    let ends: Vec<_> = ends.into_iter().map(|end| end.shared()).collect();
    let mut behind = vec![Vec::new(); places.len()];
    for step in order(syncer, &places).await {
        behind[step.model] = step
            .behind
            .iter()
            .map(|model| ends[*model].clone())
            .collect();
    }
    // Tasks, so that mapping uses every core; dropping the set ends them.
    let mut runs = JoinSet::new();
    let runs_of = places.into_iter().zip(behind).zip(ended).enumerate();
    for (number, (((model, place), behind), ended)) in runs_of {
        let (syncer, stop) = (syncer.clone(), stop.clone());
        let run = async move {
            join_all(behind).await;
            let result = match place {
                Ok(()) => run::run(&syncer, model, options, Box::pin(stop)).await,
                Err(error) => Err(error),
            };
            drop(ended);
            (number, (model, result))
        };
        runs.spawn(run.in_current_span());
    }
    // A panic is a bug, in a hook or here: it is no result of a run, and goes on to the caller.
    let mut results = runs.join_all().await;
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn verify_models(
    syncer: &Syncer,
    registry: &Registry,
    options: &VerifyOptions,
) -> Vec<ModelResult<Verification>> {
    let places = placed(syncer, &with_runs(registry));
    let verifications = places.into_iter().map(|(model, place)| async move {
        let result = match place {
            Ok(()) => verify(syncer, model, options).await,
            Err(error) => Err(error),
        };
        (model, result)
    });
    let verifications: Vec<_> = verifications.collect();
    let verifications = stream::iter(verifications).buffered(VERIFIED_AT_ONCE);
    verifications.collect().await
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::StripeSync;
    use crate::client::Stripe;

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
        let never = Box::pin(std::future::pending());
        let results = sync_models(&syncer, &placed(), SyncAllOptions::default(), never).await;
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
