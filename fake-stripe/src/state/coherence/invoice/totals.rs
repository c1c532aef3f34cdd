//! The sums of an invoice: of its lines, of what is due, and of what was paid.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::invoice::lines;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in, integer};

/// The sums of the lines.
pub(super) fn totals(draft: &mut Draft<'_>, lines: &[Value]) {
    let subtotal = match draft
        .given_integer("subtotal")
        .or(draft.given_integer("total"))
    {
        Some(subtotal) => subtotal,
        None => lines.iter().fold(0, |sum: i64, line| {
            sum.saturating_add(integer(line, "amount"))
        }),
    };
    draft.set("subtotal", subtotal);
    let taxes = lines.iter().flat_map(|line| {
        line.get("taxes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    });
    let tax: i64 = taxes.map(|tax| integer(tax, "amount")).sum();
    if tax == 0 {
        draft.set("total_taxes", json!([]));
    } else {
        draft.set("total_taxes", json!([{
            "amount": tax, "tax_behavior": "exclusive", "tax_rate_details": null, "taxability_reason": "standard_rated",
            "taxable_amount": subtotal, "type": "tax_rate_details",
        }]));
    }
    let (subtotal, off) = (
        draft.integer("subtotal"),
        sum_of(draft, "total_discount_amounts"),
    );
    draft.set("subtotal_excluding_tax", subtotal);
    let taxes = sum_of(draft, "total_taxes");
    let total = subtotal
        .saturating_add(taxes)
        .saturating_sub(off)
        .saturating_add(draft.integer("amount_shipping"));
    draft.set("total", total);
    draft.set(
        "total_excluding_tax",
        draft.integer("total").saturating_sub(taxes),
    );
}

fn sum_of(draft: &Draft<'_>, member: &str) -> i64 {
    let entries = draft.members.get(member).and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .map(|entry| integer(entry, "amount"))
        .sum()
}

/// What is due, was paid, and remains.
pub(super) fn amounts(draft: &mut Draft<'_>) {
    let status = text(draft, "status");
    draft.set("amount_due", draft.integer("total").max(0));
    let due = draft.integer("amount_due");
    let remaining = draft.given_integer("amount_remaining");
    let paid = match remaining {
        Some(remaining) => due - remaining,
        None if status == "paid" => due,
        None => 0,
    };
    draft.set("amount_paid", paid);
    draft.set(
        "amount_remaining",
        due.saturating_sub(draft.integer("amount_paid")),
    );
}

/// The totals of an invoice whose lines changed.
pub(crate) fn recount(world: &mut World<'_>, invoice: &Value) -> Result<(), FakeError> {
    let id = id_in(invoice, "id").unwrap_or_default();
    let lines = lines::lines_of(world, id);
    let subtotal = lines.iter().fold(0, |sum: i64, line| {
        sum.saturating_add(integer(line, "amount"))
    });
    if subtotal == integer(invoice, "subtotal") {
        return Ok(());
    }
    let more = subtotal - integer(invoice, "subtotal");
    let total = integer(invoice, "total").saturating_add(more);
    let due = total.max(0);
    let is_paid = invoice.get("status") == Some(&json!("paid"));
    let paid = if is_paid {
        due
    } else {
        integer(invoice, "amount_paid")
    };
    world.amend(id, &json!({
        "subtotal": subtotal, "subtotal_excluding_tax": integer(invoice, "subtotal_excluding_tax").saturating_add(more),
        "total": total, "total_excluding_tax": integer(invoice, "total_excluding_tax").saturating_add(more),
        "amount_due": due, "amount_paid": paid, "amount_remaining": due - paid,
    }))
}
