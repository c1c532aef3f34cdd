//! Traps 5 and 6, and the empty page: what a walk of pages does not see by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use stripe_sync::reexport::sqlx;
use stripe_sync::testing::{FakeStripe, Faults, Phase, Quirks, RequestView};
use tokio::sync::Notify;

use super::mirror::Mirror;
use super::models::{Customer, Price, Subscription};

const CUSTOMERS: &str = "/v1/customers";
/// What makes two lists of one path different lists.
const FILTERS: [&str; 7] = [
    "created[gt]",
    "created[gte]",
    "created[lt]",
    "created[lte]",
    "active",
    "status",
    "test_clock",
];

/// Trap 5: new objects come in at the head of the list, where no page is read any more.
#[tokio::test]
async fn objects_created_meanwhile_are_found() {
    let mirror = Mirror::start(50).await;
    mirror.fake.generate("customer", 350).unwrap();
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS && view.nth() <= 4 {
            for _ in 0..3 {
                view.account().create("customer", json!({})).unwrap();
            }
        }
    });
    mirror.sync_all::<Customer>().await;
    assert_eq!(mirror.fake.count("customer"), 362);
    mirror.assert_truth::<Customer>().await;
}

/// Changes objects of the first page that is answered when the `nth` page is: one of each kind of change, some of them
/// several times in one second.
fn change_what_was_read(view: &RequestView, first: &Mutex<Vec<String>>, nth: u64) {
    if view.endpoint() != CUSTOMERS {
        return;
    }
    let mut first = first.lock().unwrap();
    if first.is_empty() {
        first.extend(view.ids().map(str::to_owned));
    }
    if view.nth() != nth {
        return;
    }
    let account = view.account();
    for word in ["a", "b", "c"] {
        let contents = json!({"email": format!("{word}@example.com")});
        account.update(&first[0], contents).unwrap();
    }
    account.update(&first[1], json!({"email": null})).unwrap();
    account.delete(&first[2]).unwrap();
    let new = account.create("customer", json!({})).unwrap();
    account.delete(new["id"].as_str().unwrap()).unwrap();
}

/// Trap 6: only the events tell that an object changed after its page was read.
#[tokio::test]
async fn objects_changed_after_their_page_are_read_again() {
    let mirror = Mirror::start(51).await;
    mirror.fake.generate("customer", 450).unwrap();
    let first = Mutex::new(Vec::new());
    mirror.fake.on_request(Phase::After, move |view| {
        change_what_was_read(view, &first, 4);
    });
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.deleted, 1, "{report}");
    assert_eq!(mirror.fake.count("customer"), 449);
    mirror.assert_truth::<Customer>().await;
}

/// Trap 6: an event becomes visible later than it says, but before the last page.
#[tokio::test]
async fn late_events_are_seen_when_they_are_there() {
    let mirror = Mirror::start(52).await;
    mirror.fake.quirks(Quirks::new().event_delay(100..200));
    mirror.fake.generate("customer", 450).unwrap();
    let (first, now) = (Mutex::new(Vec::new()), mirror.fake.now());
    mirror.fake.on_request(Phase::After, move |view| {
        change_what_was_read(view, &first, 2);
    });
    let mirror = Arc::new(mirror);
    let weak = Arc::downgrade(&mirror);
    mirror.fake.on_request(Phase::Before, move |view| {
        if view.endpoint() == CUSTOMERS
            && view.nth() == 4
            && let Some(mirror) = weak.upgrade()
        {
            mirror.fake.set_now(now + 300);
        }
    });
    mirror.sync_all::<Customer>().await;
    assert_eq!(mirror.fake.count("customer"), 449);
    mirror.assert_truth::<Customer>().await;
}

/// Trap 6: a subscription that was canceled after its page was read, and one event of two for one change.
#[tokio::test]
async fn a_subscription_canceled_after_its_page_is_read_again() {
    let mirror = Mirror::start(53).await;
    mirror.fake.quirks(Quirks::new().duplicate_events(1.0));
    mirror.fake.generate("customer", 3).unwrap();
    mirror.fake.generate("subscription", 250).unwrap();
    let read = Mutex::new(None);
    mirror.fake.on_request(Phase::After, move |view| {
        if view.endpoint() == "/v1/subscriptions" {
            let mut read = read.lock().unwrap();
            let is_active = |id: &&str| view.account().get(id).unwrap()["status"] == "active";
            let first = read.get_or_insert_with(|| view.ids().find(is_active).unwrap().to_owned());
            if view.nth() == 3 {
                view.account()
                    .update(first, json!({"status": "active"}))
                    .unwrap();
                view.account().cancel_subscription(first).unwrap();
            }
        }
    });
    mirror.sync_all::<Subscription>().await;
    mirror.assert_truth::<Subscription>().await;
}

/// Remembers which list answered which ids, and collects the cursors that come from another list.
fn watch_cursors(fake: &FakeStripe) -> Arc<Mutex<BTreeSet<String>>> {
    let foreign = Arc::new(Mutex::new(BTreeSet::new()));
    let answered = Mutex::new(BTreeMap::<String, BTreeSet<String>>::new());
    let found = Arc::clone(&foreign);
    fake.on_request(Phase::After, move |view| {
        let filters = FILTERS.map(|name| view.param(name));
        let list = format!("{} {filters:?}", view.path());
        let mut answered = answered.lock().unwrap();
        let ids = answered.entry(list.clone()).or_default();
        if let Some(cursor) = view.param("starting_after")
            && !ids.contains(cursor)
        {
            found.lock().unwrap().insert(format!("{cursor} in {list}"));
        }
        ids.extend(view.ids().map(str::to_owned));
    });
    foreign
}

/// A cursor that another window of time gave is answered with an empty page and no error: rows would be missing.
#[tokio::test]
async fn a_cursor_stays_in_the_list_that_gave_it() {
    let mirror = Mirror::start(54).await;
    mirror
        .fake
        .quirks(Quirks::new().empty_page_for_foreign_cursor(true));
    mirror.fake.generate("customer", 700).unwrap();
    // More than two pages in one second, so that no window of time cuts between them.
    let second = mirror.fake.now() - 40_000_000;
    mirror
        .fake
        .generate_between("customer", 250, second..=second)
        .unwrap();
    let foreign = watch_cursors(&mirror.fake);
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.inserted, 950);
    assert_eq!(*foreign.lock().unwrap(), BTreeSet::new());
    mirror.assert_truth::<Customer>().await;
}

/// The same while cursors vanish and change their list: a price that becomes inactive is no cursor among active ones.
#[tokio::test]
async fn a_lost_cursor_is_replaced_by_one_of_the_same_list() {
    let mirror = Mirror::start(55).await;
    mirror
        .fake
        .quirks(Quirks::new().empty_page_for_foreign_cursor(true));
    mirror.fake.generate("price", 800).unwrap();
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == "/v1/prices"
            && view.nth() % 2 == 1
            && view.nth() < 12
            && let Some(last) = view.ids().next_back()
        {
            let active = view.param("active") == Some("true");
            view.account()
                .update(last, json!({"active": !active}))
                .unwrap();
        }
    });
    let foreign = watch_cursors(&mirror.fake);
    mirror.sync_all::<Price>().await;
    assert_eq!(*foreign.lock().unwrap(), BTreeSet::new());
    mirror.assert_truth::<Price>().await;
}

/// The account's first second, the present one, and the future in which test clocks live.
#[tokio::test]
async fn objects_at_the_ends_of_time_are_found() {
    let now = 1_790_000_000;
    let since = now - 20 * 365 * 86_400;
    // Made a day before the run: it finds them in lists, and not because their events are new.
    let fake = FakeStripe::builder()
        .seed(56)
        .now(now - 86_400)
        .account_created(since)
        .start()
        .await
        .unwrap();
    let clock = fake.create("test_helpers.test_clock", json!({})).unwrap();
    for (created, clock) in [
        (since, None),
        (since + 1, None),
        (now - 1, None),
        (now, None),
        // The clocks of Stripe's servers differ.
        (now + 1, None),
        (now, Some(&clock["id"])),
        (now + 900 * 86_400, Some(&clock["id"])),
    ] {
        for _ in 0..120 {
            let customer = json!({"created": created, "test_clock": clock});
            fake.create("customer", customer).unwrap();
        }
    }
    fake.set_now(now);
    let key = fake.secret_key().to_owned();
    let mirror = Mirror::with_key(fake, &key).await;
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.inserted, 7 * 120);
    mirror.assert_truth::<Customer>().await;
}

/// A run that was stopped goes on where it was: what was read and written is not read again.
#[tokio::test]
async fn a_stopped_run_goes_on() {
    const PAGES: usize = 60;
    const BEFORE: u64 = 50;
    /// What parallel parts of a list cost: each ends with a page that is not full.
    const PARTS: usize = 16;
    let mirror = Mirror::start(57).await;
    mirror.fake.generate("customer", PAGES * 100).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let latency = Duration::from_millis(30);
    mirror
        .fake
        .faults(Faults::new(57).latency(latency..latency));
    let reached = Arc::new(Notify::new());
    let notify = Arc::clone(&reached);
    mirror.fake.on_request(Phase::After, move |view| {
        if view.endpoint() == CUSTOMERS && view.nth() == BEFORE {
            notify.notify_one();
        }
    });
    tokio::select! {
        ended = mirror.syncer.sync_all::<Customer>() => panic!("ended too early: {ended:?}"),
        () = reached.notified() => {}
    }
    mirror.fake.clear_request_hooks();
    let written: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM customers")
        .fetch_one(&mirror.pool)
        .await
        .unwrap();
    let written = usize::try_from(written).unwrap() / 100;
    mirror.fake.reset_requests();
    mirror.sync_all::<Customer>().await;
    let requests = mirror.requests(CUSTOMERS);
    assert!(written > 0);
    assert!(
        requests <= PAGES - written + PARTS,
        "{requests} requests after {written} pages"
    );
    mirror.assert_truth::<Customer>().await;
}
