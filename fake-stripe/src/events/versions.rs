//! Objects in the shape of an older API version: what webhook endpoints of that version get.

use serde_json::{Map, Value, json};

/// From this release on a subscription's period is in its items, and an invoice names its subscription under `parent`.
const BASIL: &str = "2025-03-31";
/// From this release on a discount and a promotion code name their coupon one level deeper.
const CLOVER: &str = "2025-09-30";
/// Characters of the date that a version begins with.
const DATE: usize = 10;

/// Brings an event and everything in it into the shape of `version`, as far as the fake knows the difference: the periods of
/// subscriptions, the links between invoices, subscriptions, charges and payment intents, and the coupons of discounts.
pub(crate) fn render_event(event: &mut Value, version: &str) {
    if let Some(members) = event.as_object_mut() {
        members.insert("api_version".to_owned(), version.into());
    }
    let Some(data) = event.get_mut("data") else {
        return;
    };
    let is_old_subscription =
        kind_of(data.get("object")) == "subscription" && is_before(version, BASIL);
    if let Some(Value::Object(previous)) = data.get_mut("previous_attributes") {
        if is_old_subscription {
            // Old values have no `object` that says what they are of.
            lift_period(previous);
        }
        for member in previous.values_mut() {
            downgrade(member, version);
        }
    }
    if let Some(object) = data.get_mut("object") {
        downgrade(object, version);
    }
    if is_old_subscription {
        drop_equal_period(data);
    }
}

fn kind_of(object: Option<&Value>) -> &str {
    object
        .and_then(|object| object.get("object")?.as_str())
        .unwrap_or_default()
}

fn is_before(version: &str, release: &str) -> bool {
    version.get(..DATE).is_some_and(|date| date < release)
}

/// Changes an object and all objects in it.
fn downgrade(value: &mut Value, version: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| downgrade(item, version)),
        Value::Object(members) => {
            let kind = members
                .get("object")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            if is_before(version, BASIL) {
                before_basil(&kind, members);
            }
            if is_before(version, CLOVER) {
                before_clover(&kind, members);
            }
            members
                .values_mut()
                .for_each(|member| downgrade(member, version));
        }
        _ => {}
    }
}

fn before_basil(kind: &str, members: &mut Map<String, Value>) {
    match kind {
        "subscription" => lift_period(members),
        "subscription_item" => {
            for name in PERIOD {
                members.remove(name);
            }
        }
        "invoice" => {
            let parent = members.remove("parent").unwrap_or_default();
            let link = |path: &str| parent.pointer(path).cloned().unwrap_or_default();
            let paid = members.get("status").and_then(Value::as_str) == Some("paid");
            for (name, value) in [
                ("subscription", link("/subscription_details/subscription")),
                ("quote", link("/quote_details/quote")),
                ("paid", json!(paid)),
                ("payment_intent", Value::Null),
                ("charge", Value::Null),
            ] {
                members.insert(name.to_owned(), value);
            }
            members.remove("payments");
        }
        "charge" | "payment_intent" => {
            members.insert("invoice".to_owned(), Value::Null);
        }
        _ => {}
    }
}

fn before_clover(kind: &str, members: &mut Map<String, Value>) {
    let holder = match kind {
        "discount" => "source",
        "promotion_code" => "promotion",
        _ => return,
    };
    let holder = members.remove(holder).unwrap_or_default();
    let coupon = holder.get("coupon").cloned().unwrap_or_default();
    members.insert("coupon".to_owned(), coupon);
}

const PERIOD: [&str; 2] = ["current_period_start", "current_period_end"];

/// Takes the period out of a subscription's items and gives it to the subscription.
fn lift_period(subscription: &mut Map<String, Value>) {
    let items = subscription
        .get_mut("items")
        .and_then(|items| items.get_mut("data")?.as_array_mut());
    let mut lifted = Vec::new();
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        for name in PERIOD {
            lifted.extend(item.remove(name).map(|value| (name, value)));
        }
    }
    for (name, value) in lifted {
        // All items of an old subscription have one period.
        subscription.entry(name).or_insert(value);
    }
}

/// A period that was computed from the items' old values and did not change is no change.
fn drop_equal_period(data: &mut Value) {
    let now: Vec<Value> = PERIOD
        .iter()
        .map(|name| data["object"][*name].clone())
        .collect();
    let Some(Value::Object(previous)) = data.get_mut("previous_attributes") else {
        return;
    };
    for (name, now) in PERIOD.iter().zip(now) {
        if previous.get(*name) == Some(&now) {
            previous.remove(*name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(version: &str, object: Value, previous: Value) -> Value {
        let mut event = json!({ "object": "event", "api_version": "2026-10-28.endive",
            "data": { "object": object, "previous_attributes": previous } });
        render_event(&mut event, version);
        assert_eq!(event["api_version"], version);
        event["data"].take()
    }

    #[test]
    fn a_subscription_s_period_moves() {
        let item = |end: i64| json!({ "object": "list", "data": [{ "object": "subscription_item", "current_period_end": end }] });
        let subscription = json!({ "object": "subscription", "items": item(2) });
        let old = at(
            "2024-06-20",
            subscription.clone(),
            json!({ "items": item(1) }),
        );
        assert_eq!(old["object"]["current_period_end"], 2);
        assert_eq!(
            old["object"]["items"]["data"][0]["current_period_end"],
            Value::Null
        );
        assert_eq!(old["previous_attributes"]["current_period_end"], 1);
        let same = at(
            "2024-06-20",
            subscription.clone(),
            json!({ "items": item(2) }),
        );
        assert_eq!(
            same["previous_attributes"]["current_period_end"],
            Value::Null
        );
        for version in ["2025-03-31.basil", "2026-10-28.endive"] {
            let new = at(version, subscription.clone(), json!({}));
            assert_eq!(new["object"], subscription);
        }
    }

    #[test]
    fn invoices_and_coupons() {
        let invoice = json!({ "object": "invoice", "status": "paid",
            "parent": { "subscription_details": { "subscription": "sub_1" } } });
        let old = at("2025-02-24.acacia", invoice, json!({}));
        assert_eq!(old["object"]["subscription"], "sub_1");
        assert_eq!(old["object"]["paid"], true);
        assert_eq!(old["object"].get("payment_intent"), Some(&Value::Null));
        assert_eq!(old["object"].get("parent"), None);
        let code = json!({ "object": "promotion_code", "promotion": { "type": "coupon", "coupon": "c1" } });
        assert_eq!(
            at("2025-08-27.basil", code.clone(), json!({}))["object"]["coupon"],
            "c1"
        );
        assert_eq!(
            at("2025-09-30.clover", code.clone(), json!({}))["object"],
            code
        );
    }
}
