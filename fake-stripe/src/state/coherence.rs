//! What belongs together in a real account: money and time that add up, members that agree, neighbours that exist.
//!
//! A rule has three moments. *Settle* completes an object that is being made, *change* completes one that is being changed or
//! refuses the change, and *follow* brings the neighbours of a stored object in line with it. What a test gave stays as it gave
//! it; the rest fits it.

mod balance;
mod billing;
mod charge;
mod connect;
mod customer;
mod dispute;
mod draft;
mod invoice;
mod payment_intent;
mod references;
mod registry;
pub(crate) mod sales;
mod setup_intent;
mod subscription;
mod world;

use serde_json::Value;

pub(crate) use draft::Draft;
pub(crate) use invoice::occasion::Invoiced;
pub(crate) use world::World;

use crate::error::FakeError;

/// A change that was stored.
#[derive(Debug)]
pub(crate) struct Stored<'a> {
    pub(crate) object: &'static str,
    pub(crate) id: &'a str,
    /// What the object was; `None` for a new one.
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: &'a Value,
}

impl Stored<'_> {
    /// Whether the member is not what it was.
    pub(crate) fn has_changed(&self, member: &str) -> bool {
        self.before.and_then(|before| before.get(member)) != self.after.get(member)
    }

    /// A text member as it is now.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.after.get(member)?.as_str()
    }

    /// An integer member as it is now; 0 where it is none.
    pub(crate) fn integer(&self, member: &str) -> i64 {
        integer(self.after, member)
    }
}

/// An integer member; 0 where it is none.
pub(crate) fn integer(object: &Value, member: &str) -> i64 {
    object
        .get(member)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// The id in a member that is an id, or an object with one.
pub(crate) fn id_in<'a>(object: &'a Value, member: &str) -> Option<&'a str> {
    let value = object.get(member)?;
    value.as_str().or_else(|| value.get("id")?.as_str())
}

/// Stripe's refusal of a change.
pub(crate) fn refused(message: impl Into<String>) -> FakeError {
    FakeError::Refused {
        message: message.into(),
    }
}

impl World<'_> {
    /// Completes an object that is being made.
    pub(crate) fn settle(&mut self, draft: &mut Draft<'_>) -> Result<(), FakeError> {
        match draft.object {
            "balance_transaction" => balance::transaction(self, draft),
            "payout" => balance::payout(self, draft),
            "topup" => balance::topup(self, draft),
            "charge" => charge::settle(self, draft),
            "checkout.session" => sales::checkout::settle(self, draft),
            "application_fee" => connect::application_fee(self, draft),
            "fee_refund" => connect::fee_refund(self, draft),
            "transfer" => connect::transfer(self, draft),
            "transfer_reversal" => connect::transfer_reversal(self, draft),
            "customer" => customer::customer(self, draft),
            "payment_method" => customer::payment_method(self, draft),
            "tax_id" => customer::tax_id(self, draft),
            "tax_rate" => customer::taxes::rate(self, draft),
            "bank_account" | "card" => customer::sources::settle(self, draft),
            "account" => connect::people::account(draft),
            "person" => connect::people::person(self, draft),
            "file" => registry::file(self, draft),
            "issuing.card" => registry::issued_card(self, draft),
            "source" => registry::source(self, draft),
            "test_helpers.test_clock" => registry::test_clock(draft),
            "treasury.financial_account" => registry::financial_account(self, draft),
            "treasury.transaction" => registry::treasury_transaction(draft),
            "dispute" => dispute::settle(self, draft),
            "refund" => dispute::refund(self, draft),
            "invoice" => invoice::settle(self, draft),
            "line_item" => invoice::lines::line(self, draft),
            "invoiceitem" => invoice::lines::item(self, draft),
            "invoice_payment" => invoice::payment::settle(self, draft),
            "credit_note" => billing::credit_note(self, draft),
            "credit_note_line_item" => {
                billing::credit_note_line(draft);
                Ok(())
            }
            "customer_balance_transaction" => customer::balance::settle(self, draft),
            "quote" => sales::quote::settle(self, draft),
            "payment_link" => sales::link::settle(self, draft),
            "subscription_schedule" => sales::schedule::settle(self, draft),
            "webhook_endpoint" => {
                // Stripe shows the secret once, to who made the endpoint.
                draft.omit(&["secret"]);
                draft.set("enabled_events", serde_json::json!(["*"]));
                Ok(())
            }
            "payment_intent" => payment_intent::settle(self, draft),
            "setup_intent" => setup_intent::settle(self, draft),
            "setup_attempt" => setup_intent::attempt(self, draft),
            "price" => sales::price::price(self, draft),
            "plan" => sales::price::plan(self, draft),
            "product" => sales::price::product(self, draft),
            "coupon" => sales::price::coupon(self, draft),
            "promotion_code" => sales::price::promotion_code(self, draft),
            "subscription" => subscription::settle(self, draft),
            "subscription_item" => subscription::item::settle(self, draft),
            "event" => {
                draft.set("pending_webhooks", 0);
                Ok(())
            }
            _ => Ok(()),
        }?;
        references::resolve(self, draft)
    }

    /// Completes an object that is being changed, or refuses the change.
    pub(crate) fn change(
        &mut self,
        draft: &mut Draft<'_>,
        before: &Value,
    ) -> Result<(), FakeError> {
        keeps_amount(draft, before)?;
        match draft.object {
            "charge" => charge::change(self, draft, before),
            "checkout.session" => sales::checkout::change(self, draft, before),
            "credit_note" => billing::change_credit_note(self, draft, before),
            "payout" => balance::change_payout(self, draft, before),
            "dispute" => dispute::change(self, draft, before),
            "invoice" => invoice::change(self, draft, before),
            "payment_intent" => payment_intent::change(self, draft, before),
            "setup_intent" => setup_intent::change(self, draft, before),
            "price" => sales::price::change(draft, before),
            "refund" => dispute::change_refund(self, draft, before),
            "subscription" => subscription::change(self, draft, before),
            _ => Ok(()),
        }?;
        references::complete(draft);
        Ok(())
    }

    /// Brings the neighbours of a stored object in line with it.
    pub(crate) fn follow(&mut self, stored: &Stored<'_>) -> Result<(), FakeError> {
        match stored.object {
            "application_fee" => connect::follow_fee(self, stored),
            "charge" => charge::follow(self, stored),
            "dispute" => dispute::follow(self, stored),
            "invoice" => invoice::payment::follow(self, stored),
            "line_item" => invoice::lines::follow(self, stored),
            "payment_intent" => payment_intent::follow(self, stored),
            "customer" => customer::follow(self, stored),
            "price" => sales::price::follow(self, stored),
            "payment_method" => customer::follow_method(self, stored),
            "refund" => dispute::follow_refund(self, stored),
            "subscription" => subscription::arrears::follow(self, stored),
            "credit_note" => billing::follow_credit_note(self, stored),
            "fee_refund" => connect::follow_fee_refund(self, stored),
            "transfer_reversal" => connect::follow_reversal(self, stored),
            _ => Ok(()),
        }
    }

    /// Brings an object in line with its new rows.
    pub(crate) fn recount(&mut self, stored: &Stored<'_>) -> Result<(), FakeError> {
        match stored.object {
            "invoice" => invoice::totals::recount(self, stored.after),
            _ => Ok(()),
        }
    }

    /// Whether Stripe deletes this object.
    pub(crate) fn may_delete(&self, object: &str, value: &Value) -> Result<(), FakeError> {
        match object {
            "invoice" => invoice::may_delete(value),
            "line_item" => invoice::lines::may_delete(self, value),
            "product" => sales::price::may_delete_product(self, value),
            "subscription_item" => subscription::item::may_delete(self, value),
            _ => Ok(()),
        }
    }

    /// Brings the neighbours of an object that was deleted in line with that.
    pub(crate) fn removed(&mut self, object: &str, value: &Value) -> Result<(), FakeError> {
        match object {
            "bank_account" | "card" | "source" => customer::sources::removed(self, value),
            "line_item" => invoice::totals::without(self, value),
            _ => Ok(()),
        }
    }
}

/// Refuses another amount of money that has moved.
fn keeps_amount(draft: &Draft<'_>, before: &Value) -> Result<(), FakeError> {
    const MOVED: [&str; 7] = [
        "balance_transaction",
        "charge",
        "dispute",
        "payout",
        "refund",
        "topup",
        "transfer",
    ];
    let status = before.get("status").and_then(Value::as_str);
    let is_over = draft.object == "payment_intent"
        && status.is_some_and(|status| payment_intent::LAST.contains(&status));
    if !is_over && !MOVED.contains(&draft.object) {
        return Ok(());
    }
    for member in ["amount", "currency"] {
        if draft.is_given(member) && draft.members.get(member) != before.get(member) {
            return Err(refused(format!(
                "The {member} of {} cannot be changed any more.",
                draft.id
            )));
        }
    }
    Ok(())
}

/// Refuses a change of a status that is final.
pub(crate) fn stays_final(
    draft: &Draft<'_>,
    before: &Value,
    last: &[&str],
    what: &str,
) -> Result<(), FakeError> {
    let was = before
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is = draft.text("status").unwrap_or_default();
    if was != is && last.contains(&was) {
        return Err(refused(format!(
            "You cannot change this {what} because it has a status of {was}: it cannot become {is}."
        )));
    }
    Ok(())
}
