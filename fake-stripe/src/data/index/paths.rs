//! Where an object has what lists filter by and links go along.

/// Parameters whose value is not the member of the same name: (object, parameter, path, indexed).
pub(super) const PATHS: &[(&str, &str, &str, bool)] = &[
    ("subscription", "price", "items.data.[].price.id", true),
    ("subscription", "plan", "items.data.[].plan.id", true),
    (
        "subscription",
        "current_period_start",
        "items.data.[].current_period_start",
        false,
    ),
    (
        "subscription",
        "current_period_end",
        "items.data.[].current_period_end",
        false,
    ),
    (
        "invoice",
        "subscription",
        "parent.subscription_details.subscription",
        true,
    ),
    ("promotion_code", "coupon", "promotion.coupon", true),
    ("price", "lookup_keys", "lookup_key", false),
    (
        "issuing.personalization_design",
        "lookup_keys",
        "lookup_key",
        false,
    ),
    ("product", "ids", "id", true),
    ("event", "types", "type", false),
    ("product_catalog.trial_offer", "prices", "price", true),
];

/// Links that the fake follows and no list has a filter for: (object, path).
pub(super) const LINKS: [(&str, &str); 12] = [
    ("bank_account", "account"),
    ("card", "account"),
    ("credit_note", "invoice"),
    ("fee_refund", "fee"),
    ("invoice_payment", "payment.payment_intent"),
    ("line_item", "invoice"),
    ("plan", "product"),
    ("price", "product"),
    ("refund", "charge"),
    ("setup_attempt", "setup_intent"),
    ("subscription_item", "price.id"),
    ("transfer_reversal", "transfer"),
];

/// Members that hide objects or link them to a parent, kept whether or not a list has them as a filter.
pub(super) const ALWAYS: [&str; 7] = [
    "status",
    "active",
    "test_clock",
    "customer",
    "type",
    "owner",
    "account",
];
