//! Money that moves on the account's balance.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::world::{DAY, World, fee};
use crate::state::coherence::{Draft, integer, refused, stays_final};

/// Days until money is available, and until a payout arrives (docs.stripe.com/payouts, the schedule of most countries).
const DAYS_UNTIL_AVAILABLE: i64 = 2;

/// The `reporting_category` of a type that has another name there (docs.stripe.com/reports/reporting-categories).
const CATEGORIES: [(&str, &str); 12] = [
    ("adjustment", "other_adjustment"),
    ("application_fee", "platform_earning"),
    ("application_fee_refund", "platform_earning_refund"),
    ("payment", "charge"),
    ("payment_refund", "refund"),
    ("payment_failure_refund", "refund_failure"),
    ("refund_failure", "refund_failure"),
    ("payout_cancel", "payout_reversal"),
    ("payout_failure", "payout_reversal"),
    ("stripe_fee", "fee"),
    ("transfer_refund", "transfer_reversal"),
    ("transfer_cancel", "transfer_reversal"),
];

/// A movement: of the object that the test named as its source, or of a charge that is made for it.
pub(crate) fn transaction(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    draft.set("type", "charge");
    let kind = draft.text("type").unwrap_or_default().to_owned();
    let amount = world.amount(draft);
    draft.set("amount", amount);
    let source = world.neighbour_of(draft, "source", "charge");
    if let Some(currency) = source.as_ref().and_then(|source| source.get("currency")) {
        draft.set("currency", currency.clone());
    }
    let amount = draft.integer("amount");
    let currency = draft.text("currency").unwrap_or_default().to_owned();
    let fee = match draft.given_integer("fee") {
        Some(fee) => fee,
        None if matches!(kind.as_str(), "charge" | "payment") => fee(amount),
        None => 0,
    };
    draft.set("fee", fee);
    draft.set("net", amount.saturating_sub(fee));
    let details = json!({
        "amount": fee, "application": null, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee",
    });
    let details = if fee == 0 {
        json!([])
    } else {
        json!([details])
    };
    draft.set("fee_details", details);
    let available_on = (draft.created / DAY + 1 + DAYS_UNTIL_AVAILABLE) * DAY;
    draft.set("available_on", available_on);
    let is_available = draft.integer("available_on") <= world.now();
    draft.set("status", if is_available { "available" } else { "pending" });
    if draft.text("status") == Some("pending") {
        let due = world.state.pending.entry(draft.integer("available_on"));
        due.or_default()
            .push((world.scope.clone(), draft.id.to_owned()));
    }
    let category = CATEGORIES.iter().find(|(of, _)| *of == kind);
    draft.set(
        "reporting_category",
        category.map_or(kind.as_str(), |(_, category)| category),
    );
    draft.set("balance_type", "payments");
    draft.clear(&["description", "exchange_rate"]);
    if draft.is_given("source") {
        return Ok(());
    }
    if !matches!(kind.as_str(), "charge" | "payment") {
        draft.set("source", Value::Null);
        return Ok(());
    }
    let charge = json!({
        "balance_transaction": draft.id, "amount": amount, "currency": currency, "status": "succeeded", "captured": true,
    });
    let charge = world.make("charge", draft.created, charge)?;
    draft.set("source", charge.get("id").cloned().unwrap_or_default());
    Ok(())
}

/// Money that goes to the account's bank.
pub(crate) fn payout(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    /// How many charges a payout is the sum of, about.
    const CHARGES: i64 = 20;
    let amount = world.amount(draft).saturating_mul(CHARGES);
    draft.set("amount", amount);
    draft.set("currency", "usd");
    let (amount, currency) = (draft.integer("amount"), text(draft, "currency"));
    let arrival = (draft.created / DAY + DAYS_UNTIL_AVAILABLE) * DAY;
    draft.set("arrival_date", arrival);
    let has_arrived = draft.integer("arrival_date") <= world.now();
    let status = if !has_arrived {
        "in_transit"
    } else if world.per_cent(2) {
        "failed"
    } else {
        "paid"
    };
    draft.set("status", status);
    let has_failed = draft.text("status") == Some("failed");
    let failure = |value: &str| {
        if has_failed {
            json!(value)
        } else {
            Value::Null
        }
    };
    draft.set("failure_code", failure("account_closed"));
    draft.set(
        "failure_message",
        failure("The bank account has been closed."),
    );
    let is_automatic = world.per_cent(90);
    draft.set("automatic", is_automatic);
    let has_trace = draft.text("status") == Some("paid") && world.per_cent(50);
    let trace = json!({ "status": "supported", "value": world.characters(15).to_uppercase() });
    draft.set("trace_id", if has_trace { trace } else { Value::Null });
    draft.set("method", "standard");
    draft.set("source_type", "card");
    draft.set("type", "bank_account");
    let is_automatic = draft.members.get("automatic") == Some(&json!(true));
    draft.set(
        "reconciliation_status",
        if is_automatic {
            "completed"
        } else {
            "not_applicable"
        },
    );
    draft.clear(&[
        "application_fee",
        "application_fee_amount",
        "original_payout",
        "payout_method",
        "reversed_by",
    ]);
    if !draft.is_given("balance_transaction") {
        let movement = world.described_movement(
            ("payout", draft.id),
            (-amount, &currency),
            draft.created,
            Some("STRIPE PAYOUT"),
        )?;
        draft.set("balance_transaction", movement);
    }
    if !draft.is_given("failure_balance_transaction") {
        let movement = if has_failed {
            world.movement(
                ("payout_failure", draft.id),
                (amount, &currency),
                draft.created,
            )?
        } else {
            Value::Null
        };
        draft.set("failure_balance_transaction", movement);
    }
    if !draft.is_given("destination") {
        let bank = bank(world, draft.created, &currency)?;
        draft.set("destination", bank);
    }
    Ok(())
}

/// A payout that fails, late as it may be: its money comes back.
pub(crate) fn change_payout(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &["failed", "canceled"], "payout")?;
    let was = before.get("status").and_then(Value::as_str);
    if was == Some("paid") && !matches!(draft.text("status"), Some("paid" | "failed")) {
        return Err(refused("This payout is paid: it can only fail."));
    }
    if was == draft.text("status") || draft.text("status") != Some("failed") {
        return Ok(());
    }
    draft.set("failure_code", "account_closed");
    draft.set("failure_message", "The bank account has been closed.");
    draft.set("trace_id", Value::Null);
    if !draft.is_given("failure_balance_transaction") {
        let (amount, currency) = (draft.integer("amount"), text(draft, "currency"));
        let back = ("payout_failure", draft.id);
        let movement = world.movement(back, (amount, &currency), world.now())?;
        draft.set("failure_balance_transaction", movement);
    }
    Ok(())
}

/// The bank account that payouts in a currency go to; its id.
fn bank(world: &mut World<'_>, created: i64, currency: &str) -> Result<Value, FakeError> {
    let account = world.scope.account.clone();
    let own = world.all_with("bank_account", "account", &account);
    let own = own
        .into_iter()
        .find(|bank| bank.get("currency").and_then(Value::as_str) == Some(currency));
    let bank = match own {
        Some(bank) => bank,
        None => {
            let given = json!({ "account": account, "customer": null, "currency": currency });
            world.make_unlisted("bank_account", created, given)?
        }
    };
    Ok(bank.get("id").cloned().unwrap_or_default())
}

/// Money that comes from the account's bank.
pub(crate) fn topup(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let amount = world.amount(draft);
    draft.set("amount", amount);
    let status = world.weighted(&[("succeeded", 9), ("pending", 1)]);
    draft.set("status", status);
    draft.clear(&["failure_code", "failure_message"]);
    if draft.text("status") == Some("succeeded") && !draft.is_given("balance_transaction") {
        let (amount, currency) = (draft.integer("amount"), text(draft, "currency"));
        let movement = world.movement(("topup", draft.id), (amount, &currency), draft.created)?;
        draft.set("balance_transaction", movement);
    }
    Ok(())
}

/// A text member, to keep.
pub(crate) fn text(draft: &Draft<'_>, name: &str) -> String {
    draft.text(name).unwrap_or_default().to_owned()
}

/// The sum of an integer member.
pub(crate) fn sum<'a>(objects: impl IntoIterator<Item = &'a Value>, member: &str) -> i64 {
    let amounts = objects.into_iter().map(|object| integer(object, member));
    amounts.fold(0, i64::saturating_add)
}
