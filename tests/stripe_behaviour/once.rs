//! What a run reads is read once: requests are counted.

use std::time::Duration;

use serde_json::json;
use stripe_sync::testing::{Faults, Phase, Quirks};
use stripe_sync::{Report, SyncAllOptions, SyncError};

use super::mirror::Mirror;
use super::models::{Customer, Price};

const CUSTOMERS: &str = "/v1/customers";
const ONE_CUSTOMER: &str = "/v1/customers/{id}";
const EVENTS: &str = "/v1/events";
const OBJECTS: usize = 2_000;
const CHANGES: usize = 1_500;
/// Full pages of all objects.
const PAGES: usize = OBJECTS / 100;
/// Requests besides these: the account, the test clocks, the events, and what slices of time cost.
const BESIDES: usize = 10;
const DAY: u64 = 86_400;

/// A mirror, and many changes of the last minutes before now.
async fn changed_lately(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    let ids = mirror.fake.generate("customer", OBJECTS).unwrap();
    mirror.sync_all::<Customer>().await;
    mirror.fake.advance(Duration::from_secs(3 * DAY));
    for number in 0..CHANGES {
        let email = json!({"email": format!("{number}@example.com")});
        let id = &ids[(number * 7) % (OBJECTS / 2)];
        mirror.fake.update(id, email).unwrap();
        if number % 10 == 0 {
            mirror.fake.advance(Duration::from_secs(1));
        }
    }
    mirror.fake.advance(Duration::from_secs(30));
    mirror.fake.reset_requests();
    mirror
}

fn newer() -> SyncAllOptions {
    SyncAllOptions::default().incremental(true)
}

#[tokio::test]
async fn what_a_list_shows_is_not_read_again_by_its_id() {
    let mirror = changed_lately(130).await;
    for run in 0..3 {
        mirror.fake.reset_requests();
        let report = mirror.sync_all::<Customer>().await;
        mirror.assert_truth::<Customer>().await;
        assert_eq!((report.updated > 0, report.replayed), (run == 0, 0));
        assert_eq!(mirror.requests(ONE_CUSTOMER), 0);
        let requests = mirror.fake.requests().len();
        assert!((PAGES..=PAGES + BESIDES).contains(&requests), "{report}");
    }
}

/// The same where the list is cut into slices of time.
#[tokio::test]
async fn slices_change_nothing_about_it() {
    let mirror = changed_lately(131).await;
    let latency = Duration::from_millis(20);
    mirror
        .fake
        .faults(Faults::new(131).latency(latency..latency));
    for _ in 0..2 {
        mirror.fake.reset_requests();
        let report = mirror.sync_all::<Customer>().await;
        mirror.assert_truth::<Customer>().await;
        let lists = mirror.fake.requests();
        let windows = lists.iter().filter(|request| {
            request.query.contains("created%5Blt%5D") || request.query.contains("created[lt]")
        });
        assert!(windows.count() > 0, "no list was cut");
        assert_eq!(
            (mirror.requests(ONE_CUSTOMER), mirror.requests(EVENTS)),
            (0, 1)
        );
        assert!(lists.len() <= PAGES + BESIDES, "{report}");
    }
}

/// What changes in the second in which the run begins, and behind a page, is read by its id.
#[tokio::test]
async fn what_changes_behind_its_page_is_read_by_its_id() {
    let mirror = changed_lately(132).await;
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS && view.nth() % PAGES as u64 == 3 {
            for id in view.ids().take(3) {
                let email = json!({"email": "behind@example.com"});
                view.account().update(id, email).unwrap();
            }
        }
    });
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.replayed, 3, "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// A discount is a part of its customer, and its own event may be all that tells of the change.
#[tokio::test]
async fn an_event_about_a_part_of_the_object_tells_of_it() {
    let mirror = changed_lately(133).await;
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS
            && view.nth() == 3
            && let Some(id) = view.ids().next()
        {
            let account = view.account();
            let email = json!({"email": "discounted@example.com"});
            account.update(id, email).unwrap();
            let events = account.events();
            let told = events
                .iter()
                .find(|event| event["data"]["object"]["email"] == "discounted@example.com");
            account
                .forget_event(told.unwrap()["id"].as_str().unwrap())
                .unwrap();
            let discount = json!({"id": "di_1", "object": "discount", "customer": id});
            account
                .record_event("customer.discount.created", &discount)
                .unwrap();
        }
    });
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.replayed, 1, "{report}");
    mirror.assert_truth::<Customer>().await;
}

async fn run_newer(mirror: &Mirror) -> Report {
    mirror.fake.reset_requests();
    let run = mirror.syncer.sync_all_with::<Customer>(newer());
    let report = run.await.unwrap();
    mirror.assert_truth::<Customer>().await;
    report
}

/// What the run before read, by its lists or by the ids that events named, is not read again though its events are shown.
#[tokio::test]
async fn a_run_over_what_is_newer_leaves_alone_what_the_one_before_read() {
    let mirror = changed_lately(134).await;
    mirror.sync_all::<Customer>().await;
    for _ in 0..2 {
        let report = run_newer(&mirror).await;
        assert_eq!(mirror.requests(ONE_CUSTOMER), 0, "{report}");
        assert!(mirror.requests(EVENTS) <= CHANGES / 100 + 2, "{report}");
    }
    let ids = mirror.fake.ids("customer");
    for round in 0..3 {
        mirror.fake.advance(Duration::from_secs(60));
        for id in &ids[round * 10..round * 10 + 30] {
            let email = json!({"email": format!("{round}@example.com")});
            mirror.fake.update(id, email).unwrap();
        }
        mirror.fake.delete(&ids[1_000 + round]).unwrap();
        for reads in [31, 0] {
            let report = run_newer(&mirror).await;
            assert_eq!(mirror.requests(ONE_CUSTOMER), reads, "{round} {report}");
        }
    }
}

/// An event that becomes visible late is one that nobody followed.
#[tokio::test]
async fn a_late_event_is_followed_by_the_next_run() {
    let mirror = changed_lately(135).await;
    mirror.sync_all::<Customer>().await;
    run_newer(&mirror).await;
    let ids = mirror.fake.ids("customer");
    let late = Quirks::new().event_delay(300..301);
    mirror.fake.quirks(late);
    for id in &ids[..20] {
        let email = json!({"email": "late@example.com"});
        mirror.fake.update(id, email).unwrap();
    }
    mirror.fake.advance(Duration::from_secs(200));
    mirror.fake.reset_requests();
    let run = mirror.syncer.sync_all_with::<Customer>(newer());
    run.await.unwrap();
    assert_eq!(mirror.requests(ONE_CUSTOMER), 0, "they are not visible yet");
    mirror.fake.advance(Duration::from_secs(200));
    run_newer(&mirror).await;
    assert_eq!(mirror.requests(ONE_CUSTOMER), 20);
}

/// What no list shows is told by events alone: a walk through whole lists looks a while before its first page for those, also
/// where its lists show nothing at all.
#[tokio::test]
async fn what_no_list_shows_is_read_when_an_event_tells_of_it() {
    for listed in [20, 0] {
        change_of_what_no_list_shows(listed).await;
    }
}

async fn change_of_what_no_list_shows(listed: usize) {
    let mirror = Mirror::start(136).await;
    mirror.fake.generate("price", listed).unwrap();
    let inline = json!({"id": "price_inline", "nickname": "old"});
    mirror.fake.create_unlisted("price", inline).unwrap();
    mirror.syncer.ensure_table::<Price>().await.unwrap();
    let read = mirror.syncer.sync_by_ids::<Price>(["price_inline"]);
    read.await.unwrap();
    mirror.fake.advance(Duration::from_secs(3 * DAY));
    mirror.sync_all::<Price>().await;
    let changed = json!({"nickname": "new"});
    mirror.fake.update("price_inline", changed).unwrap();
    // Those that a list shows are not read again for their events.
    for price in mirror.fake.listable("price") {
        let id = price["id"].as_str().unwrap();
        mirror
            .fake
            .update(id, json!({"nickname": "listed"}))
            .unwrap();
    }
    mirror.fake.advance(Duration::from_secs(100));
    for (reads, run) in [(1, SyncAllOptions::default()), (0, newer()), (0, newer())] {
        mirror.fake.reset_requests();
        let report = mirror.syncer.sync_all_with::<Price>(run).await.unwrap();
        assert_eq!(mirror.requests("/v1/prices/{id}"), reads, "{report}");
        let rows = mirror.rows("prices").await;
        assert_eq!(rows["price_inline"]["nickname"], "new");
    }
}

/// Runs over what is newer follow one another: each begins where the one before began.
#[tokio::test]
async fn a_run_over_what_is_newer_begins_at_the_one_before() {
    let mirror = changed_lately(133).await;
    mirror.sync_all::<Customer>().await;
    for days in [20, 20, 20] {
        mirror.fake.advance(Duration::from_secs(days * DAY));
        let ids = mirror.fake.ids("customer");
        let email = json!({"email": format!("{days}@example.com")});
        mirror.fake.update(&ids[3], email).unwrap();
        mirror.fake.create("customer", json!({})).unwrap();
        mirror.fake.reset_requests();
        let run = mirror.syncer.sync_all_with::<Customer>(newer());
        let report = run.await.unwrap();
        assert_eq!(report.inserted, 1, "{report}");
        assert!(mirror.requests(ONE_CUSTOMER) <= 2, "{report}");
        mirror.assert_truth::<Customer>().await;
    }
    // Its own window of events is that of Stripe's memory all the same.
    mirror.fake.advance(Duration::from_secs(31 * DAY));
    let run = mirror.syncer.sync_all_with::<Customer>(newer());
    let error = run.await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::EventsExpired { .. }),
        "{error}"
    );
}
