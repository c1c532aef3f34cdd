//! The rows of what is sold: so many of a price.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::invoice::wording;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in, integer};

/// How many prices are looked at: few have both the currency and the kind.
const DRAWS: usize = 32;

/// What is looked for in a price.
pub(crate) struct Wanted<'a> {
    /// `one_time` or `recurring`; `None` if either will do.
    pub(crate) kind: Option<&'a str>,
    pub(crate) currency: Option<&'a str>,
}

/// A price that is sold by then, found or made.
pub(crate) fn price(
    world: &mut World<'_>,
    created: i64,
    wanted: &Wanted<'_>,
) -> Result<Value, FakeError> {
    let text =
        |price: &Value, member: &str| price.get(member).and_then(Value::as_str).map(str::to_owned);
    let fits = |price: &Value| {
        let (kind, currency) = (text(price, "type"), text(price, "currency"));
        price.get("unit_amount").is_some_and(Value::is_i64)
            && wanted
                .kind
                .is_none_or(|wanted| kind.as_deref() == Some(wanted))
            && wanted
                .currency
                .is_none_or(|wanted| currency.as_deref() == Some(wanted))
    };
    if let Some(price) = world.some_in(DRAWS, "price", created, fits) {
        return Ok(price);
    }
    let mut given = json!({ "billing_scheme": "per_unit", "active": true });
    if let Some(members) = given.as_object_mut() {
        members.extend(wanted.kind.map(|kind| ("type".to_owned(), kind.into())));
        members.extend(
            wanted
                .currency
                .map(|currency| ("currency".to_owned(), currency.into())),
        );
    }
    world.make("price", created, given)
}

/// A row of so many of a price.
pub(crate) fn row(world: &World<'_>, price: &Value, quantity: i64) -> Value {
    let amount = integer(price, "unit_amount").saturating_mul(quantity);
    json!({
        "price": price, "quantity": quantity, "currency": price.get("currency"), "amount_subtotal": amount,
        "amount_total": amount, "amount_discount": 0, "amount_tax": 0, "description": wording::product(world, price),
        "discounts": [], "taxes": [],
    })
}

/// Completes a row that a test gave. One without a price stays as it is.
pub(crate) fn completed(world: &World<'_>, given: &Value) -> Value {
    let stored = world.neighbour(given, "price", "price");
    let Some(price) = stored.or_else(|| given.get("price").cloned().filter(Value::is_object))
    else {
        return given.clone();
    };
    let quantity = given.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    let mut row = row(world, &price, quantity);
    let total = |member: &str| given.get(member).and_then(Value::as_i64);
    let amount = total("amount_subtotal").or(total("amount_total"));
    if let (Some(row), Some(given)) = (row.as_object_mut(), given.as_object()) {
        if let Some(amount) = amount {
            row.insert("amount_subtotal".to_owned(), amount.into());
            row.insert("amount_total".to_owned(), amount.into());
        }
        for (name, value) in given.iter().filter(|(name, _)| *name != "price") {
            row.insert(name.clone(), value.clone());
        }
    }
    row
}

/// The rows of an offer: those that were given, completed; else one or two of prices.
pub(crate) fn rows(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    currency: Option<&str>,
) -> Result<Vec<Value>, FakeError> {
    /// Of the offers, this many of 100 have a second row.
    const SECOND: u8 = 30;
    let given = draft.rows_of("line_items").and_then(|rows| rows.clone());
    let rows = match given {
        Some(rows) => rows.iter().map(|row| completed(world, row)).collect(),
        None => {
            let wanted = Wanted {
                kind: None,
                currency,
            };
            let first = price(world, draft.created, &wanted)?;
            let kind = first.get("type").and_then(Value::as_str);
            let quantity = world.rng().i64(1..=3);
            let mut rows = vec![row(world, &first, quantity)];
            if kind == Some("one_time") && world.per_cent(SECOND) {
                let currency = first.get("currency").and_then(Value::as_str);
                let second = price(world, draft.created, &Wanted { kind, currency })?;
                if id_in(&second, "id") != id_in(&first, "id") {
                    rows.push(row(world, &second, 1));
                }
            }
            rows
        }
    };
    if let Some(items) = draft.rows_of("line_items") {
        *items = Some(rows.clone());
    }
    Ok(rows)
}

/// A row that is made alone is the row of a new checkout session.
pub(crate) fn alone(world: &mut World<'_>, created: i64, given: Value) -> Result<Value, FakeError> {
    let price = match world.neighbour(&given, "price", "price") {
        Some(price) => price,
        None => {
            let currency = given.get("currency").and_then(Value::as_str);
            price(
                world,
                created,
                &Wanted {
                    kind: Some("one_time"),
                    currency,
                },
            )?
        }
    };
    let mode = match price.get("type") == Some(&json!("recurring")) {
        true => "subscription",
        false => "payment",
    };
    let mut row = given;
    if let Some(members) = row.as_object_mut() {
        members.insert("price".to_owned(), price);
    }
    let session = json!({ "mode": mode, "line_items": [row] });
    let session = world.make("checkout.session", created, session)?;
    let id = id_in(&session, "id").unwrap_or_default();
    let rows = world.children("checkout.session", id, "item");
    Ok(rows.into_iter().next().unwrap_or_default())
}
