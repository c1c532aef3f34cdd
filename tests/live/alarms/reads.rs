//! A key that lost a permission, or is no longer one.

use serde_json::json;
use stripe_sync::live::{Alarm, Live};
use stripe_sync::testing::{CannedAnswer, FakeStripeExt as _};
use stripe_sync::{Stripe, Syncer, client::RateBudget};

use crate::service::{Coupon, Customer, Service, deliver_all, process};

use super::{Told, lacks};

const NOTHING: [&str; 0] = [];
const CUSTOMER: &str = "/v1/customers/cus_1";
const EVENTS: &str = "/v1/events";

/// A customer changes, and so does another object.
async fn change(service: &Service, live: &Live) {
    service
        .fake
        .update("cus_1", json!({"name": "new"}))
        .unwrap();
    service.fake.create("coupon", json!({})).unwrap();
    deliver_all(service, live).await;
}

/// What waits for another try is tried now.
async fn try_again(service: &Service) {
    service.run("UPDATE stripe_sync_work SET due_at = 0").await;
}

fn lost(alarm: &Alarm) -> (&str, Option<&str>, &str) {
    let Alarm::PermissionLost {
        object,
        permission,
        account,
        ..
    } = alarm
    else {
        panic!("expected a lost permission, got {alarm}");
    };
    (object, permission.as_deref(), account)
}

pub(crate) async fn a_permission_that_a_key_lost_is_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    let made = json!({"id": "cus_1"});
    service.fake.create("customer", made).unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    assert_eq!(told.after_check(&live).await, NOTHING);

    service
        .fake
        .answer_with(CUSTOMER, 1, lacks("rak_customer_read"));
    change(service, &live).await;
    assert_eq!(live.drain().await.unwrap().retried, 1);
    assert_eq!(
        told.after_check(&live).await,
        ["permission_lost customer raised"]
    );
    let alarm = super::only(&live).await;
    let expected = ("customer", Some("rak_customer_read"), service.fake.id());
    assert_eq!(lost(&alarm), expected);
    assert_eq!(live.health().await.unwrap().refused, 1);
    try_again(service).await;
    process(&live).await;
    assert_eq!(
        told.after_check(&live).await,
        ["permission_lost customer cleared"]
    );
    assert_eq!(live.health().await.unwrap().refused, 0);
}

pub(crate) async fn a_key_that_may_not_read_events_is_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    live.catch_up().await.unwrap();
    service.fake.answer_with(EVENTS, 1, lacks("rak_event_read"));
    live.catch_up().await.unwrap_err();
    assert_eq!(
        told.after_check(&live).await,
        ["permission_lost event raised"]
    );
    live.catch_up().await.unwrap();
    assert_eq!(
        told.after_check(&live).await,
        ["permission_lost event cleared"]
    );
}

/// A service with a key that may read these resources.
fn restricted(service: &Service, told: &Told, objects: &[&str]) -> Live {
    let key = service.fake.add_restricted_key(objects.iter().copied());
    let stripe = Stripe::builder(key.unwrap())
        .base_url(service.fake.base_url())
        .budget(RateBudget::unlimited())
        .max_retries(0)
        .build()
        .unwrap();
    let syncer = Syncer::new(stripe, service.database.store());
    told.of(Live::builder(syncer).model::<Customer>().model::<Coupon>())
}

pub(crate) async fn a_restricted_key_tells_after_each_start(service: &Service) {
    let told = Told::default();
    service
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    for _ in 0..2 {
        let live = restricted(service, &told, &["account", "coupon", "event"]);
        change(service, &service.live()).await;
        try_again(service).await;
        assert_eq!(live.drain().await.unwrap().retried, 1);
        assert_eq!(
            told.after_check(&live).await,
            ["permission_lost customer raised"]
        );
        let alarm = super::only(&live).await;
        assert_eq!(lost(&alarm).1, Some("rak_customer_read"));
    }
    // One that may not ask for its account cannot begin.
    let live = restricted(service, &told, &["customer", "coupon", "event"]);
    live.check_alarms().await.unwrap_err();
    assert_eq!(told.take(), ["key_refused raised"]);
}

pub(crate) async fn a_key_that_is_refused_is_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    live.catch_up().await.unwrap();
    let expired = json!({"error": {
        "type": "invalid_request_error",
        "code": "api_key_expired",
        "message": "Expired API Key provided: sk_test_*********abcd",
    }});
    let expired = CannedAnswer::new(401, expired.to_string());
    service.fake.answer_with(EVENTS, 1, expired.clone());
    live.catch_up().await.unwrap_err();
    assert_eq!(told.after_check(&live).await, ["key_refused raised"]);
    let alarm = super::only(&live).await;
    assert!(alarm.to_string().contains("api_key_expired"), "{alarm}");
    live.catch_up().await.unwrap();
    assert_eq!(told.after_check(&live).await, ["key_refused cleared"]);

    // Already at its start.
    service.fake.answer_with("/v1/account", 1, expired);
    let stripe = service.fake.stripe_builder().max_retries(0).build();
    let syncer = Syncer::new(stripe.unwrap(), service.database.store());
    let live = told.of(Live::builder(syncer));
    live.check_alarms().await.unwrap_err();
    assert_eq!(told.take(), ["key_refused raised"]);
    live.catch_up().await.unwrap();
    assert_eq!(told.after_check(&live).await, ["key_refused cleared"]);
}

pub(crate) async fn what_a_gateway_refuses_is_silent(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    live.catch_up().await.unwrap();
    service
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    deliver_all(service, &live).await;
    let answers = [403, 404, 429, 500].map(|status| CannedAnswer::new(status, "<html></html>"));
    for answer in answers {
        for path in [CUSTOMER, EVENTS] {
            service.fake.answer_with(path, 1, answer.clone());
        }
        try_again(service).await;
        live.drain().await.unwrap();
        live.catch_up().await.unwrap_err();
        assert_eq!(told.after_check(&live).await, NOTHING);
    }
}
