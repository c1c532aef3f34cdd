//! The lists of events of connected accounts, where deliveries of theirs are lost.

use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{EventFilter, Live, Source};

use super::platform::{AccountCoupon, AccountCustomer, AccountSubscription, Platform};
use super::service::{Service, process};

const DAY: u64 = 86_400;

/// The deliveries that are due are lost.
fn lose(service: &Service) {
    drop(service.fake.take_deliveries());
}

/// An event of each account, so that all are known.
async fn all_are_known(platform: &Platform<'_>, live: &Live) {
    for account in platform.all() {
        let made = json!({"id": "cus_1", "name": account.id()});
        account.create("customer", made).unwrap();
    }
    platform.deliver(live).await;
    let caught_up = live.catch_up().await.unwrap();
    assert!(caught_up.failed.is_empty(), "{caught_up:?}");
    process(live).await;
    platform.assert_truth::<AccountCustomer>().await;
}

pub(crate) async fn a_lost_delivery_of_a_connected_account_is_caught_up(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    // Before its first delivered event nobody knows of an account; what was lost after that is found.
    platform
        .a
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    platform.deliver(&live).await;
    service.fake.advance(Duration::from_secs(7_200));
    platform
        .a
        .create("customer", json!({"id": "cus_2"}))
        .unwrap();
    lose(service);
    service.fake.advance(Duration::from_secs(7_200));
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!((caught_up.new, caught_up.gap), (1, false), "{caught_up:?}");
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;

    // From then on from where it was followed last.
    platform.a.update("cus_1", json!({"name": "lost"})).unwrap();
    platform.a.delete("cus_2").unwrap();
    platform
        .a
        .create("coupon", json!({"id": "SPRING"}))
        .unwrap();
    lose(service);
    service.fake.advance(Duration::from_secs(3 * DAY));
    service.fake.reset_requests();
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!(caught_up.new, 3, "{caught_up:?}");
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;
    platform.assert_truth::<AccountCoupon>().await;
    let mut asked = platform.asked_as("/v1/events");
    asked.sort();
    let mut expected = [service.fake.id().to_owned(), "acct_a".to_owned()];
    expected.sort();
    assert_eq!(asked, expected, "of another account nothing is known");
    let listed = live
        .events(&EventFilter::new().kind("coupon.*"))
        .await
        .unwrap();
    assert_eq!(listed[0].account, "acct_a");
    assert_eq!(listed[0].source, Source::Listed);
    assert_eq!(live.catch_up().await.unwrap().new, 0);
}

pub(crate) async fn an_account_that_was_disconnected_does_not_stop_the_others(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    all_are_known(&platform, &live).await;
    service.fake.disconnect_account("acct_a").unwrap();
    for account in [&platform.b, &service.fake] {
        account.update("cus_1", json!({"name": "lost"})).unwrap();
    }
    lose(service);
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!(caught_up.new, 2, "{caught_up:?}");
    let [(account, error)] = &caught_up.failed[..] else {
        panic!("{caught_up:?}");
    };
    assert_eq!(account, "acct_a");
    assert!(error.to_string().contains("acct_a"), "{error}");
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;
}

pub(crate) async fn an_account_that_was_named_is_followed(service: &Service) {
    let platform = Platform::start(service).await;
    // The own account's name changes nothing.
    let live = platform.builder().accounts(["acct_b", service.fake.id()]);
    let live = live.build().unwrap();
    service.fake.set_now(super::service::chrono_now());
    live.catch_up().await.unwrap();
    for account in [&platform.a, &platform.b] {
        account.create("customer", json!({"id": "cus_1"})).unwrap();
    }
    lose(service);
    service.fake.reset_requests();
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!(caught_up.new, 1, "{caught_up:?}");
    process(&live).await;
    let rows = "SELECT COUNT(*) FROM account_customers WHERE account = 'acct_b'";
    assert_eq!(service.number(rows).await, 1);
    assert_eq!(platform.asked_as("/v1/events").len(), 2);

    // One whose rows came by a backfill is known by its table.
    let stripe = service.syncer.stripe().for_account("acct_a");
    let of_a = stripe_sync::Syncer::new(stripe, service.database.store());
    of_a.sync_all::<AccountCustomer>().await.unwrap();
    live.catch_up().await.unwrap();
    platform.a.update("cus_1", json!({"name": "lost"})).unwrap();
    lose(service);
    live.catch_up().await.unwrap();
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;
}

pub(crate) async fn accounts_whose_events_nobody_takes_are_not_followed(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    all_are_known(&platform, &live).await;
    // Its tables are of one account, and it has no handlers.
    let live = platform.secrets(service.builder()).build().unwrap();
    service.fake.reset_requests();
    live.catch_up().await.unwrap();
    assert_eq!(platform.asked_as("/v1/events"), [service.fake.id()]);
    let live = live_with_handler(&platform);
    live.catch_up().await.unwrap();
    assert_eq!(platform.asked_as("/v1/events").len(), 1 + 3);
}

fn live_with_handler(platform: &Platform<'_>) -> Live {
    let builder = platform.secrets(platform.service.builder());
    builder.on("*", |_| async { Ok(()) }).build().unwrap()
}

pub(crate) async fn a_gap_of_a_connected_account_is_swept_as_that_account(service: &Service) {
    let platform = Platform::start(service).await;
    // A model of one account is of the key's own.
    let live = platform.builder().model::<super::service::Coupon>();
    let live = live.build().unwrap();
    all_are_known(&platform, &live).await;
    for account in platform.all() {
        account
            .update("cus_1", json!({"name": "forgotten"}))
            .unwrap();
        account.create("customer", json!({"id": "cus_2"})).unwrap();
    }
    lose(service);
    service.fake.advance(Duration::from_secs(40 * DAY));
    service.fake.reset_requests();
    let caught_up = live.catch_up().await.unwrap();
    assert!(
        caught_up.gap && caught_up.failed.is_empty(),
        "{caught_up:?}"
    );
    assert_eq!(caught_up.reports.len(), 4 + 3 + 3, "{caught_up:?}");
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;
    platform.assert_truth::<AccountSubscription>().await;
    let mut asked = platform.asked_as("/v1/customers");
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 3, "each as itself: {asked:?}");
    assert!(!live.catch_up().await.unwrap().gap);
}

pub(crate) async fn the_service_follows_connected_accounts(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().catch_up_every(Duration::from_millis(20));
    let live = live.build().unwrap();
    all_are_known(&platform, &live).await;
    let running = tokio::spawn(live.clone().run());
    platform.a.update("cus_1", json!({"name": "lost"})).unwrap();
    service
        .fake
        .update("cus_1", json!({"name": "lost"}))
        .unwrap();
    lose(service);
    let brought = "SELECT COUNT(*) FROM account_customers WHERE name = 'lost'";
    let limit = Duration::from_secs(60);
    let waited = tokio::time::timeout(limit, async {
        while service.number(brought).await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.expect("both are brought by the lists");
    running.abort();
    drop(running.await);
    platform.assert_truth::<AccountCustomer>().await;
}
