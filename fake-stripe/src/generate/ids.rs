//! Ids in Stripe's forms.

use stripe_sync_schema::Mode;
use stripe_sync_schema::catalogue;

/// Characters after a prefix in an id that the fake makes up.
const LENGTH: usize = 24;

/// Prefixes of objects that have several, or none in the catalogue; the usual one of today.
const PREFIXES: [(&str, &str); 17] = [
    ("application", "ca"),
    ("apps.install", "appinst"),
    ("billing.feedback_option", "bfo"),
    ("charge", "ch"),
    ("discount", "di"),
    ("dispute", "dp"),
    ("mandate", "mandate"),
    ("payment_attempt_record", "par"),
    ("payment_record", "pr"),
    ("plan", "plan"),
    ("price", "price"),
    ("product", "prod"),
    ("product_catalog.trial_offer", "trialoffer"),
    ("quote_line", "qtl"),
    ("refund", "re"),
    ("tax.location", "taxloc"),
    ("three_d_secure.authentication", "tdsauth"),
];

/// Countries in which Stripe serves businesses (stripe.com/global).
const COUNTRIES: [&str; 46] = [
    "AE", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR",
    "GB", "GI", "GR", "HK", "HR", "HU", "IE", "IN", "IT", "JP", "LI", "LT", "LU", "LV", "MT", "MX",
    "MY", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "SG", "SI", "SK", "TH", "US", "ZA",
];
/// Currencies of rates (docs.stripe.com/currencies).
const CURRENCIES: [&str; 48] = [
    "aed", "ars", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "egp",
    "eur", "gbp", "hkd", "huf", "idr", "ils", "inr", "isk", "jpy", "kes", "krw", "mad", "mxn",
    "myr", "ngn", "nok", "nzd", "pen", "php", "pkr", "pln", "qar", "ron", "rsd", "sar", "sek",
    "sgd", "thb", "try", "twd", "uah", "usd", "uyu", "vnd", "zar",
];

/// An id of letters for an object whose words are used up.
pub(crate) fn spare_id(object: &str, rng: &mut fastrand::Rng) -> Option<String> {
    match object {
        "country_spec" => Some((0..2).map(|_| rng.uppercase()).collect()),
        "exchange_rate" => Some((0..3).map(|_| rng.lowercase()).collect()),
        _ => None,
    }
}

/// A new id for an object of this name.
pub(crate) fn new_id(object: &str, mode: Mode, rng: &mut fastrand::Rng) -> String {
    match object {
        // Ids without a prefix, which merchants choose or which are a name.
        "coupon" => characters(8, rng),
        "country_spec" => rng.choice(COUNTRIES).unwrap_or_default().to_owned(),
        "exchange_rate" => rng.choice(CURRENCIES).unwrap_or_default().to_owned(),
        "tax_code" => format!("txcd_{:08}", rng.u32(..100_000_000)),
        "reporting.report_type" => format!(
            "report.{}.{}",
            characters(6, rng).to_lowercase(),
            rng.u8(1..9)
        ),
        "checkout.session" => format!("cs_{mode}_{}", characters(58, rng)),
        _ => {
            let usual = PREFIXES
                .iter()
                .find(|(name, _)| *name == object)
                .map(|(_, prefix)| *prefix);
            let prefix = catalogue::resource(object)
                .and_then(|resource| resource.id_prefix)
                .or(usual);
            let tail = characters(LENGTH, rng);
            prefix.map_or_else(
                || format!("{}_{tail}", object.replace('.', "_")),
                |prefix| format!("{prefix}_{tail}"),
            )
        }
    }
}

/// Letters of both cases and digits.
pub(crate) fn characters(count: usize, rng: &mut fastrand::Rng) -> String {
    (0..count).map(|_| rng.alphanumeric()).collect()
}
