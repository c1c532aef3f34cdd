//! The point up to which Stripe's list of events was followed nears the days that Stripe remembers.

use serde_json::json;
use stripe_sync::live::{Alarm, Live};
use stripe_sync::testing::CannedAnswer;

use crate::platform::Platform;
use crate::service::{Customer, Service};

use super::{DAY, Told};

const RAISED: [&str; 1] = ["follow_point_old raised"];
const CLEARED: [&str; 1] = ["follow_point_old cleared"];
const NOTHING: [&str; 0] = [];
const EVENTS: &str = "/v1/events";

/// The list of an account was followed so many days earlier than it was.
async fn earlier(service: &Service, account: &str, days: i64) {
    let seconds = days * 86_400;
    let earlier = format!(
        "UPDATE stripe_sync_cursors SET value = value - {seconds} WHERE name = 'followed' AND account = '{account}'"
    );
    service.run(&earlier).await;
}

pub(crate) async fn a_list_that_is_not_followed_is_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    let own = service.fake.id();
    live.catch_up().await.unwrap();
    earlier(service, own, 24).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    earlier(service, own, 2).await;
    assert_eq!(told.after_check(&live).await, RAISED);
    let alarm = super::only(&live).await;
    let Alarm::FollowPointOld {
        account,
        accounts,
        age,
        ..
    } = &alarm
    else {
        panic!("expected an old follow point, got {alarm}");
    };
    assert_eq!((&**account, *accounts), (own, 1));
    assert!(*age >= 26 * DAY && *age < 27 * DAY, "{age:?}");
    let health = live.health().await.unwrap();
    assert!(health.follow_point_age[own] >= 26 * DAY);
    // What cannot be followed stays so.
    service
        .fake
        .answer_with(EVENTS, 1, CannedAnswer::new(500, "{}"));
    live.catch_up().await.unwrap_err();
    assert_eq!(told.after_check(&live).await, NOTHING);
    live.catch_up().await.unwrap();
    assert_eq!(told.after_check(&live).await, CLEARED);
    let age = live.health().await.unwrap().follow_point_age[own];
    assert!(age < DAY, "{age:?}");
}

pub(crate) async fn a_service_that_never_followed_a_list_is_silent(service: &Service) {
    let told = Told::default();
    let live = Live::builder(service.syncer.clone()).model::<Customer>();
    let live = told.of(live.catch_up_every(None));
    assert_eq!(told.after_check(&live).await, NOTHING);
    assert!(live.health().await.unwrap().follow_point_age.is_empty());
}

pub(crate) async fn of_accounts_that_left_no_list_is_missed(service: &Service) {
    let platform = Platform::start(service).await;
    let told = Told::default();
    // One list after the other.
    let live = told.of(platform.builder().concurrency(1));
    for account in platform.all() {
        account.create("customer", json!({})).unwrap();
    }
    platform.deliver(&live).await;
    live.catch_up().await.unwrap();
    service.fake.disconnect_account("acct_a").unwrap();
    for account in ["acct_a", "acct_b"] {
        earlier(service, account, 26).await;
    }
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!(caught_up.failed.len(), 1, "{caught_up:?}");
    assert_eq!(told.after_check(&live).await, NOTHING);

    // The list of the other one fails, that of the platform does not.
    earlier(service, "acct_b", 26).await;
    let empty = json!({"object": "list", "url": EVENTS, "has_more": false, "data": []});
    let answers = [(200, empty.to_string()), (500, "{}".to_owned())];
    for (status, body) in answers {
        let answer = CannedAnswer::new(status, body);
        service.fake.answer_with(EVENTS, 1, answer);
    }
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!(caught_up.failed.len(), 2, "{caught_up:?}");
    assert_eq!(told.after_check(&live).await, RAISED);
    let alarm = super::only(&live).await;
    let Alarm::FollowPointOld {
        account, accounts, ..
    } = &alarm
    else {
        panic!("expected an old follow point, got {alarm}");
    };
    assert_eq!((&**account, *accounts), ("acct_b", 1));
    let ages = live.health().await.unwrap().follow_point_age;
    assert!(
        ages["acct_b"] >= 26 * DAY && !ages.contains_key("acct_a"),
        "{ages:?}"
    );
    live.catch_up().await.unwrap();
    assert_eq!(told.after_check(&live).await, CLEARED);
}
