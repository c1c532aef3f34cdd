//! At the end of each history: a verification says that the tables are equal, and finds a cell that is spoiled then.

use std::time::Duration;

use fastrand::Rng;
use stripe_sync::testing::FakeStripe;
use stripe_sync::{DriftKind, Syncer, Verification, VerifyOptions};

use super::database::Database;
use super::models::Resource;
use super::truth::spoilable;

/// Nothing changes any more, so the second read of an object need not wait.
fn at_once() -> VerifyOptions {
    VerifyOptions::default().grace(Duration::ZERO)
}

async fn verify(
    syncer: &Syncer,
    resource: &Resource,
    options: VerifyOptions,
) -> Result<Verification, String> {
    let verification = (resource.verify)(syncer, options).await;
    verification.map_err(|error| format!("verifying {}: {error}", resource.table))
}

/// What a verification finds that is none of what the comparison with the fake's objects excuses: where lists show nothing,
/// rows are kept.
pub(crate) async fn drifted(
    syncer: &Syncer,
    resource: &Resource,
    shown: bool,
) -> Result<Option<String>, String> {
    let verification = verify(syncer, resource, at_once()).await?;
    let of = |counts: &stripe_sync::VerificationCounts| {
        let extra = if shown { counts.extra } else { 0 };
        counts.differing + counts.missing + extra + counts.failed + counts.unsettled
    };
    let children = verification.children.iter().map(|child| of(&child.counts));
    let wrong = of(&verification.counts) + children.sum::<u64>();
    Ok((wrong > 0).then(|| format!("a verification says otherwise: {verification}")))
}

/// Spoils a cell, which a verification has to find, and to name alone; but for what was found before. One that is `blind`
/// does not look at the column.
pub(crate) async fn spoiled(
    fake: &FakeStripe,
    syncer: &Syncer,
    database: &Database,
    resource: &Resource,
    (blind, shown): (bool, bool),
    rng: &mut Rng,
) -> Result<bool, String> {
    fake.faults(None);
    let Some((place, id, other)) = spoilable(database, resource, rng).await else {
        return Ok(false);
    };
    let (column, table) = (resource.columns[place].0, resource.table);
    let spoil = format!("UPDATE {table} SET {column} = {other} WHERE id = '{id}'");
    database.run(&spoil).await;
    let options = match blind {
        true => at_once().blind_in(column),
        false => at_once(),
    };
    let verification = verify(syncer, resource, options).await?;
    let named = verification.drifts.iter().find(|drift| drift.id == id);
    match named {
        Some(drift) if drift.columns == [column] => Ok(true),
        // Of lists that show nothing the rows are kept, and this one's object is gone.
        Some(drift) if drift.kind == DriftKind::Extra && !shown => Ok(false),
        _ => Err(format!(
            "`{column}` of {id} was spoiled, and no verification found it: {verification}"
        )),
    }
}
