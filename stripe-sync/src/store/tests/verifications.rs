//! Verifications by several processes at once, and their history. What verifies is made up: it counts, waits and fails.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::model::StripeSync as _;
use crate::store::db::Store;
use crate::store::db::connection::recording::recorded_in;
use crate::store::tables::verifications::{EndedVerification, VerificationLease, VerificationSpec};
use crate::store::tests::backfill::shares::other;
use crate::store::tests::models::Customer;
use crate::store::tests::world::World;
use crate::sync::error::SyncError;
use crate::sync::verify::history::last_in_short;
use crate::sync::verify::once::{VerifiedTable, once};
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::report::{Verification, VerificationKind};

/// Some databases are slow when others test on the same cores.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a process asks again and again while another one verifies.
const LOOK: &str = "ended_at IS NULL OR token >";

/// Waits until something holds. A macro, because the future of an `async` closure cannot be said to be `Send` yet.
macro_rules! until {
    ($what:literal, $holds:expr) => {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !$holds {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(waited.await.is_ok(), concat!("never: ", $what));
    };
}

/// A process that verifies, as far as the test sees it.
#[derive(Clone)]
struct Process {
    store: Store,
    /// How often its work began, and how often it was dropped before its end.
    begun: Arc<AtomicU32>,
    dropped: Arc<AtomicU32>,
    /// Its work ends with each permit.
    ends: Arc<Semaphore>,
    fails: bool,
    sent: Arc<Mutex<Vec<String>>>,
}

/// Counts work that is dropped.
struct Unfinished(Arc<AtomicU32>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl Process {
    /// A process with a pool of its own, whose work ends as soon as it begins.
    fn new(world: &World) -> Self {
        Self {
            store: other(&world.store),
            begun: Arc::default(),
            dropped: Arc::default(),
            ends: Arc::new(Semaphore::new(1_000)),
            fails: false,
            sent: Arc::default(),
        }
    }

    /// The same, whose work ends when it is let.
    fn halted(world: &World) -> Self {
        Self {
            ends: Arc::new(Semaphore::new(0)),
            ..Self::new(world)
        }
    }

    async fn work(self, options: VerifyOptions) -> Result<Verification, SyncError> {
        self.begun.fetch_add(1, Relaxed);
        let unfinished = Unfinished(self.dropped.clone());
        self.ends.acquire().await.unwrap().forget();
        std::mem::forget(unfinished);
        if self.fails {
            let reason = "made up".to_owned();
            return Err(SyncError::UnknownAccount { reason });
        }
        let table = "customers".to_owned();
        let mut found = Verification::new(Customer::MODEL, table, &options, Utc::now());
        found.counts.equal = 7;
        found.counts.missing = 1;
        found.requests = 3;
        Ok(found)
    }

    async fn verify_since(
        self,
        options: VerifyOptions,
        not_before: Option<DateTime<Utc>>,
    ) -> Result<Verification, SyncError> {
        self.store.prepare().await?;
        let scope = World::scope();
        let table = VerifiedTable {
            store: &self.store,
            model: Customer::MODEL,
            scope: &scope,
        };
        let work = || self.clone().work(options.clone());
        let verified = once(table, &options, not_before, work);
        recorded_in(self.sent.clone(), verified).await
    }

    fn verify(&self, options: VerifyOptions) -> JoinHandle<Result<Verification, SyncError>> {
        tokio::spawn(self.clone().verify_since(options, None))
    }

    async fn until_begun(&self) {
        until!("it begins", self.begun.load(Relaxed) > 0);
    }

    /// Until it has looked twice, and so waits.
    async fn until_waiting(&self) {
        let looks = || {
            let sent = self.sent.lock().unwrap();
            sent.iter().filter(|sent| sent.contains(LOOK)).count()
        };
        until!("it waits", looks() > 1);
    }
}

fn full() -> VerifyOptions {
    VerifyOptions::default()
}

async fn rows(world: &World) -> i64 {
    let rows = "SELECT COUNT(*) FROM stripe_sync_verifications";
    world.number(rows).await
}

async fn lease(store: &Store) -> (VerificationLease, VerificationSpec) {
    let lease = VerificationLease {
        table: "customers".to_owned(),
        scope: World::scope(),
        token: store.next_token().await.unwrap(),
    };
    let spec = VerificationSpec {
        kind: "full".to_owned(),
        options: "{}".to_owned(),
    };
    (lease, spec)
}

/// A verification that begins now, as one of a process that is killed: nobody renews its lease, or gives it back.
async fn begin(store: &Store) -> (VerificationLease, VerificationSpec) {
    let (lease, spec) = lease(store).await;
    let newest = lease.token - 1;
    let begun = store.begin_verification(&lease, &spec, newest).await;
    assert!(begun.unwrap());
    (lease, spec)
}

async fn end(store: &Store, (lease, spec): &(VerificationLease, VerificationSpec), equal: u64) {
    let table = "customers".to_owned();
    let mut found = Verification::new(Customer::MODEL, table, &full(), Utc::now());
    found.counts.equal = equal;
    let ended = EndedVerification {
        is_equal: true,
        numbers: [equal, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        report: serde_json::to_string(&found).unwrap(),
        summary: format!(
            r#"{{"kind":"full","is_equal":true,"equal":{equal},"children_drifted":0,"requests":0}}"#
        ),
        duration: Duration::from_secs(5),
    };
    store.end_verification(lease, spec, &ended).await.unwrap();
}

pub(crate) async fn who_verify_at_once_verify_once(world: &World) {
    let (one, two) = (Process::halted(world), Process::new(world));
    let first = one.verify(full());
    one.until_begun().await;
    let second = two.verify(full());
    // What is asked for is less.
    let third = Process::new(world);
    let quick = third.verify(full().quick(true));
    two.until_waiting().await;
    third.until_waiting().await;
    one.ends.add_permits(1);
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(!first.by_another);
    assert!(second.by_another);
    assert_eq!((second.counts, second.kind), (first.counts, first.kind));
    assert_eq!(second.started_at, first.started_at);
    assert!(quick.await.unwrap().unwrap().by_another);
    assert_eq!(two.begun.load(Relaxed) + third.begun.load(Relaxed), 0);
    assert_eq!(rows(world).await, 1);
    // Nobody has mirrored anything in the table yet.
    assert!(world.store.is_new(Customer::MODEL).await.unwrap());

    // Who asks later does not get what was found before.
    let later = two.verify(full()).await.unwrap().unwrap();
    assert!(!later.by_another);
    assert_eq!(rows(world).await, 2);
    let counted = "SELECT COUNT(*) FROM stripe_sync_verifications WHERE ended_at >= started_at AND NOT is_equal \
                   AND kind = 'full' AND equal = 7 AND differing = 0 AND missing = 1 AND requests = 3";
    assert_eq!(world.number(counted).await, 2);
    let last = last_in_short(&world.store, Customer::MODEL, &World::scope()).await;
    let last = last.unwrap().unwrap();
    assert_eq!((last.kind, last.is_equal), (VerificationKind::Full, false));
    assert_eq!((last.counts, last.requests), (later.counts, 3));
    let ended = "SELECT MAX(ended_at) FROM stripe_sync_verifications";
    assert_eq!(last.ended_at.timestamp_millis(), world.number(ended).await);
}

pub(crate) async fn what_does_not_cover_is_waited_for_and_made(world: &World) {
    let (one, two) = (Process::halted(world), Process::new(world));
    let first = one.verify(full().quick(true));
    one.until_begun().await;
    let second = two.verify(full());
    two.until_waiting().await;
    assert_eq!(two.begun.load(Relaxed), 0);
    one.ends.add_permits(1);
    assert!(!first.await.unwrap().unwrap().by_another);
    let second = second.await.unwrap().unwrap();
    assert!(!second.by_another);
    assert_eq!(second.kind, VerificationKind::Full);
    assert_eq!(rows(world).await, 2);
}

pub(crate) async fn one_that_was_killed_is_made_by_the_next(world: &World) {
    world.store.prepare().await.unwrap();
    let killed = begin(&world.store).await;
    // Longer than the test.
    let age =
        |to: i64| format!("UPDATE stripe_sync_verifications SET expires_at = expires_at + {to}");
    world.run(age(1_000_000)).await;
    let next = Process::new(world);
    let verified = next.verify(full());
    next.until_waiting().await;
    assert_eq!(next.begun.load(Relaxed), 0);
    world.run(age(-1_010_000)).await;
    let verified = verified.await.unwrap().unwrap();
    assert!(!verified.by_another);
    assert_eq!(rows(world).await, 1);
    assert!(!world.store.renew_verification(&killed.0).await.unwrap());
}

pub(crate) async fn one_that_is_dropped_is_given_back(world: &World) {
    let one = Process::halted(world);
    let verifying = one.verify(full());
    one.until_begun().await;
    assert_eq!(rows(world).await, 1);
    verifying.abort();
    // Only the next verification takes away what a killed process leaves.
    until!("it is given back", rows(world).await == 0);
    assert_eq!(one.dropped.load(Relaxed), 1);
}

pub(crate) async fn one_that_fails_is_made_by_who_waits(world: &World) {
    let one = Process {
        fails: true,
        ..Process::halted(world)
    };
    let two = Process::new(world);
    let first = one.verify(full());
    one.until_begun().await;
    let second = two.verify(full());
    two.until_waiting().await;
    one.ends.add_permits(1);
    let error = first.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("made up"), "{error}");
    assert!(!second.await.unwrap().unwrap().by_another);
    assert_eq!(two.begun.load(Relaxed), 1);
    assert_eq!(rows(world).await, 1);
}

pub(crate) async fn who_lost_the_lease_stops_and_waits(world: &World) {
    let one = Process::halted(world);
    let verifying = one.verify(full());
    one.until_begun().await;
    // As if it had been halted for longer than its lease, and another process had begun the same.
    let (mut lease, spec) = lease(&world.store).await;
    lease.token += 1;
    let takes = format!(
        "UPDATE stripe_sync_verifications SET token = {}, expires_at = expires_at + 1000000",
        lease.token
    );
    world.run(takes).await;
    until!("its work is dropped", one.dropped.load(Relaxed) == 1);
    end(&world.store, &(lease, spec), 5).await;
    let verified = verifying.await.unwrap().unwrap();
    assert!(verified.by_another);
    assert_eq!(verified.counts.equal, 5);
    assert_eq!(one.begun.load(Relaxed), 1);
    assert_eq!(rows(world).await, 1);
}

pub(crate) async fn one_that_ended_not_before_a_moment_is_enough(world: &World) {
    let one = Process::new(world);
    one.clone().verify_since(full(), None).await.unwrap();
    let ended = "SELECT ended_at FROM stripe_sync_verifications";
    let ended = DateTime::from_timestamp_millis(world.number(ended).await).unwrap();
    let verified = one.clone().verify_since(full(), Some(ended)).await;
    assert!(verified.unwrap().by_another);
    // One that mends is not that one.
    let mends = full().fix(true);
    let verified = one.clone().verify_since(mends, Some(ended)).await;
    assert!(!verified.unwrap().by_another);
    let later = ended + Duration::from_secs(3_600);
    let verified = one.clone().verify_since(full(), Some(later)).await;
    assert!(!verified.unwrap().by_another);
    assert_eq!(one.begun.load(Relaxed), 3);
    assert_eq!(rows(world).await, 3);
}

pub(crate) async fn the_newest_are_kept(world: &World) {
    world.store.prepare().await.unwrap();
    let old: Vec<String> = (1..=400)
        .map(|age| format!("('customers', 'acct_1', FALSE, -{age}, 1, 2, 0, 'full', '')"))
        .collect();
    let others = "('others', 'acct_1', FALSE, -999, 1, 2, 0, 'full', '')";
    world
        .run(format!(
            "INSERT INTO stripe_sync_verifications \
             (table_name, account, livemode, token, started_at, ended_at, expires_at, kind, options) VALUES {}, {others}",
            old.join(", ")
        ))
        .await;
    let one = Process::new(world);
    one.verify(full()).await.unwrap().unwrap();
    assert_eq!(rows(world).await, 401);
    let oldest = "SELECT MIN(token) FROM stripe_sync_verifications WHERE table_name = 'customers'";
    assert_eq!(world.number(oldest).await, -399);
    let (store, scope) = (&world.store, World::scope());
    let reports = store.verification_reports(Customer::MODEL, &scope, 2).await;
    let reports = reports.unwrap();
    assert_eq!(reports.len(), 1, "the made up ones have no report");
    assert!(reports[0].contains(r#""equal":7"#), "{reports:?}");
}

pub(crate) async fn one_that_ends_late_is_not_the_last(world: &World) {
    let store = &world.store;
    store.prepare().await.unwrap();
    let late = begin(store).await;
    world
        .run("UPDATE stripe_sync_verifications SET expires_at = 0")
        .await;
    let next = begin(store).await;
    end(store, &next, 2).await;
    end(store, &late, 1).await;
    // A transaction whose answer was lost is done again.
    end(store, &late, 1).await;
    let told = last_in_short(store, Customer::MODEL, &World::scope()).await;
    assert_eq!(told.unwrap().unwrap().counts.equal, 2);
    assert_eq!(rows(world).await, 2);
    let began =
        "SELECT COUNT(*) FROM stripe_sync_verifications WHERE ended_at - started_at >= 5000";
    assert_eq!(world.number(began).await, 1);
}
