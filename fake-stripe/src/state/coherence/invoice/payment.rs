//! How an invoice is paid.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::customer;
use crate::state::coherence::invoice;
use crate::state::coherence::invoice::wording;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in, integer};

/// The payment of an invoice that is paid or waits to be.
pub(super) fn pay(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let status = text(draft, "status");
    let given = draft.rows_of("payments").is_some_and(|rows| rows.is_some());
    let due = draft.integer("amount_due");
    if given || due <= 0 || !matches!(status.as_str(), "paid" | "open") {
        return Ok(());
    }
    let is_paid = status == "paid";
    if is_paid && draft.integer("amount_paid") != due {
        return Ok(());
    }
    let mut intent = json!({
        "amount": due, "currency": draft.text("currency"), "customer": draft.members.get("customer"),
        "status": if is_paid { "succeeded" } else { "requires_payment_method" },
        "metadata": {}, "shipping": null, "description": wording::payment(draft),
    });
    if let (false, Some(members)) = (is_paid, intent.as_object_mut()) {
        members.insert("latest_charge".to_owned(), Value::Null);
    }
    // The payment is asked for when the invoice is finalized.
    let at = time(draft, "finalized_at").unwrap_or(draft.created);
    let intent = world.make("payment_intent", at, intent)?;
    let charge = world.neighbour(&intent, "latest_charge", "charge");
    let paid_at = charge.map_or(at, |charge| integer(&charge, "created"));
    if is_paid {
        is_paid_at(draft, paid_at);
    }
    let row = json!({
        "invoice": draft.id, "created": at,
        "status_transitions": { "canceled_at": null, "paid_at": if is_paid { json!(paid_at) } else { Value::Null } }, "currency": draft.text("currency"), "amount_requested": due,
        "amount_paid": if is_paid { json!(due) } else { Value::Null }, "is_default": true,
        "status": if is_paid { "paid" } else { "open" },
        "payment": { "type": "payment_intent", "payment_intent": id_in(&intent, "id") },
    });
    match draft.rows_of("payments") {
        Some(rows) => *rows = Some(vec![row]),
        None => drop(world.make("invoice_payment", draft.created, row)?),
    }
    Ok(())
}

/// One of an invoice's `status_transitions`.
fn time(draft: &Draft<'_>, name: &str) -> Option<i64> {
    draft.members.get("status_transitions")?.get(name)?.as_i64()
}

/// An invoice is paid when its charge is, unless the test said when.
fn is_paid_at(draft: &mut Draft<'_>, at: i64) {
    let times = draft.members.get("status_transitions").cloned();
    let Some(mut times) = times.filter(Value::is_object) else {
        return;
    };
    if let Some(members) = times.as_object_mut() {
        members.insert("paid_at".to_owned(), at.into());
    }
    draft.set("status_transitions", times);
}

/// A payment of an invoice.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if !draft.is_given("invoice") {
        let created = draft.created;
        let invoice = match draft
            .parent
            .and_then(|parent| world.value("invoice", parent))
        {
            Some(invoice) => invoice,
            // One that nothing else paid.
            None => invoice::finalized_by(
                world,
                created,
                json!({ "status": "paid", "payments": [], "lines": [{}] }),
            )?,
        };
        draft.set("invoice", invoice.get("id").cloned().unwrap_or_default());
    }
    let invoice = world.neighbour_of(draft, "invoice", "invoice");
    if let Some(invoice) = &invoice {
        draft.set(
            "currency",
            invoice.get("currency").cloned().unwrap_or_default(),
        );
        draft.set("amount_requested", integer(invoice, "amount_due"));
    }
    let customer = invoice
        .as_ref()
        .and_then(|invoice| id_in(invoice, "customer"))
        .map(str::to_owned);
    let reason = invoice
        .as_ref()
        .and_then(|of| of.get("billing_reason")?.as_str());
    let description = wording::payment_for(reason);
    let is_paid = invoice
        .as_ref()
        .is_none_or(|invoice| invoice.get("status") == Some(&json!("paid")));
    draft.set("status", if is_paid { "paid" } else { "open" });
    let is_paid = draft.text("status") == Some("paid");
    let amount = draft.integer("amount_requested");
    draft.set(
        "amount_paid",
        if is_paid { json!(amount) } else { Value::Null },
    );
    draft.set("is_default", true);
    let at = world.moment(draft.created);
    draft.set(
        "status_transitions",
        json!({ "canceled_at": null, "paid_at": if is_paid { json!(at) } else { Value::Null } }),
    );
    if draft.is_given("payment") {
        return Ok(());
    }
    let given = json!({
        "amount": amount.max(1), "currency": draft.text("currency"), "customer": customer, "status": if is_paid { "succeeded" } else { "requires_payment_method" },
        "metadata": {}, "shipping": null, "description": description,
    });
    let intent = world.make("payment_intent", draft.created, given)?;
    draft.set(
        "payment",
        json!({ "type": "payment_intent", "payment_intent": id_in(&intent, "id") }),
    );
    Ok(())
}

/// The payment of an invoice that was paid or finalized, and the subscription of a new one.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    if stored.before.is_none() || !stored.has_changed("status") {
        return follow_subscription(world, stored);
    }
    follow_subscription(world, stored)?;
    let (status, due) = (
        stored.text("status").unwrap_or_default(),
        stored.integer("amount_due"),
    );
    let payments = world.all_with("invoice_payment", "invoice", stored.id);
    match status {
        "void" => {
            for payment in payments
                .iter()
                .filter(|payment| payment.get("status") == Some(&json!("open")))
            {
                cancel(world, payment)?;
            }
            Ok(())
        }
        "paid" | "open" if due > 0 => {
            let open = payments
                .iter()
                .find(|payment| payment.get("status") != Some(&json!("canceled")));
            match open {
                Some(payment) if status == "paid" => paid(world, payment, due),
                Some(_) => Ok(()),
                None => add_payment(world, stored, due, status == "paid"),
            }
        }
        _ => Ok(()),
    }
}

/// The subscription of an invoice: a newer one is its latest, and a paid one brings it out of its arrears.
fn follow_subscription(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let details = stored
        .after
        .get("parent")
        .and_then(|parent| parent.get("subscription_details"));
    let Some(subscription) =
        details.and_then(|of| world.neighbour(of, "subscription", "subscription"))
    else {
        return Ok(());
    };
    let id = id_in(&subscription, "id").unwrap_or_default();
    if stored.before.is_none() {
        let latest = world.neighbour(&subscription, "latest_invoice", "invoice");
        let is_newer =
            latest.is_none_or(|latest| integer(&latest, "created") <= stored.integer("created"));
        return match is_newer && id_in(&subscription, "latest_invoice") != Some(stored.id) {
            true => world.amend(id, &json!({ "latest_invoice": stored.id })),
            false => Ok(()),
        };
    }
    let waits = matches!(
        subscription.get("status").and_then(Value::as_str),
        Some("past_due" | "unpaid" | "incomplete")
    );
    let is_latest = id_in(&subscription, "latest_invoice") == Some(stored.id);
    if waits && is_latest && stored.text("status") == Some("paid") {
        world.amend(id, &json!({ "status": "active" }))?;
        return customer::has_caught_up(world, &subscription);
    }
    Ok(())
}

fn paid(world: &mut World<'_>, payment: &Value, due: i64) -> Result<(), FakeError> {
    let now = world.now();
    if payment.get("status") != Some(&json!("paid")) {
        let changes = json!({ "status": "paid", "amount_paid": due, "status_transitions": { "paid_at": now } });
        world.amend(id_in(payment, "id").unwrap_or_default(), &changes)?;
    }
    let intent = payment
        .get("payment")
        .and_then(|of| world.neighbour(of, "payment_intent", "payment_intent"));
    let waits = intent.filter(|intent| {
        !matches!(
            intent.get("status").and_then(Value::as_str),
            Some("succeeded" | "canceled")
        )
    });
    match waits.as_ref().and_then(|intent| id_in(intent, "id")) {
        Some(id) => world.amend(id, &json!({ "status": "succeeded" })),
        None => Ok(()),
    }
}

fn cancel(world: &mut World<'_>, payment: &Value) -> Result<(), FakeError> {
    let now = world.now();
    let changes = json!({ "status": "canceled", "status_transitions": { "canceled_at": now } });
    world.amend(id_in(payment, "id").unwrap_or_default(), &changes)?;
    let intent = payment
        .get("payment")
        .and_then(|of| world.neighbour(of, "payment_intent", "payment_intent"));
    let waits = intent.filter(|intent| {
        !matches!(
            intent.get("status").and_then(Value::as_str),
            Some("succeeded" | "canceled")
        )
    });
    match waits.as_ref().and_then(|intent| id_in(intent, "id")) {
        Some(id) => world.amend(
            id,
            &json!({ "status": "canceled", "cancellation_reason": "void_invoice" }),
        ),
        None => Ok(()),
    }
}

fn add_payment(
    world: &mut World<'_>,
    stored: &Stored<'_>,
    due: i64,
    is_paid: bool,
) -> Result<(), FakeError> {
    let now = world.now();
    let mut intent = json!({
        "amount": due, "currency": stored.text("currency"), "customer": id_in(stored.after, "customer"),
        "status": if is_paid { "succeeded" } else { "requires_payment_method" },
        "metadata": {}, "shipping": null,
        "description": wording::payment_for(stored.text("billing_reason")),
    });
    if let (false, Some(members)) = (is_paid, intent.as_object_mut()) {
        members.insert("latest_charge".to_owned(), Value::Null);
    }
    let intent = world.make("payment_intent", now, intent)?;
    let given = json!({
        "invoice": stored.id, "status": if is_paid { "paid" } else { "open" },
        "payment": { "type": "payment_intent", "payment_intent": id_in(&intent, "id") },
    });
    world.make("invoice_payment", now, given).map(drop)
}
