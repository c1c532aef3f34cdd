//! Subscriptions: their items, their period, their latest invoice, their end.

pub(crate) mod arrears;
mod billing;
pub(crate) mod item;

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::customer;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, id_in, refused};

const STATUSES: [(&str, u32); 8] = [
    ("active", 74),
    ("canceled", 13),
    ("trialing", 5),
    ("past_due", 4),
    ("unpaid", 1),
    ("incomplete", 1),
    ("incomplete_expired", 1),
    ("paused", 1),
];
/// Statuses that a subscription leaves no more.
const LAST: [&str; 2] = ["canceled", "incomplete_expired"];
/// Days of a trial.
const TRIAL: i64 = 14 * DAY;
/// Of the subscriptions, this many of 100 have a second item.
const SECOND_ITEM: u8 = 8;

/// A subscription to prices of one currency and interval.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let wanted = given_currency(world, draft)?;
    let customer = world.customer_billed_in(draft, None, wanted.as_deref())?;
    let currency = wanted.or_else(|| customer::billed_in(customer.as_ref()));
    let prices = prices(world, draft, currency)?;
    name_items(world, draft);
    let status = if draft.given.get("cancel_at_period_end") == Some(&json!(true)) {
        "active"
    } else if draft.is_given_some("ended_at") {
        "canceled"
    } else if draft.is_given_some("trial_end") {
        "trialing"
    } else {
        status_at(world.weighted(&STATUSES), world.now() - draft.created)
    };
    draft.set("status", status);
    if let Some(currency) = prices.iter().find_map(|(price, _)| price.get("currency")) {
        draft.set("currency", currency.clone());
    }
    customer::bill(world, customer.as_ref(), draft.text("currency"))?;
    let method = world.weighted(&[("charge_automatically", 92), ("send_invoice", 8)]);
    draft.set("collection_method", method);
    let days = if draft.text("collection_method") == Some("send_invoice") {
        json!(30)
    } else {
        Value::Null
    };
    draft.set("days_until_due", days);
    let created = draft.created;
    draft.set("start_date", created);
    draft.set("billing_cycle_anchor", created);
    draft.set(
        "automatic_tax",
        json!({ "disabled_reason": null, "enabled": false, "liability": null }),
    );
    draft.set("billing_mode", json!({ "type": "flexible", "flexible": { "proration_discounts": "included" }, "updated_at": created }));
    draft.set("discounts", json!([]));
    draft.set("default_tax_rates", json!([]));
    draft.set("invoice_settings", json!({ "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": { "type": "self" } }));
    draft.set("payment_settings", json!({ "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off" }));
    let is_paused = draft.text("status") == Some("paused");
    let without = if is_paused { "pause" } else { "create_invoice" };
    draft.set(
        "trial_settings",
        json!({ "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": without } }),
    );
    draft.clear(&[
        "application",
        "application_fee_percent",
        "billing_cycle_anchor_config",
        "billing_thresholds",
        "default_source",
        "next_pending_invoice_item_invoice",
        "on_behalf_of",
        "pause_collection",
        "pending_invoice_item_interval",
        "pending_setup_intent",
        "pending_update",
        "schedule",
        "test_clock",
        "transfer_data",
        "customer_account",
        "managed_payments",
    ]);
    draft.omit(&[
        "billing_schedules",
        "presentment_details",
        "status_details",
        "managed_payments",
        "customer_account",
    ]);
    trial(draft);
    end(world, draft, created);
    if !draft.is_given("default_payment_method") {
        let method = match customer.as_ref().and_then(|customer| id_in(customer, "id")) {
            Some(id) if !is_paused && world.per_cent(40) => {
                world.payment_method(Some(id), created)?.get("id").cloned()
            }
            _ => None,
        };
        draft.set("default_payment_method", method.unwrap_or_default());
    }
    billing::invoices(world, draft, &prices)
}

/// What has become of a subscription with a status that does not last, after so many seconds.
fn status_at(status: &'static str, age: i64) -> &'static str {
    match status {
        "trialing" if age >= TRIAL => "active",
        // A subscription pauses when its trial ends without a payment method.
        "paused" if age < TRIAL => "trialing",
        // The first payment has 23 hours (docs.stripe.com/billing/subscriptions/overview).
        "incomplete" if age >= DAY => "incomplete_expired",
        _ => status,
    }
}

/// The currency that the test gave: itself, or with a price. A price that is not recurring is refused before anything is made.
fn given_currency(world: &World<'_>, draft: &mut Draft<'_>) -> Result<Option<String>, FakeError> {
    let mut currency = draft.given_text("currency");
    let rows = draft.rows_of("items").and_then(|rows| rows.clone());
    for row in rows.into_iter().flatten() {
        let stored = world.neighbour(&row, "price", "price");
        let Some(price) = stored.as_ref().or(row.get("price")) else {
            continue;
        };
        item::is_recurring(price)?;
        currency = currency.or_else(|| Some(price.get("currency")?.as_str()?.to_owned()));
    }
    Ok(currency)
}

/// The prices and quantities of the items. What was given stays; items that nobody gave are made of a recurring price.
fn prices(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    currency: Option<String>,
) -> Result<Vec<(Value, i64)>, FakeError> {
    let given = draft.rows_of("items").and_then(|rows| rows.clone());
    if let Some(rows) = given {
        let found = rows.iter().filter_map(|row| {
            let price = world
                .neighbour(row, "price", "price")
                .or_else(|| row.get("price").cloned())?;
            let quantity = row.get("quantity").and_then(Value::as_i64).unwrap_or(1);
            Some((price, quantity))
        });
        return Ok(found.collect());
    }
    let created = draft.created;
    let first = item::recurring(world, created, currency.as_deref(), None)?;
    let mut chosen = vec![first];
    if world.per_cent(SECOND_ITEM) {
        let like = chosen.first().cloned();
        let second = item::recurring(world, created, currency.as_deref(), like.as_ref())?;
        if id_in(&second, "id") != chosen.first().and_then(|price| id_in(price, "id")) {
            chosen.push(second);
        }
    }
    let mut prices = Vec::new();
    for price in chosen {
        let quantity = if world.per_cent(80) {
            1
        } else {
            world.rng().i64(2..=20)
        };
        prices.push((price, quantity));
    }
    let rows = prices
        .iter()
        .map(|(price, quantity)| json!({ "price": price, "quantity": quantity }))
        .collect();
    if let Some(items) = draft.rows_of("items") {
        *items = Some(rows);
    }
    Ok(prices)
}

/// The items have their ids before the invoice that names them.
fn name_items(world: &mut World<'_>, draft: &mut Draft<'_>) {
    let rows = draft.rows_of("items").and_then(|rows| rows.as_mut());
    for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
        let id = row.entry("id").or_insert(Value::Null);
        if id.is_null() {
            *id = world.new_id("subscription_item").into();
        }
    }
}

/// The start and the end of a trial, both or none.
fn trial(draft: &mut Draft<'_>) {
    let created = draft.created;
    if matches!(draft.text("status"), Some("trialing" | "paused")) {
        draft.set("trial_start", created);
        draft.set("trial_end", created + TRIAL);
    } else {
        draft.clear(&["trial_start", "trial_end"]);
    }
    if draft.is_given_some("trial_end") && draft.is_null("trial_start") {
        draft.set("trial_start", created);
    }
}

/// When and why it ends, or will.
fn end(world: &World<'_>, draft: &mut Draft<'_>, created: i64) {
    let status = text(draft, "status");
    let ended = (created + DAY).min(world.now()).max(created);
    let is_over = LAST.contains(&status.as_str());
    let at = |is_so: bool| if is_so { json!(ended) } else { Value::Null };
    draft.set("ended_at", at(is_over));
    draft.set("cancel_at_period_end", false);
    let will_end = draft.members.get("cancel_at_period_end") == Some(&json!(true)) && !is_over;
    draft.set("canceled_at", at(is_over || will_end));
    let until = period(world, draft, None).1;
    draft.set(
        "cancel_at",
        if will_end { json!(until) } else { Value::Null },
    );
    let reason = if is_over || will_end {
        json!("cancellation_requested")
    } else {
        Value::Null
    };
    draft.set(
        "cancellation_details",
        json!({ "comment": null, "feedback": null, "feedback_option": null, "reason": reason }),
    );
}

/// The current period: of the given price, or of what the items say.
fn period(world: &World<'_>, draft: &Draft<'_>, price: Option<&Value>) -> (i64, i64) {
    let first = draft
        .rows
        .iter()
        .find(|(embedded, _)| embedded.field == "items");
    let row = first.and_then(|(_, rows)| rows.as_ref()?.first());
    let own = row.and_then(|row| row.get("price"));
    let until = match draft.members.get("ended_at").and_then(Value::as_i64) {
        Some(ended) => ended,
        None => world.now(),
    };
    item::current_period(draft.created, price.or(own), until)
}

/// A subscription that is to end, goes on after all, or ends.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    let was = before
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let now = world.now();
    /// Members whose change would bring an ended subscription back.
    const REVIVING: [&str; 5] = [
        "cancel_at_period_end",
        "cancel_at",
        "items",
        "trial_end",
        "pause_collection",
    ];
    let is_revived = REVIVING.iter().any(|name| draft.is_given(name));
    if LAST.contains(&was) && (draft.text("status") != Some(was) || is_revived) {
        return Err(refused(
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    let will_end = |value: Option<&Value>| value == Some(&json!(true));
    let (before_end, after_end) = (
        will_end(before.get("cancel_at_period_end")),
        will_end(draft.members.get("cancel_at_period_end")),
    );
    if after_end && !before_end {
        draft.set("cancel_at", period_end(before));
        draft.set("canceled_at", now);
        draft.set(
            "cancellation_details",
            json!({ "comment": null, "feedback": null, "feedback_option": null, "reason": "cancellation_requested" }),
        );
    } else if before_end && !after_end && draft.text("status") != Some("canceled") {
        draft.clear(&["cancel_at", "canceled_at"]);
        draft.set(
            "cancellation_details",
            json!({ "comment": null, "feedback": null, "feedback_option": null, "reason": null }),
        );
    }
    if draft.text("status") != Some(was) && LAST.contains(&draft.text("status").unwrap_or_default())
    {
        draft.set(
            "canceled_at",
            before
                .get("canceled_at")
                .cloned()
                .filter(|at| !at.is_null())
                .unwrap_or_else(|| now.into()),
        );
        draft.set("ended_at", now);
        draft.set(
            "cancellation_details",
            json!({ "comment": null, "feedback": null, "feedback_option": null, "reason": "cancellation_requested" }),
        );
    }
    if draft.is_given_some("trial_end") && draft.is_null("trial_start") {
        draft.set("trial_start", now.min(draft.integer("trial_end") - 1));
    }
    arrears::change(world, draft, before)
}

/// The end of the current period, as the items say.
fn period_end(subscription: &Value) -> Value {
    let items = subscription
        .get("items")
        .and_then(|items| items.get("data")?.as_array());
    let ends = items
        .into_iter()
        .flatten()
        .filter_map(|item| item.get("current_period_end")?.as_i64());
    ends.max().map_or(Value::Null, Value::from)
}
