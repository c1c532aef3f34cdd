//! A mirror that is there already, before the run that is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{Registry, Syncer, TableName};

use super::changes::{self, Allowed};
use super::database::Database;
use super::models::{Copied, Filter, Price, Resource, TAKES_COPIED};
use super::truth;

const DAY: u64 = 86_400;

/// A mirror that is there already, and a time in which nobody mirrored. Answers what the tables had.
pub(crate) async fn earlier(
    fake: &FakeStripe,
    syncer: &Syncer,
    database: &Database,
    resources: &[&'static Resource],
    rng: &mut Rng,
) -> Result<BTreeMap<&'static str, BTreeSet<String>>, String> {
    let mut known = BTreeMap::new();
    for resource in resources {
        let run = (resource.sync_all)(syncer, false).await;
        run.map_err(|error| format!("the first run: {error}"))?;
        if resource.object == "price" {
            let run = syncer.sync_by_ids::<Price>(fake.ids("price")).await;
            run.map_err(|error| format!("the first run: {error}"))?;
        }
        known.insert(resource.object, truth::alive(database, resource).await);
    }
    let allowed = Allowed {
        cascades: true,
        unlisted: false,
        pause: changes::LONG,
    };
    for resource in resources {
        for _ in 0..rng.usize(0..25) {
            changes::change(fake, resource.object, &[], allowed, rng)
                .map_err(|error| error.to_string())?;
        }
    }
    for resource in resources {
        // The list of a filter may show nothing by now, and be right.
        if rng.bool() {
            for id in fake.ids(resource.object) {
                let outside = match resource.filter {
                    Filter::None => break,
                    Filter::Member(member, value) => json!({ member: !value }),
                    Filter::List(member, _) => json!({ member: "winter" }),
                };
                fake.update(&id, outside)
                    .map_err(|error| error.to_string())?;
            }
        }
    }
    // Events of more than 30 days ago are gone.
    let away = [0, rng.u64(0..3 * DAY), 40 * DAY][rng.usize(0..3)];
    fake.advance(Duration::from_secs(away));
    Ok(known)
}

/// Another resource tries a table that has rows; how often it was refused, or why it was not.
pub(crate) async fn intrude(
    fake: &FakeStripe,
    database: &Database,
    resources: &[&'static Resource],
) -> Result<usize, String> {
    let mut refused = 0;
    for table in resources.iter().map(|resource| resource.table) {
        let rows = format!("SELECT COUNT(*) FROM {table}");
        let has_owner = database.is_bound(table).await && database.number(&rows).await > 0;
        if !TAKES_COPIED.contains(&table) || !has_owner {
            continue;
        }
        let registry = Registry::new().model_at::<Copied>(TableName::new(table));
        let stripe = fake.stripe().map_err(|error| error.to_string())?;
        let syncer = Syncer::builder(stripe, database.store()).registry(&registry);
        match syncer.build().sync_all::<Copied>().await {
            Ok(report) => return Err(format!("{table} took another resource: {report}")),
            Err(_) => refused += 1,
        }
    }
    Ok(refused)
}
