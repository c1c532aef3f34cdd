//! What every run does before its first write and after its last.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use crate::client::Meter;
use crate::context::{Context, Origin};
use crate::model::Model;
use crate::store::Scope;

use super::progress::ProgressUpdate;
use super::share::Sharing;
use super::write::Writer;
use super::{Report, SyncError, Syncer};

/// One run of a driver: its counters, its scope and its context.
pub(crate) struct Run<'s> {
    pub(crate) syncer: &'s Syncer,
    pub(crate) model: &'static Model,
    pub(crate) scope: Scope,
    pub(crate) context: Context,
    pub(crate) meter: Arc<Meter>,
    started: Instant,
    /// Other processes leave this one its part of the rate while it is held.
    _sharing: Option<Arc<Sharing>>,
    /// See [`Writer::latest`].
    pub(crate) latest: Arc<AtomicI64>,
}

impl<'s> Run<'s> {
    /// Learns the account, and checks the table and what it is bound to. Writes no row.
    ///
    /// # Errors
    /// When the account is not known, the table does not fit, or it holds another account's rows.
    pub(crate) async fn begin(
        syncer: &'s Syncer,
        model: &'static Model,
        origin: Origin,
    ) -> Result<Self, SyncError> {
        let started = Instant::now();
        let scope = syncer.scope().await?;
        bind(syncer, model, &scope).await?;
        let sharing = syncer.sharing(&scope);
        let context = Context::new(origin)
            .with_account(scope.account.as_str(), scope.livemode)
            .with_state(syncer.state().clone());
        Ok(Self {
            syncer,
            model,
            scope,
            context,
            meter: Arc::new(Meter::new()),
            started,
            _sharing: sharing,
            latest: Arc::default(),
        })
    }

    /// The writer of this run.
    ///
    /// # Errors
    /// When the earlier failures cannot be read.
    pub(crate) async fn writer<'a>(&'a self, fresh: bool) -> Result<Writer<'a>, SyncError> {
        let store = self.syncer.store();
        let failed = store.failed(self.model, &self.scope).await?;
        Ok(Writer {
            stripe: self.syncer.stripe(),
            store,
            model: self.model,
            scope: &self.scope,
            context: &self.context,
            meter: &self.meter,
            fresh,
            failed_before: failed.into_iter().map(|row| row.id).collect::<HashSet<_>>(),
            failed: HashSet::new(),
            report: Report::new(self.model, store.place(self.model).name.clone()),
            latest: Arc::clone(&self.latest),
            hopes_for_new: false,
        })
    }

    /// Tells whoever listens how far the run is.
    pub(crate) fn progress(&self, report: &Report, finished: bool) {
        if let Some(progress) = self.syncer.progress() {
            progress.update(ProgressUpdate {
                model: self.model.name(),
                seen: report.seen,
                written: report.written(),
                failed: report.failed,
                requests: self.meter.snapshot().requests,
                elapsed: self.started.elapsed(),
                finished,
            });
        }
    }

    /// Completes the report of a run that ended in one way or the other.
    ///
    /// # Errors
    /// The error that stopped the run, with the report of what was done before.
    pub(crate) fn end(
        &self,
        mut report: Report,
        result: Result<(), SyncError>,
    ) -> Result<Report, SyncError> {
        report.finish(&self.meter.snapshot(), self.started.elapsed());
        self.progress(&report, true);
        tracing::info!(
            name: "stripe_sync.finished",
            model = report.model,
            seen = report.seen,
            inserted = report.inserted,
            updated = report.updated,
            unchanged = report.unchanged,
            deleted = report.deleted,
            failed = report.failed,
            requests = report.requests,
            complete = result.is_ok(),
            "run finished"
        );
        match result {
            Ok(()) => Ok(report),
            Err(source) => Err(SyncError::Incomplete {
                report: Box::new(report),
                source: Box::new(source),
            }),
        }
    }
}

/// Checks a table, and binds it to an account and a mode.
///
/// # Errors
/// When the table does not fit, or holds another account's rows.
pub(crate) async fn bind(
    syncer: &Syncer,
    model: &'static Model,
    scope: &Scope,
) -> Result<(), SyncError> {
    let store = syncer.store();
    store.prepare().await?;
    let differences = store.check_table(model).await?;
    if !differences.is_empty() {
        return Err(SyncError::Table {
            model: model.name(),
            differences,
        });
    }
    Ok(store.bind(model, scope).await?)
}
