//! Members of an object that have to agree with each other.

use serde_json::{Map, Value, json};

use crate::data::index::ResourceIndex;
use crate::generate::Maker;

/// Brings the members of a made-up object in line with each other and with what the test gave. What it gave stays.
pub(crate) fn make_coherent(
    index: &ResourceIndex,
    members: &mut Map<String, Value>,
    given: &Map<String, Value>,
    maker: &mut Maker<'_>,
) {
    let set = |members: &mut Map<String, Value>, name: &str, value: Value| {
        if !given.contains_key(name) {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |members: &Map<String, Value>, name: &str| {
        members.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    for link in index
        .parent_links
        .iter()
        .filter(|link| link.text && link.walked)
    {
        if let Some(field) = link.field {
            let parent = maker.reference(&[link.parent]);
            set(members, field, parent);
        }
    }
    match index.object {
        "subscription" => {
            let created = maker.created;
            let ended = matches!(
                text(members, "status").as_deref(),
                Some("canceled" | "incomplete_expired")
            );
            let end = if ended {
                json!(created + 1)
            } else {
                Value::Null
            };
            set(members, "ended_at", end.clone());
            set(members, "canceled_at", end);
        }
        "price" => {
            if text(members, "type").as_deref() == Some("one_time") {
                set(members, "recurring", Value::Null);
            } else if members.get("recurring").is_none_or(Value::is_null) {
                let recurring = json!({
                    "interval": "month", "interval_count": 1, "meter": null, "trial_period_days": null, "usage_type": "licensed",
                });
                set(members, "recurring", recurring);
            }
            // An amount that is not integral has only the decimal form.
            if let Some(decimal) = text(members, "unit_amount_decimal") {
                set(
                    members,
                    "unit_amount",
                    decimal.parse::<i64>().map_or(Value::Null, Value::from),
                );
            } else if let Some(amount) = members.get("unit_amount").and_then(Value::as_i64) {
                set(members, "unit_amount_decimal", amount.to_string().into());
            }
        }
        "payment_method" => {
            // An unattached one is hidden from every list: only a test that wants one makes one.
            let stored = maker
                .partition
                .collection("customer")
                .is_some_and(|collection| collection.len() > 0);
            let customer = if stored {
                maker.reference(&["customer"])
            } else {
                Value::Null
            };
            set(members, "customer", customer);
        }
        "tax_id" => {
            let customers = maker
                .partition
                .collection("customer")
                .is_some_and(|collection| collection.len() > 0);
            let of_customer = given
                .get("customer")
                .map_or(customers && maker.rng.bool(), |customer| {
                    !customer.is_null()
                });
            if of_customer {
                let customer = maker.reference(&["customer"]);
                set(members, "customer", customer);
                let owner = json!({ "type": "customer", "customer": members.get("customer") });
                set(members, "owner", owner);
            } else {
                set(members, "customer", Value::Null);
                set(members, "owner", json!({ "type": "self" }));
            }
        }
        "bank_account" | "card" => {
            // Stripe fills one of the two owners.
            let (filled, other) = if given
                .get("account")
                .is_some_and(|account| !account.is_null())
            {
                ("account", "customer")
            } else {
                ("customer", "account")
            };
            let owner = maker.reference(&[filled]);
            set(members, filled, owner);
            set(members, other, Value::Null);
        }
        "event" => set(members, "pending_webhooks", json!(0)),
        _ => {}
    }
}
