//! Ids that the schema calls plain strings.

/// (member, target). A member has its name alone, however deep it is, and the same target in every object. From the texts of
/// docs.stripe.com/api.
const TARGETS: &[(&str, &str)] = &[
    ("account", "account"),
    ("ca_certificate_file", "file"),
    ("calculation", "tax.calculation"),
    ("charge", "charge"),
    ("checkout_session", "checkout.session"),
    ("client_certificate_file", "file"),
    ("configuration_overrides", "terminal.configuration"),
    ("coupon", "coupon"),
    ("credit_reversal", "treasury.credit_reversal"),
    ("customer", "customer"),
    ("customer_account", "account"),
    ("debit_reversal", "treasury.debit_reversal"),
    ("default_mandate", "mandate"),
    ("default_payment_method", "payment_method"),
    ("destination_payment_method", "payment_method"),
    ("document", "file"),
    ("duplicate_charge_id", "charge"),
    ("evidence_customer_signature", "file"),
    ("evidence_transaction_certificate", "file"),
    ("file", "file"),
    ("files", "file"),
    ("financial_account", "treasury.financial_account"),
    (
        "financial_connections_account",
        "financial_connections.account",
    ),
    ("generated_card", "payment_method"),
    ("inbound_transfer", "treasury.inbound_transfer"),
    ("invoice", "invoice"),
    ("invoice_item", "invoiceitem"),
    ("invoice_line_item", "line_item"),
    ("invoice_line_items", "line_item"),
    ("issuing_authorization", "issuing.authorization"),
    ("issuing_card", "issuing.card"),
    ("issuing_dispute", "issuing.dispute"),
    ("issuing_transaction", "issuing.transaction"),
    ("latest_payment_attempt_record", "payment_attempt_record"),
    ("line_item_ids", "line_item"),
    ("location", "terminal.location"),
    ("mandate", "mandate"),
    ("meter", "billing.meter"),
    ("on_behalf_of", "account"),
    ("origin_payment_method", "payment_method"),
    ("original_line_item", "tax.transaction_line_item"),
    ("outbound_payment", "treasury.outbound_payment"),
    ("outbound_transfer", "treasury.outbound_transfer"),
    ("payment_flow_file", "file"),
    ("payment_intent", "payment_intent"),
    ("payment_method", "payment_method"),
    (
        "payment_method_configuration",
        "payment_method_configuration",
    ),
    ("payment_record", "payment_record"),
    ("payout", "payout"),
    ("person", "person"),
    ("previous_authentication", "three_d_secure.authentication"),
    ("price", "price"),
    ("prices", "price"),
    ("private_key_file", "file"),
    ("product", "product"),
    ("products", "product"),
    ("promotion_code", "promotion_code"),
    ("quote", "quote"),
    ("reader", "terminal.reader"),
    ("received_credit", "treasury.received_credit"),
    ("received_credits", "treasury.received_credit"),
    ("received_debit", "treasury.received_debit"),
    ("received_debits", "treasury.received_debit"),
    ("related_customer", "customer"),
    ("related_customer_account", "account"),
    ("released_subscription", "subscription"),
    ("setup_intent", "setup_intent"),
    ("shipping_rate", "shipping_rate"),
    ("source", "source"),
    ("subscription", "subscription"),
    ("subscription_item", "subscription_item"),
    ("tax_rate", "tax_rate"),
    ("template", "invoice_rendering_template"),
    ("test_clock", "test_helpers.test_clock"),
    ("topup", "topup"),
    ("transfer", "transfer"),
    ("trial_offer", "product_catalog.trial_offer"),
    ("value_list", "radar.value_list"),
    ("verification_report", "identity.verification_report"),
    ("verification_session", "identity.verification_session"),
];

/// The object that a plain string of this name is the id of.
pub(crate) fn target(member: &str) -> Option<&'static str> {
    let of = TARGETS.binary_search_by_key(&member, |(member, _)| *member);
    Some(TARGETS.get(of.ok()?)?.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stripe_sync_schema::fields;

    #[test]
    fn each_line_is_found_and_names_an_object() {
        for (member, object) in TARGETS {
            assert_eq!(target(member), Some(*object));
            assert!(!fields::children(object, &[]).is_empty(), "{object}");
        }
        assert_eq!(target("description"), None);
    }
}
