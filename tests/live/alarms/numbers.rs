//! What waits for too long, and what was given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use stripe_sync::live::{Alarm, EventFilter, Live};
use stripe_sync::testing::CannedAnswer;

use crate::service::{Service, deliver_all, process};

use super::{MINUTE, Told};

const NOTHING: [&str; 0] = [];

/// An object waits for so many minutes more than it does, or fewer.
async fn waits(service: &Service, minutes: i64) {
    let millis = minutes * 60_000;
    let waits = format!("UPDATE stripe_sync_work SET since = since - {millis}");
    service.run(&waits).await;
}

pub(crate) async fn objects_that_wait_for_long_are_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    service.fake.create("customer", json!({})).unwrap();
    deliver_all(service, &live).await;
    waits(service, 10).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    waits(service, 10).await;
    assert_eq!(told.after_check(&live).await, ["lag raised"]);
    let alarm = super::only(&live).await;
    let Alarm::Lag { lag, .. } = alarm else {
        panic!("expected a lag, got {alarm}");
    };
    assert!(lag >= 20 * MINUTE, "{lag:?}");
    assert!(live.health().await.unwrap().inbox.lag >= 20 * MINUTE);
    // It comes near to the limit, and is not told again and again.
    waits(service, -10).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    process(&live).await;
    assert_eq!(told.after_check(&live).await, ["lag cleared"]);
}

/// A customer cannot be read, for a service that tries once.
pub(super) async fn dead_letter(service: &Service, live: &Live) {
    let made = service.fake.create("customer", json!({})).unwrap();
    let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
    service
        .fake
        .answer_with(path, 1, CannedAnswer::new(500, "{}"));
    deliver_all(service, live).await;
    assert_eq!(live.drain().await.unwrap().dead, 1);
}

pub(crate) async fn dead_letters_are_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder().max_attempts(1));
    dead_letter(service, &live).await;
    assert_eq!(told.after_check(&live).await, ["dead_letters raised"]);
    dead_letter(service, &live).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    let alarm = super::only(&live).await;
    assert!(
        matches!(alarm, Alarm::DeadLetters { events: 2, .. }),
        "{alarm}"
    );
    assert_eq!(live.health().await.unwrap().inbox.dead, 2);
    live.replay(&EventFilter::new()).await.unwrap();
    process(&live).await;
    assert_eq!(told.after_check(&live).await, ["dead_letters cleared"]);
}

pub(crate) async fn calls_that_were_given_up_are_an_alarm(service: &Service) {
    let told = Told::default();
    let fails = Arc::new(AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let builder = service
        .builder()
        .max_attempts(1)
        .on("customer.*", move |_| {
            let fails = failing.load(Ordering::Relaxed);
            async move { if fails { Err("not now".into()) } else { Ok(()) } }
        });
    let live = told.of(builder);
    service.fake.create("customer", json!({})).unwrap();
    deliver_all(service, &live).await;
    assert_eq!(live.drain().await.unwrap().never_delivered, 1);
    assert_eq!(told.after_check(&live).await, ["never_delivered raised"]);
    let alarm = super::only(&live).await;
    assert!(
        matches!(alarm, Alarm::NeverDelivered { calls: 1, .. }),
        "{alarm}"
    );
    assert_eq!(live.health().await.unwrap().inbox.never_delivered, 1);
    fails.store(false, Ordering::Relaxed);
    live.redeliver().await.unwrap();
    assert_eq!(live.drain().await.unwrap().delivered, 1);
    assert_eq!(told.after_check(&live).await, ["never_delivered cleared"]);
}

pub(crate) async fn each_process_tells_by_the_same_key(service: &Service) {
    let (told, others) = (Told::default(), Told::default());
    let live = told.of(service.builder().max_attempts(1));
    let other = others.of(service.builder());
    dead_letter(service, &live).await;
    let raised = ["dead_letters raised"];
    assert_eq!(told.after_check(&live).await, raised);
    assert_eq!(others.after_check(&other).await, raised);
    // After a restart too.
    drop(live);
    let live = told.of(service.builder());
    assert_eq!(told.after_check(&live).await, raised);
    live.replay(&EventFilter::new()).await.unwrap();
    process(&live).await;
    let cleared = ["dead_letters cleared"];
    assert_eq!(told.after_check(&live).await, cleared);
    assert_eq!(others.after_check(&other).await, cleared);
}
