//! The table: each member that moved, by object and member.
//!
//! Sources: the changelogs of Stripe's own libraries for the versions that are named here.

use super::{Move, Now};

const MARKETING_FEATURES: &str = "2024-04-10";
const BASIL: &str = "2025-03-31.basil";
const CLOVER: &str = "2025-09-30.clover";

const PAYMENTS_OF_AN_INVOICE: &str = "an invoice can have several payments, so derive a model of `invoice_payment`, which names the invoice and its payment";
const INVOICE_OF_A_PAYMENT: &str =
    "derive a model of `invoice_payment`, which names the payment and its invoice";

const TAXES_OF_AN_INVOICE: &str = "an invoice can have several taxes, so write `path = total_taxes` with `Json<...>`, or `path = total_taxes, with = function` for their sum";

const REFUNDS: &str =
    "a charge can have several refunds, so derive a model of `refund`, which names its `charge`";
const SUBSCRIPTIONS: &str = "a customer can have several subscriptions, so derive a model of `subscription`, which names its `customer`";
const REFUNDED: &str = "derive a model of `charge`, which has it, and names its `payment_intent`";
const PRICES: &str =
    "a product can have several prices, so derive a model of `price`, which names its `product`";

/// A member that a version moved to another path.
const fn path(
    object: &'static str,
    member: &'static str,
    since: &'static str,
    path: &'static str,
) -> Move {
    Move {
        object,
        member,
        since: Some(since),
        now: Now::Path(path),
    }
}

/// A member that a version took away.
const fn gone(
    object: &'static str,
    member: &'static str,
    since: &'static str,
    words: &'static str,
) -> Move {
    Move {
        object,
        member,
        since: Some(since),
        now: Now::Words(words),
    }
}

/// A name that the object never had, of what is elsewhere.
const fn apart(object: &'static str, member: &'static str, words: &'static str) -> Move {
    Move {
        object,
        member,
        since: None,
        now: Now::Words(words),
    }
}

/// A name that the object never had.
const fn meant(object: &'static str, member: &'static str, path: &'static str) -> Move {
    Move {
        object,
        member,
        since: None,
        now: Now::Path(path),
    }
}

/// The table.
pub(crate) const MOVES: &[Move] = &[
    meant("charge", "card", "payment_method_details.card"),
    meant("charge", "card_last4", "payment_method_details.card.last4"),
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
        "Stripe sends `line_items` only if a request asks for them",
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
        "Stripe sends `line_items` only if a request asks for them",
    ),
    apart(
        "checkout.session",
        "price",
        "the prices are in `line_items`, which Stripe sends only if a request asks for them",
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
    apart(
        "coupon",
        "code",
        "derive a model of `promotion_code`, which has the code and names its coupon",
    ),
    path("credit_note", "refund", BASIL, "refunds[0].refund"),
    path("credit_note", "tax_amounts", BASIL, "total_taxes"),
    path("credit_note_line_item", "tax_amounts", BASIL, "taxes"),
    meant("customer", "account_balance", "balance"),
    meant("customer", "card", "default_source"),
    apart(
        "customer",
        "cards",
        "a customer can have several cards, so derive a model of `payment_method`, which names its `customer`",
    ),
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
    meant("event", "request_id", "request.id"),
    apart(
        "file",
        "link",
        "derive a model of `file_link`, which names its `file`",
    ),
    meant("invoice", "amount_total", "total"),
    gone(
        "invoice",
        "application_fee_amount",
        BASIL,
        "the payment's `payment_intent` has it; a model of `invoice_payment` names the payment",
    ),
    meant("invoice", "billing", "collection_method"),
    gone("invoice", "charge", BASIL, PAYMENTS_OF_AN_INVOICE),
    apart(
        "invoice",
        "closed",
        "an invoice that is no longer collected is `void` or `uncollectible`, write `path = status`",
    ),
    meant("invoice", "date", "created"),
    path("invoice", "discount", BASIL, "discounts[0]"),
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
    meant("invoice", "total_amount", "total"),
    path("invoice", "total_tax_amounts", BASIL, "total_taxes"),
    gone(
        "invoice",
        "transfer_data",
        BASIL,
        "the payment's `payment_intent` has it; a model of `invoice_payment` names the payment",
    ),
    meant("invoice", "url", "hosted_invoice_url"),
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
    apart("payment_intent", "amount_refunded", REFUNDED),
    meant("payment_intent", "card", "latest_charge"),
    meant("payment_intent", "charge", "latest_charge"),
    path("payment_intent", "charges", "2022-11-15", "latest_charge"),
    meant("payment_intent", "error", "last_payment_error"),
    gone("payment_intent", "invoice", BASIL, INVOICE_OF_A_PAYMENT),
    apart("payment_intent", "refunded", REFUNDED),
    apart("payment_intent", "subscription", INVOICE_OF_A_PAYMENT),
    meant("payout", "bank_account", "destination"),
    gone(
        "plan",
        "aggregate_usage",
        BASIL,
        "usage is counted by the `billing.meter` that `meter` names",
    ),
    meant("price", "amount", "unit_amount"),
    meant("price", "interval", "recurring.interval"),
    meant("price", "interval_count", "recurring.interval_count"),
    apart("product", "amount", PRICES),
    apart("product", "currency", PRICES),
    path(
        "product",
        "features",
        MARKETING_FEATURES,
        "marketing_features",
    ),
    meant("product", "price_id", "default_price"),
    apart("product", "unit_amount", PRICES),
    path("promotion_code", "coupon", CLOVER, "promotion.coupon"),
    meant("refund", "amount_refunded", "amount"),
    meant("subscription", "amount", "items.data[0].price.unit_amount"),
    meant("subscription", "billing", "collection_method"),
    meant(
        "subscription",
        "cancellation_reason",
        "cancellation_details.reason",
    ),
    apart(
        "subscription",
        "coupon",
        "write `path = discounts[0]` for the id of the discount; its coupon is not in the object",
    ),
    path(
        "subscription",
        "current_period_end",
        BASIL,
        "items.data[0].current_period_end",
    ),
    path(
        "subscription",
        "current_period_start",
        BASIL,
        "items.data[0].current_period_start",
    ),
    path("subscription", "discount", BASIL, "discounts[0]"),
    meant(
        "subscription",
        "interval",
        "items.data[0].price.recurring.interval",
    ),
    meant("subscription", "invoice", "latest_invoice"),
    meant(
        "subscription",
        "period_end",
        "items.data[0].current_period_end",
    ),
    meant(
        "subscription",
        "period_start",
        "items.data[0].current_period_start",
    ),
    meant("subscription", "plan", "items.data[0].price.id"),
    meant("subscription", "price", "items.data[0].price.id"),
    meant("subscription", "price_id", "items.data[0].price.id"),
    meant("subscription", "product", "items.data[0].price.product"),
    meant("subscription", "quantity", "items.data[0].quantity"),
    meant(
        "subscription",
        "unit_amount",
        "items.data[0].price.unit_amount",
    ),
];
