//! Quotes: what is offered to a customer, until when, and what came of it.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::{sum, text};
use crate::state::coherence::sales::item;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, customer, id_in};

/// Days in which a quote can be accepted (docs.stripe.com/quotes/create, the default).
const OPEN: i64 = 30 * DAY;
/// An hour after it is made a quote is finalized, and two days later it is accepted.
const HOUR: i64 = 3_600;
const ACCEPTED_AFTER: i64 = 2 * DAY;

/// A quote with what it offers.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let wanted = draft.given_text("currency");
    let customer = world.customer_billed_in(draft, None, wanted.as_deref())?;
    let currency = wanted.or_else(|| customer::billed_in(customer.as_ref()));
    let rows = item::rows(world, draft, currency.as_deref())?;
    if let Some(currency) = rows.iter().find_map(|row| row.get("currency")?.as_str()) {
        draft.set("currency", currency.to_owned());
    }
    draft.set("expires_at", draft.created + OPEN);
    let status = world.weighted(&[("draft", 3), ("open", 3), ("accepted", 3), ("canceled", 2)]);
    let (is_over, is_young) = (
        draft.integer("expires_at") <= world.now(),
        draft.created + HOUR + ACCEPTED_AFTER > world.now(),
    );
    draft.set(
        "status",
        match status {
            // Nobody accepts it any more, and nobody did yet.
            "open" if is_over => "canceled",
            "accepted" if is_young => "draft",
            status => status,
        },
    );
    times(world, draft);
    sums(draft, &rows);
    number(world, draft, customer.as_ref());
    let method = world.weighted(&[("charge_automatically", 8), ("send_invoice", 2)]);
    draft.set("collection_method", method);
    let is_sent = draft.text("collection_method") == Some("send_invoice");
    draft.set("invoice_settings", json!({
        "custom_fields": null, "days_until_due": if is_sent { json!(30) } else { Value::Null }, "description": null,
        "footer": null, "issuer": { "type": "self" },
    }));
    draft.set(
        "automatic_tax",
        json!({ "enabled": false, "liability": null, "provider": null, "status": null }),
    );
    draft.set("discounts", json!([]));
    draft.set("default_tax_rates", json!([]));
    draft.set("subscription_data", json!({
        "billing_mode": { "type": "flexible", "flexible": { "proration_discounts": "included" } }, "description": null, "effective_date": null, "metadata": null,
        "trial_period_days": null,
    }));
    draft.clear(&[
        "application",
        "application_fee_amount",
        "application_fee_percent",
        "customer_account",
        "from_quote",
        "invoice",
        "on_behalf_of",
        "subscription",
        "subscription_schedule",
        "test_clock",
        "transfer_data",
    ]);
    come_of_it(world, draft, &rows)
}

fn times(world: &World<'_>, draft: &mut Draft<'_>) {
    let status = text(draft, "status");
    let by_now = |at: i64| at.min(world.now()).max(draft.created);
    let finalized = by_now(draft.created + HOUR);
    let accepted = by_now(finalized + ACCEPTED_AFTER);
    let canceled = by_now(draft.integer("expires_at").max(finalized));
    let at = |is_so: bool, at: i64| if is_so { json!(at) } else { Value::Null };
    draft.set("status_transitions", json!({
        "accepted_at": at(status == "accepted", accepted), "canceled_at": at(status == "canceled", canceled),
        "finalized_at": at(status != "draft", finalized),
    }));
}

/// What the rows add up to: at once, and of it in each period.
fn sums(draft: &mut Draft<'_>, rows: &[Value]) {
    let details = json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 });
    draft.set("amount_subtotal", sum(rows, "amount_subtotal"));
    draft.set("amount_total", draft.integer("amount_subtotal"));
    draft.set("total_details", details.clone());
    let recurring_of = |row: &Value| row.get("price")?.get("recurring").cloned();
    let is_recurring =
        |row: &&Value| recurring_of(row).is_some_and(|recurring| recurring.is_object());
    let recurring: Vec<&Value> = rows.iter().filter(is_recurring).collect();
    let each = match recurring.first().and_then(|row| recurring_of(row)) {
        Some(first) => json!({
            "amount_subtotal": sum(recurring.iter().copied(), "amount_subtotal"),
            "amount_total": sum(recurring.iter().copied(), "amount_total"),
            "interval": first.get("interval"), "interval_count": first.get("interval_count"), "total_details": details,
        }),
        None => Value::Null,
    };
    draft.set("computed", json!({
        "recurring": each,
        "upfront": {
            "amount_subtotal": draft.integer("amount_subtotal"), "amount_total": draft.integer("amount_total"),
            "total_details": details,
        },
    }));
}

/// The number of a quote that is finalized: of the customer's prefix, and the how many-th it is.
fn number(world: &World<'_>, draft: &mut Draft<'_>, customer: Option<&Value>) {
    if draft.text("status") == Some("draft") {
        draft.set("number", Value::Null);
        return;
    }
    let id = customer.and_then(|customer| id_in(customer, "id"));
    let before = id.map_or(0, |id| world.count_with("quote", "customer", id));
    let prefix = customer.and_then(|customer| customer.get("invoice_prefix")?.as_str());
    let number = match prefix {
        Some(prefix) => format!("QT-{prefix}-{:04}-1", before + 1),
        None => format!("QT-{:04}-1", before + 1),
    };
    draft.set("number", number);
}

/// The subscription or the invoice of an accepted quote.
fn come_of_it(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    rows: &[Value],
) -> Result<(), FakeError> {
    let is_there = draft.is_given("subscription") || draft.is_given("invoice");
    if draft.text("status") != Some("accepted") || is_there || rows.is_empty() {
        return Ok(());
    }
    let times = draft.members.get("status_transitions");
    let at = times.and_then(|times| times.get("accepted_at")?.as_i64());
    let at = at.unwrap_or(draft.created);
    let is_recurring = draft
        .members
        .get("computed")
        .is_some_and(|computed| computed.get("recurring").is_some_and(Value::is_object));
    let customer = draft.members.get("customer").cloned();
    if is_recurring {
        let items: Vec<Value> = rows
            .iter()
            .map(|row| json!({ "price": row.get("price"), "quantity": row.get("quantity") }))
            .collect();
        let given = json!({
            "customer": customer, "status": "active", "items": items, "collection_method": draft.text("collection_method"),
        });
        let subscription = world.make("subscription", at, given)?;
        draft.set(
            "subscription",
            subscription.get("id").cloned().unwrap_or_default(),
        );
        return Ok(());
    }
    let lines: Vec<Value> = rows
        .iter()
        .map(|row| {
            let pricing = row.get("price").map(crate::state::coherence::invoice::lines::pricing);
            json!({
                "amount": row.get("amount_total"), "quantity": row.get("quantity"), "pricing": pricing,
                "description": row.get("description"),
            })
        })
        .collect();
    let given = json!({
        "customer": customer, "currency": draft.text("currency"), "lines": lines, "billing_reason": "quote_accept",
        "collection_method": draft.text("collection_method"), "status": "paid",
        "parent": { "type": "quote_details", "quote_details": { "quote": draft.id }, "subscription_details": null },
    });
    let invoice = world.make("invoice", at, given)?;
    draft.set("invoice", invoice.get("id").cloned().unwrap_or_default());
    Ok(())
}
