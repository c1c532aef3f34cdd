//! Text and small numbers that fit the name of a field.

use crate::generate::ids::characters;

pub(crate) const CURRENCIES: [&str; 10] = [
    "usd", "eur", "gbp", "jpy", "krw", "bhd", "kwd", "isk", "ugx", "brl",
];
pub(crate) const METADATA_KEYS: [&str; 6] = [
    "tenant_id",
    "order_id",
    "source",
    "Plan-Name",
    "note",
    "campaign.id",
];

const FIRST: [&str; 10] = [
    "Jenny",
    "Zoë",
    "José",
    "Müller",
    "Łukasz",
    "O'Brien",
    "Ngọc",
    "Βασίλης",
    "美咲",
    "Anna-Lena",
];
const LAST: [&str; 8] = [
    "Rosen",
    "Smith",
    "García",
    "Weiß",
    "Nowak",
    "Nguyễn",
    "山田",
    "de la Cruz",
];
const CITIES: [&str; 6] = [
    "San Francisco",
    "Köln",
    "São Paulo",
    "東京",
    "Saint-Étienne",
    "Dublin",
];
const COUNTRIES: [&str; 8] = ["US", "DE", "BR", "JP", "FR", "IE", "GB", "PL"];
const WORDS: [&str; 12] = [
    "monthly",
    "premium",
    "seat",
    "invoice #7",
    "\"quoted\"",
    "tab\there",
    "naïve",
    "50% off",
    "back\\slash",
    "line\nbreak",
    "emoji 🎉",
    "plain",
];

/// A text for a field of this name.
pub(crate) fn text(name: &str, rng: &mut fastrand::Rng) -> String {
    let mut of = |words: &[&str]| rng.choice(words).copied().unwrap_or_default().to_owned();
    match name {
        _ if name.contains("email") => {
            format!("{}@example.com", characters(10, rng).to_lowercase())
        }
        _ if name.ends_with("url") => format!("https://example.com/{}", characters(12, rng)),
        _ if name.contains("phone") => format!("+1555{:07}", rng.u32(..10_000_000)),
        "country" | "default_country" => of(&COUNTRIES),
        "city" => of(&CITIES),
        "line1" => format!("{} Main Street", rng.u16(1..2_000)),
        "postal_code" => format!("{:05}", rng.u32(..100_000)),
        "state" => of(&["CA", "BY", "SP", "NY"]),
        "name" | "individual_name" | "business_name" | "display_name" => {
            let first = of(&FIRST);
            format!("{first} {}", rng.choice(LAST).unwrap_or_default())
        }
        "first_name" => of(&FIRST),
        "last_name" => of(&LAST),
        "last4" => format!("{:04}", rng.u16(..10_000)),
        "fingerprint" => characters(16, rng),
        "ip" | "ip_address" => format!("203.0.113.{}", rng.u8(..)),
        "id" => characters(24, rng),
        "api_version" => stripe_sync_schema::api_version().to_owned(),
        "preferred_locales" | "locale" => of(&["en", "de", "pt-BR", "ja"]),
        _ if name.ends_with("number") || name.ends_with("_prefix") || name.ends_with("code") => {
            characters(8, rng).to_uppercase()
        }
        _ => {
            let head = of(&WORDS);
            format!("{head} {}", characters(6, rng))
        }
    }
}

/// An integer for a field of this name.
pub(crate) fn integer(name: &str, rng: &mut fastrand::Rng) -> i64 {
    match name {
        "exp_month" | "month" => rng.i64(1..=12),
        "exp_year" | "year" => rng.i64(2026..2036),
        "day" => rng.i64(1..=28),
        "hour" => rng.i64(0..24),
        "minute" | "second" => rng.i64(0..60),
        "pending_webhooks" => 0,
        _ => rng.i64(1..100),
    }
}
