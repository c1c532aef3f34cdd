//! `remap`: a changed mapping is filled from the objects that the table holds.

pub(crate) mod report;

use std::time::Instant;

use bytes::Bytes;
use tracing::Instrument as _;

use crate::cell::Cell;
use crate::model::context::Origin;
use crate::model::hooks::Outcome;
use crate::model::{Model, Role, StripeSync};
use crate::store::rows::remap::Remapped;
use crate::store::rows::stored::Stored;
use crate::store::rows::{Failure, Written};
use crate::sync::error::SyncError;
use crate::sync::list::page::id_of;
use crate::sync::object::complete::needs_read;
use crate::sync::object::map::map_page;
use crate::sync::object::run::check;
use crate::sync::object::{Mapped, ModelRun};
use crate::sync::report::Report;
use crate::sync::syncer::Syncer;
use report::RemapReport;

/// The rows of one transaction: as many as a page of a list has.
const PAGE: usize = 100;
/// How often a row is looked at that others write meanwhile. One look more is enough for one write of theirs.
const LOOKS: usize = 5;

const NO_RAW: &str = "the struct does not keep the whole object: add a field such as `#[stripe(raw)] object: \
                      Json<serde_json::Value>`, and fill it with `sync_all`";
const UNVERSIONED: &str = "its table is `unversioned`, so nobody knows whether others write a row meanwhile: run `sync_all`";

impl Syncer {
    /// Fills a changed mapping from the whole objects that the table holds in its `raw` column, without a request to Stripe.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// // The struct has a new field, and the table its column.
    /// let report = syncer.remap::<Customer>().await?;
    /// println!("{report}");
    /// // What the stored objects do not have.
    /// syncer.sync_by_ids::<Customer>(report.unread_ids).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Every row of the table is looked at, of whatever account and mode, 100 in a transaction. A row that the mapping makes
    /// otherwise gets its new columns and hash. Its content is as old as before, so its freshness token stays, and a read
    /// that is newer than the old row is newer than the new one. The mark of a deleted object stays too. A row that somebody
    /// else writes meanwhile is looked at again. Nothing is lost if the process is killed: the next call finds what is done
    /// already unchanged.
    ///
    /// The hooks of the mapping run, with [`Origin::Remap`]. `pre_set_default` gets the object as it is stored, which is as
    /// that hook left it. A `sync` hook and `after_commit` are not called: nothing changed at Stripe.
    ///
    /// A row is left as it was, and a later `sync_all` writes it, where it holds no whole object, where the mapping wants
    /// more than the object has ([`RemapReport::unread_ids`]), and where the object does not map
    /// ([`RemapReport::failures`]).
    ///
    /// # Errors
    /// [`SyncError::NotRemappable`] when the struct has no `raw` field or its table is `unversioned`; when the table does not
    /// fit the struct, has the rows of another filter, or the database fails. What was committed stays.
    pub async fn remap<M: StripeSync>(&self) -> Result<RemapReport, SyncError> {
        self.remap_model(M::MODEL).await
    }

    /// [`remap`](Self::remap) of a model that is known by its description, as a [`Registry`](crate::Registry) has it.
    ///
    /// # Errors
    /// As `remap`.
    pub async fn remap_model(&self, model: &'static Model) -> Result<RemapReport, SyncError> {
        let span = tracing::info_span!("stripe_sync.remap", model = model.name());
        Box::pin(remap(self, model).instrument(span)).await
    }
}

async fn remap(syncer: &Syncer, model: &'static Model) -> Result<RemapReport, SyncError> {
    let model = syncer.resolved(model);
    let refused = |reason| SyncError::NotRemappable {
        model: model.name(),
        reason,
    };
    if model.role(Role::Raw).is_none() {
        return Err(refused(NO_RAW));
    }
    if model.parts.unversioned {
        return Err(refused(UNVERSIONED));
    }
    let (store, started) = (syncer.store(), Instant::now());
    store.prepare().await?;
    let mut report = RemapReport::new(model, store.place(model).name.clone());
    for scope in store.bound_scopes(model).await? {
        check(syncer, model, &scope, false).await?;
        let run = ModelRun::new(syncer, model, scope, Origin::Remap);
        let mut behind = String::new();
        loop {
            let mut ids = store.ids_after(model, &run.scope, &behind, PAGE).await?;
            let Some(last) = ids.last() else { break };
            behind.clone_from(last);
            report.seen += ids.len() as u64;
            for _ in 0..LOOKS {
                ids = page(&run, ids, &mut report).await?;
                if ids.is_empty() {
                    break;
                }
            }
            report.overtaken += ids.len() as u64;
            run.progress(&so_far(&report), false);
        }
    }
    report.duration = started.elapsed();
    let run = ModelRun::new(syncer, model, Default::default(), Origin::Remap);
    run.progress(&so_far(&report), true);
    Ok(report)
}

/// The counts for those who show progress.
fn so_far(report: &RemapReport) -> Report {
    Report {
        seen: report.seen,
        updated: report.updated,
        failed: report.failed,
        ..Report::default()
    }
}

/// Maps the objects of some rows, and writes the rows. Returns those that others wrote meanwhile.
async fn page(
    run: &ModelRun<'_>,
    ids: Vec<String>,
    report: &mut RemapReport,
) -> Result<Vec<String>, SyncError> {
    let (store, model) = (run.syncer.store(), run.model);
    let mut stored = store.with_objects(model, &run.scope, &ids).await?;
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(row) = stored.remove(&id) else {
            report.overtaken += 1;
            continue;
        };
        let is_usable =
            |object: &Bytes| id_of(object).as_deref() == Some(&*id) && !needs_read(model, object);
        match object(model, &row).filter(is_usable) {
            Some(object) => {
                rows.push((id, row));
                objects.push(Ok(object));
            }
            None => report.leave_to_read(id),
        }
    }
    let mapped = map_page(model, objects, &run.context).await;
    let mut remapped = Vec::with_capacity(mapped.len());
    for ((id, before), mapped) in rows.into_iter().zip(mapped) {
        match mapped {
            Mapped::Row(row) if row.id == id => remapped.push(Remapped { row: *row, before }),
            Mapped::Failed(failure) | Mapped::OtherMode(failure) => {
                report.fail(Failure { id, ..failure });
            }
            // It is of no use, whatever it is: a stub, or an object outside the filter.
            Mapped::Row(_) | Mapped::Deleted(_) | Mapped::Outside(_) | Mapped::Other(_) => {
                report.leave_to_read(id);
            }
        }
    }
    if remapped.is_empty() {
        return Ok(Vec::new());
    }
    let mut again = Vec::new();
    // On the heap, as every write.
    let written = Box::pin(store.remap(model, &run.scope, &run.context, remapped)).await?;
    for (id, written) in written {
        match written {
            Written::Done(Outcome::Unchanged) => report.unchanged += 1,
            Written::Done(_) => report.updated += 1,
            Written::ReadAgain => again.push(id),
            Written::Outside => report.overtaken += 1,
            Written::Failed { column, reason, .. } => report.fail(Failure { id, column, reason }),
        }
    }
    Ok(again)
}

/// The whole object that a row holds.
fn object(model: &'static Model, row: &Stored) -> Option<Bytes> {
    let mut columns = model.columns().iter().zip(row.cells.as_ref()?);
    let (_, cell) = columns.find(|(column, _)| column.role == Role::Raw)?;
    match cell {
        Cell::Json(text) | Cell::Text(text) => Some(text.clone().into_owned().into()),
        _ => None,
    }
}
