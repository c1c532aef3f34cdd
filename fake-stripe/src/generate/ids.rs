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

/// A new id for an object of this name.
pub(crate) fn new_id(object: &str, mode: Mode, rng: &mut fastrand::Rng) -> String {
    match object {
        // Ids without a prefix, which merchants choose or which are a name.
        "coupon" => characters(8, rng),
        "country_spec" => (0..2).map(|_| rng.uppercase()).collect(),
        "exchange_rate" => (0..3).map(|_| rng.lowercase()).collect(),
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
