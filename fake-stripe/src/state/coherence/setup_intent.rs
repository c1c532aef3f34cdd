//! Setup intents and their attempts: a status, and the payment method that it is about.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::customer::card_of;
use crate::state::coherence::payment_intent::{DECLINED, LAST, declined, needs_method, types};
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in, integer, stays_final};

/// How often a real account has a setup intent in each status.
const SETUP_STATUSES: [(&str, u32); 4] = [
    ("succeeded", 80),
    ("requires_payment_method", 12),
    ("canceled", 6),
    ("requires_action", 2),
];

/// A setup intent: a payment method of the customer once it succeeded.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    world.customer(draft)?;
    let status = world.weighted(&SETUP_STATUSES);
    draft.set("status", status);
    draft.set("usage", "off_session");
    let secret = format!("{}_secret_{}", draft.id, world.characters(24));
    draft.set("client_secret", secret);
    draft.clear(&[
        "allowed_payment_method_types",
        "application",
        "automatic_payment_methods",
        "excluded_payment_method_types",
        "flow_directions",
        "managed_payments",
        "mandate",
        "on_behalf_of",
        "payment_method_configuration_details",
        "single_use_mandate",
    ]);
    draft.set("payment_method_options", json!({ "card": { "mandate_options": null, "network": null, "request_three_d_secure": "automatic" } }));
    needs_method(world, draft)?;
    types(world, draft);
    if draft.text("status") == Some("requires_payment_method") && world.per_cent(DECLINED) {
        let mut error = declined(&Value::Null);
        if let Some(members) = error.as_object_mut() {
            members.remove("charge");
        }
        draft.set("last_setup_error", error);
    }
    agree_setup(draft);
    attempt_for(world, draft)
}

/// The attempt that a setup intent succeeded with.
fn attempt_for(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if draft.text("status") != Some("succeeded") || draft.is_given("latest_attempt") {
        return Ok(());
    }
    let given = json!({
        "setup_intent": draft.id, "status": "succeeded", "customer": draft.members.get("customer"),
        "payment_method": draft.members.get("payment_method"), "usage": draft.text("usage"),
    });
    let at = world.moment(draft.created);
    let attempt = world.make("setup_attempt", at, given)?;
    draft.set(
        "latest_attempt",
        id_in(&attempt, "id").unwrap_or_default().to_owned(),
    );
    Ok(())
}

/// An attempt of a setup intent: with its payment method, if it succeeded.
pub(crate) fn attempt(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if !draft.is_given("setup_intent") {
        let created = draft.created;
        let fits = |intent: &Value| intent.get("status") != Some(&json!("succeeded"));
        let intent = match world.some("setup_intent", created, fits) {
            Some(intent) => intent,
            None => world.make(
                "setup_intent",
                created,
                json!({ "status": "requires_payment_method" }),
            )?,
        };
        draft.set(
            "setup_intent",
            id_in(&intent, "id").unwrap_or_default().to_owned(),
        );
        draft.set("status", "failed");
        draft.set(
            "customer",
            intent.get("customer").cloned().unwrap_or_default(),
        );
        let customer = id_in(&intent, "customer").map(str::to_owned);
        let method = world.payment_method(customer.as_deref(), created)?;
        draft.set(
            "payment_method",
            id_in(&method, "id").unwrap_or_default().to_owned(),
        );
    }
    let error = json!({
        "type": "card_error", "code": "card_declined", "decline_code": "generic_decline",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined", "message": "Your card was declined.",
    });
    let has_failed = draft.text("status") == Some("failed");
    draft.set("setup_error", if has_failed { error } else { Value::Null });
    draft.clear(&["application", "on_behalf_of"]);
    draft.omit(&["attach_to_self", "flow_directions"]);
    draft.set("usage", "off_session");
    let method = world.neighbour_of(draft, "payment_method", "payment_method");
    let card = card_of(method.as_ref());
    let card = json!({
        "brand": card("brand"), "checks": card("checks"), "country": card("country"), "exp_month": card("exp_month"),
        "exp_year": card("exp_year"), "fingerprint": card("fingerprint"), "funding": card("funding"),
        "last4": card("last4"), "network": card("brand"), "three_d_secure": null, "wallet": null,
    });
    draft.set(
        "payment_method_details",
        json!({ "type": "card", "card": card }),
    );
    Ok(())
}

fn agree_setup(draft: &mut Draft<'_>) {
    let status = text(draft, "status");
    let canceled = if status == "canceled" {
        json!("abandoned")
    } else {
        Value::Null
    };
    draft.set("cancellation_reason", canceled);
    let action = match status.as_str() {
        "requires_action" => json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }),
        _ => Value::Null,
    };
    draft.set("next_action", action);
    if status != "requires_payment_method" {
        draft.set("last_setup_error", Value::Null);
    }
}

/// A setup intent that succeeded or was canceled.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &LAST, "SetupIntent")?;
    if draft.text("status") != before.get("status").and_then(Value::as_str) {
        draft.created = integer(before, "created");
        needs_method(world, draft)?;
        types(world, draft);
        agree_setup(draft);
        attempt_for(world, draft)?;
    }
    Ok(())
}
