//! Subscriptions, and what they are made of: products, prices, plans, coupons and promotion codes.

use super::{
    BASIL, CLOVER, COLLECTION_METHOD, COUPON, MARKETING_FEATURES, RATES, TAX_RATES, UNUSED, apart,
    gone, meant, path,
};
use crate::fields::moved::Move;

const PRICES: &str =
    "a product can have several prices, so derive a model of `price`, which names its `product`";

const OF_THE_PRODUCT: &str = "the product has it, so derive a model of `product`, whose id is in `product`; the plan's own name is `nickname`";

const OF_A_REQUEST: &str =
    "it is a parameter of requests, and the object does not keep it, so take the field away";

pub(super) const MOVES: &[Move] = &[
    apart(
        "coupon",
        "code",
        "derive a model of `promotion_code`, which has the code and names its coupon",
    ),
    gone(
        "plan",
        "aggregate_usage",
        BASIL,
        "usage is counted by the `billing.meter` that `meter` names",
    ),
    apart("plan", "name", OF_THE_PRODUCT),
    apart("plan", "statement_descriptor", OF_THE_PRODUCT),
    meant("price", "amount", "unit_amount"),
    meant("price", "interval", "recurring.interval"),
    meant("price", "interval_count", "recurring.interval_count"),
    apart("product", "amount", PRICES),
    gone(
        "product",
        "attributes",
        UNUSED,
        "keep them as keys of `metadata`, and write `path = metadata` or `path = metadata.key`",
    ),
    gone(
        "product",
        "caption",
        UNUSED,
        "a product has its text in `description`, and others as keys of `metadata`",
    ),
    apart("product", "currency", PRICES),
    gone(
        "product",
        "deactivate_on",
        UNUSED,
        "there is nothing in its place; `active` says whether the product is for sale",
    ),
    path(
        "product",
        "features",
        MARKETING_FEATURES,
        "marketing_features",
    ),
    meant("product", "price_id", "default_price"),
    gone("product", "skus", "2018-05-21", PRICES),
    apart("product", "unit_amount", PRICES),
    path("promotion_code", "coupon", CLOVER, "promotion.coupon"),
    meant("subscription", "amount", "items.data[0].price.unit_amount"),
    path(
        "subscription",
        "billing",
        COLLECTION_METHOD,
        "collection_method",
    ),
    meant(
        "subscription",
        "cancellation_reason",
        "cancellation_details.reason",
    ),
    apart("subscription", "coupon", COUPON),
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
    meant("subscription", "payment_method", "default_payment_method"),
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
    apart(
        "subscription",
        "promotion_code",
        "write `path = discounts[0]` for the id of the discount; its promotion code is not in the object",
    ),
    apart("subscription", "proration_behavior", OF_A_REQUEST),
    apart("subscription", "proration_date", OF_A_REQUEST),
    meant("subscription", "quantity", "items.data[0].quantity"),
    path("subscription", "start", COLLECTION_METHOD, "start_date"),
    gone("subscription", "tax_percent", TAX_RATES, RATES),
    meant(
        "subscription",
        "unit_amount",
        "items.data[0].price.unit_amount",
    ),
];
