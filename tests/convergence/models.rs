//! The mirrored structs, and one description of each, for tests that pick them by name at run time.

use futures_util::future::BoxFuture;
use serde_json::Value;
use stripe_sync::{Json, OnDelete, Report, StripeSync, SyncError, Syncer};

type Object = Json<Value>;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub(crate) struct Customer {
    id: String,
    email: Option<String>,
    balance: Option<i64>,
    #[stripe(path = metadata.tenant)]
    tenant: Option<String>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
pub(crate) struct Product {
    id: String,
    name: String,
    active: bool,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
pub(crate) struct Price {
    id: String,
    active: bool,
    nickname: Option<String>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub(crate) struct Subscription {
    id: String,
    status: String,
    #[stripe(path = metadata.tenant)]
    tenant: Option<String>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
pub(crate) struct Invoice {
    id: String,
    description: Option<String>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

/// Without events of its own: those of its subscription tell of it.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items")]
pub(crate) struct Item {
    id: String,
    subscription: String,
    quantity: Option<i64>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

/// The only one whose rows go away with their objects.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
pub(crate) struct Coupon {
    id: String,
    name: Option<String>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

/// A struct that was copied, and kept the table of what it was copied from.
#[derive(StripeSync)]
#[stripe(object = "product", table = "copied")]
pub(crate) struct Copied {
    id: String,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

/// The tables that have no column which a row of [`Copied`] could not leave out.
pub(crate) const TAKES_COPIED: [&str; 3] = ["customers", "invoices", "coupons"];

/// A model without its type.
pub(crate) struct Resource {
    pub(crate) object: &'static str,
    /// The path of its list.
    pub(crate) list: &'static str,
    pub(crate) table: &'static str,
    pub(crate) on_delete: OnDelete,
    /// Each typed column, and where in the object its value is.
    pub(crate) columns: &'static [(&'static str, &'static str)],
    pub(crate) ensure_table: fn(&Syncer) -> BoxFuture<'_, Result<(), SyncError>>,
    pub(crate) sync_all: fn(&Syncer) -> BoxFuture<'_, Result<Report, SyncError>>,
}

const fn of<M: StripeSync>(
    object: &'static str,
    list: &'static str,
    table: &'static str,
    columns: &'static [(&'static str, &'static str)],
) -> Resource {
    Resource {
        object,
        list,
        table,
        on_delete: M::MODEL.parts.on_delete,
        columns,
        ensure_table: |syncer| Box::pin(syncer.ensure_table::<M>()),
        sync_all: |syncer| Box::pin(syncer.sync_all::<M>()),
    }
}

/// In an order in which no change of a later one follows from a change of an earlier one that was read before: a deleted
/// customer's subscriptions are canceled. Subscriptions and their items change with one another, and are in no history
/// together.
pub(crate) static RESOURCES: [Resource; 7] = [
    of::<Customer>(
        "customer",
        "/v1/customers",
        "customers",
        &[
            ("email", "/email"),
            ("balance", "/balance"),
            ("tenant", "/metadata/tenant"),
            ("created", "/created"),
        ],
    ),
    of::<Product>(
        "product",
        "/v1/products",
        "products",
        &[
            ("name", "/name"),
            ("active", "/active"),
            ("created", "/created"),
        ],
    ),
    of::<Price>(
        "price",
        "/v1/prices",
        "prices",
        &[
            ("active", "/active"),
            ("nickname", "/nickname"),
            ("created", "/created"),
        ],
    ),
    of::<Subscription>(
        "subscription",
        "/v1/subscriptions",
        "subscriptions",
        &[
            ("status", "/status"),
            ("tenant", "/metadata/tenant"),
            ("created", "/created"),
        ],
    ),
    of::<Item>(
        "subscription_item",
        "/v1/subscription_items",
        "items",
        &[
            ("subscription", "/subscription"),
            ("quantity", "/quantity"),
            ("created", "/created"),
        ],
    ),
    of::<Invoice>(
        "invoice",
        "/v1/invoices",
        "invoices",
        &[("description", "/description"), ("created", "/created")],
    ),
    of::<Coupon>(
        "coupon",
        "/v1/coupons",
        "coupons",
        &[("name", "/name"), ("created", "/created")],
    ),
];

/// The description of the model of an object.
pub(crate) fn resource(object: &str) -> &'static Resource {
    let mut resources = RESOURCES.iter();
    resources
        .find(|resource| resource.object == object)
        .expect("one of RESOURCES")
}
