//! Processes with different models on one database, as while a new version is rolled out.

use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{Awaited, EventFilter, EventState, Live, WebhookSecret};

use super::service::{Coupon, Customer, Service, deliver_all, process};

/// A process of the version before, which does not mirror coupons.
fn old(service: &Service) -> Live {
    Live::builder(service.syncer.clone())
        .model::<Customer>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
}

pub(crate) async fn a_process_leaves_objects_to_those_that_mirror_them(service: &Service) {
    let (old, new) = (old(service), service.live());
    service.fake.create("coupon", json!({"name": "a"})).unwrap();
    service.fake.create("customer", json!({})).unwrap();
    deliver_all(service, &new).await;
    assert_eq!(process(&old).await.objects, 1);
    assert_eq!(old.counts().await.unwrap().pending, 1);
    service.assert_truth::<Customer>().await;
    assert_eq!(process(&new).await.objects, 1);
    service.assert_truth::<Coupon>().await;
}

pub(crate) async fn what_an_older_process_ignored_is_found_in_the_list(service: &Service) {
    let (old, new) = (old(service), service.live());
    new.catch_up().await.unwrap();
    service.fake.create("coupon", json!({"name": "a"})).unwrap();
    deliver_all(service, &old).await;
    assert_eq!(old.counts().await.unwrap().ignored, 1);
    process(&new).await;
    new.catch_up().await.unwrap();
    assert_eq!(process(&new).await.objects, 1);
    service.assert_truth::<Coupon>().await;
    let counts = new.counts().await.unwrap();
    assert_eq!((counts.ignored, counts.done), (0, 1));
}

pub(crate) async fn what_nobody_mirrors_any_more_becomes_a_dead_letter(service: &Service) {
    let (old, new) = (old(service), service.live());
    service.fake.create("coupon", json!({"name": "a"})).unwrap();
    deliver_all(service, &new).await;
    let made = service.fake.create("coupon", json!({"name": "b"})).unwrap();
    let waited_for = made["id"].as_str().unwrap();
    let wait = new.wait_for_object::<Coupon>(waited_for, Duration::ZERO);
    assert_eq!(wait.await.unwrap(), Awaited::TimedOut);
    assert_eq!(process(&old).await.objects, 0);
    // A process with the model may stand still for long.
    let days = |days: i64| {
        let millis = days * 86_400_000;
        format!("UPDATE stripe_sync_work SET since = since - {millis}")
    };
    service.run(&days(29)).await;
    assert_eq!(process(&old).await.objects, 0);
    service.run(&days(1)).await;
    let processed = old.process_due().await.unwrap();
    assert_eq!((processed.objects, processed.dead), (0, 2));
    let dead = EventFilter::new().state(EventState::Dead);
    let dead = new.events(&dead).await.unwrap();
    assert_eq!(dead.len(), 1);
    let reason = dead[0].reason.as_deref();
    assert_eq!(reason, Some("no process mirrors `coupon`"));
    // It was not lost.
    let dead = EventFilter::new().state(EventState::Dead);
    assert_eq!(new.replay(&dead).await.unwrap(), 1);
    process(&new).await;
    assert_eq!(service.number("SELECT COUNT(*) FROM coupons").await, 1);
}
