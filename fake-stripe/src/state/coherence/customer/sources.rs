//! Cards and bank accounts: sources of customers, or payout destinations of accounts.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in};

/// What can be a customer's source.
const KINDS: [&str; 3] = ["bank_account", "card", "source"];

/// A card or a bank account: a customer's source, or an account's payout destination.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if draft.object == "bank_account" {
        bank_account(draft);
    }
    if draft.is_given_some("account") {
        draft.set("customer", Value::Null);
        return Ok(());
    }
    world.customer(draft)?;
    draft.set("account", Value::Null);
    Ok(())
}

/// A bank account: of a country that has its currency.
fn bank_account(draft: &mut Draft<'_>) {
    /// (currency, country, routing number of Stripe's test banks; docs.stripe.com/connect/testing).
    const BANKS: [(&str, &str, Option<&str>); 4] = [
        ("usd", "US", Some("110000000")),
        ("eur", "DE", None),
        ("gbp", "GB", Some("108800")),
        ("jpy", "JP", Some("1100000")),
    ];
    let country = draft.given_text("country");
    let currency = draft.text("currency").unwrap_or_default();
    let mut banks = BANKS.iter();
    let Some((currency, country, number)) = banks.find(|(of, its, _)| match &country {
        Some(country) if !draft.is_given("currency") => its == country,
        _ => *of == currency,
    }) else {
        return;
    };
    draft.set("currency", *currency);
    draft.set("country", *country);
    draft.set("routing_number", number.map_or(Value::Null, Value::from));
}

/// The default of a customer whose default source was deleted is the one that was added last
/// (docs.stripe.com/api/cards/delete).
pub(crate) fn removed(world: &mut World<'_>, source: &Value) -> Result<(), FakeError> {
    let Some(customer) = world.neighbour(source, "customer", "customer") else {
        return Ok(());
    };
    if id_in(&customer, "default_source") != id_in(source, "id") {
        return Ok(());
    }
    let id = id_in(&customer, "id").unwrap_or_default();
    let newest = world.newest_child("customer", id, &KINDS);
    world.amend(id, &json!({ "default_source": newest }))
}
