//! Charges: what was taken, captured and given back.

mod network;

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::generate::plan::Node;
use crate::state::coherence::balance::text;
use crate::state::coherence::customer::card_of;
use crate::state::coherence::payment_intent::order;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in, refused, stays_final};

/// Members of a charge that only platforms, terminals and old integrations have.
const RARE: [&str; 13] = [
    "application",
    "application_fee",
    "application_fee_amount",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "review",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

/// What statements of customers call the shop.
const DESCRIPTOR: &str = "FAKE SHOP";

/// A charge: of the payment intent that the test named, or of one that is made for it.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let intent = world.neighbour_of(draft, "payment_intent", "payment_intent");
    if let Some(intent) = &intent {
        for member in ["amount", "currency", "payment_method"] {
            draft.set(member, intent.get(member).cloned().unwrap_or_default());
        }
    }
    order::settle(world, draft, intent.as_ref());
    let customer = world.customer_with(draft, intent.as_ref())?;
    let email = intent
        .as_ref()
        .map(|intent| intent.get("receipt_email"))
        .unwrap_or_else(|| customer.as_ref()?.get("email"));
    draft.set("receipt_email", email.cloned().unwrap_or_default());
    let amount = world.amount(draft);
    if intent.is_none() {
        draft.set("amount", amount);
    }
    // A card is charged at once: only other payments are pending, and their payment intents say so.
    let status = world.weighted(&[("succeeded", 94), ("failed", 6)]);
    // What was captured or refunded was paid.
    let is_paid = draft.given_integer("amount_refunded").unwrap_or_default() > 0
        || draft.given.get("captured") == Some(&json!(true))
        || draft.given.get("paid") == Some(&json!(true))
        || draft.given.get("disputed") == Some(&json!(true));
    draft.set("status", if is_paid { "succeeded" } else { status });
    draft.omit(&[
        "authorization_code",
        "level3",
        "presentment_details",
        "radar_options",
        "transfer",
    ]);
    draft.clear(&RARE);
    draft.set("disputed", false);
    let is_reported = world.per_cent(1);
    draft.set(
        "fraud_details",
        if is_reported {
            json!({ "user_report": "safe" })
        } else {
            json!({})
        },
    );
    if world.per_cent(5) {
        draft.set("statement_descriptor", DESCRIPTOR);
    }
    draft.set("calculated_statement_descriptor", DESCRIPTOR);
    describe(draft);
    agree(draft);
    payment_method(world, draft, customer.as_ref())?;
    if draft.is_given("payment_intent") {
        return settle_movement(world, draft);
    }
    let (status, captured) = match draft.text("status") {
        Some("succeeded") if draft.members.get("captured") == Some(&json!(false)) => {
            ("requires_capture", false)
        }
        Some("succeeded") => ("succeeded", true),
        Some("pending") => ("processing", true),
        _ => ("requires_payment_method", true),
    };
    let given = json!({
        "latest_charge": draft.id, "amount": draft.integer("amount"), "currency": draft.text("currency"),
        "customer": draft.members.get("customer"), "status": status,
        "payment_method": if status == "requires_payment_method" { None } else { draft.members.get("payment_method") },
        "capture_method": if captured { "automatic" } else { "manual" }, "description": draft.members.get("description"),
        "metadata": draft.members.get("metadata"), "shipping": draft.members.get("shipping"),
        "receipt_email": draft.members.get("receipt_email"),
    });
    let intent = world.make("payment_intent", draft.created, given)?;
    draft.set(
        "payment_intent",
        intent.get("id").cloned().unwrap_or_default(),
    );
    settle_movement(world, draft)
}

/// What the payment was made with. What the test gave stays.
fn payment_method(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    customer: Option<&Value>,
) -> Result<(), FakeError> {
    if draft.is_null("payment_method") || !draft.is_given("payment_method") {
        let known = world.neighbour_of(draft, "payment_method", "payment_method");
        let id = customer.and_then(|customer| id_in(customer, "id"));
        let method = match known {
            Some(method) => method,
            None => world.payment_method(id, draft.created)?,
        };
        draft.set(
            "payment_method",
            method.get("id").cloned().unwrap_or_default(),
        );
    }
    let method = world.neighbour_of(draft, "payment_method", "payment_method");
    let card = card_of(method.as_ref());
    let has_failed = draft.text("status") == Some("failed");
    let kind = method
        .as_ref()
        .and_then(|method| method.get("type")?.as_str())
        .unwrap_or("card")
        .to_owned();
    let paid_with = json!({
        "brand": card("brand"), "checks": card("checks"), "country": card("country"), "exp_month": card("exp_month"),
        "exp_year": card("exp_year"), "fingerprint": card("fingerprint"), "funding": card("funding"),
        "last4": card("last4"), "network": card("brand"), "three_d_secure": null, "wallet": null, "mandate": null,
        "installments": null, "authorization_code": null, "regulated_status": card("regulated_status"),
        "network_transaction_id": if has_failed { Value::Null } else { json!(network::transaction_id(draft.id)) },
        "amount_authorized": if has_failed { Value::Null } else { json!(draft.integer("amount")) },
    });
    let mut details = json!({ "type": kind });
    if let Some(members) = details.as_object_mut() {
        let own = if kind == "card" {
            paid_with
        } else {
            own_details(draft, method.as_ref(), &kind)
        };
        members.insert(kind, own);
    }
    draft.set("payment_method_details", details);
    let details = method
        .as_ref()
        .and_then(|method| method.get("billing_details").cloned());
    if let Some(details) = details {
        draft.set("billing_details", details);
    }
    Ok(())
}

/// What a charge says of a payment method that is no card: the members that both have.
fn own_details(draft: &Draft<'_>, method: Option<&Value>, kind: &str) -> Value {
    let known = match draft.plan.members.node("payment_method_details") {
        Some(Node::Object(kinds)) => kinds.node(kind),
        _ => None,
    };
    let Some(Node::Object(known)) = known else {
        return json!({});
    };
    let of = method
        .and_then(|method| method.get(kind))
        .and_then(Value::as_object);
    let members = of
        .into_iter()
        .flatten()
        .filter(|(name, _)| known.node(name).is_some());
    Value::Object(
        members
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// Members that are a matter of the status.
fn describe(draft: &mut Draft<'_>) {
    let status = text(draft, "status");
    let has_failed = status == "failed";
    draft.set("paid", status == "succeeded");
    let failure = |value: &str| {
        if has_failed {
            json!(value)
        } else {
            Value::Null
        }
    };
    draft.set("failure_code", failure("card_declined"));
    draft.set("failure_message", failure("Your card was declined."));
    let risk = network::risk_score(draft.id);
    let outcome = match status.as_str() {
        "succeeded" => json!({
            "advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "approved_by_network", "reason": null, "risk_level": "normal", "risk_score": risk,
            "seller_message": "Payment complete.", "type": "authorized",
        }),
        "failed" => json!({
            "advice_code": "try_again_later", "network_advice_code": null, "network_decline_code": "05",
            "network_status": "declined_by_network", "reason": "generic_decline", "risk_level": "normal", "risk_score": risk,
            "seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined",
        }),
        _ => Value::Null,
    };
    draft.set("outcome", outcome);
    let receipt = json!(format!(
        "https://pay.stripe.com/receipts/payment/{}",
        draft.id
    ));
    draft.set(
        "receipt_url",
        if status == "succeeded" {
            receipt
        } else {
            Value::Null
        },
    );
}

/// Captured and refunded amounts, and their flags.
fn agree(draft: &mut Draft<'_>) {
    let amount = draft.integer("amount");
    let is_paid = draft.text("status") == Some("succeeded");
    let captured = draft.given_integer("amount_captured");
    let is_captured = is_paid && captured.is_none_or(|captured| captured > 0);
    draft.set("captured", is_captured);
    let is_captured = draft.members.get("captured") == Some(&json!(true));
    draft.set("amount_captured", if is_captured { amount } else { 0 });
    let captured = draft.integer("amount_captured");
    let is_refunded = draft.given.get("refunded") == Some(&json!(true));
    draft.set("amount_refunded", if is_refunded { captured } else { 0 });
    let refunded = draft.integer("amount_refunded");
    draft.set("refunded", refunded > 0 && refunded >= captured);
}

/// The movement on the balance that a paid and captured charge is.
fn settle_movement(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if draft.is_given("balance_transaction") {
        return Ok(());
    }
    let is_moved = draft.text("status") == Some("succeeded")
        && draft.members.get("captured") == Some(&json!(true));
    let movement = if is_moved {
        let (amount, currency) = (draft.integer("amount_captured"), text(draft, "currency"));
        let description = draft.text("description").map(str::to_owned);
        world.described_movement(
            ("charge", draft.id),
            (amount, &currency),
            draft.created,
            description.as_deref(),
        )?
    } else {
        Value::Null
    };
    draft.set("balance_transaction", movement);
    Ok(())
}

/// A charge that is captured, refunded or settled.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &["succeeded", "failed"], "charge")?;
    let was = |member: &str| before.get(member).cloned().unwrap_or_default();
    if draft.is_given("status") && draft.members.get("status") != Some(&was("status")) {
        describe(draft);
        agree(draft);
        return settle_movement(world, draft);
    }
    let is_captured_now =
        was("captured") == json!(false) && draft.members.get("captured") == Some(&json!(true));
    if is_captured_now {
        let amount = draft.integer("amount");
        draft.set("amount_captured", amount);
        if draft.is_null("balance_transaction") {
            settle_movement(world, draft)?;
        }
    }
    if was("captured") == json!(true) && draft.members.get("captured") == Some(&json!(false)) {
        return Err(refused("This charge has already been captured."));
    }
    if draft.is_given("refunded") && !draft.is_given("amount_refunded") {
        let is_refunded = draft.members.get("refunded") == Some(&json!(true));
        let captured = draft.integer("amount_captured");
        draft.set("amount_refunded", if is_refunded { captured } else { 0 });
    }
    let (refunded, captured) = (
        draft.integer("amount_refunded"),
        draft.integer("amount_captured"),
    );
    draft.set("refunded", refunded > 0 && refunded >= captured);
    Ok(())
}

/// The payment intent of a charge, and the refunds that a charge was given with.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    if let Some(intent) = world.neighbour(stored.after, "payment_intent", "payment_intent") {
        follow_intent(world, stored, &intent)?;
    }
    let refunds = world.all_with("refund", "charge", stored.id);
    let known: i64 = refunds
        .iter()
        .filter(|refund| {
            !matches!(
                refund.get("status").and_then(Value::as_str),
                Some("failed" | "canceled")
            )
        })
        .map(|refund| {
            refund
                .get("amount")
                .and_then(Value::as_i64)
                .unwrap_or_default()
        })
        .sum();
    let open = stored.integer("amount_refunded").saturating_sub(known);
    let is_captured = stored.after.get("captured") == Some(&json!(true));
    if is_captured && open > 0 && (stored.before.is_none() || stored.has_changed("amount_refunded"))
    {
        let created = super::integer(stored.after, "created");
        let created = if stored.before.is_none() {
            created
        } else {
            world.now()
        };
        // `told`: the charge says so already.
        world.make(
            "refund",
            created,
            json!({ "charge": stored.id, "amount": open, "status": "succeeded" }),
        )?;
    }
    Ok(())
}

fn follow_intent(
    world: &mut World<'_>,
    stored: &Stored<'_>,
    intent: &Value,
) -> Result<(), FakeError> {
    let id = id_in(intent, "id").unwrap_or_default();
    let latest = id_in(intent, "latest_charge");
    if stored.before.is_none() && latest != Some(stored.id) {
        let status = match stored.text("status") {
            Some("succeeded") if stored.after.get("captured") == Some(&json!(false)) => {
                "requires_capture"
            }
            Some("succeeded") => "succeeded",
            Some("pending") => "processing",
            _ => "requires_payment_method",
        };
        let mut changes = json!({ "latest_charge": stored.id });
        // A payment intent that ended stays as it is: the charge is one that the test wanted beside it.
        let has_ended = matches!(
            intent.get("status").and_then(Value::as_str),
            Some("succeeded" | "canceled")
        );
        if !has_ended && let Some(members) = changes.as_object_mut() {
            members.insert("status".to_owned(), status.into());
            members.insert("amount".to_owned(), stored.integer("amount").into());
        }
        return world.amend(id, &changes);
    }
    if stored.before.is_some() && stored.has_changed("status") && latest == Some(stored.id) {
        let status = match stored.text("status") {
            Some("succeeded") => "succeeded",
            _ => "requires_payment_method",
        };
        if intent.get("status") == Some(&json!("processing")) {
            return world.amend(id, &json!({ "status": status, "latest_charge": stored.id }));
        }
    }
    if stored.before.is_some() && stored.has_changed("captured") && latest == Some(stored.id) {
        return world.amend(
            id,
            &json!({ "status": "succeeded", "amount_received": stored.integer("amount_captured") }),
        );
    }
    Ok(())
}
