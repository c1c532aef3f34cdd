//! Invoices, their items and their lines, and credit notes.

use super::{BASIL, COLLECTION_METHOD, COUPON, RATES, TAX_RATES, apart, gone, meant, path};
use crate::fields::moved::Move;

const PAYMENTS_OF_AN_INVOICE: &str = "an invoice can have several payments, so derive a model of `invoice_payment`, which names the invoice and its payment, or write `path = payments, expand`";

const TAXES_OF_AN_INVOICE: &str = "an invoice can have several taxes, so write `path = total_taxes` with `Json<...>`, or `path = total_taxes, with = function` for their sum";

const WITHOUT_TAX: &str = "the taxes are in `taxes`, each with its `amount` and `tax_behavior`, so write `path = taxes` with `Json<...>`, or `path = taxes, with = function`";

pub(super) const MOVES: &[Move] = &[
    path("credit_note", "refund", BASIL, "refunds[0].refund"),
    path("credit_note", "tax_amounts", BASIL, "total_taxes"),
    gone(
        "credit_note_line_item",
        "amount_excluding_tax",
        BASIL,
        WITHOUT_TAX,
    ),
    path("credit_note_line_item", "tax_amounts", BASIL, "taxes"),
    gone(
        "credit_note_line_item",
        "unit_amount_excluding_tax",
        BASIL,
        WITHOUT_TAX,
    ),
    meant("invoice", "amount_total", "total"),
    apart(
        "invoice",
        "application_fee",
        "the payment's `payment_intent` has it; a model of `invoice_payment` names the payment",
    ),
    gone(
        "invoice",
        "application_fee_amount",
        BASIL,
        "the payment's `payment_intent` has it; a model of `invoice_payment` names the payment",
    ),
    path("invoice", "billing", COLLECTION_METHOD, "collection_method"),
    gone("invoice", "charge", BASIL, PAYMENTS_OF_AN_INVOICE),
    apart(
        "invoice",
        "closed",
        "an invoice that is no longer collected is `void` or `uncollectible`, write `path = status`",
    ),
    apart("invoice", "coupon", COUPON),
    meant("invoice", "date", "created"),
    path("invoice", "discount", BASIL, "discounts[0]"),
    meant("invoice", "finalized_at", "status_transitions.finalized_at"),
    apart(
        "invoice",
        "forgiven",
        "the `status` of a forgiven invoice is `uncollectible`, write `path = status`",
    ),
    meant("invoice", "items", "lines"),
    meant("invoice", "line_items", "lines"),
    meant("invoice", "name", "customer_name"),
    gone(
        "invoice",
        "paid",
        BASIL,
        "the `status` of a paid invoice is `paid`, so keep that text in a field `status`, or write `path = status, with = function` for a `bool`",
    ),
    meant("invoice", "paid_at", "status_transitions.paid_at"),
    gone("invoice", "paid_out_of_band", BASIL, PAYMENTS_OF_AN_INVOICE),
    apart("invoice", "payment", PAYMENTS_OF_AN_INVOICE),
    gone("invoice", "payment_intent", BASIL, PAYMENTS_OF_AN_INVOICE),
    path("invoice", "quote", BASIL, "parent.quote_details.quote"),
    path(
        "invoice",
        "subscription",
        BASIL,
        "parent.subscription_details.subscription",
    ),
    path(
        "invoice",
        "subscription_details",
        BASIL,
        "parent.subscription_details",
    ),
    path(
        "invoice",
        "subscription_proration_date",
        BASIL,
        "parent.subscription_details.subscription_proration_date",
    ),
    gone("invoice", "tax", BASIL, TAXES_OF_AN_INVOICE),
    apart("invoice", "tax_amount", TAXES_OF_AN_INVOICE),
    gone("invoice", "tax_percent", TAX_RATES, RATES),
    meant("invoice", "total_amount", "total"),
    path("invoice", "total_tax_amounts", BASIL, "total_taxes"),
    gone(
        "invoice",
        "transfer_data",
        BASIL,
        "the payment's `payment_intent` has it; a model of `invoice_payment` names the payment",
    ),
    meant("invoice", "url", "hosted_invoice_url"),
    meant("invoice", "voided_at", "status_transitions.voided_at"),
    meant("invoiceitem", "created", "date"),
    path("invoiceitem", "plan", BASIL, "pricing.price_details.price"),
    path("invoiceitem", "price", BASIL, "pricing.price_details.price"),
    path(
        "invoiceitem",
        "subscription",
        BASIL,
        "parent.subscription_details.subscription",
    ),
    path(
        "invoiceitem",
        "subscription_item",
        BASIL,
        "parent.subscription_details.subscription_item",
    ),
    path(
        "invoiceitem",
        "unit_amount",
        BASIL,
        "pricing.unit_amount_decimal",
    ),
    path(
        "invoiceitem",
        "unit_amount_decimal",
        BASIL,
        "pricing.unit_amount_decimal",
    ),
    gone("line_item", "amount_excluding_tax", BASIL, WITHOUT_TAX),
    path(
        "line_item",
        "invoice_item",
        BASIL,
        "parent.invoice_item_details.invoice_item",
    ),
    path("line_item", "plan", BASIL, "pricing.price_details.price"),
    path("line_item", "price", BASIL, "pricing.price_details.price"),
    path(
        "line_item",
        "proration",
        BASIL,
        "parent.subscription_item_details.proration",
    ),
    path(
        "line_item",
        "proration_details",
        BASIL,
        "parent.subscription_item_details.proration_details",
    ),
    path(
        "line_item",
        "subscription_item",
        BASIL,
        "parent.subscription_item_details.subscription_item",
    ),
    path("line_item", "tax_amounts", BASIL, "taxes"),
    path(
        "line_item",
        "tax_rates",
        BASIL,
        "taxes[0].tax_rate_details.tax_rate",
    ),
    path("line_item", "type", BASIL, "parent.type"),
    gone("line_item", "unit_amount_excluding_tax", BASIL, WITHOUT_TAX),
];
