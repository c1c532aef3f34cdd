//! Members that Stripe sends only when a request names them in `expand`: without it they are absent, and a column of one
//! is null.
//!
//! Source: Stripe's own libraries mark them as includable, or say it in the member's comment; of `item`, Stripe's reference.

/// The objects and the paths of such members.
pub(crate) const ON_REQUEST: &[(&str, &str)] = &[
    ("charge", "refunds"),
    ("checkout.session", "line_items"),
    ("checkout.session", "shipping_cost.taxes"),
    ("checkout.session", "total_details.breakdown"),
    ("coupon", "applies_to"),
    ("coupon", "currency_options"),
    ("credit_note", "shipping_cost.taxes"),
    ("customer", "cash_balance"),
    ("customer", "invoice_credit_balance"),
    ("customer", "sources"),
    ("customer", "subscriptions"),
    ("customer", "tax"),
    ("customer", "tax_ids"),
    ("file", "links"),
    ("identity.verification_session", "verified_outputs"),
    ("invoice", "confirmation_secret"),
    ("invoice", "payments"),
    ("invoice", "shipping_cost.taxes"),
    ("issuing.card", "cvc"),
    ("issuing.card", "number"),
    ("item", "discounts"),
    ("item", "taxes"),
    ("payment_link", "line_items"),
    ("payment_method", "klarna.dob"),
    ("plan", "tiers"),
    ("price", "currency_options"),
    ("price", "tiers"),
    ("quote", "computed.upfront.line_items"),
    ("quote", "line_items"),
    ("shipping_rate", "fixed_amount.currency_options"),
    ("tax.calculation", "line_items"),
    ("treasury.transaction", "entries"),
];

/// Whether a path of an object is such a member.
pub(super) fn is(object: &str, path: &str) -> bool {
    ON_REQUEST.contains(&(object, path))
}

/// Whether a path of an object is, or lies below, a member that is sent on request only.
pub(super) fn covers(object: &str, path: &str) -> bool {
    ON_REQUEST
        .iter()
        .filter(|(of, _)| *of == object)
        .any(|(_, member)| {
            path.strip_prefix(member)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
}
