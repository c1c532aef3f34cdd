//! Platforms: fees, transfers and what goes back of them.

pub(crate) mod people;

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::{sum, text};
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in, integer, refused};

/// A platform's part of a charge.
pub(crate) fn application_fee(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), FakeError> {
    /// A tenth.
    const PART: i64 = 10;
    if !draft.is_given("charge") {
        // A fee comes with its charge.
        let given = json!({ "status": "succeeded", "captured": true });
        let charge = world.make("charge", draft.created, given)?;
        draft.set("charge", charge.get("id").cloned().unwrap_or_default());
    }
    let amount = world.amount(draft);
    if let Some(charge) = world.neighbour_of(draft, "charge", "charge") {
        draft.set("amount", integer(&charge, "amount") / PART);
        draft.set(
            "currency",
            charge.get("currency").cloned().unwrap_or_default(),
        );
    } else {
        draft.set("amount", amount);
    }
    if !draft.is_given("account") {
        let account = people::connected(world, draft.created)?;
        draft.set("account", account);
    }
    draft.set("amount_refunded", 0);
    let is_refunded = draft.integer("amount_refunded") > 0
        && draft.integer("amount_refunded") >= draft.integer("amount");
    draft.set("refunded", is_refunded);
    draft.clear(&["originating_transaction"]);
    let charge = draft.id_in("charge");
    draft.set("fee_source", json!({ "type": "charge", "charge": charge }));
    nothing_back(draft, "refunds");
    moved(world, draft, "application_fee", 1)
}

/// Nothing went back of a new object, unless the test says what.
fn nothing_back(draft: &mut Draft<'_>, list: &str) {
    if let Some(rows) = draft.rows_of(list) {
        rows.get_or_insert_default();
    }
}

/// The movement on the balance that an object is, unless the test gave one.
fn moved(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    kind: &str,
    sign: i64,
) -> Result<(), FakeError> {
    if draft.is_given("balance_transaction") {
        return Ok(());
    }
    let (amount, currency) = (draft.integer("amount") * sign, text(draft, "currency"));
    let movement = world.movement((kind, draft.id), (amount, &currency), draft.created)?;
    draft.set("balance_transaction", movement);
    Ok(())
}

/// Money for a connected account.
pub(crate) fn transfer(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let amount = world.amount(draft);
    draft.set("amount", amount);
    if !draft.is_given("source_transaction") && !draft.is_given("amount") && world.per_cent(30) {
        let fits = |charge: &Value| {
            charge.get("refunded") == Some(&json!(false)) && integer(charge, "amount_captured") > 0
        };
        if let Some(charge) = world.some("charge", draft.created, fits) {
            draft.set(
                "source_transaction",
                id_in(&charge, "id").unwrap_or_default().to_owned(),
            );
            draft.set("amount", integer(&charge, "amount_captured"));
            draft.set(
                "currency",
                charge.get("currency").cloned().unwrap_or_default(),
            );
        }
    } else {
        draft.clear(&["source_transaction"]);
    }
    draft.set("amount_reversed", 0);
    let is_reversed = draft.integer("amount_reversed") > 0
        && draft.integer("amount_reversed") >= draft.integer("amount");
    draft.set("reversed", is_reversed);
    draft.set("source_type", "card");
    if !draft.is_given("destination") {
        let destination = people::connected(world, draft.created)?;
        draft.set("destination", destination);
    }
    draft.clear(&["transfer_group"]);
    nothing_back(draft, "reversals");
    draft.omit(&["destination_payment"]);
    moved(world, draft, "transfer", -1)
}

/// The object of which a part goes back, found or made, and how much is left of it.
fn whole(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    (object, member, back): (&'static str, &str, &'static str),
) -> Result<Option<Value>, FakeError> {
    let left = |whole: &Value| integer(whole, "amount").saturating_sub(integer(whole, back));
    let found = if draft.is_given(member) {
        world.neighbour_of(draft, member, object)
    } else if let Some(parent) = draft.parent {
        world.value(object, parent)
    } else {
        let created = draft.created;
        match world.some(object, created, |whole| left(whole) > 0) {
            Some(found) => Some(found),
            None => Some(world.make(object, created, Value::Null)?),
        }
    };
    let Some(found) = found else {
        return Ok(None);
    };
    let id = id_in(&found, "id").unwrap_or_default();
    if draft
        .given_integer("amount")
        .is_some_and(|amount| amount > left(&found))
    {
        return Err(refused(format!(
            "The amount is greater than what is left of {id}, which is {}.",
            left(&found)
        )));
    }
    draft.set(member, id.to_owned());
    draft.set("amount", left(&found));
    draft.set(
        "currency",
        found.get("currency").cloned().unwrap_or_default(),
    );
    Ok(Some(found))
}

/// A part of an application fee that goes back.
pub(crate) fn fee_refund(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    match whole(world, draft, ("application_fee", "fee", "amount_refunded"))? {
        Some(_) => moved(world, draft, "application_fee_refund", -1),
        None => Ok(()),
    }
}

/// A part of a transfer that comes back.
pub(crate) fn transfer_reversal(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), FakeError> {
    draft.clear(&["destination_payment_refund", "source_refund"]);
    match whole(world, draft, ("transfer", "transfer", "amount_reversed"))? {
        Some(_) => moved(world, draft, "transfer_refund", 1),
        None => Ok(()),
    }
}

/// The charge of a fee, and its payment intent, say how much it is.
pub(crate) fn follow_fee(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let charge = world.neighbour(stored.after, "charge", "charge");
    let free = charge.filter(|charge| charge.get("application_fee").is_none_or(Value::is_null));
    let Some(charge) = free.filter(|_| stored.before.is_none()) else {
        return Ok(());
    };
    let amount = stored.integer("amount");
    if let Some(intent) = id_in(&charge, "payment_intent") {
        world.amend(intent, &json!({ "application_fee_amount": amount }))?;
    }
    let id = id_in(&charge, "id").unwrap_or_default();
    world.amend(
        id,
        &json!({ "application_fee": stored.id, "application_fee_amount": amount }),
    )
}

/// The fee of a refund says what went back.
pub(crate) fn follow_fee_refund(
    world: &mut World<'_>,
    stored: &Stored<'_>,
) -> Result<(), FakeError> {
    went_back(
        world,
        stored,
        ("application_fee", "fee"),
        ("amount_refunded", "refunded"),
    )
}

/// The transfer of a reversal says what came back.
pub(crate) fn follow_reversal(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    went_back(
        world,
        stored,
        ("transfer", "transfer"),
        ("amount_reversed", "reversed"),
    )
}

fn went_back(
    world: &mut World<'_>,
    stored: &Stored<'_>,
    (object, member): (&str, &str),
    (amount, flag): (&str, &str),
) -> Result<(), FakeError> {
    let Some(whole) = world.neighbour(stored.after, member, object) else {
        return Ok(());
    };
    let id = id_in(&whole, "id").unwrap_or_default();
    let back = sum(&world.all_with(stored.object, member, id), "amount");
    if back == integer(&whole, amount) {
        return Ok(());
    }
    let mut changes = json!({});
    if let Some(members) = changes.as_object_mut() {
        members.insert(amount.to_owned(), back.into());
        members.insert(flag.to_owned(), (back >= integer(&whole, "amount")).into());
    }
    world.amend(id, &changes)
}
