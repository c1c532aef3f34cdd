//! Random histories: an account that changes while it is mirrored by a process that is killed and started again until it
//! ends; then the tables equal Stripe. Between the processes another resource tries their tables, and the bookkeeping is
//! lost.
//!
//! Each history has a seed. `STRIPE_SYNC_SEEDS=<n>` runs the first n of them, `STRIPE_SYNC_SEED=<seed>` one alone.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use stripe_sync::reexport::sqlx::ConnectOptions as _;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, Phase};
use stripe_sync::{DatabaseKind, Syncer};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::account;
use super::changes::{self, Allowed};
use super::child::{NOTHING, Order, Place};
use super::clocks;
use super::database::{Database, Pool};
use super::earlier::{earlier, intrude};
use super::leases::let_leases_end;
use super::models::{Filter, Resource, resource};
use super::process::{End, Process};
use super::troubles::{self, wrong_answers};
use super::truth;
use super::verified;

/// Histories of each database.
const SEEDS: u64 = 100;
/// Histories at once. They wait for repeated requests and for processes more than they compute.
const AT_ONCE: usize = 4;
/// After so many failures the rest is not run.
const ENOUGH: usize = 5;

/// What a history was, to tell a test that tests something from one that does not.
#[derive(Debug, Default)]
struct Told {
    changes: usize,
    kills: usize,
    faults: usize,
    losses: usize,
    dumps: usize,
    intrusions: usize,
    /// Reads that were answered by a gateway, or with another object.
    wrong_answers: usize,
    /// Processes that a wrong `Date` ended.
    misled: usize,
    /// Changes that runs over what is newer were to find.
    newer: usize,
    /// Cells that were spoiled at the end, and found.
    spoiled: usize,
}

/// The place of a database, for another process.
pub(crate) fn place(database: &Database) -> Place {
    match &database.pool {
        Pool::Sqlite(pool) => {
            let options = pool.connect_options();
            Place::File(options.get_filename().display().to_string())
        }
        Pool::Postgres(pool) => Place::Url(pool.connect_options().to_url_lossy().to_string()),
        Pool::MySql(_) => panic!("no history runs on MySQL"),
    }
}

/// One history. A verification at its end that is `blind` in a column misses what is spoiled there.
async fn history(kind: DatabaseKind, seed: u64, blind: bool) -> Result<Told, String> {
    let mut rng = Rng::with_seed(seed);
    let coherent = seed.is_multiple_of(2);
    let fake = FakeStripe::builder()
        .seed(seed)
        .coherent(coherent)
        .nasty(crate::strange::strange())
        .start()
        .await;
    let fake = Arc::new(fake.map_err(|error| error.to_string())?);
    let objects = account::fill(&fake, coherent, &mut rng).map_err(|error| error.to_string())?;
    let resources: Vec<_> = objects.iter().map(|object| resource(object)).collect();
    let database = Database::create(kind).await;
    let told = converge(seed, (&fake, &database), &resources, blind, &mut rng).await;
    database.remove().await;
    told
}

async fn converge(
    seed: u64,
    (fake, database): (&Arc<FakeStripe>, &Database),
    resources: &[&'static Resource],
    blind: bool,
    rng: &mut Rng,
) -> Result<Told, String> {
    let stripe = fake.stripe().map_err(|error| error.to_string())?;
    let syncer = Syncer::new(stripe, database.store());
    for resource in resources {
        let made = (resource.ensure_table)(&syncer).await;
        made.map_err(|error| error.to_string())?;
    }
    let quirks = troubles::quirks(rng);
    // What a mirror of long ago saw is not what is looked at.
    fake.quirks(clocks::wrong_dates(&quirks, rng).0);
    let mut told = Told::default();
    let known = if rng.bool() {
        let known = match earlier(fake, &syncer, database, resources, rng).await {
            // By a wrong clock alone.
            Err(error) if error.contains(clocks::FORGOTTEN) => {
                fake.quirks(quirks.clone());
                earlier(fake, &syncer, database, resources, rng).await?
            }
            known => known?,
        };
        for resource in resources {
            told.wrong_answers += wrong_answers(fake, &syncer, database, resource, rng).await?;
        }
        told.intrusions += intrude(fake, database, resources).await?;
        let (from_a_dump, lost) = [(true, true), (true, false), (false, false)][rng.usize(0..3)];
        if from_a_dump {
            // Some of the rows have tokens of another counter.
            for resource in resources {
                let token = rng.i64(1..10_000_000);
                let letter = rng.alphanumeric();
                let raise = format!(
                    "UPDATE {} SET stripe_observed_at = {token} WHERE id LIKE '%{letter}%'",
                    resource.table
                );
                database.run(&raise).await;
            }
            told.dumps += 1;
        }
        if lost {
            database.lose_bookkeeping().await;
            told.losses += 1;
        }
        known
    } else {
        BTreeMap::new()
    };
    fake.reset_requests();
    fake.faults(troubles::faults(seed, rng));
    // What is wrong is one clock: the fake's is far behind this machine's, which the newest event says.
    let event = fake.record_event("balance.available", &json!({"object": "balance"}));
    event.map_err(|error| error.to_string())?;
    let (dates, wrong_dates) = clocks::wrong_dates(&quirks, rng);
    fake.quirks(dates);
    let order = Order {
        stripe: fake.base_url(),
        key: fake.secret_key().to_owned(),
        database: place(database),
        objects: resources.iter().map(|of| of.object.to_owned()).collect(),
        together: rng.bool(),
        incremental: false,
    };
    let allowed = Allowed {
        // Of runs at once, the one that a cascade concerns may have ended.
        cascades: !order.together,
        unlisted: true,
        pause: match wrong_dates {
            0 => changes::LONG,
            _ => changes::SHORT,
        },
    };
    // A third of the histories stands still, so that a failure of theirs is no matter of changes.
    let changes = (rng.u8(0..3) > 0).then(|| changes::while_lists_are_read(fake, seed, allowed));
    // One that is killed at once does not make again what was lost.
    let mut lost = told.losses > 0;
    for _ in 0..[0, 1, 1, 2, 3][rng.usize(0..5)] {
        if !killed(fake, &order, rng).await? {
            break;
        }
        told.kills += 1;
        let any = let_leases_end(database).await;
        assert!(any || lost, "no table has a lease that ends");
        lost &= !any;
        told.intrusions += intrude(fake, database, resources).await?;
        if rng.u8(0..3) == 0 {
            database.lose_bookkeeping().await;
            told.losses += 1;
            lost = true;
        }
    }
    // Also after a process that was to be killed and was faster.
    let mut end = Process::start(&order).end(pending()).await;
    fake.quirks(quirks.clone());
    if clocks::is_misled(&end) {
        told.misled += 1;
        let_leases_end(database).await;
        end = Process::start(&order).end(pending()).await;
    }
    let output = match end {
        End::Success(output) => output,
        end => return Err(format!("the last process: {end:?}")),
    };
    fake.clear_request_hooks();
    // What came into a filter after its page was read is in the list alone, which is read in the next run.
    let listed = resources
        .iter()
        .filter(|of| matches!(of.filter, Filter::List(..)));
    let listed: Vec<String> = listed.map(|of| of.object.to_owned()).collect();
    let mut output = output;
    if !listed.is_empty() {
        let order = Order {
            objects: listed,
            together: false,
            ..order.clone()
        };
        match Process::start(&order).end(pending()).await {
            End::Success(more) => output.push_str(&more),
            end => return Err(format!("the process after the changes: {end:?}")),
        }
    }
    told.changes = changes.map_or(0, |changes| changes.load(Ordering::Relaxed));
    if rng.bool() {
        let how = (
            &quirks,
            Allowed {
                unlisted: false,
                ..allowed
            },
        );
        told.newer += clocks::newer(fake, &order, resources, how, rng).await?;
    }
    told.faults = fake
        .requests()
        .iter()
        .filter(|request| request.fault.is_some())
        .count();
    let none = BTreeSet::new();
    let mut found = Vec::new();
    for resource in resources {
        let known = known.get(resource.object).unwrap_or(&none);
        let shown = !output.contains(&format!("{NOTHING} {}.", resource.object));
        found.extend(truth::differences(fake, database, resource, known, shown).await);
        if found.is_empty() {
            fake.faults(None);
            found.extend(verified::drifted(&syncer, resource, shown).await?);
        }
    }
    if let (Some(resource), true) = (rng.choice(resources), found.is_empty()) {
        let shown = !output.contains(&format!("{NOTHING} {}.", resource.object));
        let how = (blind, shown);
        let spoiled = verified::spoiled(fake, &syncer, database, resource, how, rng);
        told.spoiled += usize::from(spoiled.await?);
    }
    if found.is_empty() {
        Ok(told)
    } else {
        Err(format!(
            "{}\n  {told:?} {order:?}\n{output}",
            found.join("\n  ")
        ))
    }
}

/// Starts a process and kills it some milliseconds after a request was answered. Answers `false` if it was faster.
async fn killed(fake: &Arc<FakeStripe>, order: &Order, rng: &mut Rng) -> Result<bool, String> {
    let left = AtomicU64::new(rng.u64(1..=4 + 5 * order.objects.len() as u64));
    let reached = Arc::new(Notify::new());
    let notify = Arc::clone(&reached);
    fake.on_request(Phase::After, move |_| {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            notify.notify_one();
        }
    });
    let then = Duration::from_millis([0, rng.u64(0..4), rng.u64(0..40)][rng.usize(0..3)]);
    let death = async {
        reached.notified().await;
        tokio::time::sleep(then).await;
    };
    match Process::start(order).end(death).await {
        End::Killed => Ok(true),
        end if clocks::is_misled(&end) => Ok(true),
        End::Success(_) => Ok(false),
        End::Failed(output) => Err(format!("a process that was to be killed: {output}")),
    }
}

async fn histories(kind: DatabaseKind, name: &str) {
    let number = |name: &str| {
        let value = std::env::var(name).ok()?;
        Some(value.parse::<u64>().expect("a seed is a number"))
    };
    let mut seeds = match number("STRIPE_SYNC_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("STRIPE_SYNC_SEEDS").unwrap_or(SEEDS),
    };
    let count = seeds.end - seeds.start;
    let mut running = JoinSet::new();
    let (mut failed, mut told) = (Vec::new(), Told::default());
    loop {
        while running.len() < AT_ONCE
            && failed.len() < ENOUGH
            && let Some(seed) = seeds.next()
        {
            running.spawn(async move {
                // A panic of one history leaves the others alone.
                let ended = tokio::spawn(history(kind, seed, false)).await;
                (seed, ended.unwrap_or_else(|panic| Err(panic.to_string())))
            });
        }
        let Some(ended) = running.join_next().await else {
            break;
        };
        match ended.expect("the task of a seed only waits") {
            (_, Ok(one)) => {
                told.changes += one.changes;
                told.kills += one.kills;
                told.faults += one.faults;
                told.losses += one.losses;
                told.dumps += one.dumps;
                told.intrusions += one.intrusions;
                told.wrong_answers += one.wrong_answers;
                told.misled += one.misled;
                told.newer += one.newer;
                told.spoiled += one.spoiled;
            }
            (seed, Err(error)) => {
                println!(
                    "seed {seed} failed: {error}\n  again: STRIPE_SYNC_SEED={seed} cargo test -p stripe-sync-tests \
                     --test convergence histories::{name} -- --exact --nocapture"
                );
                failed.push(seed);
            }
        }
    }
    println!("{count} histories on {kind:?}: {told:?}");
    assert!(failed.is_empty(), "seeds {failed:?} failed, see above");
    if count >= SEEDS {
        let (count, quarter) = (count as usize, count as usize / 4);
        assert!(
            told.kills > quarter && told.changes > 4 * count && told.faults > quarter,
            "too little happened: {told:?}"
        );
        assert!(told.spoiled > quarter, "too little was spoiled: {told:?}");
        assert!(
            told.losses > count / 10 && told.dumps > count / 10 && told.intrusions > count / 20,
            "too little happened: {told:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    histories(DatabaseKind::Sqlite, "sqlite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    histories(DatabaseKind::Postgres, "postgres").await;
}

/// The verification at the end of a history is none that says "equal" whatever there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blind_verification_fails_a_history() {
    let mut failed = None;
    // Of some histories nothing is left that could be spoiled.
    for seed in 0..5 {
        if let Err(error) = history(DatabaseKind::Sqlite, seed, true).await {
            failed = Some(error);
            break;
        }
    }
    let error = failed.expect("a history fails");
    assert!(error.contains("no verification found it"), "{error}");
}
