//! What rows refer to and is not there: `missing_references`, and `fetch_missing`, which reads it.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use tracing::Instrument as _;
use xxhash_rust::xxh3::xxh3_128;

use crate::model::registry::Registry;
use crate::model::{Model, StripeSync};
use crate::sync::by_ids::sync_by_ids;
use crate::sync::error::{ModelResult, SyncError};
use crate::sync::report::IdOutcome;
use crate::sync::syncer::Syncer;

/// Ids that are shown of a column at once, and that are read at once.
const PAGE: usize = 1_000;

/// A column of ids of which some have no row in the table of the model that the column refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MissingReferences {
    /// The struct with the column.
    pub model: String,
    /// The column.
    pub column: String,
    /// The struct that the column refers to.
    pub references: String,
    /// The first different ids without a row, in order; at most 1,000.
    pub ids: Vec<String>,
    /// Whether there may be more, which [`Syncer::missing_references_page`] gives.
    pub more: bool,
}

impl fmt::Display for MissingReferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.more { " or more" } else { "" };
        write!(
            f,
            "{}.{}: {}{more} without a row of {}",
            self.model,
            self.column,
            self.ids.len(),
            self.references
        )
    }
}

/// What a `fetch_missing` did for one model that others refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FetchReport {
    /// The struct that is referred to.
    pub model: String,
    /// Its table.
    pub table: String,
    /// Ids that had no row, and that Stripe was asked for.
    pub asked: u64,
    /// Those that have a row now.
    pub found: u64,
    /// Those that have none, and why: mostly Stripe does not know them any more.
    pub remaining: Vec<(String, IdOutcome)>,
}

impl fmt::Display for FetchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} → {}: {} were referred to and had no row, {} have one now",
            self.model, self.table, self.asked, self.found
        )?;
        for (id, outcome) in &self.remaining {
            write!(f, "\n  {id}: {outcome}")?;
        }
        Ok(())
    }
}

impl Syncer {
    /// The columns of a model with `#[stripe(references = ...)]` of which ids have no row in the table of the other model, with
    /// the same account and mode. A row that is marked as deleted is a row. Empty means that nothing is missing. Of a syncer
    /// with a registry, columns are left out that refer to models which the registry does not have.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Invoice: StripeSync>(syncer: &Syncer) -> Result<(), SyncError> {
    /// for missing in syncer.missing_references::<Invoice>().await? {
    ///     println!("{missing}");
    /// }
    /// for (model, result) in syncer.fetch_missing::<Invoice>().await {
    ///     match result {
    ///         Ok(report) => println!("{report}"),
    ///         Err(error) => eprintln!("{}: {error}", model.name()),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the account is not known, or the database fails, as it does where the other table is not there.
    pub async fn missing_references<M: StripeSync>(
        &self,
    ) -> Result<Vec<MissingReferences>, SyncError> {
        Box::pin(missing(self, M::MODEL)).await
    }

    /// The same of a model that is known by its description.
    pub(super) async fn missing_references_of_model(
        &self,
        model: &'static Model,
    ) -> Result<Vec<MissingReferences>, SyncError> {
        Box::pin(missing(self, model)).await
    }

    /// The ids of one column that have no row, in order: the first `at_most`, or those behind an id, the last one of the page
    /// before.
    ///
    /// # Errors
    /// As [`missing_references`](Self::missing_references), and when the column has no `references`.
    pub async fn missing_references_page<M: StripeSync>(
        &self,
        column: &str,
        behind: Option<&str>,
        at_most: usize,
    ) -> Result<Vec<String>, SyncError> {
        let model = self.resolved(M::MODEL);
        let mut references = model.references();
        let Some(reference) = references.find(|(name, _)| *name == column) else {
            return Err(SyncError::NoReference {
                model: model.name(),
                column: column.to_owned(),
            });
        };
        let page = page(self, model, reference, behind, at_most);
        Box::pin(page).await
    }

    /// [`missing_references`](Self::missing_references) of several models.
    pub async fn missing_references_of(
        &self,
        models: impl Into<Registry>,
    ) -> Vec<ModelResult<Vec<MissingReferences>>> {
        let models = models.into().resolved_in(self.registry());
        let mut results = Vec::new();
        for model in models.models() {
            results.push((model, Box::pin(missing(self, model)).await));
        }
        results
    }

    /// Reads the objects that a model's columns refer to and that have no row, each by its id, and writes them into the tables
    /// of their models. Returns what came of it for each of these. What remains without a row is named there: mostly ids that
    /// Stripe does not know any more.
    ///
    /// A model that fails, because its objects cannot be read by their ids for example, does not stop the others.
    pub async fn fetch_missing<M: StripeSync>(&self) -> Vec<ModelResult<FetchReport>> {
        self.fetch_missing_of([M::MODEL]).await
    }

    /// [`fetch_missing`](Self::fetch_missing) of several models, until nothing is found that these refer to and that has no row:
    /// what was read may refer to more.
    pub async fn fetch_missing_of(
        &self,
        models: impl Into<Registry>,
    ) -> Vec<ModelResult<FetchReport>> {
        let models = models.into().resolved_in(self.registry());
        let span = tracing::info_span!("stripe_sync.fetch_missing");
        Box::pin(fetch(self, &models).instrument(span)).await
    }
}

async fn missing(
    syncer: &Syncer,
    model: &'static Model,
) -> Result<Vec<MissingReferences>, SyncError> {
    let mut all = Vec::new();
    for (column, other) in mirrored_references(syncer, model) {
        let ids = page(syncer, model, (column, other), None, PAGE).await?;
        if ids.is_empty() {
            continue;
        }
        all.push(MissingReferences {
            model: model.name().to_owned(),
            column: column.to_owned(),
            references: other.name().to_owned(),
            more: ids.len() == PAGE,
            ids,
        });
    }
    Ok(all)
}

/// The references of a model to models of the syncer's registry; all, if it has none: who names its models has the tables of
/// these, and perhaps no others.
fn mirrored_references(
    syncer: &Syncer,
    model: &'static Model,
) -> Vec<(&'static str, &'static Model)> {
    let registry = syncer.registry();
    let is_mirrored = |model: &Model| {
        let mut models = registry.models();
        models.len() == 0 || models.any(|known| known.is(model))
    };
    let references = syncer.resolved(model).references();
    references.filter(|(_, other)| is_mirrored(other)).collect()
}

async fn page(
    syncer: &Syncer,
    model: &'static Model,
    (column, other): (&'static str, &'static Model),
    behind: Option<&str>,
    at_most: usize,
) -> Result<Vec<String>, SyncError> {
    syncer.check_registered(model)?;
    syncer.check_registered(other)?;
    let scope = syncer.scope().await?;
    let store = syncer.store();
    let ids = store.missing_references((model, column), other, &scope, (behind, at_most));
    Ok(ids.await?)
}

/// What is known so far of a model that others refer to.
struct Fetched {
    model: &'static Model,
    result: Result<FetchReport, SyncError>,
    /// The hashes of the ids that were asked for: each is once, whatever a hook says of its row.
    asked: HashSet<u128>,
}

async fn fetch(syncer: &Syncer, models: &Registry) -> Vec<ModelResult<FetchReport>> {
    let mut all: Vec<Fetched> = Vec::new();
    // Each round writes a row that was not there, or is the last.
    loop {
        let mut found = 0;
        for model in models.models() {
            for (column, other) in mirrored_references(syncer, model) {
                let place = all.iter().position(|fetched| fetched.model.is(other));
                let place = place.unwrap_or_else(|| {
                    all.push(Fetched::new(syncer, other));
                    all.len() - 1
                });
                found += all[place].column(syncer, model, column).await;
            }
        }
        if found == 0 {
            break;
        }
    }
    let results = all.into_iter();
    results
        .map(|fetched| (fetched.model, fetched.result))
        .collect()
}

impl Fetched {
    fn new(syncer: &Syncer, model: &'static Model) -> Self {
        Self {
            model,
            result: Ok(FetchReport {
                model: model.name().to_owned(),
                table: syncer.store().place(model).name.clone(),
                ..FetchReport::default()
            }),
            asked: HashSet::new(),
        }
    }

    /// Reads what a column refers to and was not asked for. Returns how many rows there are that were not there before.
    async fn column(
        &mut self,
        syncer: &Syncer,
        model: &'static Model,
        column: &'static str,
    ) -> u64 {
        let Ok(report) = &mut self.result else {
            return 0;
        };
        let before = report.found;
        let mut behind: Option<String> = None;
        let result = async {
            loop {
                let page = page(syncer, model, (column, self.model), behind.as_deref(), PAGE);
                let page = page.await?;
                let Some(last) = page.last().cloned() else {
                    return Ok(());
                };
                behind = Some(last);
                let asked = &mut self.asked;
                let new = page
                    .into_iter()
                    .filter(|id| asked.insert(xxh3_128(id.as_bytes())));
                let ids: Vec<String> = new.collect();
                if ids.is_empty() {
                    continue;
                }
                report.asked += ids.len() as u64;
                for (id, outcome) in sync_by_ids(syncer, self.model, ids).await?.outcomes {
                    if has_row(&outcome) {
                        report.found += 1;
                    } else {
                        report.remaining.push((id, outcome));
                    }
                }
            }
        };
        let result: Result<(), SyncError> = result.await;
        let found = report.found - before;
        if let Err(error) = result {
            self.result = Err(error);
        }
        found
    }
}

/// Whether there is a row after such an outcome of an id that had none.
fn has_row(outcome: &IdOutcome) -> bool {
    matches!(
        outcome,
        IdOutcome::Inserted | IdOutcome::Updated | IdOutcome::Unchanged
    )
}
