//! Credit notes, quotes and schedules.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::sum;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, Stored, id_in, integer, refused, stays_final};

/// A credit note over an invoice, or over a part of it.
pub(crate) fn credit_note(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let invoice = if draft.is_given("invoice") {
        world.neighbour_of(draft, "invoice", "invoice")
    } else {
        let created = draft.created;
        let fits =
            |invoice: &Value| invoice.get("status") == Some(&json!("paid")) && left_of(invoice) > 0;
        match world.some("invoice", created, fits) {
            Some(invoice) => Some(invoice),
            None => Some(world.make(
                "invoice",
                created,
                json!({ "status": "paid", "lines": [{}] }),
            )?),
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
    if lines.is_none()
        && let Some(rows) = draft.rows_of("lines")
    {
        *rows = Some(vec![json!({
            "amount": amount, "discount_amount": 0, "quantity": 1, "type": "custom_line_item", "unit_amount": amount,
            "unit_amount_decimal": amount.to_string(), "taxes": [], "tax_rates": [], "discount_amounts": [],
        })]);
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
    let number = format!(
        "{}-CN-01",
        invoice
            .get("number")
            .and_then(Value::as_str)
            .unwrap_or("0000")
    );
    draft.set("number", number);
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
        Some(amount) if amount > left && draft.text("status") != Some("void") => {
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

/// A quote: of a status, and nothing that came of it but what the test gave.
pub(crate) fn quote(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    /// Days in which a quote can be accepted.
    const DAYS: i64 = 30;
    world.customer(draft)?;
    let status = world.weighted(&[("draft", 3), ("open", 4), ("canceled", 3)]);
    draft.set("status", status);
    draft.set("expires_at", draft.created + DAYS * DAY);
    let is = |status: &str| draft.text("status") == Some(status);
    let (is_final, is_accepted, is_canceled) = (!is("draft"), is("accepted"), is("canceled"));
    let created = draft.created;
    let at = |is_so: bool| if is_so { json!(created) } else { Value::Null };
    draft.set("status_transitions", json!({ "accepted_at": at(is_accepted), "canceled_at": at(is_canceled), "finalized_at": at(is_final) }));
    draft.set(
        "number",
        if is_final {
            json!(format!(
                "QT-{}-0001-1",
                &draft.id[draft.id.len().saturating_sub(8)..]
            ))
        } else {
            Value::Null
        },
    );
    let amount = world.amount(draft);
    draft.set("amount_subtotal", amount);
    let total = draft.integer("amount_subtotal");
    draft.set("amount_total", total);
    draft.set(
        "total_details",
        json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }),
    );
    draft.set("discounts", json!([]));
    draft.clear(&[
        "from_quote",
        "invoice",
        "subscription",
        "subscription_schedule",
        "test_clock",
        "transfer_data",
        "application",
        "on_behalf_of",
    ]);
    Ok(())
}

/// A schedule: times that fit its status.
pub(crate) fn schedule(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    world.customer(draft)?;
    let status = world.weighted(&[
        ("active", 6),
        ("not_started", 2),
        ("completed", 1),
        ("canceled", 1),
    ]);
    draft.set("status", status);
    let status = draft.text("status").unwrap_or_default().to_owned();
    let created = draft.created;
    let at = |is_so: bool| if is_so { json!(created) } else { Value::Null };
    draft.set("canceled_at", at(status == "canceled"));
    draft.set("completed_at", at(status == "completed"));
    draft.set("released_at", at(status == "released"));
    let phase = json!({ "start_date": created, "end_date": created + 30 * DAY });
    draft.set(
        "current_phase",
        if status == "active" {
            phase
        } else {
            Value::Null
        },
    );
    draft.clear(&[
        "released_subscription",
        "subscription",
        "test_clock",
        "application",
    ]);
    draft.set("phases", json!([]));
    draft.set("end_behavior", "release");
    Ok(())
}
