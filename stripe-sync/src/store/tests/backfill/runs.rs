use crate::model::StripeSync;
use crate::model::hooks::Outcome::{Inserted, Updated};
use crate::store::backfill::run::{OpenedRun, RunSpec};
use crate::store::backfill::slices::Slice;
use crate::store::backfill::unseen::Counted;
use crate::store::backfill::{Advance, BackfillPhase, NewSlice, PageState};
use crate::store::db::StoreError;
use crate::store::rows::Written;
use crate::store::rows::delete::Removal;
use crate::store::rows::outcome::Written::Done;
use crate::store::tables::RunLease;
use crate::store::tests::models::{Customer, customer};
use crate::store::tests::world::{World, Write};

fn opening(identity: i64) -> RunSpec {
    let slice = |list| NewSlice {
        number: -1 - list,
        list,
        until: None,
        stop: None,
    };
    RunSpec {
        identity,
        restart: false,
        change_filter: false,
        slices: vec![slice(0), slice(1)],
    }
}

async fn open(world: &World, opening: &RunSpec) -> Result<OpenedRun, StoreError> {
    let store = &world.store;
    store
        .open_run(Customer::MODEL, &World::scope(), opening)
        .await
}

async fn claim(world: &World, lease: &RunLease) -> Vec<i64> {
    let claimed = world.store.claim_slices(Customer::MODEL, lease, 8).await;
    let slices = claimed.unwrap();
    slices.iter().map(|slice| slice.new.number).collect()
}

fn done(number: i64) -> Advance {
    let new = NewSlice {
        number,
        list: 0,
        until: None,
        stop: None,
    };
    Advance {
        slice: Slice {
            new,
            place: r#"["cus_1"]"#.to_owned(),
            position: Some(7),
        },
        done: true,
        pages: 1,
        seen: 1,
    }
}

async fn page(
    world: &World,
    lease: &RunLease,
    advance: Advance,
) -> Result<Vec<Written>, StoreError> {
    let state = PageState {
        seen: vec![lease.hash("cus_1")],
        advances: vec![advance],
        ..PageState::default()
    };
    let write = Write {
        lease: Some(lease),
        ..Write::list(lease.run)
    };
    let object = [customer("cus_1", r#""email":"a""#)];
    let report = write.with_state::<Customer>(world, &object, state).await?;
    Ok(report
        .rows
        .into_iter()
        .map(|(_, written)| written)
        .collect())
}

pub(crate) async fn a_run_goes_on_where_its_pages_left_it(world: &World) {
    world.table::<Customer>().await;
    let first = open(world, &opening(1)).await.unwrap();
    assert!(!first.resumed);
    // One list follows the other.
    assert_eq!(claim(world, &first.lease).await, [-1]);
    assert_eq!(claim(world, &first.lease).await, [0; 0]);
    world.store.set_watermark(&first.lease, 5).await.unwrap();
    world.store.set_watermark(&first.lease, 9).await.unwrap();
    assert_eq!(
        page(world, &first.lease, done(-1)).await.unwrap(),
        [Done(Inserted)]
    );
    world.store.release_run(&first.lease).await.unwrap();

    let second = open(world, &opening(1)).await.unwrap();
    assert!(second.resumed);
    assert_eq!(second.watermark, Some(5));
    assert_eq!(claim(world, &second.lease).await, [-2]);
    let seen = world.store.listed_after(&second.lease, 0).await.unwrap();
    let (_, hashes) = seen.unwrap();
    assert_eq!(hashes, [second.lease.hash("cus_1")]);
    let counts = world
        .store
        .slice_counts(Customer::MODEL, &World::scope())
        .await
        .unwrap();
    assert_eq!(
        (counts.slices, counts.done, counts.pages, counts.seen),
        (2, 1, 1, 1)
    );
}

pub(crate) async fn another_process_takes_part_and_nobody_s_slice_is_taken(world: &World) {
    world.table::<Customer>().await;
    let one = open(world, &opening(1)).await.unwrap().lease;
    let other = open(world, &opening(1)).await.unwrap().lease;
    assert_eq!(one.run, other.run);
    assert_eq!(claim(world, &one).await, [-1]);
    assert_eq!(claim(world, &other).await, [0; 0]);
    // Not its own: nothing is written, neither the place nor the row.
    let foreign = page(world, &other, done(-1)).await;
    assert!(
        matches!(foreign, Err(StoreError::LeaseLost { .. })),
        "{foreign:?}"
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM customers").await, 0);
    // A process that falls silent loses it.
    world
        .run("UPDATE stripe_sync_slices SET expires_at = 1")
        .await;
    assert_eq!(claim(world, &other).await, [-1]);
    assert!(page(world, &one, done(-1)).await.is_err());
    assert_eq!(
        page(world, &other, done(-1)).await.unwrap(),
        [Done(Inserted)]
    );
    // One waits for work, and the other hears of it once.
    world.store.wait_for_work(&one).await.unwrap();
    assert!(world.store.somebody_waits(&other).await.unwrap());
    assert!(!world.store.somebody_waits(&other).await.unwrap());
}

pub(crate) async fn a_run_with_other_settings_does_not_join(world: &World) {
    world.table::<Customer>().await;
    let first = open(world, &opening(1)).await.unwrap().lease;
    claim(world, &first).await;
    match open(world, &opening(2)).await.unwrap_err() {
        StoreError::WalkRunning {
            holder, seconds, ..
        } => {
            assert!(holder.contains(&std::process::id().to_string()), "{holder}");
            assert!((1..=60).contains(&seconds), "{seconds}");
        }
        other => panic!("expected a run that goes on, found {other:?}"),
    }
    // It died: the next one begins anew, and the old one cannot write any more.
    world
        .run("UPDATE stripe_sync_slices SET expires_at = 1")
        .await;
    let second = open(world, &opening(2)).await.unwrap();
    assert!(!second.resumed && second.lease.run > first.run);
    let late = page(world, &first, done(-1)).await;
    assert!(
        matches!(late, Err(StoreError::LeaseLost { .. })),
        "{late:?}"
    );
    claim(world, &second.lease).await;
    assert_eq!(
        page(world, &second.lease, done(-1)).await.unwrap(),
        [Done(Inserted)]
    );
    let object = [customer("cus_1", r#""email":"new""#)];
    assert_eq!(world.single::<Customer>(&object).await, [Done(Updated)]);
}

pub(crate) async fn one_process_closes_a_run_when_all_is_read(world: &World) {
    world.table::<Customer>().await;
    let model = Customer::MODEL;
    let store = &world.store;
    let one = open(world, &opening(1)).await.unwrap().lease;
    let other = open(world, &opening(1)).await.unwrap().lease;
    for number in [-1, -2] {
        claim(world, &one).await;
        assert_eq!(store.claim_finalizer(model, &one).await.unwrap(), None);
        page(world, &one, done(number)).await.unwrap();
    }
    let claimed = store.claim_finalizer(model, &one).await.unwrap();
    assert_eq!(claimed, Some(BackfillPhase::Lists));
    assert_eq!(store.claim_finalizer(model, &other).await.unwrap(), None);
    store.enter(&one, BackfillPhase::Changes).await.unwrap();
    assert!(store.enter(&other, BackfillPhase::Sweep).await.is_err());
    world
        .run("UPDATE stripe_sync_tables SET expires_at = 1")
        .await;
    let claimed = store.claim_finalizer(model, &other).await.unwrap();
    assert_eq!(claimed, Some(BackfillPhase::Changes));
    store.set_watermark(&other, 5).await.unwrap();
    store.end_run(&other, false).await.unwrap();
    let claimed = store.claim_finalizer(model, &one).await.unwrap();
    assert_eq!(claimed, Some(BackfillPhase::Ended));
    let checkpoint = store.checkpoint(model, &World::scope()).await.unwrap();
    assert_eq!(checkpoint.unwrap().finished, Some(5));
    assert!(!open(world, &opening(1)).await.unwrap().resumed);
}

pub(crate) async fn what_a_run_did_not_see_is_found(world: &World) {
    world.table::<Customer>().await;
    let objects: Vec<String> = (1..=4)
        .map(|number| customer(&format!("cus_{number}"), ""))
        .collect();
    world.list::<Customer>(&objects).await;
    let store = &world.store;
    let lease = open(world, &opening(1)).await.unwrap().lease;
    // Written since the run began: whoever wrote it had read it.
    world.single::<Customer>(&objects[3..]).await;
    let alive = async || {
        let silent = store.silent_tokens(&lease).await.unwrap();
        let alive = store.alive_after(Customer::MODEL, &lease, silent, "cus_1");
        alive.await.unwrap()
    };
    assert_eq!(alive().await.0, ["cus_2", "cus_3"]);
    // Where rows of others were found its token says nothing before a run has ended.
    world
        .run("INSERT INTO stripe_sync_cursors (name, account, livemode, value) VALUES ('raised', '', FALSE, 1)")
        .await;
    assert_eq!(alive().await.0, ["cus_2", "cus_3", "cus_4"]);
    world
        .run("UPDATE stripe_sync_tables SET finished_watermark = 1")
        .await;
    let (alive, last) = alive().await;
    assert_eq!(alive, ["cus_2", "cus_3"]);
    assert_eq!(last.as_deref(), Some("cus_3"));
    // A row of somebody else's, whose token the counter leaps over while the rows are gone through.
    let silent = store.silent_tokens(&lease).await.unwrap();
    world
        .run("UPDATE customers SET stripe_observed_at = 1000000 WHERE id = 'cus_3'")
        .await;
    store.raise_clock("prices", 2_000_000).await.unwrap();
    let leapt = store.alive_after(Customer::MODEL, &lease, silent, "cus_1");
    assert_eq!(leapt.await.unwrap().0, ["cus_2", "cus_3"]);
    let hidden = ["cus_2".to_owned()];
    store.set_unlisted(&lease, &hidden, true).await.unwrap();
    store.set_unlisted(&lease, &hidden, true).await.unwrap();
    world
        .run("UPDATE customers SET stripe_deleted_at = CURRENT_TIMESTAMP WHERE id IN ('cus_1', 'cus_4')")
        .await;
    let count = async |which| {
        let count = store.count_rows(Customer::MODEL, &lease, which).await;
        count.unwrap()
    };
    // Of the two that are marked, one was written since the run began.
    assert_eq!(count(Counted::All).await, 4);
    assert_eq!(count(Counted::Alive).await, 2);
    assert_eq!(count(Counted::SinceRun).await, 3);
    assert_eq!(store.count_tombstones(&lease).await.unwrap(), 0);
    let start = world.next_token().await;
    let gone = ["cus_9".to_owned()];
    let scope = World::scope();
    let deleted = store.delete(Customer::MODEL, &scope, &gone, Removal::deleted(start));
    deleted.await.unwrap();
    assert_eq!(store.count_tombstones(&lease).await.unwrap(), 1);
    assert_eq!(store.count_unlisted(&lease).await.unwrap(), 1);
    assert_eq!(store.unlisted_after(&lease, "").await.unwrap(), hidden);
    store.set_unlisted(&lease, &hidden, false).await.unwrap();
    assert_eq!(store.unlisted_after(&lease, "").await.unwrap(), [""; 0]);
}
