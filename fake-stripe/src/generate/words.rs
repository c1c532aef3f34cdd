//! Text and small numbers that fit the name of a member.

use crate::generate::forms;
use crate::generate::ids::characters;

/// The currencies of an account that sells in four; more of the first than of the rest.
pub(crate) const CURRENCIES: [&str; 4] = ["usd", "eur", "gbp", "jpy"];
pub(crate) const METADATA_KEYS: [&str; 4] = ["tenant_id", "order_id", "source", "plan_name"];

/// Characters of a text that nobody knows the form of.
const TOKEN: usize = 16;
/// What people charge, in the minor unit.
const AMOUNTS: [i64; 14] = [
    500, 900, 999, 1_200, 1_500, 1_900, 2_000, 2_900, 3_500, 4_900, 7_900, 9_900, 14_900, 24_900,
];
const PRODUCTS: [&str; 8] = [
    "Starter",
    "Basic",
    "Pro",
    "Team",
    "Business",
    "Enterprise",
    "Support",
    "Storage",
];
const WORDS: [&str; 8] = [
    "Monthly plan",
    "Annual plan",
    "Premium seat",
    "Setup",
    "Order",
    "Renewal",
    "Add-on",
    "Consulting",
];

/// Seven in ten are in the account's own currency.
pub(crate) fn currency(rng: &mut fastrand::Rng) -> &'static str {
    const OWN: u8 = 70;
    if rng.u8(..100) < OWN {
        return CURRENCIES[0];
    }
    rng.choice(CURRENCIES).unwrap_or(CURRENCIES[0])
}

/// An amount that people charge.
pub(crate) fn amount(rng: &mut fastrand::Rng) -> i64 {
    rng.choice(AMOUNTS).unwrap_or(AMOUNTS[0])
}

/// A text for a member of this name; letters and digits if nobody knows what such texts look like.
pub(crate) fn text(name: &str, rng: &mut fastrand::Rng) -> String {
    match forms::form(name) {
        Some(form) => form.text(rng),
        None => characters(TOKEN, rng),
    }
}

/// What people write where they may write anything.
pub(crate) fn prose(rng: &mut fastrand::Rng) -> String {
    let head = rng.choice(WORDS).unwrap_or_default();
    format!("{head} {}", rng.u32(1..10_000))
}

/// What a product is called.
pub(crate) fn product(rng: &mut fastrand::Rng) -> String {
    rng.choice(PRODUCTS).unwrap_or_default().to_owned()
}

/// An integer for a member of this name.
pub(crate) fn integer(name: &str, rng: &mut fastrand::Rng) -> i64 {
    match name {
        "exp_month" | "month" => rng.i64(1..=12),
        "exp_year" | "year" => rng.i64(2027..2034),
        "day" => rng.i64(1..=28),
        "hour" => rng.i64(0..24),
        "minute" | "second" => rng.i64(0..60),
        "pending_webhooks" => 0,
        _ => rng.i64(1..100),
    }
}
