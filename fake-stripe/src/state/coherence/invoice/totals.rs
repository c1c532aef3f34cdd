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
    draft.set(
        "total_taxes",
        total_taxes(lines.iter().map(tax_of).sum(), subtotal),
    );
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

/// The tax of a line.
fn tax_of(line: &Value) -> i64 {
    let taxes = line.get("taxes").and_then(Value::as_array);
    let taxes = taxes.into_iter().flatten();
    taxes.map(|tax| integer(tax, "amount")).sum()
}

fn total_taxes(tax: i64, subtotal: i64) -> Value {
    match tax {
        0 => json!([]),
        _ => json!([{
            "amount": tax, "tax_behavior": "exclusive", "tax_rate_details": null, "taxability_reason": "standard_rated",
            "taxable_amount": subtotal, "type": "tax_rate_details",
        }]),
    }
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

/// The totals of a draft out of which a line was taken.
pub(crate) fn without(world: &mut World<'_>, line: &Value) -> Result<(), FakeError> {
    let Some(invoice) = world.neighbour(line, "invoice", "invoice") else {
        return Ok(());
    };
    recount(world, &invoice)?;
    let tax = tax_of(line);
    let Some(invoice) = world
        .neighbour(line, "invoice", "invoice")
        .filter(|_| tax != 0)
    else {
        return Ok(());
    };
    let id = id_in(&invoice, "id").unwrap_or_default();
    let left: i64 = lines::lines_of(world, id).iter().map(tax_of).sum();
    let total = integer(&invoice, "total").saturating_sub(tax);
    let due = total.max(0);
    world.amend(id, &json!({
        "total_taxes": total_taxes(left, integer(&invoice, "subtotal")), "total": total, "amount_due": due,
        "amount_remaining": due.saturating_sub(integer(&invoice, "amount_paid")),
    }))
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
