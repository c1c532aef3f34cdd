//! Mends drift: objects are read and written by the rule of freshness, and compared once more.

use crate::store::rows::delete::Gone;
use crate::store::rows::sets::Set;
use crate::store::rows::sets::alone::LoneSet;
use crate::sync::backfill::{SyncAllOptions, run};
use crate::sync::error::SyncError;
use crate::sync::object::ModelRun;
use crate::sync::report::IdOutcome;
use crate::sync::verify::compared::{Compared, Comparer};
use crate::sync::verify::report::{Drift, DriftKind, Verification};
use crate::sync::verify::suspects::read;

/// Mends the row of an object and those of its children. Returns what they are to each other then.
///
/// # Errors
/// When Stripe or the database fail as a whole. An object that cannot be written stays as it is.
pub(super) async fn fix(comparer: &Comparer<'_>, id: &str) -> Result<Compared, SyncError> {
    let run = comparer.run;
    let mut writer = run.writer(Some(&[id.to_owned()])).await?;
    writer.rewrite_unchanged = true;
    writer.may_read = true;
    // On the heap, as every write.
    Box::pin(writer.write_newest(id.to_owned(), None)).await?;
    let start = run.store().next_token().await?;
    let (_, compared) = read(comparer, id).await?;
    if compared.is_settled() {
        return Ok(compared);
    }
    remove_below(run, &compared, start).await?;
    Ok(read(comparer, id).await?.1)
}

/// Removes the children of an object that is not there, by a read that began with a token: where it has no row, its write says
/// nothing of them.
async fn remove_below(
    run: &ModelRun<'_>,
    compared: &Compared,
    start: i64,
) -> Result<(), SyncError> {
    if !compared.is_gone() {
        return Ok(());
    }
    let store = run.store();
    for rows in &compared.children {
        let mut parents: Vec<&str> = rows
            .drifts
            .iter()
            .filter_map(|drift| drift.parent.as_deref())
            .collect();
        parents.dedup();
        for parent in parents {
            let empty = Set {
                list: 0,
                rows: Vec::new(),
                kept: Vec::new(),
                is_partial: false,
                failures: Vec::new(),
            };
            let lone = LoneSet {
                model: rows.model,
                scope: &run.scope,
                parent,
                set: empty,
                start,
                riders: &[],
                context: &run.context,
            };
            Box::pin(store.write_set(lone)).await?;
        }
    }
    Ok(())
}

/// Mends a table whose objects cannot be read one by one: its lists are read, and every row that differs is written. What was
/// drift before and is none now, by another verification, was fixed.
///
/// # Errors
/// As [`Syncer::sync_all`](crate::Syncer::sync_all).
pub(super) async fn fix_by_lists(
    run: &ModelRun<'_>,
    found: &mut Verification,
    again: impl AsyncFnOnce() -> Result<Verification, SyncError>,
) -> Result<(), SyncError> {
    let options = SyncAllOptions::default()
        .rewrite_unchanged(true)
        .restart(true);
    let never = Box::pin(std::future::pending());
    let report = run::run(run.syncer, run.model, options, never).await?;
    found.warnings.extend(report.warnings);
    let start = run.store().next_token().await?;
    let mut left = again().await?;
    if left.counts.extra > 0 && found.knows_rows() {
        // No read confirms them. They were in none of the lists since, twice.
        let extra = left.drifts.iter();
        let extra = extra.filter(|drift| drift.kind == DriftKind::Extra);
        let ids: Vec<String> = extra.map(|drift| drift.id.clone()).collect();
        let mut writer = run.writer(Some(&ids)).await?;
        let mut outcomes = Vec::new();
        let gone = writer.gone(Gone::Deleted, ids, start, None, &mut outcomes);
        Box::pin(gone).await?;
        let is_gone = |id: &str| {
            let mut gone = outcomes.iter();
            gone.any(|(known, outcome)| known == id && *outcome == IdOutcome::Deleted)
        };
        let before = left.drifts.len();
        left.drifts.retain(|drift| !is_gone(&drift.id));
        left.counts.extra -= (before - left.drifts.len()) as u64;
        // Their children went with them.
        for child in &mut left.children {
            let parent = |drift: &Drift| drift.parent.as_deref().is_some_and(is_gone);
            child.drifts.retain(|drift| !parent(drift));
        }
    }
    if left.counts.extra > 0 && !found.knows_rows() {
        found.keep_strangers();
    }
    found.fixed_but(&left);
    Ok(())
}
