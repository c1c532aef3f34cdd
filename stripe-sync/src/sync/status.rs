//! How far tables are, for people and programs that look on.

pub(crate) mod pending;

use std::fmt;

use serde::Serialize;

use crate::model::Model;
use crate::model::registry::Registry;

use crate::model::StripeSync;
use crate::store::db::Scope;
use crate::store::rows::remarks::failed::FailedRow;
use crate::sync::backfill::status;
use crate::sync::backfill::status::BackfillStatus;
use crate::sync::error::{ModelResult, SyncError};
use crate::sync::syncer::Syncer;
use crate::sync::verify::history;
use crate::sync::verify::history::VerificationSummary;

impl Syncer {
    /// The objects of the model that failed, and did not succeed since, by id. Where there may be many,
    /// [`failed_rows_page`](Self::failed_rows_page) gives some at a time.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn failed_rows<M: StripeSync>(&self) -> Result<Vec<FailedRow>, SyncError> {
        let scope = self.scope_of(M::MODEL).await?;
        Ok(self.store().failed(M::MODEL, &scope).await?)
    }

    /// The first `at_most` of them, or those behind a row: the last one of the page before.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: &Syncer) -> Result<(), SyncError> {
    /// let mut page = syncer.failed_rows_page::<Customer>(None, 100).await?;
    /// while let Some(last) = page.last() {
    ///     page.iter().for_each(|row| println!("{}: {}", row.id, row.reason));
    ///     page = syncer.failed_rows_page::<Customer>(Some(last), 100).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`failed_rows`](Self::failed_rows).
    pub async fn failed_rows_page<M: StripeSync>(
        &self,
        behind: Option<&FailedRow>,
        at_most: usize,
    ) -> Result<Vec<FailedRow>, SyncError> {
        let scope = self.scope_of(M::MODEL).await?;
        let behind = behind.map(|row| row.id.as_str());
        let page = self
            .store()
            .failed_rows_page(M::MODEL, &scope, behind, at_most);
        Ok(page.await?)
    }

    /// Returns the account and mode, when what is known of a model's rows can be asked for.
    async fn scope_of(&self, model: &'static Model) -> Result<Scope, SyncError> {
        self.store().check_derived(model)?;
        let scope = self.scope().await?;
        self.store().prepare().await?;
        Ok(scope)
    }
}

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
    pub run: Option<BackfillStatus>,
    /// The last verification; `None` if there was none.
    pub verified: Option<VerificationSummary>,
}

impl fmt::Display for ModelStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} → {}: {} rows, {} deleted, {} failed; ",
            self.model, self.table, self.rows, self.deleted, self.failed
        )?;
        match &self.run {
            Some(run) => run.fmt(f)?,
            None => f.write_str("no run")?,
        }
        match &self.verified {
            Some(verified) => write!(f, "; verified: {verified}"),
            None => f.write_str("; never verified"),
        }
    }
}

pub(crate) async fn status(syncer: &Syncer, registry: &Registry) -> Vec<ModelResult<ModelStatus>> {
    let mut all = Vec::new();
    for model in registry.models() {
        all.push((model, of(syncer, model).await));
    }
    all
}

async fn of(syncer: &Syncer, model: &'static Model) -> Result<ModelStatus, SyncError> {
    syncer.check_registered(model)?;
    let run = status::state(syncer, model).await?;
    let scope = syncer.scope().await?;
    let store = syncer.store();
    let (all, alive) = store.count_rows_of(model, &scope).await?;
    let failed = store.count_failed(model, &scope).await?;
    let verified = history::last_in_short(store, model, &scope).await?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(ModelStatus {
        model: model.name().to_owned(),
        object: model.object().to_owned(),
        table: store.place(model).table.to_string(),
        rows: count(alive),
        deleted: count(all - alive),
        failed,
        run,
        verified,
    })
}
