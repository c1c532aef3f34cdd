//! What happens at Stripe.

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::testing::FakeError;

use super::parents;
use crate::service::Service;

/// Ids of coupons that come again: few, so that they do.
const CHOSEN: usize = 3;
/// The price of every subscription. It does not change: a changed price shows in subscriptions of which no event tells.
pub(super) const KEPT: &str = "price_kept";

/// Makes what changes need.
pub(crate) fn prepare(service: &Service) {
    let kept =
        json!({"id": KEPT, "type": "recurring", "billing_scheme": "per_unit", "active": true});
    service.fake.create("price", kept).unwrap();
}

/// One change at Stripe.
pub(crate) fn change(service: &Service, rng: &mut Rng) {
    if rng.u8(0..3) == 0 {
        return parents::change(service, rng);
    }
    let object = [
        "customer",
        "coupon",
        "subscription",
        "subscription",
        "price",
    ][rng.usize(0..5)];
    let mut ids = service.fake.ids(object);
    if object == "price" {
        // A strange object may have brought a subscription of its own.
        let subscriptions = Value::from(service.fake.truth("subscription")).to_string();
        ids.retain(|id| id != KEPT && !subscriptions.contains(&format!("\"{id}\"")));
    }
    let name = json!({"name": rng.choice(["a", "b", "c"])});
    let metadata = json!({"metadata": {"word": rng.choice(["a", "b"])}});
    let chosen = rng.choice(&ids);
    match (object, rng.u8(0..8), chosen) {
        ("subscription", 0..=2, _) | ("subscription", _, None) => {
            let customers = service.fake.ids("customer");
            if let Some(customer) = rng.choice(&customers) {
                let of = json!({"customer": customer, "items": [{"price": KEPT}]});
                service.fake.create("subscription", of).unwrap();
            }
        }
        ("subscription", 3, Some(id)) => unless_refused(service.fake.cancel_subscription(id)),
        ("subscription", 4..=6, Some(id)) => {
            // In and out of the filter, and back again within one second.
            for _ in 0..rng.usize(1..3) {
                let status = rng.choice(["active", "past_due"]);
                let status = json!({"status": status});
                unless_refused(service.fake.update(id, status));
            }
        }
        ("price", 0..=1, _) | ("price", _, None) => {
            let key = rng.choice(["gold", "silver"]);
            let new = json!({"lookup_key": key, "active": true});
            service.fake.create("price", new).unwrap();
        }
        ("price", 2..=4, Some(id)) => {
            let key = json!({"lookup_key": rng.choice(["gold", "silver"])});
            service.fake.update(id, key).unwrap();
        }
        ("price", _, Some(id)) => {
            let nickname = json!({"nickname": rng.choice(["a", "b"])});
            service.fake.update(id, nickname).unwrap();
        }
        ("coupon", 4 | 5, _) => again(service, rng),
        ("coupon" | "customer", 6, _) => never_seen(service, object, rng),
        (_, 0..=1, _) | (_, _, None) => drop(service.fake.create(object, name).unwrap()),
        ("customer" | "coupon", 2, Some(id)) => drop(service.fake.delete(id).unwrap()),
        ("subscription", _, Some(id)) => drop(service.fake.update(id, metadata).unwrap()),
        (_, 3, Some(id)) => {
            // There and back again within one second.
            service.fake.update(id, json!({"name": "x"})).unwrap();
            service.fake.update(id, name).unwrap();
        }
        (_, _, Some(id)) => drop(service.fake.update(id, name).unwrap()),
    }
}

/// What ended stays ended at Stripe.
fn unless_refused(changed: Result<Value, FakeError>) {
    match changed {
        Ok(_) | Err(FakeError::Refused { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

/// A chosen id is made, or deleted and perhaps made again within the second.
fn again(service: &Service, rng: &mut Rng) {
    let id = format!("chosen_{}", rng.usize(0..CHOSEN));
    let is_alive = service.fake.get(&id).is_some();
    if is_alive {
        service.fake.delete(&id).unwrap();
    }
    if !is_alive || rng.bool() {
        let new = json!({"id": id, "name": rng.choice(["a", "b", "c"])});
        service.fake.create("coupon", new).unwrap();
    }
}

/// An object that is gone before anybody has read it, or whose deletion is told of though it never was, or is again.
fn never_seen(service: &Service, object: &str, rng: &mut Rng) {
    if rng.bool() {
        let made = service.fake.create(object, json!({})).unwrap();
        service.fake.delete(made["id"].as_str().unwrap()).unwrap();
    } else {
        let id = format!("chosen_{}", rng.usize(0..CHOSEN));
        let gone = json!({"id": id, "object": object});
        let kind = format!("{object}.deleted");
        service.fake.record_event(&kind, &gone).unwrap();
    }
}
