//! Text and small numbers that fit the name of a member, as people write them.

use crate::generate::ids::characters;

/// The currencies of an account that sells in four; more of the first than of the rest.
pub(crate) const CURRENCIES: [&str; 4] = ["usd", "eur", "gbp", "jpy"];
pub(crate) const METADATA_KEYS: [&str; 4] = ["tenant_id", "order_id", "source", "plan_name"];

/// What people charge, in the minor unit.
const AMOUNTS: [i64; 14] = [
    500, 900, 999, 1_200, 1_500, 1_900, 2_000, 2_900, 3_500, 4_900, 7_900, 9_900, 14_900, 24_900,
];
const FIRST: [&str; 12] = [
    "Jenny", "Ana", "Thomas", "Maria", "Kenji", "Sofia", "Liam", "Emma", "Noah", "Lucia", "Jan",
    "Priya",
];
const LAST: [&str; 10] = [
    "Rosen", "Smith", "Garcia", "Weiss", "Nowak", "Nguyen", "Tanaka", "Silva", "Martin", "Patel",
];
const CITIES: [&str; 6] = [
    "San Francisco",
    "Berlin",
    "London",
    "Austin",
    "Paris",
    "Dublin",
];
const COUNTRIES: [&str; 6] = ["US", "DE", "GB", "JP", "FR", "IE"];
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

/// Whether texts of a member of this name have a form that a reader may rely on.
pub(crate) fn has_a_form(name: &str) -> bool {
    matches!(
        name,
        "country"
            | "default_country"
            | "line1"
            | "postal_code"
            | "last4"
            | "fingerprint"
            | "ip"
            | "ip_address"
            | "id"
            | "api_version"
            | "preferred_locales"
            | "locale"
            | "payment_method_types"
    ) || ["email", "phone"].iter().any(|part| name.contains(part))
        || ["url", "number", "_prefix", "code", "secret"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// A text for a member of this name.
pub(crate) fn text(name: &str, rng: &mut fastrand::Rng) -> String {
    let mut of = |words: &[&str]| rng.choice(words).copied().unwrap_or_default().to_owned();
    match name {
        _ if name.contains("email") => {
            let (first, last) = (of(&FIRST), of(&LAST));
            format!("{first}.{last}{}@example.com", rng.u32(..10_000)).to_lowercase()
        }
        _ if name.ends_with("url") => format!("https://example.com/{}", characters(12, rng)),
        _ if name.contains("phone") => format!("+1555{:07}", rng.u32(..10_000_000)),
        _ if name.ends_with("secret") => format!("secret_{}", characters(24, rng)),
        "country" | "default_country" => of(&COUNTRIES),
        "connected_account" => format!("acct_{}", characters(16, rng)),
        "city" => of(&CITIES),
        "line1" => format!("{} Main Street", rng.u16(1..2_000)),
        "postal_code" => format!("{:05}", rng.u32(..100_000)),
        "state" => of(&["CA", "BY", "NY", "TX"]),
        "name" | "individual_name" | "business_name" | "display_name" => {
            let first = of(&FIRST);
            format!("{first} {}", of(&LAST))
        }
        "first_name" => of(&FIRST),
        "last_name" => of(&LAST),
        "last4" => format!("{:04}", rng.u16(..10_000)),
        "fingerprint" => characters(16, rng),
        "ip" | "ip_address" => format!("203.0.113.{}", rng.u8(..)),
        "id" => characters(24, rng),
        "api_version" => stripe_sync_schema::api_version().to_owned(),
        "preferred_locales" | "locale" => of(&["en", "de", "fr", "ja"]),
        "payment_method_types" => "card".to_owned(),
        _ if name.ends_with("number") || name.ends_with("_prefix") || name.ends_with("code") => {
            characters(8, rng).to_uppercase()
        }
        _ => {
            let head = of(&WORDS);
            format!("{head} {}", rng.u32(1..10_000))
        }
    }
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
