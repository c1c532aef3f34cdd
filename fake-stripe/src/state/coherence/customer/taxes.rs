//! Taxes: rates as countries have them, and the ids of those who pay them.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::Draft;
use crate::state::coherence::world::World;

/// (name, type, country, state, per cent).
const RATES: [(&str, &str, &str, Option<&str>, f64); 5] = [
    ("VAT", "vat", "DE", None, 19.0),
    ("VAT", "vat", "FR", None, 20.0),
    ("VAT", "vat", "IE", None, 23.0),
    ("VAT", "vat", "GB", None, 20.0),
    ("Sales tax", "sales_tax", "US", Some("CA"), 7.25),
];

/// (type, country, form; `#` is a digit).
const IDS: [(&str, &str, &str); 5] = [
    ("eu_vat", "DE", "DE#########"),
    ("eu_vat", "FR", "FR###########"),
    ("eu_vat", "IE", "IE#######A"),
    ("gb_vat", "GB", "GB#########"),
    ("us_ein", "US", "##-#######"),
];

/// A rate of a country.
pub(crate) fn rate(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let Some((name, kind, country, state, share)) = world.rng().choice(RATES) else {
        return Ok(());
    };
    let given = draft.given.get("percentage").and_then(Value::as_f64);
    let share = given.unwrap_or(share);
    draft.set("display_name", name);
    draft.set("tax_type", kind);
    draft.set("country", country);
    draft.set("state", state.map_or(Value::Null, Value::from));
    draft.set("jurisdiction", state.unwrap_or(country));
    draft.set(
        "jurisdiction_level",
        if state.is_some() { "state" } else { "country" },
    );
    draft.set("percentage", share);
    draft.set("effective_percentage", share);
    draft.set("rate_type", "percentage");
    draft.set("description", format!("{name} {country}"));
    draft.set("active", true);
    draft.clear(&["flat_amount"]);
    Ok(())
}

/// The type, the country and the value of an id.
pub(super) fn id(world: &mut World<'_>, draft: &mut Draft<'_>) {
    let drawn = world.rng().choice(IDS);
    let asked = draft.given_text("type");
    let of_type = IDS
        .iter()
        .copied()
        .find(|(kind, _, _)| Some(*kind) == asked.as_deref());
    let Some((kind, country, form)) = of_type.or(drawn) else {
        return;
    };
    let value: String = form
        .chars()
        .map(|letter| match letter {
            '#' => world.rng().digit(10),
            letter => letter,
        })
        .collect();
    draft.set("type", kind);
    draft.set("country", country);
    draft.set("value", value);
    draft.set(
        "verification",
        json!({ "status": "pending", "verified_address": null, "verified_name": null }),
    );
}
