//! Runs that are resumed, narrowed or limited, and what their reports say.

use std::time::Duration;

use serde_json::json;
use stripe_sync::reexport::sqlx;
use stripe_sync::testing::{FakeStripeExt as _, Faults, Phase};
use stripe_sync::{
    BackfillPhase, Context, StripeObject, StripeSync, SyncAllOptions, SyncError, Syncer,
};
use tokio::sync::Barrier;

use super::mirror::Mirror;
use super::models::{Customer, Price};

const CUSTOMERS: &str = "/v1/customers";
const ONE_CUSTOMER: &str = "/v1/customers/{id}";
const PAGES: usize = 60;
const DAY: u64 = 86_400;

/// A mirror whose run was dropped in the middle of its pages.
pub(crate) async fn stopped(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    mirror.fake.generate("customer", PAGES * 100).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let latency = Duration::from_millis(30);
    mirror
        .fake
        .faults(Faults::new(seed).latency(latency..latency));
    // Rows, and not requests: a slow machine writes long after it was answered.
    let written = async {
        let count = || sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM customers");
        while count().fetch_one(&mirror.pool).await.unwrap() < PAGES as i64 * 100 / 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = mirror.syncer.sync_all::<Customer>() => panic!("ended too early: {ended:?}"),
        () = written => {}
    }
    mirror.fake.faults(None);
    mirror.fake.reset_requests();
    mirror
}

#[tokio::test]
async fn a_run_says_whether_it_was_resumed() {
    let mirror = stopped(80).await;
    let report = mirror.sync_all::<Customer>().await;
    assert!(report.resumed, "{report}");
    assert!(mirror.requests(CUSTOMERS) < PAGES, "{report}");
    mirror.assert_truth::<Customer>().await;

    // One that ended is not resumed.
    mirror.fake.reset_requests();
    let report = mirror.sync_all::<Customer>().await;
    assert!(!report.resumed, "{report}");
    assert!(mirror.requests(CUSTOMERS) >= PAGES, "{report}");
}

#[tokio::test]
async fn an_unfinished_run_can_be_ignored() {
    let mirror = stopped(81).await;
    let anew = SyncAllOptions::default().restart(true);
    let report = mirror.syncer.sync_all_with::<Customer>(anew).await.unwrap();
    assert!(!report.resumed, "{report}");
    assert!(mirror.requests(CUSTOMERS) >= PAGES, "{report}");
    mirror.assert_truth::<Customer>().await;
    // It took the place of the unfinished one.
    assert!(!mirror.sync_all::<Customer>().await.resumed);
}

/// What changed between the stop and now is known from the events of the whole time.
#[tokio::test]
async fn a_resumed_run_sees_what_changed_while_nothing_ran() {
    let mirror = stopped(82).await;
    let rows = mirror.rows("customers").await;
    let written: Vec<&String> = rows.keys().take(4).collect();
    mirror
        .fake
        .update(written[0], json!({"email": "new@example.com"}))
        .unwrap();
    mirror.fake.delete(written[1]).unwrap();
    mirror.fake.advance(Duration::from_secs(20 * DAY));
    mirror
        .fake
        .update(written[2], json!({"email": "new@example.com"}))
        .unwrap();
    mirror.fake.delete(written[3]).unwrap();
    let report = mirror.sync_all::<Customer>().await;
    assert!(report.resumed, "{report}");
    assert_eq!(report.deleted, 2, "{report}");
    mirror.assert_truth::<Customer>().await;
}

#[tokio::test]
async fn an_outlived_window_of_events_is_an_error_that_says_what_to_do() {
    let mirror = stopped(83).await;
    mirror.fake.advance(Duration::from_secs(31 * DAY));
    let error = mirror.syncer.sync_all::<Customer>().await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::EventsExpired { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("restart(true)"), "{error}");
    let anew = SyncAllOptions::default().restart(true);
    mirror.syncer.sync_all_with::<Customer>(anew).await.unwrap();
    mirror.assert_truth::<Customer>().await;
}

#[tokio::test]
async fn objects_that_are_read_because_of_events_are_counted_once() {
    let mirror = Mirror::start(84).await;
    mirror.fake.generate("customer", 250).unwrap();
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS && view.nth() == 1 {
            let ids: Vec<&str> = view.ids().take(2).collect();
            for word in ["a", "b", "c"] {
                for id in &ids {
                    let contents = json!({"email": format!("{word}@example.com")});
                    view.account().update(id, contents).unwrap();
                }
            }
        }
    });
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!((report.replayed, report.updated), (2, 2), "{report}");
    assert_eq!(mirror.requests(ONE_CUSTOMER), 2);
    mirror.assert_truth::<Customer>().await;
}

/// Events of one second have no order: those that came while others were followed may stand below these in the list.
#[tokio::test]
async fn changes_of_one_second_are_seen_whatever_the_order_of_their_events() {
    let mirror = Mirror::start(94).await;
    let ids = mirror.fake.generate("customer", 250).unwrap();
    mirror.fake.on_request(Phase::After, move |view| {
        let change = |ids: &[String]| {
            for id in ids {
                let contents = json!({"email": "new@example.com"});
                view.account().update(id, contents).unwrap();
            }
        };
        match (view.endpoint(), view.nth()) {
            (CUSTOMERS, 3) => change(&ids[..20]),
            // While the first ones are read again.
            (ONE_CUSTOMER, 20) => change(&ids[20..40]),
            _ => {}
        }
    });
    let report = mirror.sync_all::<Customer>().await;
    mirror.assert_truth::<Customer>().await;
    assert_eq!(report.replayed, 40, "{report}");
    assert_eq!(mirror.requests(ONE_CUSTOMER), 40);
}

#[tokio::test]
async fn a_finished_mirror_asks_only_for_what_is_newer() {
    let mirror = Mirror::start(85).await;
    mirror.fake.generate("customer", 950).unwrap();
    mirror.sync_all::<Customer>().await;
    mirror.fake.advance(Duration::from_secs(3 * DAY));
    for _ in 0..5 {
        mirror.fake.create("customer", json!({})).unwrap();
    }
    let ids = mirror.fake.ids("customer");
    mirror
        .fake
        .update(&ids[0], json!({"email": "new@example.com"}))
        .unwrap();
    mirror.fake.reset_requests();
    let newer = SyncAllOptions::default().incremental(true);
    let report = mirror
        .syncer
        .sync_all_with::<Customer>(newer)
        .await
        .unwrap();
    assert_eq!(report.inserted, 5, "{report}");
    assert!(mirror.requests(CUSTOMERS) < 9, "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// Without a run that ended there is nothing to be newer than.
#[tokio::test]
async fn only_newer_of_nothing_is_everything() {
    let mirror = Mirror::start(86).await;
    mirror.fake.generate("customer", 250).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let newer = SyncAllOptions::default().incremental(true);
    let report = mirror
        .syncer
        .sync_all_with::<Customer>(newer)
        .await
        .unwrap();
    assert_eq!(report.inserted, 250, "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// Deletions beyond the budget of reads are left to later runs, and counted.
#[tokio::test]
async fn deletions_are_confirmed_within_a_budget() {
    let mirror = Mirror::start(87).await;
    let ids = mirror.fake.generate("customer", 230).unwrap();
    mirror.sync_all::<Customer>().await;
    for id in ids.iter().take(25) {
        mirror.fake.delete(id).unwrap();
    }
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    let few = SyncAllOptions::default().max_delete_checks(10);
    for (deleted, unconfirmed) in [(10, 15), (10, 5), (5, 0)] {
        let report = mirror.syncer.sync_all_with::<Customer>(few).await.unwrap();
        assert_eq!(
            (report.deleted, report.unconfirmed),
            (deleted, unconfirmed),
            "{report}"
        );
    }
    assert_eq!(mirror.requests(ONE_CUSTOMER), 25);
    mirror.assert_truth::<Customer>().await;
}

/// What no list shows is asked for once, counted, and not asked for again.
#[tokio::test]
async fn what_no_list_shows_is_remembered() {
    let mirror = Mirror::start(88).await;
    mirror.syncer.ensure_table::<Price>().await.unwrap();
    mirror.fake.generate("price", 2).unwrap();
    for n in 0..7 {
        let inline = json!({"id": format!("price_inline_{n}")});
        mirror.fake.create_unlisted("price", inline).unwrap();
    }
    let ids = mirror.fake.ids("price");
    let inline = ids.into_iter().filter(|id| id.contains("inline"));
    mirror.syncer.sync_by_ids::<Price>(inline).await.unwrap();
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    mirror.fake.reset_requests();
    for _ in 0..3 {
        let report = mirror.sync_all::<Price>().await;
        assert_eq!((report.unlisted, report.deleted), (7, 0), "{report}");
    }
    assert_eq!(mirror.requests("/v1/prices/{id}"), 7);
    assert_eq!(mirror.rows("prices").await.len(), 9);
}

/// A few probes say about what a run will take, and write nothing.
#[tokio::test]
async fn a_plan_is_near_what_a_run_takes() {
    let mirror = Mirror::start(91).await;
    mirror.fake.generate("customer", 6_000).unwrap();
    mirror.fake.generate("price", 40).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    mirror.syncer.ensure_table::<Price>().await.unwrap();
    let plan = mirror.syncer.plan::<Customer>().await.unwrap();
    println!("{plan}");
    assert!(!plan.exact && plan.probes <= 12, "{plan:?}");
    assert!((4_500..=7_500).contains(&plan.objects), "{plan}");
    assert!((45..=80).contains(&plan.requests), "{plan}");
    assert!(mirror.rows("customers").await.is_empty());
    let plan = mirror.syncer.plan::<Price>().await.unwrap();
    assert!(plan.exact && plan.objects == 40, "{plan}");
}

/// How far a run is can be read while it goes, and after it was stopped.
#[tokio::test]
async fn the_state_of_a_run_can_be_read() {
    let fresh = Mirror::start(92).await;
    fresh.syncer.ensure_table::<Customer>().await.unwrap();
    assert_eq!(
        fresh.syncer.backfill_status::<Customer>().await.unwrap(),
        None
    );
    let mirror = stopped(93).await;
    let state = mirror
        .syncer
        .backfill_status::<Customer>()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.phase, BackfillPhase::Lists);
    assert!(state.slices_done < state.slices, "{state:?}");
    assert!((1..PAGES as u64).contains(&state.pages), "{state:?}");
    let rows = mirror.rows("customers").await.len() as u64;
    assert_eq!(state.objects, rows, "rows and places commit together");
    assert!(state.watermark.is_some() && state.finished.is_none());
    mirror.sync_all::<Customer>().await;
    let ended = mirror
        .syncer
        .backfill_status::<Customer>()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ended.phase, BackfillPhase::Ended);
    assert_eq!(ended.finished, state.watermark);
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", pre_set_default = meet)]
struct Invoice {
    id: String,
}

/// Waits until so many others wait.
async fn meet(_: &mut StripeObject, context: &Context) -> Result<(), &'static str> {
    context.state::<Barrier>().ok_or("no barrier")?.wait().await;
    Ok(())
}

/// Hooks that ask other services do not ask one after the other.
#[tokio::test]
async fn hooks_of_one_page_are_waited_for_together() {
    const AT_ONCE: usize = 16;
    let mirror = Mirror::start(71).await;
    mirror.fake.generate("invoice", 6 * AT_ONCE).unwrap();
    let syncer = Syncer::builder(mirror.fake.stripe().unwrap(), &mirror.pool)
        .state(Barrier::new(AT_ONCE))
        .build();
    syncer.ensure_table::<Invoice>().await.unwrap();
    let report = syncer.sync_all::<Invoice>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (96, 0), "{report}");
    let ids = mirror.fake.ids("invoice");
    let report = syncer.sync_by_ids::<Invoice>(ids).await.unwrap();
    assert_eq!((report.unchanged, report.failed), (96, 0), "{report}");
}
