//! Money that goes back: refunds and disputes.

mod reasons;

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::{sum, text};
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, Stored, id_in, integer, refused, stays_final};

/// Of the refunds, this many of 100 are of all that is left of the charge.
const WHOLE: u8 = 70;
/// Days in which evidence is taken (docs.stripe.com/disputes/responding).
const DAYS_FOR_EVIDENCE: i64 = 9;
/// What the bank takes for a dispute, in the minor unit (stripe.com/pricing).
const DISPUTE_FEE: i64 = 1_500;
/// Statuses of a dispute that ended.
const ENDED: [&str; 4] = ["won", "lost", "warning_closed", "prevented"];

/// What of a charge can still be refunded.
fn left_of(charge: &Value) -> i64 {
    integer(charge, "amount_captured").saturating_sub(integer(charge, "amount_refunded"))
}

/// The charge that a refund or dispute names, directly or by its payment intent.
fn named_charge(world: &World<'_>, draft: &Draft<'_>) -> Option<Value> {
    if draft.is_given_some("charge") {
        return world.neighbour_of(draft, "charge", "charge");
    }
    let intent = world.neighbour_of(draft, "payment_intent", "payment_intent")?;
    world.neighbour(&intent, "latest_charge", "charge")
}

/// Whether a dispute of the charge took its money and did not bring it back.
fn is_contested(world: &World<'_>, charge: &Value) -> bool {
    let disputes = world.all_with("dispute", "charge", id_in(charge, "id").unwrap_or_default());
    disputes.iter().any(|dispute| {
        let status = dispute.get("status").and_then(Value::as_str);
        matches!(status, Some("needs_response" | "under_review" | "lost"))
    })
}

/// A charge that fits, found or made.
fn charge_for(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    fits: impl Fn(&Value) -> bool,
) -> Result<Option<Value>, FakeError> {
    if draft.is_given_some("charge") || draft.is_given_some("payment_intent") {
        return Ok(named_charge(world, draft));
    }
    let created = draft.created;
    if let Some(charge) = world.some("charge", created, fits) {
        return Ok(Some(charge));
    }
    made_charge(world, draft)
}

/// A new charge of which everything can be refunded.
fn made_charge(world: &mut World<'_>, draft: &Draft<'_>) -> Result<Option<Value>, FakeError> {
    let created = draft.created;
    let mut given = json!({ "status": "succeeded", "captured": true });
    if let (Some(amount), Some(members)) = (draft.given_integer("amount"), given.as_object_mut()) {
        members.insert("amount".to_owned(), amount.into());
        if let Some(currency) = draft.given_text("currency") {
            members.insert("currency".to_owned(), currency.into());
        }
    }
    world.make("charge", created, given).map(Some)
}

/// A refund of what is left of a charge, or of a part.
pub(crate) fn refund(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let least = draft.given_integer("amount").unwrap_or(1).max(1);
    let Some(mut charge) = charge_for(world, draft, |charge| left_of(charge) >= least)? else {
        return Ok(());
    };
    let is_asked_for = draft.is_given("charge") || draft.is_given("payment_intent");
    if is_asked_for && charge.get("disputed") == Some(&json!(true)) && is_contested(world, &charge)
    {
        return Err(refused(format!(
            "Charge {} has been charged back; cannot issue a refund.",
            id_in(&charge, "id").unwrap_or_default()
        )));
    }
    // A charge may say less than its refunds, of which some are strange.
    let left = |world: &World<'_>, charge: &Value| {
        let known = refunded(world, id_in(charge, "id").unwrap_or_default(), None);
        integer(charge, "amount_captured").saturating_sub(known)
    };
    if !is_asked_for && left(world, &charge) < least {
        let Some(made) = made_charge(world, draft)? else {
            return Ok(());
        };
        charge = made;
    }
    let left = left(world, &charge);
    let is_live = !matches!(
        draft.given_text("status").as_deref(),
        Some("failed" | "canceled")
    );
    if is_live
        && draft
            .given_integer("amount")
            .is_some_and(|amount| amount > left)
    {
        return Err(refused(format!(
            "Refund amount is greater than the unrefunded amount on charge {}, which is {left}.",
            id_in(&charge, "id").unwrap_or_default()
        )));
    }
    if is_live && left <= 0 {
        return Err(refused(format!(
            "Charge {} has already been refunded.",
            id_in(&charge, "id").unwrap_or_default()
        )));
    }
    let amount = if is_asked_for || world.per_cent(WHOLE) || left < 2 {
        left
    } else {
        world.rng().i64(1..left)
    };
    draft.set("amount", amount);
    for (member, of) in [
        ("charge", "id"),
        ("currency", "currency"),
        ("payment_intent", "payment_intent"),
        ("customer", "customer"),
    ] {
        draft.set(member, charge.get(of).cloned().unwrap_or_default());
    }
    draft.set(
        "payment_method",
        charge.get("payment_method").cloned().unwrap_or_default(),
    );
    let status = if world.past && world.per_cent(2) {
        "failed"
    } else {
        "succeeded"
    };
    draft.set("status", status);
    let reason = world.weighted(&[
        ("requested_by_customer", 8),
        ("duplicate", 1),
        ("fraudulent", 1),
    ]);
    draft.set("reason", reason);
    draft.set("destination_details", json!({ "type": "card", "card": { "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund" } }));
    draft.omit(&[
        "failure_reason",
        "failure_balance_transaction",
        "next_action",
        "pending_reason",
        "presentment_details",
        "instructions_email",
        "description",
    ]);
    draft.clear(&[
        "receipt_number",
        "source_transfer_reversal",
        "transfer_reversal",
        "customer_account",
    ]);
    settle_refund(world, draft)
}

/// The movements of a refund, and those of its failure.
fn settle_refund(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let (amount, currency) = (draft.integer("amount"), text(draft, "currency"));
    let is_known = world
        .neighbour_of(draft, "balance_transaction", "balance_transaction")
        .is_some();
    if !is_known && !draft.is_given("balance_transaction") {
        let charge = world.neighbour_of(draft, "charge", "charge");
        let of = charge
            .as_ref()
            .and_then(|of| of.get("description")?.as_str());
        let description = match of {
            Some(of) => format!("REFUND FOR CHARGE ({of})"),
            None => "REFUND FOR CHARGE".to_owned(),
        };
        let movement = world.described_movement(
            ("refund", draft.id),
            (-amount, &currency),
            draft.created,
            Some(&description),
        )?;
        draft.set("balance_transaction", movement);
    }
    if draft.text("status") == Some("failed") {
        draft.set("failure_reason", "unknown");
        if !draft.is_given("failure_balance_transaction") {
            let movement = world.movement(
                ("refund_failure", draft.id),
                (amount, &currency),
                draft.created,
            )?;
            draft.set("failure_balance_transaction", movement);
        }
    }
    Ok(())
}

/// A refund that fails or is canceled: its money comes back.
pub(crate) fn change_refund(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &["failed", "canceled"], "refund")?;
    if before.get("status") == Some(&json!("succeeded"))
        && !matches!(draft.text("status"), Some("succeeded" | "failed"))
    {
        return Err(refused("This refund has succeeded: it can only fail."));
    }
    if draft.text("status") != before.get("status").and_then(Value::as_str) {
        draft.created = world.now();
        return settle_refund(world, draft);
    }
    Ok(())
}

/// The sum of a charge's refunds that were not taken back, without one.
fn refunded(world: &World<'_>, charge: &str, without: Option<&str>) -> i64 {
    let refunds = world.all_with("refund", "charge", charge);
    let alive = refunds.iter().filter(|refund| {
        !matches!(
            refund.get("status").and_then(Value::as_str),
            Some("failed" | "canceled")
        ) && (without.is_none() || id_in(refund, "id") != without)
    });
    sum(alive, "amount")
}

/// The charge of a refund says what was given back.
pub(crate) fn follow_refund(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let Some(charge) = world.neighbour(stored.after, "charge", "charge") else {
        return Ok(());
    };
    let id = id_in(&charge, "id").unwrap_or_default();
    let back = refunded(world, id, None);
    if back == integer(&charge, "amount_refunded") {
        return Ok(());
    }
    let is_whole = back >= integer(&charge, "amount_captured");
    world.amend(
        id,
        &json!({ "amount_refunded": back, "refunded": is_whole }),
    )
}

/// A dispute of a whole charge.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let fits = |charge: &Value| {
        // Banks dispute what was paid by card.
        let details = charge.get("payment_method_details");
        details.and_then(|of| of.get("type")?.as_str()) == Some("card")
            && charge.get("disputed") == Some(&json!(false))
            && integer(charge, "amount_captured") > 0
            && left_of(charge) > 0
    };
    let Some(charge) = charge_for(world, draft, fits)? else {
        return Ok(());
    };
    draft.set("amount", integer(&charge, "amount_captured"));
    for (member, of) in [
        ("charge", "id"),
        ("currency", "currency"),
        ("payment_intent", "payment_intent"),
    ] {
        draft.set(member, charge.get(of).cloned().unwrap_or_default());
    }
    let status = world.weighted(&[
        ("needs_response", 3),
        ("under_review", 2),
        ("lost", 4),
        ("won", 2),
        ("warning_closed", 1),
    ]);
    draft.set("status", status);
    let due_by = draft.created + DAYS_FOR_EVIDENCE * DAY;
    let has_evidence = draft.text("status") != Some("needs_response");
    let is_past = due_by < world.now() && !has_evidence;
    draft.set("evidence_details", json!({
        "due_by": due_by, "enhanced_eligibility": {}, "has_evidence": has_evidence, "past_due": is_past,
        "submission_count": i64::from(has_evidence), "submission_method": if has_evidence { "manual" } else { "not_submitted" },
    }));
    draft.set("is_charge_refundable", false);
    draft.set("enhanced_eligibility_types", json!([]));
    let reason = world.weighted(&reasons::WEIGHTS);
    draft.set("reason", reason);
    reasons::details(draft, &charge);
    reasons::evidence(draft, &charge);
    draft.omit(&["intended_submission_method"]);
    if draft.is_given("balance_transactions") {
        return Ok(());
    }
    // An inquiry moves no money.
    if text(draft, "status").starts_with("warning") {
        draft.set("balance_transactions", json!([]));
        return Ok(());
    }
    let (amount, currency) = (draft.integer("amount"), text(draft, "currency"));
    let given = json!({ "type": "adjustment", "source": draft.id, "amount": -amount, "currency": currency, "fee": DISPUTE_FEE });
    let mut movements = vec![world.make("balance_transaction", draft.created, given)?];
    if draft.text("status") == Some("won") {
        let given = json!({ "type": "adjustment", "source": draft.id, "amount": amount, "currency": currency });
        movements.push(world.make("balance_transaction", draft.created, given)?);
    }
    draft.set("balance_transactions", Value::Array(movements));
    Ok(())
}

/// A dispute that is answered, or ends: one that is won brings its money back.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &ENDED, "dispute")?;
    let was = before.get("status").and_then(Value::as_str);
    let is = text(draft, "status");
    if was == Some(is.as_str()) {
        return Ok(());
    }
    let waited = matches!(was, Some("needs_response" | "warning_needs_response"));
    if waited && matches!(is.as_str(), "under_review" | "warning_under_review" | "won") {
        draft.set(
            "evidence_details",
            json!({ "has_evidence": true, "past_due": false, "submission_count": 1, "submission_method": "manual" }),
        );
        let due_by = before
            .get("evidence_details")
            .and_then(|details| details.get("due_by"));
        if let (Some(due_by), Some(details)) = (
            due_by,
            draft
                .members
                .get_mut("evidence_details")
                .and_then(Value::as_object_mut),
        ) {
            details.insert("due_by".to_owned(), due_by.clone());
            details
                .entry("enhanced_eligibility")
                .or_insert_with(|| json!({}));
        }
    }
    if is == "won" && !draft.is_given("balance_transactions") {
        let (amount, currency) = (draft.integer("amount"), text(draft, "currency"));
        let given = json!({ "type": "adjustment", "source": draft.id, "amount": amount, "currency": currency });
        let back = world.make("balance_transaction", world.now(), given)?;
        if let Some(movements) = draft
            .members
            .get_mut("balance_transactions")
            .and_then(Value::as_array_mut)
            && !movements.is_empty()
        {
            movements.push(back);
        }
    }
    Ok(())
}

/// The charge of a dispute says that it is disputed.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let charge = world.neighbour(stored.after, "charge", "charge");
    let charge = charge.filter(|charge| charge.get("disputed") != Some(&json!(true)));
    match charge.as_ref().and_then(|charge| id_in(charge, "id")) {
        Some(id) => world.amend(id, &json!({ "disputed": true })),
        None => Ok(()),
    }
}
