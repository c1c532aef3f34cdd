//! Reads whose answers are written some changes later.

use fastrand::Rng;
use serde_json::json;
use stripe_sync::StripeObject;

use crate::filters::{Active, Hard};
use crate::service::{Coupon, Customer, Service};

/// A read of a subscription whose answer is written some changes later.
pub(super) async fn slow_read(
    service: &Service,
    id: Option<&String>,
    slow: &mut Vec<StripeObject>,
) {
    let Some(id) = id else { return };
    let token = service.syncer.start_read().await.unwrap();
    let object = service.fake.get(id).unwrap().to_string();
    let object = StripeObject::from_json(object).unwrap();
    slow.push(object.read_since(token));
}

/// Some subscriptions leave the filter while they are read slowly: some that have rows, and some that never had one.
pub(super) async fn leave_at_last(service: &Service, slow: &mut Vec<StripeObject>, rng: &mut Rng) {
    let customer = service.fake.create("customer", json!({})).unwrap();
    let new = json!({"status": "active", "customer": customer["id"]});
    let new = service.fake.create("subscription", new).unwrap();
    let mut ids: Vec<String> = service.rows("active").await.into_keys().collect();
    ids.retain(|_| rng.bool());
    ids.push(new["id"].as_str().unwrap().to_owned());
    slow.clear();
    for id in &ids {
        slow_read(service, Some(id), slow).await;
        let left = json!({"status": "past_due"});
        service.fake.update(id, left).unwrap();
    }
}

/// Objects are deleted while they are read slowly: two that no row is of, and a chosen id that is of another object then.
pub(super) async fn go_at_last(service: &Service, slow: &mut Vec<StripeObject>) {
    let fake = &service.fake;
    for object in ["customer", "coupon"] {
        let made = fake.create(object, json!({"name": "gone"})).unwrap();
        let id = made["id"].as_str().unwrap().to_owned();
        slow_read(service, Some(&id), slow).await;
        fake.delete(&id).unwrap();
    }
    let id = "chosen_0".to_owned();
    if fake.get(&id).is_none() {
        fake.create("coupon", json!({"id": id})).unwrap();
    }
    slow_read(service, Some(&id), slow).await;
    fake.delete(&id).unwrap();
    fake.create("coupon", json!({"id": id, "name": "another"}))
        .unwrap();
}

/// Writes what slow reads found, unless the faults keep it from being read again.
pub(super) async fn end_slow_reads(service: &Service, slow: &mut Vec<StripeObject>) {
    for object in slow.drain(..) {
        // An object of another resource is refused.
        drop(service.syncer.sync::<Active>(object.clone()).await);
        drop(service.syncer.sync::<Hard>(object.clone()).await);
        drop(service.syncer.sync::<Customer>(object.clone()).await);
        drop(service.syncer.sync::<Coupon>(object).await);
    }
}
