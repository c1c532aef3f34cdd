//! Schedules of subscriptions: their phases, and the subscription that they are of.

use serde_json::{Value, json};

use crate::clock;
use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::sales::item;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, id_in, integer};

/// Months of a phase.
const PHASE: i64 = 12;
/// Days until a schedule begins that has not begun.
const DAYS_AHEAD: i64 = 30;

/// A schedule with one phase.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    world.customer(draft)?;
    let status = world.weighted(&[
        ("active", 6),
        ("not_started", 2),
        ("released", 1),
        ("canceled", 1),
    ]);
    draft.set("status", status);
    let status = text(draft, "status");
    let created = draft.created;
    let at = |is_so: bool| if is_so { json!(created) } else { Value::Null };
    draft.set("canceled_at", at(status == "canceled"));
    draft.set("completed_at", at(status == "completed"));
    draft.set("released_at", at(status == "released"));
    let begins = match status.as_str() {
        "not_started" => world.now().max(created) + DAYS_AHEAD * DAY,
        _ => created,
    };
    let mut ends = clock::months_after(begins, PHASE);
    let mut months = PHASE;
    while ends <= world.now() {
        months += PHASE;
        ends = clock::months_after(begins, months);
    }
    let phase = json!({ "start_date": begins, "end_date": ends });
    draft.set(
        "current_phase",
        if status == "active" {
            phase
        } else {
            Value::Null
        },
    );
    draft.set("end_behavior", "release");
    draft.set("billing_mode", json!({ "type": "flexible", "flexible": { "proration_discounts": "included" }, "updated_at": created }));
    draft.set("default_settings", json!({
        "application_fee_percent": null, "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor": "automatic", "billing_thresholds": null, "collection_method": "charge_automatically",
        "default_payment_method": null, "description": null,
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "days_until_due": null, "description": null, "footer": null,
            "issuer": { "type": "self" },
        },
        "on_behalf_of": null, "transfer_data": null,
    }));
    draft.clear(&["application", "customer_account", "test_clock"]);
    let subscription = subscription(world, draft, &status)?;
    let (id, row) = match &subscription {
        Some(subscription) => (
            subscription.get("id").cloned().unwrap_or_default(),
            subscription
                .get("items")
                .and_then(|items| items.get("data")?.get(0).cloned()),
        ),
        None => (Value::Null, None),
    };
    let is_released = status == "released";
    draft.set(
        "released_subscription",
        if is_released { id.clone() } else { Value::Null },
    );
    draft.set("subscription", if is_released { Value::Null } else { id });
    let row = match row {
        Some(row) => row,
        None => {
            let wanted = item::Wanted {
                kind: Some("recurring"),
                currency: None,
            };
            let price = item::price(world, created, &wanted)?;
            json!({ "price": price, "quantity": 1 })
        }
    };
    let price = row.get("price").cloned().unwrap_or_default();
    let id = id_in(&price, "id");
    draft.set("phases", json!([{
        "start_date": begins, "end_date": ends, "currency": price.get("currency"), "proration_behavior": "create_prorations",
        "items": [{ "price": id, "plan": id, "quantity": integer(&row, "quantity").max(1), "metadata": {} }],
        "metadata": {},
    }]));
    Ok(())
}

/// The subscription of a schedule that has begun.
fn subscription(
    world: &mut World<'_>,
    draft: &Draft<'_>,
    status: &str,
) -> Result<Option<Value>, FakeError> {
    if draft.is_given("subscription") || draft.is_given("released_subscription") {
        return Ok(world.neighbour_of(draft, "subscription", "subscription"));
    }
    if !matches!(status, "active" | "released") {
        return Ok(None);
    }
    let schedule = (status == "active").then_some(draft.id);
    let given = json!({
        "customer": draft.members.get("customer"), "status": "active", "schedule": schedule,
    });
    world.make("subscription", draft.created, given).map(Some)
}
