//! Strange texts: what people and imports write into an account now and then.

use crate::generate::forms::{self, Form};
use crate::generate::words;

/// How many of 256 texts of an object that has them hold a NUL.
pub(crate) const NUL_DRAWS: u8 = 64;

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

/// A text for a member of this name.
pub(crate) fn text(name: &str, rng: &mut fastrand::Rng) -> String {
    let mut of = |words: &[&str]| rng.choice(words).copied().unwrap_or_default().to_owned();
    match name {
        "city" => of(&CITIES),
        "name" | "individual_name" | "business_name" | "display_name" => {
            let first = of(&FIRST);
            format!("{first} {}", of(&LAST))
        }
        "first_name" => of(&FIRST),
        "last_name" => of(&LAST),
        _ if forms::form(name).is_some_and(Form::is_strict) => words::text(name, rng),
        _ => {
            let head = of(&WORDS);
            format!("{head} {}", words::text(name, rng))
        }
    }
}

/// A text that PostgreSQL refuses.
pub(crate) fn with_nul(rng: &mut fastrand::Rng) -> String {
    format!("nul\0 {}", rng.u32(..))
}
