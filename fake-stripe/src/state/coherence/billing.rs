//! Credit notes.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::sum;
use crate::state::coherence::invoice;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in, integer, refused, stays_final};

/// A credit note over an invoice, or over a part of it.
pub(crate) fn credit_note(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let invoice = if draft.is_given("invoice") {
        world.neighbour_of(draft, "invoice", "invoice")
    } else {
        let created = draft.created;
        let fits = |invoice: &Value| {
            let paid_at = invoice
                .get("status_transitions")
                .and_then(|times| times.get("paid_at")?.as_i64());
            paid_at.is_some_and(|at| at <= created) && left_of(invoice) > 0
        };
        match world.some("invoice", created, fits) {
            Some(invoice) => Some(invoice),
            None => {
                let given = json!({ "status": "paid", "lines": [{}] });
                Some(invoice::finalized_by(world, created, given)?)
            }
        }
    };
    let Some(invoice) = invoice else {
        return Ok(());
    };
    may_credit(draft, &invoice)?;
    for (member, of) in [
        ("invoice", "id"),
        ("customer", "customer"),
        ("currency", "currency"),
    ] {
        draft.set(member, invoice.get(of).cloned().unwrap_or_default());
    }
    let lines = draft.rows_of("lines").and_then(|rows| rows.clone());
    let amount = match (
        draft
            .given_integer("amount")
            .or(draft.given_integer("total")),
        &lines,
    ) {
        (Some(amount), _) => amount,
        (None, Some(lines)) => sum(lines, "amount"),
        (None, None) => left_of(&invoice),
    };
    let rows = match lines {
        Some(_) => None,
        None => Some(rows_of(world, draft, &invoice, amount)),
    };
    if let (Some(new), Some(rows)) = (rows, draft.rows_of("lines")) {
        *rows = Some(new);
    }
    for member in [
        "amount",
        "subtotal",
        "total",
        "subtotal_excluding_tax",
        "total_excluding_tax",
    ] {
        draft.set(member, amount);
    }
    for member in ["discount_amount", "amount_shipping"] {
        draft.set(member, 0);
    }
    for member in [
        "discount_amounts",
        "pretax_credit_amounts",
        "refunds",
        "total_taxes",
    ] {
        draft.set(member, json!([]));
    }
    let is_paid = invoice.get("status") == Some(&json!("paid"));
    draft.set(
        "type",
        if is_paid {
            "post_payment"
        } else {
            "pre_payment"
        },
    );
    draft.set("post_payment_amount", if is_paid { amount } else { 0 });
    draft.set("pre_payment_amount", if is_paid { 0 } else { amount });
    draft.set("status", "issued");
    let created = draft.created;
    draft.set("effective_at", created);
    let is_void = draft.text("status") == Some("void");
    draft.set(
        "voided_at",
        if is_void { json!(created) } else { Value::Null },
    );
    let invoice_id = id_in(&invoice, "id").unwrap_or_default();
    let before = world.count_with("credit_note", "invoice", invoice_id);
    let of = invoice.get("number").and_then(Value::as_str);
    draft.set(
        "number",
        format!("{}-CN-{:02}", of.unwrap_or("0000"), before + 1),
    );
    let pdf = format!(
        "https://pay.stripe.com/credit_notes/{}/{}/pdf",
        world.scope.account, draft.id
    );
    draft.set("pdf", pdf);
    draft.set("reason", "product_unsatisfactory");
    draft.set(
        "out_of_band_amount",
        if is_paid { json!(amount) } else { Value::Null },
    );
    draft.clear(&[
        "customer_balance_transaction",
        "shipping_cost",
        "customer_account",
        "memo",
    ]);
    Ok(())
}

/// Stripe credits what was finalized and is not given back yet.
fn may_credit(draft: &Draft<'_>, invoice: &Value) -> Result<(), FakeError> {
    let id = id_in(invoice, "id").unwrap_or_default();
    let status = invoice.get("status").and_then(Value::as_str);
    if let Some(status @ ("draft" | "void")) = status {
        return Err(refused(format!(
            "Invoice {id} is {status}: credit notes are for finalized invoices."
        )));
    }
    let left = match status {
        Some("open") => integer(invoice, "amount_remaining"),
        _ => left_of(invoice),
    };
    match draft.given_integer("amount") {
        Some(amount) if amount > left && draft.given_text("status").as_deref() != Some("void") => {
            Err(refused(format!(
                "The credit note of {amount} is above what is left of invoice {id}, which is {left}."
            )))
        }
        _ => Ok(()),
    }
}

/// A credit note that is voided, which Stripe does while its invoice is open.
pub(crate) fn change_credit_note(
    world: &World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &["void"], "credit note")?;
    if draft.text("status") != Some("void") || before.get("status") == Some(&json!("void")) {
        return Ok(());
    }
    if draft.text("type") == Some("post_payment") {
        return Err(refused("You can only void credit notes of open invoices."));
    }
    let now = world.now();
    draft.set("voided_at", now);
    Ok(())
}

/// The lines of a credit note: those of an invoice that it takes back as a whole, else one of its own.
fn rows_of(world: &World<'_>, draft: &Draft<'_>, invoice: &Value, amount: i64) -> Vec<Value> {
    let is_asked_for = draft.is_given("amount") || draft.is_given("total");
    let lines = invoice::lines::lines_of(world, id_in(invoice, "id").unwrap_or_default());
    if !is_asked_for && !lines.is_empty() && sum(&lines, "amount") == amount {
        let row = |line: &Value| {
            let quantity = integer(line, "quantity").max(1);
            let (amount, unit) = (integer(line, "amount"), integer(line, "amount") / quantity);
            json!({
                "amount": amount, "description": line.get("description"), "discount_amount": 0, "quantity": quantity,
                "type": "invoice_line_item", "invoice_line_item": id_in(line, "id"), "unit_amount": unit,
                "unit_amount_decimal": unit.to_string(), "taxes": [], "tax_rates": [], "discount_amounts": [],
            })
        };
        return lines.iter().map(row).collect();
    }
    vec![json!({
        "amount": amount, "description": "Credit", "discount_amount": 0, "quantity": 1, "type": "custom_line_item",
        "unit_amount": amount, "unit_amount_decimal": amount.to_string(), "taxes": [], "tax_rates": [],
        "discount_amounts": [],
    })]
}

/// A line of a credit note: of a line of the invoice if it is said so.
pub(crate) fn credit_note_line(draft: &mut Draft<'_>) {
    draft.omit(&["invoice_line_item"]);
    let is_of_line = draft.is_given_some("invoice_line_item");
    draft.set(
        "type",
        if is_of_line {
            "invoice_line_item"
        } else {
            "custom_line_item"
        },
    );
}

/// What of an invoice no credit note took back.
fn left_of(invoice: &Value) -> i64 {
    let back = integer(invoice, "post_payment_credit_notes_amount")
        + integer(invoice, "pre_payment_credit_notes_amount");
    integer(invoice, "total") - back
}

/// The invoice of a credit note says what was credited.
pub(crate) fn follow_credit_note(
    world: &mut World<'_>,
    stored: &Stored<'_>,
) -> Result<(), FakeError> {
    let Some(invoice) = world.neighbour(stored.after, "invoice", "invoice") else {
        return Ok(());
    };
    let id = id_in(&invoice, "id").unwrap_or_default();
    let notes = world.all_with("credit_note", "invoice", id);
    let alive: Vec<&Value> = notes
        .iter()
        .filter(|note| note.get("status") != Some(&json!("void")))
        .collect();
    let (post, pre) = (
        sum(alive.iter().copied(), "post_payment_amount"),
        sum(alive.iter().copied(), "pre_payment_amount"),
    );
    let changes =
        json!({ "post_payment_credit_notes_amount": post, "pre_payment_credit_notes_amount": pre });
    if integer(&invoice, "post_payment_credit_notes_amount") == post
        && integer(&invoice, "pre_payment_credit_notes_amount") == pre
    {
        return Ok(());
    }
    if invoice.get("status") != Some(&json!("open")) {
        return world.amend(id, &changes);
    }
    let owed = integer(&invoice, "total") + integer(&invoice, "starting_balance");
    let due = owed.max(0) - pre;
    let remaining = due - integer(&invoice, "amount_paid");
    let mut changes = changes;
    if let Some(members) = changes.as_object_mut() {
        members.insert("amount_due".to_owned(), due.into());
        members.insert("amount_remaining".to_owned(), remaining.into());
        // Nothing is left to be paid.
        if remaining <= 0 {
            members.insert("status".to_owned(), "paid".into());
        }
    }
    world.amend(id, &changes)
}
