//! What a customer has at the account, or owes it.

use serde_json::json;

use crate::error::FakeError;
use crate::state::coherence::customer;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in, integer};

/// Of the movements that nobody described, this many of 100 are in the customer's favour.
const CREDITED: u8 = 70;

/// A movement: the customer's balance is what it leads to.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let customer = match draft.parent.filter(|_| !draft.is_given("customer")) {
        Some(parent) => {
            let parent = parent.to_owned();
            draft.set("customer", parent.as_str());
            world.value("customer", &parent)
        }
        None => world.customer(draft)?,
    };
    if let Some(currency) = customer::billed_in(customer.as_ref()) {
        draft.set("currency", currency);
    }
    let amount = world.amount(draft);
    // What is below zero is the customer's.
    let amount = if world.per_cent(CREDITED) {
        -amount
    } else {
        amount
    };
    draft.set("amount", amount);
    draft.set("type", "adjustment");
    draft.clear(&[
        "checkout_session",
        "credit_note",
        "customer_account",
        "invoice",
    ]);
    let balance = customer
        .as_ref()
        .map_or(0, |customer| integer(customer, "balance"));
    draft.set("ending_balance", balance + draft.integer("amount"));
    customer::bill(world, customer.as_ref(), draft.text("currency"))?;
    match customer.as_ref().and_then(|customer| id_in(customer, "id")) {
        Some(id) => {
            let balance = draft.integer("ending_balance");
            world.amend(id, &json!({ "balance": balance }))
        }
        None => Ok(()),
    }
}
