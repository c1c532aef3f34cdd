//! Deliveries in any order, any number and any age. Traps 7, 8, 9, 12, 13, 16, 17 and 20.

use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState};

use super::service::{Coupon, Customer, Service, Subscription, URL, deliver, process};

pub(crate) async fn any_order_and_any_number_of_deliveries_end_at_the_truth(service: &Service) {
    let live = service.live();
    for seed in 0..4 {
        println!("seed {seed}");
        let mut rng = Rng::with_seed(seed);
        for number in 0..12 {
            let email = json!({"email": format!("{seed}.{number}@example.com")});
            service.fake.create("customer", email).unwrap();
            let ids = service.fake.ids("customer");
            let id = rng.choice(&ids).unwrap();
            // Two in one second: their events cannot be told apart by their time.
            service.fake.update(id, json!({"name": "a"})).unwrap();
            service
                .fake
                .update(id, json!({"name": format!("{number}")}))
                .unwrap();
            if number % 5 == 4 {
                service.fake.delete(id).unwrap();
            }
            if rng.bool() {
                service.fake.advance(Duration::from_secs(1));
            }
        }
        let mut deliveries = service.fake.take_deliveries();
        deliveries.extend(deliveries.clone());
        rng.shuffle(&mut deliveries);
        for some in deliveries.chunks(7) {
            let answers = join_all(some.iter().map(|one| deliver(&live, one))).await;
            assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
            if rng.u8(0..4) == 0 {
                process(&live).await;
            }
        }
        process(&live).await;
        service.assert_truth::<Customer>().await;
    }
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (0, 0), "{counts:?}");
    assert!(counts.done > 100, "{counts:?}");
}

pub(crate) async fn a_delivery_of_three_days_ago_is_only_a_notice(service: &Service) {
    let live = service.live();
    let made = service
        .fake
        .create("customer", json!({"email": "old@example.com"}));
    let made = made.unwrap();
    let late = service.fake.take_deliveries();
    service.fake.advance(Duration::from_secs(3 * 86_400));
    let id = made["id"].as_str().unwrap();
    service
        .fake
        .update(id, json!({"email": "new@example.com"}))
        .unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    process(&live).await;
    for delivery in &late {
        assert_eq!(deliver(&live, delivery).await, 200);
    }
    process(&live).await;
    service.assert_truth::<Customer>().await;
    let sql = "SELECT COUNT(*) FROM customers WHERE email = 'new@example.com'";
    assert_eq!(service.number(sql).await, 1);
}

pub(crate) async fn a_late_update_does_not_bring_a_deleted_object_back(service: &Service) {
    let live = service.live();
    // A deleted customer is a stub, a deleted coupon is not found, and its row is removed.
    for object in ["customer", "coupon"] {
        let made = service.fake.create(object, json!({})).unwrap();
        let id = made["id"].as_str().unwrap();
        service.fake.update(id, json!({"name": "late"})).unwrap();
        let late = service.fake.take_deliveries();
        service.fake.delete(id).unwrap();
        for delivery in service.fake.take_deliveries() {
            deliver(&live, &delivery).await;
        }
        process(&live).await;
        for delivery in &late {
            deliver(&live, delivery).await;
            process(&live).await;
        }
    }
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Coupon>().await;
    assert_eq!(service.number("SELECT COUNT(*) FROM coupons").await, 0);
}

pub(crate) async fn a_payload_of_another_version_is_not_what_is_written(service: &Service) {
    let live = service.live();
    let old = service.fake.webhook_endpoint(URL).events(["*"]);
    let old = old.api_version("2024-06-20").create().unwrap();
    service.fake.remove_endpoint(&service.endpoint.id).unwrap();
    let secret = stripe_sync::webhook::WebhookSecret::new(&old.secret).unwrap();
    let live_old = service.builder().secret(secret).build().unwrap();
    let customer = service.fake.create("customer", json!({})).unwrap();
    let subscription = json!({"customer": customer["id"]});
    service.fake.create("subscription", subscription).unwrap();
    let deliveries = service.fake.take_deliveries();
    let of_subscription = |event: &Value| {
        event["data"]["object"]["object"] == "subscription"
            && event["data"]["object"].get("current_period_end").is_some()
    };
    assert!(
        deliveries.iter().any(|one| of_subscription(&one.event())),
        "the endpoint's version shows in its payloads"
    );
    for delivery in &deliveries {
        // Signed with the secret of the other endpoint only.
        assert_eq!(deliver(&live, delivery).await, 400);
        assert_eq!(deliver(&live_old, delivery).await, 200);
    }
    process(&live_old).await;
    service.assert_truth::<Subscription>().await;
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn an_object_that_was_never_seen_is_inserted(service: &Service) {
    let live = service.live();
    let ids = service.fake.generate("customer", 3).unwrap();
    drop(service.fake.take_deliveries());
    service
        .fake
        .update(&ids[1], json!({"name": "first seen"}))
        .unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    let processed = process(&live).await;
    assert_eq!((processed.objects, processed.requests), (1, 1));
    assert_eq!(service.number("SELECT COUNT(*) FROM customers").await, 1);
}

pub(crate) async fn unknown_events_are_kept_and_answered(service: &Service) {
    let live = service.live();
    service
        .fake
        .create("product", json!({"name": "not mirrored"}))
        .unwrap();
    let mut deliveries = service.fake.take_deliveries();
    let mut unknown = deliveries[0].clone();
    unknown.body = json!({
        "id": "evt_unknown", "object": "event", "type": "foo.bar.created", "created": 1, "livemode": false,
        "data": {"object": {"id": "foo_1", "object": "foo.bar", "field": [1, null]}}
    })
    .to_string()
    .into();
    deliveries.push(unknown);
    for delivery in &deliveries {
        assert_eq!(deliver(&live, delivery).await, 200);
    }
    assert_eq!(process(&live).await.objects, 0);
    let ignored = EventFilter::new().state(EventState::Ignored);
    let kept = live.events(&ignored).await.unwrap();
    assert_eq!(kept.len(), deliveries.len());
    let of_a_type = live
        .events(&EventFilter::new().kind("foo.*"))
        .await
        .unwrap();
    assert_eq!(of_a_type[0].id, "evt_unknown");
    assert!(
        of_a_type[0].payload.starts_with(b"{"),
        "it is kept as it came"
    );
}

/// Trap 20 in small; the benchmark has 5,000 events.
pub(crate) async fn a_burst_about_few_objects_costs_few_reads(service: &Service) {
    let live = service.live();
    let ids = service.fake.generate("customer", 10).unwrap();
    drop(service.fake.take_deliveries());
    for number in 0..30 {
        for id in &ids {
            service
                .fake
                .update(id, json!({"name": format!("{number}")}))
                .unwrap();
        }
    }
    let deliveries = service.fake.take_deliveries();
    assert_eq!(deliveries.len(), 300);
    for some in deliveries.chunks(20) {
        join_all(some.iter().map(|one| deliver(&live, one))).await;
    }
    let processed = process(&live).await;
    assert_eq!((processed.events, processed.objects), (300, 10));
    assert_eq!(service.requests("/v1/customers/{id}"), 10);
    service.assert_truth::<Customer>().await;
}

/// The same while the service runs: what comes before it is over is not read at once.
pub(crate) async fn a_burst_costs_few_reads_while_the_service_runs(service: &Service) {
    let live = service.live();
    let running = tokio::spawn(live.clone().run());
    let ids = service.fake.generate("customer", 5).unwrap();
    drop(service.fake.take_deliveries());
    let mut last = String::new();
    let began = Instant::now();
    for number in 0..30 {
        for id in &ids {
            let name = json!({"name": format!("{number}")});
            service.fake.update(id, name).unwrap();
        }
        for delivery in service.fake.take_deliveries() {
            last = delivery.event()["id"].as_str().unwrap().to_owned();
            assert_eq!(deliver(&live, &delivery).await, 200);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // One at once and one at the end; on a slow machine an object may seem quiet between two of its events.
    let most = ids.len() * (2 + (began.elapsed().as_millis() / 500) as usize);
    let limit = Duration::from_secs(20);
    assert!(live.wait_for(&last, limit).await.unwrap());
    while live.counts().await.unwrap().pending > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    service.assert_truth::<Customer>().await;
    let reads = service.requests("/v1/customers/{id}");
    assert!(
        reads <= most,
        "{reads} reads for 150 events, at most {most}"
    );
    // Objects of which nothing is told any more are not remembered.
    let waited = "SELECT COUNT(*) FROM stripe_sync_work";
    for _ in 0..200 {
        if service.number(waited).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(service.number(waited).await, 0);
    running.abort();
}

pub(crate) async fn an_event_about_a_child_reads_its_parent(service: &Service) {
    let live = service.live();
    let made = service
        .fake
        .create("customer", json!({"name": "a"}))
        .unwrap();
    let mut delivery = service.fake.take_deliveries().remove(0);
    delivery.body = json!({
        "id": "evt_child", "object": "event", "type": "customer.source.created", "created": 1, "livemode": false,
        "data": {"object": {"id": "card_1", "object": "card", "customer": made["id"]}}
    })
    .to_string()
    .into();
    assert_eq!(deliver(&live, &delivery).await, 200);
    let processed = process(&live).await;
    assert_eq!((processed.objects, processed.events), (1, 1));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn an_event_of_the_other_mode_is_left_alone(service: &Service) {
    let live = service.live();
    service.fake.create("customer", json!({})).unwrap();
    let mut delivery = service.fake.take_deliveries().remove(0);
    let mut event = delivery.event();
    event["livemode"] = true.into();
    delivery.body = event.to_string().into();
    assert_eq!(deliver(&live, &delivery).await, 200);
    assert_eq!(process(&live).await.objects, 0);
    assert!(live.events(&EventFilter::new()).await.unwrap().is_empty());
}
