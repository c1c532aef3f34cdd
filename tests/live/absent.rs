//! Reads that find nothing though no event tells of a deletion.

use serde_json::json;
use stripe_sync::live::EventFilter;
use stripe_sync::testing::CannedAnswer;

use super::service::{Coupon, Customer, Service, deliver_all, process};

/// More reads than any object of these tests gets.
const ALWAYS: u64 = 1_000;

fn missing() -> CannedAnswer {
    let error = json!({"type": "invalid_request_error", "code": "resource_missing", "param": "id"});
    CannedAnswer::new(404, json!({ "error": error }).to_string())
}

pub(crate) async fn an_object_that_cannot_be_read_yet_is_read_again(service: &Service) {
    let live = service.live();
    let new = service.fake.create("customer", json!({})).unwrap();
    let path = format!("/v1/customers/{}", new["id"].as_str().unwrap());
    service.fake.answer_with(path, 1, missing());
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Customer>().await;
    assert_eq!(service.rows("customers").await.len(), 1);
}

/// Ids that the caller chooses come again: in the burst that tells of the deletion, and after it.
pub(crate) async fn an_id_that_comes_again_is_read_again(service: &Service) {
    let live = service.live();
    let path = "/v1/coupons/spring";
    let create = || {
        let new = json!({"id": "spring"});
        service.fake.create("coupon", new).unwrap();
    };
    create();
    deliver_all(service, &live).await;
    process(&live).await;
    service.fake.delete("spring").unwrap();
    create();
    service.fake.answer_with(path, 1, missing());
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Coupon>().await;
    service.fake.delete("spring").unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    assert_eq!(service.rows("coupons").await.len(), 0);
    create();
    service.fake.answer_with(path, 1, missing());
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Coupon>().await;
}

pub(crate) async fn a_deletion_that_an_event_tells_of_costs_one_read(service: &Service) {
    let live = service.live();
    let new = service.fake.create("coupon", json!({"id": "spring"}));
    new.unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    service.fake.delete("spring").unwrap();
    deliver_all(service, &live).await;
    let reads = service.requests("/v1/coupons/{id}");
    process(&live).await;
    assert_eq!(service.requests("/v1/coupons/{id}"), reads + 1);
    assert_eq!(service.rows("coupons").await.len(), 0);
}

/// A key of another account, or an account whose data was deleted, finds nothing at all.
pub(crate) async fn rows_stay_where_nothing_is_found(service: &Service) {
    const COUPONS: usize = 12;
    let live = service.live();
    for number in 0..COUPONS {
        let new = json!({"id": format!("co_{number}")});
        service.fake.create("coupon", new).unwrap();
    }
    deliver_all(service, &live).await;
    process(&live).await;
    for id in service.fake.ids("coupon") {
        service.fake.update(&id, json!({"name": "new"})).unwrap();
        let path = format!("/v1/coupons/{id}");
        service.fake.answer_with(path, ALWAYS, missing());
    }
    deliver_all(service, &live).await;
    let processed = live.drain().await.unwrap();
    assert_eq!(
        (processed.objects, processed.retried),
        (5, 7),
        "{processed:?}"
    );
    assert_eq!(service.rows("coupons").await.len(), COUPONS - 5);
    // What waits is shown, and never a dead letter.
    let dead_after = "UPDATE stripe_sync_work SET due_at = 1, attempts = 11";
    service.run(dead_after).await;
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (7, 0), "{processed:?}");
    let events = live.events(&EventFilter::new()).await.unwrap();
    let waiting = events.iter().filter(|event| {
        let reason = event.reason.as_deref().unwrap_or_default();
        reason.contains("another account")
    });
    assert_eq!(waiting.count(), 7);

    // Something is found again, and then everything that waits.
    service.fake.clear_answers();
    service.fake.create("customer", json!({})).unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    service.run("UPDATE stripe_sync_work SET due_at = 1").await;
    process(&live).await;
    let kept = service.rows("coupons").await;
    assert_eq!(kept.len(), COUPONS - 5);
    assert!(kept.values().all(|row| row["name"] == "new"), "{kept:?}");
    // Those that went come back with a run.
    service.syncer.sync_all::<Coupon>().await.unwrap();
    service.assert_truth::<Coupon>().await;
}
