//! What texts look like, by the name of their member.

use crate::clock;
use crate::generate::ids::characters;
use crate::generate::words;

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
const STATES: [&str; 4] = ["CA", "BY", "NY", "TX"];
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "ja"];
const BANKS: [&str; 3] = [
    "STRIPE TEST BANK",
    "First Example Bank",
    "Example Credit Union",
];
const SLUGS: [&str; 6] = [
    "api_requests",
    "tokens_used",
    "premium_support",
    "seats",
    "storage_gb",
    "active_projects",
];
/// From docs.stripe.com/connect/required-verification-information.
const REQUIREMENTS: [&str; 6] = [
    "business_profile.url",
    "external_account",
    "individual.dob.day",
    "individual.id_number",
    "individual.verification.document",
    "tos_acceptance.date",
];

/// A form of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Email,
    Url,
    Phone,
    Secret,
    Country,
    Currency,
    Account,
    /// Of a Connect application.
    Application,
    City,
    Street,
    Apartment,
    PostalCode,
    State,
    FullName,
    FirstName,
    LastName,
    Kana,
    Kanji,
    Bank,
    LastFour,
    Fingerprint,
    IpAddress,
    Id,
    ApiVersion,
    Language,
    Card,
    Color,
    Domain,
    FileName,
    /// A field of an account that Stripe wants to know.
    Requirement,
    /// YYYY-MM-DD.
    Date,
    /// RFC 3339.
    Time,
    Decimal,
    /// A name for programs: lowercase, with underscores.
    Slug,
    /// Capital letters and digits.
    Number,
    /// What people write.
    Prose,
}

/// Forms of members that have one of these names.
const NAMED: &[(Form, &[&str])] = &[
    (Form::Account, &["connected_account"]),
    (Form::Application, &["app", "application"]),
    (
        Form::FullName,
        &[
            "account_holder_name",
            "business_name",
            "cardholder_name",
            "created_by",
            "customer_name",
            "display_name",
            "doing_business_as",
            "full_name",
            "full_name_aliases",
            "individual_name",
            "name",
            "payer_name",
            "refund_account_holder_name",
            "registered_name",
            "sender_name",
            "verified_name",
        ],
    ),
    (Form::FirstName, &["first_name", "given_name"]),
    (Form::LastName, &["last_name", "maiden_name", "surname"]),
    (
        Form::Bank,
        &[
            "bank",
            "bank_name",
            "institution_name",
            "issuer",
            "sender_bank",
        ],
    ),
    (Form::Fingerprint, &["device_fingerprint", "fingerprint"]),
    (
        Form::IpAddress,
        &[
            "client_ip",
            "customer_purchase_ip",
            "destination_ip_address",
            "ip",
            "ip_address",
        ],
    ),
    (Form::Id, &["id"]),
    (Form::ApiVersion, &["api_version", "snapshot_api_version"]),
    (
        Form::Language,
        &[
            "language",
            "locale",
            "preferred_language",
            "preferred_locale",
            "preferred_locales",
        ],
    ),
    (
        Form::Card,
        &["payment_method_types", "supported_payment_methods"],
    ),
    (Form::Domain, &["domain_name"]),
    (
        Form::Url,
        &["connect_src", "image_src", "images", "invoice_pdf", "pdf"],
    ),
    (Form::FileName, &["filename"]),
    (
        Form::Requirement,
        &[
            "additional",
            "alternative_fields_due",
            "currently_due",
            "eventually_due",
            "minimum",
            "missing_fields",
            "original_fields_due",
            "past_due",
            "pending_verification",
            "requirement",
        ],
    ),
    (
        Form::Date,
        &["date", "processing_date", "service_date", "shipping_date"],
    ),
    (
        Form::Time,
        &["created", "end_time", "expires", "sent", "start_time"],
    ),
    (
        Form::Decimal,
        &[
            "exchange_rate",
            "metric_tons",
            "percentage_decimal",
            "value_decimal",
        ],
    ),
    (
        Form::Slug,
        &[
            "alias",
            "event_name",
            "event_payload_key",
            "key",
            "lookup_key",
        ],
    ),
    (
        Form::Country,
        &[
            "nationalities",
            "nationality",
            "supported_bank_account_currencies",
        ],
    ),
    (
        Form::Prose,
        &[
            "access_activity_log",
            "billing_address",
            "calculated_statement_descriptor",
            "cancellation_reason",
            "cancellation_policy_disclosure",
            "cancellation_rebuttal",
            "comment",
            "content",
            "custom_message",
            "description",
            "duplicate_charge_explanation",
            "error_message",
            "explanation",
            "failure_message",
            "footer",
            "footer_body",
            "footer_title",
            "header",
            "header_body",
            "header_title",
            "headline",
            "inactive_message",
            "interval_description",
            "label",
            "memo",
            "merchant_display_name",
            "merchant_name",
            "message",
            "metadata",
            "nickname",
            "page_title",
            "product_description",
            "product_name",
            "public_name",
            "reason_message",
            "refund_policy_disclosure",
            "refund_refusal_explanation",
            "return_description",
            "second_line",
            "seller_message",
            "shipping_address",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "text",
            "title",
            "uncategorized_text",
        ],
    ),
];

/// Forms of members whose names end in one of these, in this order.
const ENDINGS: &[(Form, &[&str])] = &[
    (Form::Kana, &["_kana"]),
    (Form::Kanji, &["_kanji"]),
    (Form::Url, &["url", "url_png", "url_svg"]),
    (Form::Secret, &["secret", "_token"]),
    (Form::Country, &["country", "countries"]),
    (Form::Currency, &["currencies"]),
    (Form::City, &["city", "town"]),
    (Form::Street, &["line1", "line_1"]),
    (Form::Apartment, &["line2", "line_2"]),
    (Form::PostalCode, &["postal_code", "zip"]),
    (Form::State, &["state", "region", "province"]),
    (Form::LastFour, &["last4"]),
    (Form::Color, &["_color"]),
    (Form::Time, &["_at"]),
    (Form::Number, &["number", "_prefix", "code"]),
];

/// What texts of a member of this name look like; `None` if nobody knows.
pub(crate) fn form(name: &str) -> Option<Form> {
    if name.contains("email") {
        return Some(Form::Email);
    }
    if name.contains("phone") {
        return Some(Form::Phone);
    }
    let mut named = NAMED.iter();
    let named = named.find(|(_, names)| names.contains(&name));
    let mut endings = ENDINGS.iter();
    named
        .or_else(|| endings.find(|(_, ends)| ends.iter().any(|end| name.ends_with(end))))
        .map(|(form, _)| *form)
}

impl Form {
    /// Whether readers rely on it: a strange text has it too.
    pub(crate) fn is_strict(self) -> bool {
        !matches!(
            self,
            Self::City
                | Self::Apartment
                | Self::FullName
                | Self::FirstName
                | Self::LastName
                | Self::Kana
                | Self::Kanji
                | Self::Bank
                | Self::Prose
        )
    }

    pub(crate) fn text(self, rng: &mut fastrand::Rng) -> String {
        /// Unix seconds of 2025-01-01, and the seconds of a year.
        const FROM: i64 = 1_735_689_600;
        const YEAR: i64 = 365 * 86_400;
        let mut of = |words: &[&str]| rng.choice(words).copied().unwrap_or_default().to_owned();
        match self {
            Self::Email => {
                let (first, last) = (of(&FIRST), of(&LAST));
                format!("{first}.{last}{}@example.com", rng.u32(..10_000)).to_lowercase()
            }
            Self::Url => format!("https://example.com/{}", characters(12, rng)),
            Self::Phone => format!("+1555{:07}", rng.u32(..10_000_000)),
            Self::Secret => format!("secret_{}", characters(24, rng)),
            Self::Country => of(&COUNTRIES),
            Self::Currency => of(&words::CURRENCIES),
            Self::Account => format!("acct_{}", characters(16, rng)),
            Self::Application => format!("ca_{}", characters(24, rng)),
            Self::City => of(&CITIES),
            Self::Street => format!("{} Main Street", rng.u16(1..2_000)),
            Self::Apartment => format!("Apartment {}", rng.u16(1..200)),
            Self::PostalCode => format!("{:05}", rng.u32(..100_000)),
            Self::State => of(&STATES),
            Self::FullName => {
                let first = of(&FIRST);
                format!("{first} {}", of(&LAST))
            }
            Self::FirstName => of(&FIRST),
            Self::LastName => of(&LAST),
            Self::Kana => "ﾃｽﾄ".to_owned(),
            Self::Kanji => "東京都".to_owned(),
            Self::Bank => of(&BANKS),
            Self::LastFour => format!("{:04}", rng.u16(..10_000)),
            Self::Fingerprint => characters(16, rng),
            Self::IpAddress => format!("203.0.113.{}", rng.u8(..)),
            Self::Id => characters(24, rng),
            Self::ApiVersion => stripe_sync_schema::api_version().to_owned(),
            Self::Language => of(&LANGUAGES),
            Self::Card => "card".to_owned(),
            Self::Color => format!("#{:06x}", rng.u32(..0x0100_0000)),
            Self::Domain => format!("{}.example.com", characters(8, rng).to_lowercase()),
            Self::FileName => format!("{}.pdf", characters(8, rng).to_lowercase()),
            Self::Requirement => of(&REQUIREMENTS),
            Self::Date => clock::date(FROM + rng.i64(..YEAR)),
            Self::Time => clock::rfc3339(FROM + rng.i64(..YEAR)),
            Self::Decimal => format!("{}.{}", rng.u8(1..25), rng.u8(1..10)),
            Self::Slug => of(&SLUGS),
            Self::Number => characters(8, rng).to_uppercase(),
            Self::Prose => words::prose(rng),
        }
    }
}
