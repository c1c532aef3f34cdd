//! The invoices that a new subscription has.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::invoice::{lines, wording};
use crate::state::coherence::subscription::{item, period};
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, integer};

/// The invoice of the current period, and that of the first.
pub(super) fn invoices(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    prices: &[(Value, i64)],
) -> Result<(), FakeError> {
    if draft.is_given("latest_invoice") {
        return Ok(());
    }
    let status = text(draft, "status");
    let invoice_status = match status.as_str() {
        "past_due" | "incomplete" => "open",
        "unpaid" => "draft",
        "incomplete_expired" => "void",
        _ => "paid",
    };
    let first = prices.first().map(|(price, _)| price);
    let (mut start, mut end) = period(world, draft, first);
    let is_trial = matches!(status.as_str(), "trialing" | "paused");
    if is_trial || status.starts_with("incomplete") {
        // The first is the last.
        (start, end) = item::nth_period(draft.created, first, 0);
    }
    if is_trial && draft.integer("trial_end") > start {
        end = draft.integer("trial_end");
    }
    // Amounts of nothing are paid as soon as the invoice is finalized.
    let is_free = prices
        .iter()
        .all(|(price, _)| integer(price, "unit_amount") == 0);
    let owes = matches!(status.as_str(), "past_due" | "unpaid" | "incomplete");
    let invoice_status = if is_free && owes && !draft.is_given("status") {
        draft.set("status", "active");
        "paid"
    } else {
        invoice_status
    };
    let is_renewal = start > draft.created;
    if is_renewal && world.past {
        let first = item::nth_period(draft.created, first, 0);
        let given = invoice_of(world, draft, prices, (first, None), "paid");
        world.make("invoice", draft.created, given)?;
    }
    let before = is_renewal.then(|| {
        let nth = item::nth_at(draft.created, first, start);
        item::nth_period(draft.created, first, nth - 1)
    });
    let given = invoice_of(world, draft, prices, ((start, end), before), invoice_status);
    let at = start.clamp(draft.created, world.now().max(draft.created));
    let invoice = world.make("invoice", at, given)?;
    draft.set(
        "latest_invoice",
        invoice.get("id").cloned().unwrap_or_default(),
    );
    let is_late = matches!(draft.text("status"), Some("past_due" | "unpaid"));
    match draft.id_in("customer") {
        Some(id) if is_late && world.value("customer", &id).is_some() => {
            world.amend(&id, &json!({ "delinquent": true }))
        }
        _ => Ok(()),
    }
}

/// A period, and the one before if there was one.
type Periods = ((i64, i64), Option<(i64, i64)>);

/// The invoice of a period.
fn invoice_of(
    world: &World<'_>,
    draft: &mut Draft<'_>,
    prices: &[(Value, i64)],
    ((start, end), before): Periods,
    status: &str,
) -> Value {
    let ids: Vec<Value> = {
        let rows = draft.rows_of("items").and_then(|rows| rows.clone());
        rows.into_iter()
            .flatten()
            .map(|row| row.get("id").cloned().unwrap_or_default())
            .collect()
    };
    let is_trial = matches!(draft.text("status"), Some("trialing" | "paused"));
    let lines: Vec<Value> = prices
        .iter()
        .enumerate()
        .map(|(nth, (price, quantity))| {
            let amount = if is_trial { 0 } else { integer(price, "unit_amount").saturating_mul(*quantity) };
            let mut pricing = lines::pricing(price);
            if let (true, Some(members)) = (is_trial, pricing.as_object_mut()) {
                members.insert("unit_amount_decimal".to_owned(), "0".into());
            }
            json!({
                "amount": amount, "quantity": quantity, "period": { "start": start, "end": end },
                "pricing": pricing, "description": wording::line(world, price, *quantity, is_trial),
                "parent": {
                    "type": "subscription_item_details", "invoice_item_details": null,
                    "subscription_item_details": {
                        "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
                        "subscription": draft.id, "subscription_item": ids.get(nth),
                    },
                },
                "subscription": draft.id,
            })
        })
        .collect();
    let (from, to) = before.unwrap_or((draft.created, draft.created));
    json!({
        "customer": draft.members.get("customer"), "currency": draft.text("currency"), "status": status,
        "billing_reason": if before.is_none() { "subscription_create" } else { "subscription_cycle" },
        "parent": {
            "type": "subscription_details", "quote_details": null,
            "subscription_details": { "metadata": draft.members.get("metadata"), "subscription": draft.id },
        },
        "collection_method": draft.text("collection_method"), "lines": lines,
        "period_start": from, "period_end": to, "default_payment_method": null,
    })
}
