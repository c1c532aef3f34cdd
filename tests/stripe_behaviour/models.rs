//! The mirrored structs: the id and the whole object, and a few typed columns.

use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::{Json, StripeSync};

type Object = Json<serde_json::Value>;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub(crate) struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(path = address.country)]
    country: Option<String>,
    created: DateTime<Utc>,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub(crate) struct Subscription {
    id: String,
    status: String,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
pub(crate) struct Price {
    id: String,
    active: bool,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "tax_id", table = "tax_ids")]
pub(crate) struct TaxId {
    id: String,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "quote", table = "quotes")]
pub(crate) struct Quote {
    id: String,
    #[stripe(raw)]
    object: Object,
}

/// Two accounts and both modes in one table.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
pub(crate) struct Coupon {
    #[stripe(account)]
    account: String,
    #[stripe(livemode)]
    live: bool,
    id: String,
    name: Option<String>,
    #[stripe(raw)]
    object: Object,
}

/// A coupon table of one account.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "own_coupons")]
pub(crate) struct OwnCoupon {
    id: String,
    #[stripe(raw)]
    object: Object,
}
