//! Stripe's words where its schema says that a member is any string.

/// (object, member, words). The object `*` is every object without a line of its own; a member has its name alone, however
/// deep it is. From the texts of docs.stripe.com/api.
const WORDS: &[(&str, &str, &[&str])] = &[
    (
        "tax_code",
        "name",
        &[
            "General - Tangible Goods",
            "General - Services",
            "Software as a service (SaaS) - business use",
            "Digital Books - downloaded",
        ],
    ),
    (
        "tax_code",
        "description",
        &[
            "Any tangible or physical good.",
            "Any service that is not a good.",
        ],
    ),
    (
        "reporting.report_type",
        "name",
        &["Balance summary", "Payouts summary", "Itemized payouts"],
    ),
    ("*", "category_code", &["5734", "5812", "5411"]),
    ("balance_transaction", "status", &["available", "pending"]),
    ("balance_transaction", "reporting_category", &["charge"]),
    ("balance_transaction", "type", &["stripe_fee"]),
    (
        "bank_account",
        "account_holder_type",
        &["individual", "company"],
    ),
    ("bank_account", "account_type", &["checking", "savings"]),
    ("bank_account", "status", &["new", "validated", "verified"]),
    ("card", "status", &["active"]),
    (
        "card",
        "brand",
        &["Visa", "MasterCard", "American Express", "Discover"],
    ),
    (
        "charge",
        "failure_code",
        &["card_declined", "insufficient_funds", "expired_card"],
    ),
    ("charge", "network_status", &["approved_by_network"]),
    ("charge", "type", &["authorized"]),
    (
        "dispute",
        "reason",
        &[
            "fraudulent",
            "general",
            "product_not_received",
            "duplicate",
            "subscription_canceled",
        ],
    ),
    ("file", "type", &["csv", "pdf", "png", "jpg"]),
    ("invoice", "action", &["revision"]),
    ("invoice_payment", "status", &["open", "paid", "canceled"]),
    (
        "issuing.authorization",
        "wallet",
        &["apple_pay", "google_pay"],
    ),
    ("issuing.card", "brand", &["Visa"]),
    ("payment_method", "type", &["file"]),
    (
        "payout",
        "failure_code",
        &["account_closed", "could_not_process", "no_account"],
    ),
    ("payout", "method", &["standard", "instant"]),
    ("payout", "source_type", &["card", "bank_account"]),
    (
        "payout",
        "status",
        &["paid", "in_transit", "pending", "failed", "canceled"],
    ),
    ("person", "status", &["verified", "unverified", "pending"]),
    (
        "radar.early_fraud_warning",
        "fraud_type",
        &["made_with_stolen_card", "unauthorized_use_of_card", "misc"],
    ),
    (
        "refund",
        "status",
        &[
            "succeeded",
            "pending",
            "requires_action",
            "failed",
            "canceled",
        ],
    ),
    (
        "refund",
        "failure_reason",
        &["expired_or_canceled_card", "lost_or_stolen_card", "unknown"],
    ),
    ("refund", "type", &["card"]),
    (
        "reporting.report_run",
        "report_type",
        &["balance.summary.1", "payouts.summary.1"],
    ),
    (
        "reporting.report_run",
        "status",
        &["succeeded", "pending", "failed"],
    ),
    ("review", "reason", &["rule", "manual", "approved"]),
    (
        "scheduled_query_run",
        "status",
        &["completed", "canceled", "failed", "timed_out"],
    ),
    (
        "setup_attempt",
        "status",
        &["succeeded", "requires_action", "failed", "abandoned"],
    ),
    ("setup_attempt", "usage", &["off_session", "on_session"]),
    ("setup_attempt", "type", &["card"]),
    ("setup_intent", "usage", &["off_session", "on_session"]),
    ("setup_intent", "type", &["use_stripe_sdk"]),
    ("payment_intent", "type", &["use_stripe_sdk"]),
    (
        "source_mandate_notification",
        "reason",
        &["mandate_confirmed", "debit_initiated"],
    ),
    (
        "source_mandate_notification",
        "status",
        &["pending", "submitted"],
    ),
    ("source_mandate_notification", "type", &["sepa_debit"]),
    (
        "source_transaction",
        "status",
        &["succeeded", "pending", "failed"],
    ),
    ("token", "type", &["card", "bank_account", "account", "pii"]),
    (
        "topup",
        "failure_code",
        &["account_closed", "insufficient_funds"],
    ),
    ("transfer", "source_type", &["card", "bank_account"]),
    ("webhook_endpoint", "status", &["enabled", "disabled"]),
    ("*", "status", &["pending", "succeeded", "failed"]),
    ("*", "brand", &["visa", "mastercard", "amex", "discover"]),
    ("*", "funding", &["credit", "debit", "prepaid"]),
    ("*", "network", &["visa", "mastercard", "amex"]),
    ("*", "type", &["card"]),
    ("*", "risk_level", &["normal"]),
    ("*", "reason", &["other"]),
    ("*", "payment_method_type", &["card"]),
    ("*", "payment_method_types", &["card"]),
    ("*", "interval", &["daily", "weekly", "monthly"]),
    ("*", "payout_method", &["standard", "instant"]),
    ("*", "address_line1_check", &["pass", "unchecked"]),
    ("*", "address_postal_code_check", &["pass", "unchecked"]),
    ("*", "address_zip_check", &["pass", "unchecked"]),
    ("*", "cvc_check", &["pass", "unchecked"]),
    (
        "*",
        "decline_code",
        &["generic_decline", "insufficient_funds"],
    ),
    ("*", "advice_code", &["try_again_later"]),
    ("*", "network_advice_code", &["02"]),
    ("*", "network_decline_code", &["05"]),
    ("*", "reference_status", &["available", "pending"]),
    ("*", "action", &["block", "allow", "manual_review"]),
    ("*", "tax_code", &["txcd_10000000"]),
    ("*", "content_type", &["image/png"]),
    (
        "source",
        "flow",
        &["redirect", "receiver", "code_verification", "none"],
    ),
    ("source", "usage", &["reusable", "single_use"]),
    ("source", "three_d_secure", &["optional", "not_supported"]),
    ("source", "refund_attributes_method", &["email"]),
    ("source", "refund_attributes_status", &["missing"]),
    (
        "scheduled_query_run",
        "sql",
        &["select count(*) from charges"],
    ),
    (
        "forwarding.request",
        "body",
        &["{\"metadata\":{\"reference\":\"Your Token Reference\"}}"],
    ),
    (
        "webhook_endpoint",
        "enabled_events",
        &["charge.succeeded", "customer.updated"],
    ),
    (
        "radar.value_list_item",
        "value",
        &["203.0.113.7", "jenny.rosen@example.com"],
    ),
    ("tax_id", "value", &["DE123456789"]),
    ("issuing.transaction", "unit", &["liter"]),
    ("*", "account_type", &["checking", "savings"]),
    ("*", "bic", &["DEUTDEFF"]),
    ("*", "clabe", &["002010077777777771"]),
    ("*", "iban", &["DE89370400440532013000"]),
    ("*", "tax_id", &["DE123456789"]),
    ("*", "value", &["PO-1042", "DE123456789"]),
    ("*", "accept_header", &["text/html,application/json"]),
    ("*", "background_color", &["#ffffff"]),
    ("*", "body", &["{}"]),
    ("*", "category", &["grocery_stores_supermarkets"]),
    ("*", "columns", &["created", "net", "reporting_category"]),
    (
        "*",
        "default_columns",
        &["created", "net", "reporting_category"],
    ),
    ("*", "exp_month", &["1", "12"]),
    ("*", "exp_year", &["2028", "2031"]),
    ("*", "font_family", &["default"]),
    ("*", "gender", &["female", "male"]),
    ("*", "mcc", &["5734"]),
    ("*", "network_id", &["1234567890"]),
    (
        "*",
        "permissions_granted",
        &["customer_read", "invoice_read"],
    ),
    ("*", "predicate", &["Block if :card_country: is not 'US'"]),
    ("*", "provider", &["stripe"]),
    ("*", "reporting_category", &["charge", "refund", "payout"]),
    ("*", "service_agreement", &["full", "recipient"]),
    ("*", "source_flow_type", &["outbound_payment", "payout"]),
    ("*", "timezone", &["Etc/UTC", "America/New_York"]),
    ("*", "tokenization_method", &["apple_pay", "google_pay"]),
    ("*", "unit_label", &["seat", "GB"]),
    ("*", "unit_of_measure", &["each"]),
    ("*", "unparsed_sex", &["F", "M"]),
    ("*", "user_agent", &["Mozilla/5.0"]),
    ("*", "version", &["1.0"]),
    ("*", "jurisdiction", &["US", "DE", "CA"]),
];

/// Members whose words are all of Stripe's: a test that gives another has misspelt it.
const WHOLE: [(&str, &str); 3] = [
    ("balance_transaction", "status"),
    ("payout", "status"),
    ("refund", "status"),
];

/// The words for a member, if Stripe has words for it.
pub(crate) fn words(object: &str, member: &str) -> Option<&'static [&'static str]> {
    let of = |object: &str| {
        let mut lines = WORDS.iter();
        lines.find(|(of, name, _)| *of == object && *name == member)
    };
    of(object).or_else(|| of("*")).map(|(_, _, words)| *words)
}

/// Whether Stripe's list of words for a top-level member is known to be whole.
pub(crate) fn has_words(object: &str, member: &str) -> bool {
    WHOLE.contains(&(object, member))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stripe_sync_schema::fields;

    #[test]
    fn each_line_names_an_object_and_has_words() {
        for (object, member, words) in WORDS {
            assert!(
                *object == "*" || !fields::children(object, &[]).is_empty(),
                "{object}.{member}"
            );
            assert!(!words.is_empty(), "{object}.{member}");
        }
        assert_eq!(words("card", "brand").map(|words| words[0]), Some("Visa"));
        assert_eq!(words("charge", "brand").map(|words| words[0]), Some("visa"));
        assert_eq!(words("customer", "name"), None);
    }
}
