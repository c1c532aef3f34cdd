//! One verification of one table.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::Utc;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tokio::time::Instant;

use crate::model::Model;
use crate::model::context::Origin;
use crate::store::rows::KeyedRow;
use crate::sync::backfill::reader::shown::{Shown, map_shown};
use crate::sync::backfill::sweep::Part;
use crate::sync::error::SyncError;
use crate::sync::list::page::id_of;
use crate::sync::list::plan::resource;
use crate::sync::object::ids::{BATCH, READS_AT_ONCE};
use crate::sync::object::read::{check_readable, is_retrievable};
use crate::sync::object::{Mapped, ModelRun, Parent};
use crate::sync::report::Report;
use crate::sync::syncer::Syncer;
use crate::sync::verify::compared::{Compared, Comparer};
use crate::sync::verify::digests::{Said, digest};
use crate::sync::verify::fix::{fix, fix_by_lists};
use crate::sync::verify::listed::ListedIds;
use crate::sync::verify::lists::{ListedPage, Lists};
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::relisted::Relisted;
use crate::sync::verify::report::{Verification, keep};
use crate::sync::verify::suspects::{MOST, Suspect, Suspects, Verdict, read};
use crate::sync::verify::tally::Fate;

/// Ids of parents that are looked for at once.
const PARENTS: usize = 1_000;

/// Verifies a table in this process, whatever others do.
///
/// # Errors
/// As [`Syncer::verify`].
pub(super) async fn verify_now(
    syncer: &Syncer,
    model: &'static Model,
    options: &VerifyOptions,
) -> Result<Verification, SyncError> {
    let (started, started_at) = (Instant::now(), Utc::now());
    let run = ModelRun::begin(syncer, model, Origin::Verify, false).await?;
    let table = run.store().place(model).name.clone();
    let comparer = Comparer { run: &run, options };
    let mut verifying = Verifying {
        run: &run,
        comparer: &comparer,
        report: Verification::new(model, table, options, started_at),
        suspects: Suspects::default(),
        relisted: Relisted::default(),
    };
    match options.sample {
        Some(rows) => verifying.sample(rows).await?,
        None => verifying.all().await?,
    }
    let mut report = verifying.report;
    if options.fix && verifying.comparer.is_by_lists() && report.has_drift() {
        let again = async || {
            // Another sample would have other rows.
            let options = VerifyOptions {
                fix: false,
                sample: None,
                references: false,
                ..options.clone()
            };
            // On the heap, because it is this future once more.
            Box::pin(verify_now(syncer, model, &options)).await
        };
        fix_by_lists(&run, &mut report, again).await?;
    }
    if options.references {
        // All the rest is known by now.
        match syncer.missing_references_of_model(model).await {
            Ok(missing) => report.references = missing,
            Err(error) => report
                .warnings
                .push(format!("ids without a row were not looked for: {error}")),
        }
    }
    report.warnings.extend(run.reader.warnings.take());
    report.requests += run.reader.meter.snapshot().requests;
    report.duration = started.elapsed();
    run.progress(&so_far(&report), true);
    Ok(report)
}

/// The counts for those who show progress.
fn so_far(report: &Verification) -> Report {
    let counts = &report.counts;
    Report {
        seen: counts.equal + counts.drifted() + counts.unsettled + counts.not_comparable,
        updated: counts.fixed,
        failed: counts.failed,
        ..Report::default()
    }
}

/// Maps what a page shows.
pub(super) async fn map_listed(run: &ModelRun<'_>, listed: ListedPage) -> Vec<Mapped> {
    let shown = Shown::of_page(
        listed.page.objects,
        listed.incomplete,
        (listed.parent, listed.elements),
    );
    map_shown(run.model, shown, &run.context).await
}

impl Comparer<'_> {
    /// Whether only the lists say what the table is to have.
    pub(super) fn is_by_lists(&self) -> bool {
        !is_retrievable(self.run.model) || self.run.model.is_listed_only()
    }

    /// Whether drift is mended object by object.
    pub(super) fn mends(&self) -> bool {
        self.options.fix && !self.is_by_lists()
    }
}

/// A verification under way.
struct Verifying<'r> {
    run: &'r ModelRun<'r>,
    comparer: &'r Comparer<'r>,
    report: Verification,
    suspects: Suspects,
    /// The suspects, where only the lists tell of them.
    relisted: Relisted,
}

impl Verifying<'_> {
    /// Compares all that the lists show, and then what they do not show.
    async fn all(&mut self) -> Result<(), SyncError> {
        let options = self.comparer.options;
        let mut listed = ListedIds::begin(self.run).await?;
        let mut lists = Lists::begin(self.run, options.since)?;
        while let Some(page) = lists.next().await? {
            self.page(page, &mut listed).await?;
            self.settle(self.suspects.len() >= MOST).await?;
            self.run.progress(&so_far(&self.report), false);
        }
        self.report.warnings.extend(lists.warnings());
        self.relisted.is_partial = lists.is_partial();
        if options.since.is_none() {
            self.unlisted(&listed).await?;
        }
        listed.forget().await?;
        self.settle_all().await
    }

    /// Compares some rows, each with a read of its object.
    async fn sample(&mut self, rows: u64) -> Result<(), SyncError> {
        check_readable(self.run.model)?;
        let (store, comparer) = (self.run.store(), self.comparer);
        let ids = store.ids_at_random(self.run.model, &self.run.scope, rows);
        for ids in ids.await?.chunks(BATCH) {
            // Futures that borrow inside the stream would make the whole run's future not `Send`.
            let reads: Vec<_> = ids
                .iter()
                .map(|id| async move { (id, read(comparer, id).await) })
                .collect();
            let mut reads = stream::iter(reads).buffer_unordered(READS_AT_ONCE);
            while let Some((id, read)) = reads.next().await {
                let (digest, compared) = read?;
                match compared.is_settled() {
                    true => self.report.take(self.run, id, compared, Fate::Left),
                    false => self.suspects.add(Suspect::new(id, digest, Instant::now())),
                }
            }
            self.settle(self.suspects.len() >= MOST).await?;
            self.run.progress(&so_far(&self.report), false);
        }
        self.settle_all().await
    }

    /// Compares the objects of a page.
    async fn page(
        &mut self,
        page: ListedPage,
        listed: &mut ListedIds<'_>,
    ) -> Result<(), SyncError> {
        let read_at = Instant::now();
        let objects = self.parents_named_by(&page);
        let mapped = map_listed(self.run, page).await;
        let mut rows: Vec<&KeyedRow> = Vec::with_capacity(mapped.len());
        for one in &mapped {
            match one {
                Mapped::Row(row) => {
                    listed.add([&*row.id].into_iter()).await?;
                    rows.push(row);
                }
                Mapped::Failed(failure) | Mapped::OtherMode(failure) => {
                    listed.add([&*failure.id].into_iter()).await?;
                    self.report.fail(failure.clone());
                }
                Mapped::Outside(_) => self.report.counts.outside += 1,
                Mapped::Deleted(_) | Mapped::Other(_) => {}
            }
        }
        let compared = self.comparer.rows(&rows).await?;
        let rows = mapped.iter().filter(|one| matches!(one, Mapped::Row(_)));
        for (mapped, compared) in rows.zip(compared) {
            let Mapped::Row(row) = mapped else { continue };
            if compared.is_settled() {
                self.report.take(self.run, &row.id, compared, Fate::Left);
                continue;
            }
            if let Some(object) = objects.get(&row.id) {
                self.know_parent(&row.id, object);
            }
            self.suspect(&row.id, digest(mapped), read_at);
        }
        Ok(())
    }

    fn suspect(&mut self, id: &str, digest: Option<Said>, read_at: Instant) {
        match self.comparer.is_by_lists() {
            true => self.relisted.add(id.to_owned(), digest),
            false => self.suspects.add(Suspect::new(id, digest, read_at)),
        }
    }

    /// The objects of a page that are read below parents, which they name.
    fn parents_named_by(&self, page: &ListedPage) -> HashMap<String, Bytes> {
        let is_below = resource(self.run.model)
            .is_some_and(|resource| resource.retrieve.is_none() && !resource.under.is_empty());
        if !is_below {
            return HashMap::new();
        }
        let objects = page.page.objects.iter();
        let named = objects.filter_map(|object| Some((id_of(object)?, object.clone())));
        named.collect()
    }

    fn know_parent(&self, id: &str, object: &[u8]) {
        let object: Option<Value> = serde_json::from_slice(object).ok();
        if let (Some(object), Some(resource)) = (object, resource(self.run.model))
            && let Some(parent) = Parent::named_by(resource, &object)
        {
            self.run.parents.know(id, parent);
        }
    }

    /// Suspects what no list showed: rows, and parents without a row.
    async fn unlisted(&mut self, listed: &ListedIds<'_>) -> Result<(), SyncError> {
        let (store, model, scope) = (self.run.store(), self.run.model, &self.run.scope);
        for part in listed.parts() {
            let hashes = listed.part(part).await?;
            let mut behind: Option<String> = None;
            loop {
                let ids = store.ids_alive_after(model, scope, behind.as_deref());
                let ids = ids.await?;
                let Some(last) = ids.last() else { break };
                behind = Some(last.clone());
                let ids = listed.unlisted(part, &hashes, ids);
                self.suspect_unlisted(ids).await?;
            }
            self.orphans(listed, part, &hashes).await?;
        }
        Ok(())
    }

    /// Suspects objects without a row that rows of children name as their parent. Where the model's table does not have all
    /// objects, such rows are no drift. What was listed is known to be missing.
    async fn orphans(
        &mut self,
        listed: &ListedIds<'_>,
        part: Part,
        hashes: &[u64],
    ) -> Result<(), SyncError> {
        let (store, model, scope) = (self.run.store(), self.run.model, &self.run.scope);
        let has_all = !model.is_filtered() && model.parts.sync.is_none();
        if !has_all || self.comparer.options.quick {
            return Ok(());
        }
        let is_named = |child: &&'static Model| {
            let parent = child.parts.declared.parent;
            parent.is_some_and(|parent| parent.object == model.object())
        };
        for child in model.children().map(|(_, child)| child).filter(is_named) {
            let mut behind: Option<String> = None;
            loop {
                let page = (behind.as_deref(), PARENTS);
                let parents = store.missing_parents(child, model, scope, page).await?;
                let Some(last) = parents.last() else { break };
                behind = Some(last.clone());
                let parents = listed.unlisted(part, hashes, parents);
                self.suspect_unlisted(parents).await?;
            }
        }
        Ok(())
    }

    async fn suspect_unlisted(&mut self, ids: Vec<String>) -> Result<(), SyncError> {
        for id in ids {
            self.suspect(&id, None, Instant::now());
            self.settle(self.suspects.len() >= MOST).await?;
        }
        Ok(())
    }

    /// Looks at all suspects, however long that takes.
    async fn settle_all(&mut self) -> Result<(), SyncError> {
        while self.suspects.len() > 0 {
            self.settle(true).await?;
        }
        let relisted = std::mem::take(&mut self.relisted);
        if relisted.surplus > 0 {
            self.report.counts.unsettled += relisted.surplus;
            self.report.warnings.push(format!(
                "{} rows that are not equal were not looked at again, because {MOST} were",
                relisted.surplus
            ));
        }
        for (id, verdict) in relisted.look(self.comparer).await? {
            self.judge(&id, verdict).await?;
        }
        Ok(())
    }

    /// Looks at the suspects whose time has come, or waits for the first of them.
    async fn settle(&mut self, waits: bool) -> Result<(), SyncError> {
        for (id, verdict) in self.suspects.look(self.comparer, waits).await? {
            self.judge(&id, verdict).await?;
        }
        Ok(())
    }

    async fn judge(&mut self, id: &str, verdict: Verdict) -> Result<(), SyncError> {
        let (compared, fate) = match verdict {
            Verdict::Settled(compared) => (compared, Fate::Left),
            Verdict::Unsettled(compared) => (compared, Fate::Unsettled),
            Verdict::Drift(compared)
                if self.comparer.mends() && compared.is_unknown() && !self.report.knows_rows() =>
            {
                self.report.keep_strangers();
                (compared, Fate::Left)
            }
            Verdict::Drift(compared) if self.comparer.mends() => self.mend(id, compared).await?,
            Verdict::Drift(compared) => (compared, Fate::Left),
        };
        self.report.take(self.run, id, compared, fate);
        Ok(())
    }

    /// Mends what is drift. Returns what is to be counted, and as what.
    async fn mend(&mut self, id: &str, found: Compared) -> Result<(Compared, Fate), SyncError> {
        let (store, model, scope) = (self.run.store(), self.run.model, &self.run.scope);
        match fix(self.comparer, id).await {
            Ok(mended) if mended.is_settled() => return Ok((found, Fate::Fixed)),
            Ok(_) => {}
            // A write reads what the row has, and such a row stays as it is.
            Err(SyncError::Store(error)) if error.is_of_a_value() => {
                keep(
                    &mut self.report.warnings,
                    format!("{id} was not mended: {error}"),
                );
            }
            Err(error) => return Err(error),
        }
        let recorded = store.recorded_failure(model, scope, id).await?;
        Ok((recorded.map_or(found, Compared::failed), Fate::Left))
    }
}
