//! Processes with different models on one database, as while a new version is rolled out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{EventFilter, EventState, Live, WaitOutcome};
use stripe_sync::webhook::WebhookSecret;

use super::handlers::{AUDIT, auditing_of};
use super::owners::Account;
use super::platform::Platform;
use super::service::{Coupon, Customer, Service, deliver, deliver_all, process};

/// A process of the version before, which does not mirror coupons.
fn old(service: &Service) -> Live {
    Live::builder(service.syncer.clone())
        .model::<Customer>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap()
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
    assert_eq!(wait.await.unwrap(), WaitOutcome::TimedOut);
    assert_eq!(process(&old).await.objects, 0);
    // A process with the model may stand still for long.
    let days = |days: i64| {
        let millis = days * 86_400_000;
        format!("UPDATE stripe_sync_work SET since = since - {millis}, due_at = due_at - {millis}")
    };
    service.run(&days(29)).await;
    assert_eq!(process(&old).await.objects, 0);
    service.run(&days(1)).await;
    let processed = old.drain().await.unwrap();
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

/// An event about a connected account is the account's for a process that does not mirror accounts, and the platform's
/// for one that does.
pub(crate) async fn an_event_that_two_versions_put_elsewhere_is_one(service: &Service) {
    let platform = Platform::start(service).await;
    service.run(AUDIT).await;
    service.syncer.ensure_table::<Account>().await.unwrap();
    let old = platform.builder();
    let old = auditing_of("account.*", service, old, Arc::default())
        .build()
        .unwrap();
    let new = platform.builder().model::<Account>();
    let new = auditing_of("account.*", service, new, Arc::default())
        .build()
        .unwrap();
    service.syncer.sync_all::<Account>().await.unwrap();
    drop(service.fake.take_deliveries());
    let update = async |country: &str| {
        service
            .fake
            .update("acct_a", json!({"country": country}))
            .unwrap();
        service.fake.take_deliveries()
    };
    let mut events = 0;
    let countries = ["CH", "AT", "DE", "FR"].into_iter();
    for (country, first, second, between) in countries
        .zip([
            (&old, &new, false),
            (&new, &old, false),
            (&old, &new, true),
            (&new, &old, true),
        ])
        .map(|(country, (first, second, between))| (country, first, second, between))
    {
        let deliveries = update(country).await;
        assert_eq!(deliveries.len(), 1);
        for delivery in &deliveries {
            assert_eq!(deliver(first, delivery).await, 200);
            if between {
                process(first).await;
            }
            assert_eq!(deliver(second, delivery).await, 200);
        }
        process(&old).await;
        process(&new).await;
        events += 1;
        assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, events);
        service.assert_truth::<Account>().await;
        // What comes once more costs no more reads, once the event is where the new version has it.
        for delivery in &deliveries {
            assert_eq!(deliver(&new, delivery).await, 200);
        }
        process(&new).await;
        let reads = service.requests("/v1/accounts/{id}");
        for delivery in &deliveries {
            assert_eq!(deliver(&new, delivery).await, 200);
            assert_eq!(deliver(&old, delivery).await, 200);
        }
        process(&new).await;
        process(&old).await;
        assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, events);
        assert_eq!(service.requests("/v1/accounts/{id}"), reads, "{country}");
    }
}
