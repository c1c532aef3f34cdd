//! Payment intents: a status, and what it means for the rest.

pub(super) mod order;
mod types;

use serde_json::{Value, json};

use self::types::debit_in;
pub(super) use self::types::types;
use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in, integer, stays_final};

/// How often a real account has a payment intent in each status.
const STATUSES: [(&str, u32); 7] = [
    ("succeeded", 76),
    ("requires_payment_method", 12),
    ("canceled", 6),
    ("requires_action", 2),
    ("processing", 2),
    ("requires_capture", 1),
    ("requires_confirmation", 1),
];
/// The statuses that an intent leaves no more.
pub(super) const LAST: [&str; 2] = ["succeeded", "canceled"];
/// Of the intents that wait for a payment method, this many of 100 had one that was declined.
pub(super) const DECLINED: u8 = 40;

/// A payment intent with the charge that its status asks for.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let charge = world.neighbour_of(draft, "latest_charge", "charge");
    if let Some(charge) = &charge {
        for member in ["amount", "currency", "payment_method"] {
            draft.set(member, charge.get(member).cloned().unwrap_or_default());
        }
        if charge.get("status") == Some(&json!("failed")) {
            draft.set("payment_method", Value::Null);
            draft.set("last_payment_error", declined(charge));
        }
    }
    // The charge that this intent is made for is not stored yet.
    if let (None, Some(id), Some("requires_payment_method")) = (
        &charge,
        draft.given_text("latest_charge"),
        draft.given_text("status").as_deref(),
    ) {
        draft.set("last_payment_error", declined(&json!({ "id": id })));
    }
    let customer = world.customer_with(draft, charge.as_ref())?;
    let email = customer.and_then(|customer| customer.get("email").cloned());
    draft.set("receipt_email", email.unwrap_or_default());
    let amount = world.amount(draft);
    if charge.is_none() {
        draft.set("amount", amount);
    }
    order::settle(world, draft, charge.as_ref());
    let status = match &charge {
        Some(charge) => status_of(charge),
        None if draft
            .given_integer("amount_received")
            .is_some_and(|received| received > 0) =>
        {
            "succeeded"
        }
        None if draft.is_given_some("canceled_at") => "canceled",
        None => match world.weighted(&STATUSES) {
            // Only bank debits take days.
            "processing" if debit_in(draft.text("currency")).is_none() => "succeeded",
            status => status,
        },
    };
    draft.set("status", status);
    let is_manual = draft.text("status") == Some("requires_capture");
    draft.set(
        "capture_method",
        if is_manual { "manual" } else { "automatic" },
    );
    draft.set("confirmation_method", "automatic");
    let secret = format!("{}_secret_{}", draft.id, world.characters(24));
    draft.set("client_secret", secret);
    draft.set(
        "automatic_payment_methods",
        json!({ "allow_redirects": "always", "enabled": true }),
    );
    let configuration = format!("pmc_{}", world.characters(24));
    draft.set(
        "payment_method_configuration_details",
        json!({ "id": configuration, "parent": null }),
    );
    draft.set("description", "Payment for an order in the web shop");
    draft.clear(&[
        "allowed_payment_method_types",
        "application",
        "application_fee_amount",
        "excluded_payment_method_types",
        "managed_payments",
        "on_behalf_of",
        "payment_record",
        "processing",
        "review",
        "source",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ]);
    draft.omit(&["hooks", "presentment_details"]);
    draft.set(
        "payment_details",
        json!({ "customer_reference": null, "order_reference": null }),
    );
    draft.set(
        "amount_details",
        json!({
            "shipping": { "amount": null, "from_postal_code": null, "to_postal_code": null },
            "tax": { "total_tax_amount": null }, "tip": {},
        }),
    );
    needs_method(world, draft)?;
    types(world, draft);
    draft.clear(&["canceled_at", "cancellation_reason"]);
    agree(draft, draft.created);
    charge_for(world, draft)
}

/// What a payment intent says of a charge that was declined.
pub(super) fn declined(charge: &Value) -> Value {
    json!({
        "type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "charge": id_in(charge, "id"),
        "doc_url": "https://stripe.com/docs/error-codes/card-declined", "message": "Your card was declined.",
    })
}

fn status_of(charge: &Value) -> &'static str {
    match charge.get("status").and_then(Value::as_str) {
        Some("succeeded") if charge.get("captured") == Some(&json!(false)) => "requires_capture",
        Some("succeeded") => "succeeded",
        Some("pending") => "processing",
        _ => "requires_payment_method",
    }
}

/// The payment method: one of the customer, except where the intent still waits for one.
pub(super) fn needs_method(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if draft.text("status") == Some("requires_payment_method") {
        draft.set("payment_method", Value::Null);
        return Ok(());
    }
    let is_known = world
        .neighbour_of(draft, "payment_method", "payment_method")
        .is_some();
    if draft.is_given("payment_method") || is_known {
        return Ok(());
    }
    if draft.text("status") == Some("canceled") {
        draft.set("payment_method", Value::Null);
        return Ok(());
    }
    let customer = draft.id_in("customer");
    let kind = match draft.text("status") {
        Some("processing") => debit_in(draft.text("currency")).unwrap_or("card"),
        _ => "card",
    };
    let method = world.payment_method_of(kind, customer.as_deref(), draft.created)?;
    draft.set(
        "payment_method",
        method.get("id").cloned().unwrap_or_default(),
    );
    Ok(())
}

/// Members that are a matter of the status, which the intent has had since `since`.
fn agree(draft: &mut Draft<'_>, since: i64) {
    let (status, amount) = (text(draft, "status"), draft.integer("amount"));
    draft.set(
        "amount_received",
        if status == "succeeded" { amount } else { 0 },
    );
    draft.set(
        "amount_capturable",
        if status == "requires_capture" {
            amount
        } else {
            0
        },
    );
    let is_canceled = status == "canceled";
    if !is_canceled || draft.is_null("canceled_at") {
        draft.set(
            "canceled_at",
            if is_canceled {
                json!(since)
            } else {
                Value::Null
            },
        );
        draft.set(
            "cancellation_reason",
            if is_canceled {
                json!("abandoned")
            } else {
                Value::Null
            },
        );
    }
    let action = match status.as_str() {
        "requires_action" => json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }),
        _ => Value::Null,
    };
    draft.set("next_action", action);
    if !matches!(status.as_str(), "requires_payment_method") {
        draft.set("last_payment_error", Value::Null);
    }
}

/// The charge that the status asks for.
fn charge_for(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if draft.is_given("latest_charge") {
        return Ok(());
    }
    let (status, captured) = match draft.text("status").unwrap_or_default() {
        "succeeded" => ("succeeded", true),
        "requires_capture" => ("succeeded", false),
        "processing" => ("pending", false),
        "requires_payment_method" if world.per_cent(DECLINED) => ("failed", false),
        _ => {
            draft.clear(&["latest_charge", "last_payment_error"]);
            return Ok(());
        }
    };
    let received = match draft.integer("amount_received") {
        0 => draft.integer("amount"),
        received => received,
    };
    let mut given = json!({
        "payment_intent": draft.id, "amount": draft.integer("amount"), "currency": draft.text("currency"),
        "customer": draft.members.get("customer"), "description": draft.members.get("description"), "status": status,
        "receipt_email": draft.members.get("receipt_email"),
        "captured": captured,
    });
    if let Some(members) = given.as_object_mut() {
        for member in order::MEMBERS {
            let value = draft.members.get(member).cloned();
            members.insert(member.to_owned(), value.unwrap_or_default());
        }
        if captured {
            members.insert("amount_captured".to_owned(), received.into());
        }
        if let Some(method) = draft.id_in("payment_method") {
            members.insert("payment_method".to_owned(), method.into());
        }
    }
    let at = if draft.created > world.now() {
        draft.created
    } else {
        world.moment(draft.created)
    };
    let charge = world.make("charge", at, given)?;
    draft.set(
        "latest_charge",
        charge.get("id").cloned().unwrap_or_default(),
    );
    if status == "failed" {
        draft.set("last_payment_error", declined(&charge));
    }
    Ok(())
}

/// A payment intent that is paid, captured or canceled.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &LAST, "PaymentIntent")?;
    let was = before.get("status").and_then(Value::as_str);
    let latest = world.neighbour_of(draft, "latest_charge", "charge");
    let failed = latest
        .as_ref()
        .filter(|charge| charge.get("status") == Some(&json!("failed")));
    if let (Some(charge), Some("requires_payment_method")) = (failed, draft.text("status")) {
        draft.set("last_payment_error", declined(charge));
    }
    if draft.text("status") == was {
        return Ok(());
    }
    let now = world.now();
    needs_method(world, draft)?;
    types(world, draft);
    if draft.text("status") == Some("canceled") {
        draft.set("canceled_at", now);
        draft.set("cancellation_reason", Value::Null);
    }
    if draft.text("status") == Some("requires_capture") {
        draft.set("capture_method", "manual");
    }
    agree(draft, now);
    let has_paid = was == Some("requires_capture") && draft.text("status") == Some("succeeded");
    let is_pending =
        latest.as_ref().and_then(|charge| charge.get("status")) == Some(&json!("pending"));
    if has_paid || is_pending || draft.text("status") == Some("canceled") {
        // The charge is there: `follow` captures it, or ends it.
        return Ok(());
    }
    draft.created = now;
    charge_for(world, draft)
}

/// The charge of an intent that was captured or canceled, and the invoice that an intent paid.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    if stored.before.is_none() || !stored.has_changed("status") {
        return Ok(());
    }
    let charge = world.neighbour(stored.after, "latest_charge", "charge");
    let status = stored.text("status").unwrap_or_default();
    if let Some(charge) = &charge
        && let Some(id) = id_in(charge, "id")
    {
        let is_pending = charge.get("status") == Some(&json!("pending"));
        let is_captured = charge.get("captured") == Some(&json!(true));
        match status {
            "succeeded" if is_pending => world.amend(id, &json!({ "status": "succeeded" }))?,
            "succeeded" if !is_captured => {
                let received = stored.integer("amount_received");
                world.amend(
                    id,
                    &json!({ "captured": true, "amount_captured": received }),
                )?;
            }
            // An authorization that is not captured is given back without a refund.
            "canceled"
                if !is_pending && !is_captured && charge.get("paid") == Some(&json!(true)) =>
            {
                let amount = integer(charge, "amount");
                world.amend(id, &json!({ "refunded": true, "amount_refunded": amount }))?;
            }
            "canceled" | "requires_payment_method" if is_pending => {
                world.amend(id, &json!({ "status": "failed" }))?;
            }
            _ => {}
        }
    }
    if status != "succeeded" {
        return Ok(());
    }
    for payment in world.all_with("invoice_payment", "payment.payment_intent", stored.id) {
        if payment.get("status") != Some(&json!("open")) {
            continue;
        }
        let invoice = world.neighbour(&payment, "invoice", "invoice");
        let open = invoice.filter(|invoice| {
            let status = invoice.get("status").and_then(Value::as_str);
            matches!(status, Some("open" | "uncollectible"))
        });
        if let Some(id) = open.as_ref().and_then(|invoice| id_in(invoice, "id")) {
            world.amend(id, &json!({ "status": "paid" }))?;
        }
    }
    Ok(())
}
