//! Payments, and who makes them: charges, payment intents, disputes, checkout sessions, customers.

use super::{BASIL, CLOVER, INVOICE_OF_A_PAYMENT, UNUSED, apart, gone, meant, path};
use crate::fields::moved::Move;

const REFUNDS: &str =
    "a charge can have several refunds, so derive a model of `refund`, which names its `charge`";
const SUBSCRIPTIONS: &str = "a customer can have several subscriptions, so derive a model of `subscription`, which names its `customer`";
const OF_THE_CHARGE: &str =
    "derive a model of `charge`, which has it, and names its `payment_intent`";

const PAYMENT_METHODS: &str = "2019-02-11";

pub(super) const MOVES: &[Move] = &[
    gone(
        "charge",
        "alternate_statement_descriptors",
        UNUSED,
        "there is nothing in its place; `calculated_statement_descriptor` is what the customer reads",
    ),
    meant("charge", "card", "payment_method_details.card"),
    meant("charge", "card_last4", "payment_method_details.card.last4"),
    path("charge", "destination", UNUSED, "transfer_data.destination"),
    apart(
        "charge",
        "dispute",
        "a model of `dispute` names its `charge`",
    ),
    meant("charge", "error_code", "failure_code"),
    meant("charge", "error_message", "failure_message"),
    meant("charge", "failure_reason", "failure_message"),
    apart(
        "charge",
        "fee",
        "derive a model of `balance_transaction`, which has the fee and names the charge as its `source`",
    ),
    gone("charge", "invoice", BASIL, INVOICE_OF_A_PAYMENT),
    meant(
        "charge",
        "payment_method_type",
        "payment_method_details.type",
    ),
    apart("charge", "refund", REFUNDS),
    meant("charge", "refund_amount", "amount_refunded"),
    apart("charge", "subscription", INVOICE_OF_A_PAYMENT),
    apart(
        "checkout.session",
        "display_items",
        "they are in `line_items`, which Stripe sends on request only: write `path = line_items, expand`",
    ),
    meant("checkout.session", "email", "customer_details.email"),
    meant(
        "checkout.session",
        "email_address",
        "customer_details.email",
    ),
    apart(
        "checkout.session",
        "line_item",
        "they are in `line_items`, which Stripe sends on request only: write `path = line_items, expand`",
    ),
    apart(
        "checkout.session",
        "price",
        "the prices are in `line_items`, which Stripe sends on request only: write `path = line_items.data[0].price.id, expand`",
    ),
    meant(
        "checkout.session",
        "shipping",
        "collected_information.shipping_details",
    ),
    path(
        "checkout.session",
        "shipping_details",
        BASIL,
        "collected_information.shipping_details",
    ),
    meant("checkout.session", "tax", "total_details.amount_tax"),
    meant("customer", "account_balance", "balance"),
    apart(
        "customer",
        "business_vat_id",
        "derive a model of `tax_id`, which names its `customer`",
    ),
    meant("customer", "card", "default_source"),
    apart(
        "customer",
        "cards",
        "a customer can have several cards, so derive a model of `payment_method`, which names its `customer`",
    ),
    meant("customer", "coupon", "discount.source.coupon"),
    meant("customer", "coupon_end", "discount.end"),
    meant("customer", "coupon_start", "discount.start"),
    meant("customer", "default_card", "default_source"),
    meant(
        "customer",
        "default_payment_method",
        "invoice_settings.default_payment_method",
    ),
    meant("customer", "full_name", "name"),
    meant(
        "customer",
        "payment_method",
        "invoice_settings.default_payment_method",
    ),
    apart("customer", "plan", SUBSCRIPTIONS),
    meant("customer", "source", "default_source"),
    apart("customer", "subscription", SUBSCRIPTIONS),
    apart(
        "customer",
        "tax_id",
        "derive a model of `tax_id`, which names its `customer`",
    ),
    apart(
        "customer",
        "tax_info",
        "derive a model of `tax_id`, which names its `customer`",
    ),
    apart(
        "customer",
        "tax_info_verification",
        "derive a model of `tax_id`, which names its `customer`",
    ),
    meant("customer", "zip", "address.postal_code"),
    path("discount", "coupon", CLOVER, "source.coupon"),
    meant(
        "dispute",
        "balance_transaction",
        "balance_transactions[0].id",
    ),
    meant(
        "dispute",
        "customer_email",
        "evidence.customer_email_address",
    ),
    meant("dispute", "evidence_due_by", "evidence_details.due_by"),
    path(
        "payment_intent",
        "allowed_source_types",
        PAYMENT_METHODS,
        "payment_method_types",
    ),
    apart("payment_intent", "amount_captured", OF_THE_CHARGE),
    apart("payment_intent", "amount_refunded", OF_THE_CHARGE),
    apart("payment_intent", "balance_transaction", OF_THE_CHARGE),
    apart("payment_intent", "billing_details", OF_THE_CHARGE),
    apart("payment_intent", "captured", OF_THE_CHARGE),
    meant("payment_intent", "card", "latest_charge"),
    meant("payment_intent", "charge", "latest_charge"),
    path("payment_intent", "charges", "2022-11-15", "latest_charge"),
    apart("payment_intent", "disputed", OF_THE_CHARGE),
    meant("payment_intent", "error", "last_payment_error"),
    meant("payment_intent", "error_code", "last_payment_error.code"),
    meant(
        "payment_intent",
        "error_message",
        "last_payment_error.message",
    ),
    meant("payment_intent", "failure_code", "last_payment_error.code"),
    meant(
        "payment_intent",
        "failure_message",
        "last_payment_error.message",
    ),
    gone("payment_intent", "invoice", BASIL, INVOICE_OF_A_PAYMENT),
    path(
        "payment_intent",
        "next_source_action",
        PAYMENT_METHODS,
        "next_action",
    ),
    apart("payment_intent", "outcome", OF_THE_CHARGE),
    apart(
        "payment_intent",
        "paid",
        "the `status` of a paid payment intent is `succeeded`, so keep that text in a field `status`, or write `path = status, with = function` for a `bool`",
    ),
    apart("payment_intent", "payment_method_details", OF_THE_CHARGE),
    apart("payment_intent", "receipt_number", OF_THE_CHARGE),
    apart("payment_intent", "receipt_url", OF_THE_CHARGE),
    apart("payment_intent", "refunded", OF_THE_CHARGE),
    apart("payment_intent", "subscription", INVOICE_OF_A_PAYMENT),
    meant("refund", "amount_refunded", "amount"),
    meant("setup_intent", "error", "last_setup_error"),
    meant("setup_intent", "failure_code", "last_setup_error.code"),
    meant(
        "setup_intent",
        "failure_message",
        "last_setup_error.message",
    ),
];
