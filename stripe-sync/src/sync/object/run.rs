//! What every run does before its first write and after its last.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::{Duration, Instant};

use crate::calls::call;
#[cfg(feature = "live")]
use crate::client::Meter;
use crate::model::Model;
#[cfg(feature = "live")]
use crate::model::Role;
use crate::model::context::{Context, Origin};
use crate::store::db::{Scope, Store};

use crate::sync::error::SyncError;
use crate::sync::list::Reader;
use crate::sync::object::ObjectWriter;
use crate::sync::object::parents::Parents;
use crate::sync::progress::ProgressUpdate;
use crate::sync::report::{Bottleneck, Report};
use crate::sync::syncer::Syncer;
use crate::sync::syncer::rate_share::Sharing;

/// One run of a driver: its counters, its scope and its context.
pub(crate) struct ModelRun<'s> {
    pub(crate) syncer: &'s Syncer,
    pub(crate) model: &'static Model,
    pub(crate) scope: Scope,
    pub(crate) context: Context,
    /// Who asks Stripe for what is written.
    pub(crate) reader: Reader,
    /// What is known of the parents of its objects.
    pub(crate) parents: Parents,
    started: Instant,
    /// Other processes leave this one its part of the rate while it is held.
    _sharing: Option<Arc<Sharing>>,
    /// The newest token that this run has seen: a read that begins now began after it.
    pub(crate) latest: AtomicI64,
    /// The microseconds that Stripe's answers were waited for, with nothing else to do.
    waited: AtomicU64,
    /// The bits of the share of the lists' time that was read; not a number where it is not known.
    covered: AtomicU64,
}

impl<'s> ModelRun<'s> {
    /// A run over a table that is bound already, or that nothing is written to.
    pub(crate) fn new(
        syncer: &'s Syncer,
        model: &'static Model,
        scope: Scope,
        origin: Origin,
    ) -> Self {
        Self {
            syncer,
            model,
            context: syncer.context(origin, &scope),
            scope,
            reader: Reader::new(syncer.stripe()),
            parents: Parents::default(),
            started: Instant::now(),
            _sharing: None,
            latest: AtomicI64::default(),
            waited: AtomicU64::default(),
            covered: AtomicU64::new(f64::NAN.to_bits()),
        }
    }

    /// Learns the account, and checks the table and what it is bound to. Writes nothing. A run over all objects may change the
    /// filter whose rows the table has.
    ///
    /// # Errors
    /// When the account is not known, the table does not fit, or it holds another account's rows or those of another filter.
    pub(crate) async fn begin(
        syncer: &'s Syncer,
        model: &'static Model,
        origin: Origin,
        change_filter: bool,
    ) -> Result<Self, SyncError> {
        let started = Instant::now();
        let scope = syncer.scope().await?;
        let asked = started.elapsed();
        check(syncer, model, &scope, change_filter).await?;
        Ok(Self {
            started,
            _sharing: syncer.sharing(&scope),
            waited: AtomicU64::new(micros(asked)),
            ..Self::new(syncer, model, scope, origin)
        })
    }

    /// The same for an object that events told of; one of a `connected` account is read as that account.
    #[cfg(feature = "live")]
    pub(crate) fn following(mut self, connected: bool, meter: &Arc<Meter>) -> Self {
        self.reader.account = connected.then(|| self.scope.account.clone());
        self.reader.meter = Arc::clone(meter);
        self
    }

    pub(crate) fn store(&self) -> &'s Store {
        self.syncer.store()
    }

    /// The writer of a run over objects of these ids, or over all.
    ///
    /// # Errors
    /// When the earlier failures cannot be read.
    pub(crate) async fn writer(
        &self,
        ids: Option<&[String]>,
    ) -> Result<ObjectWriter<'_>, SyncError> {
        let (store, mut writer) = (self.store(), ObjectWriter::new(self));
        if let Some(ids) = ids {
            let failed = store.failed_among(self.model, &self.scope, ids);
            writer.failed_before.extend(failed.await?);
        } else {
            let failed = store.failed(self.model, &self.scope).await?;
            writer
                .failed_before
                .extend(failed.into_iter().map(|row| row.id));
        }
        Ok(writer)
    }

    /// Waits for answers of Stripe's, while nothing else is to be done, and counts the time.
    pub(crate) async fn waited<T>(&self, answers: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answered = answers.await;
        self.waited.fetch_add(micros(began.elapsed()), Relaxed);
        answered
    }

    /// Remembers which share of the lists' time was read.
    pub(crate) fn cover(&self, share: Option<f64>) {
        let share = share.unwrap_or(f64::NAN);
        self.covered.store(share.to_bits(), Relaxed);
    }

    /// Tells whoever listens how far the run is.
    pub(crate) fn progress(&self, report: &Report, finished: bool) {
        self.show(report, finished, false);
    }

    /// Tells whoever listens that another process is waited for.
    pub(crate) fn waiting(&self, report: &Report) {
        self.show(report, false, true);
    }

    fn show(&self, report: &Report, finished: bool, waiting: bool) {
        if let Some(progress) = &self.syncer.shared.progress {
            let covered = f64::from_bits(self.covered.load(Relaxed));
            let mut so_far = Report {
                writing: report.writing,
                lease: report.lease,
                ..Report::default()
            };
            self.measure(&mut so_far);
            let limited_by = match waiting {
                true => Some(Bottleneck::Lease),
                false => so_far.limited_by(),
            };
            let update = ProgressUpdate {
                model: self.model.name(),
                seen: report.seen,
                written: report.written(),
                failed: report.failed,
                requests: so_far.requests,
                elapsed: so_far.duration,
                covered: (!covered.is_nan()).then_some(covered),
                waiting,
                limited_by,
                finished,
            };
            if let Err(panicked) = call(|| progress(update)) {
                tracing::error!(name: "stripe_sync.progress_failed", %panicked, "the run goes on");
            }
        }
    }

    /// Notes what was measured so far, besides what the report counts itself.
    fn measure(&self, report: &mut Report) {
        report.hooks = self.context.waited_for_hooks();
        report.waiting = Duration::from_micros(self.waited.load(Relaxed));
        let meter = self.reader.meter.snapshot();
        report.requests = meter.requests;
        report.retries = meter.retries;
        report.bytes = meter.bytes;
        report.throttled = meter.throttled;
        report.limited = meter.limited;
        report.duration = self.started.elapsed();
    }

    /// How long it is known what the run waited for.
    pub(crate) fn accounted(&self, report: &Report) -> Duration {
        let waited = Duration::from_micros(self.waited.load(Relaxed));
        waited + self.context.waited_for_hooks() + report.writing
    }

    /// Completes the report of a run that ended in one way or the other.
    ///
    /// # Errors
    /// The error that stopped the run, with the report of what was done before.
    pub(crate) fn end<T>(
        &self,
        mut report: Report,
        result: Result<T, SyncError>,
    ) -> Result<(Report, T), SyncError> {
        report.warnings.extend(self.reader.warnings.take());
        self.measure(&mut report);
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
            Ok(found) => Ok((report, found)),
            Err(cause) => Err(SyncError::Incomplete {
                report: Box::new(report),
                cause: Box::new(cause),
            }),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Syncer {
    /// What hooks may know of work on an account and a mode.
    pub(crate) fn context(&self, origin: Origin, scope: &Scope) -> Context {
        Context::new(origin)
            .with_account(scope.account.as_str(), scope.livemode)
            .with_state(self.shared.state.clone())
            .with_hook_timeout(self.shared.hook_timeout)
    }
}

/// Checks a table and those of the model's children, and that it can take the rows of the model, account and mode. It is bound to them with the first rows.
///
/// # Errors
/// When the table does not fit, or holds the rows of another resource, account or mode, or those of another filter that
/// may not be changed.
pub(crate) async fn check(
    syncer: &Syncer,
    model: &'static Model,
    scope: &Scope,
    change_filter: bool,
) -> Result<(), SyncError> {
    syncer.check_registered(model)?;
    syncer.store().prepare().await?;
    check_alone(syncer, model, scope, change_filter).await?;
    for child in model.descendants() {
        check_alone(syncer, child, scope, false).await?;
    }
    Ok(())
}

async fn check_alone(
    syncer: &Syncer,
    model: &'static Model,
    scope: &Scope,
    change_filter: bool,
) -> Result<(), SyncError> {
    let store = syncer.store();
    let differences = store.check_table(model).await?;
    if !differences.is_empty() {
        return Err(SyncError::Table {
            model: model.name(),
            differences,
        });
    }
    Ok(store.check_owner(model, scope, change_filter).await?)
}

/// Checks a table for an account and a mode. What is of a connected account goes to a table that tells accounts
/// apart: another one would be taken from the key's own account by the first event that comes.
///
/// # Errors
/// When the table does not fit, holds another account's rows, or cannot hold those of a connected account.
#[cfg(feature = "live")]
pub(crate) async fn check_scope(
    syncer: &Syncer,
    model: &'static Model,
    scope: &Scope,
) -> Result<(), SyncError> {
    if model.role(Role::Account).is_none() {
        let own = syncer.scope().await?;
        if own.account != scope.account {
            return Err(SyncError::NoAccountField {
                model: model.name(),
                own: own.account,
                account: scope.account.clone(),
            });
        }
    }
    check(syncer, model, scope, false).await
}
