//! The mirrored structs, and one description of each, for tests that pick them by name at run time.

use futures_util::future::BoxFuture;
use serde_json::Value;
use stripe_sync::{
    IdsReport, Json, OnDelete, Report, StripeSync, SyncAllOptions, SyncError, Syncer, Verification,
    VerifyOptions,
};

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
    #[stripe(children, expand, path = sources)]
    cards: Vec<Card>,
    #[stripe(raw)]
    object: Object,
}

/// With events of its own.
#[derive(StripeSync)]
#[stripe(object = "card", table = "cards_of_customers")]
pub(crate) struct Card {
    id: String,
    #[stripe(parent)]
    customer: Option<String>,
    last4: String,
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
    #[stripe(children)]
    items: Vec<ItemOfParent>,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items_of_subscriptions")]
pub(crate) struct ItemOfParent {
    id: String,
    #[stripe(parent)]
    subscription: String,
    quantity: Option<i64>,
    #[stripe(raw)]
    object: Object,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
pub(crate) struct Invoice {
    id: String,
    description: Option<String>,
    created: i64,
    #[stripe(children)]
    lines: Vec<Line>,
    #[stripe(raw)]
    object: Object,
}

/// Its rows go away with the lines.
#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lines_of_invoices", on_delete = hard)]
pub(crate) struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    amount: i64,
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

/// Objects move in and out of it, and say so.
#[derive(StripeSync)]
#[stripe(object = "tax_rate", table = "tax_rates", filter(active = true))]
pub(crate) struct TaxRate {
    id: String,
    display_name: String,
    active: bool,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

/// The tables that have no column which a row of [`Copied`] could not leave out.
pub(crate) const TAKES_COPIED: [&str; 3] = ["customers", "invoices", "coupons"];

/// Objects move in and out of it, and only the list says so.
#[derive(StripeSync)]
#[stripe(
    object = "promotion_code",
    table = "promotion_codes",
    filter(code = "SUMMER"),
    on_delete = hard
)]
pub(crate) struct PromotionCode {
    id: String,
    code: String,
    max_redemptions: Option<i64>,
    created: i64,
    #[stripe(raw)]
    object: Object,
}

/// Which objects a table is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    None,
    /// Those whose member has a value, and they say so.
    Member(&'static str, bool),
    /// Those whose member has a value, and only the list says so.
    List(&'static str, &'static str),
}

impl Filter {
    pub(crate) fn lets_through(self, object: &Value) -> bool {
        match self {
            Self::None => true,
            Self::Member(member, value) => object[member] == value,
            Self::List(member, value) => {
                let text = object[member].as_str();
                text.is_some_and(|text| text.eq_ignore_ascii_case(value))
            }
        }
    }
}

/// A call of `sync_by_ids` for one model.
type SyncByIds = fn(&Syncer, Vec<String>) -> BoxFuture<'_, Result<IdsReport, SyncError>>;

/// A list inside a model's objects whose elements are rows.
pub(crate) struct Children {
    pub(crate) object: &'static str,
    pub(crate) table: &'static str,
    /// The column with the id of the parent, and the element's member with it.
    pub(crate) parent: &'static str,
    /// The list's member in the parent.
    pub(crate) member: &'static str,
    pub(crate) on_delete: OnDelete,
}

const fn children<M: StripeSync>(
    object: &'static str,
    table: &'static str,
    parent: &'static str,
    member: &'static str,
) -> Children {
    Children {
        object,
        table,
        parent,
        member,
        on_delete: M::MODEL.parts.on_delete,
    }
}

/// A model without its type.
pub(crate) struct Resource {
    pub(crate) object: &'static str,
    /// The path of its list.
    pub(crate) list: &'static str,
    pub(crate) table: &'static str,
    pub(crate) on_delete: OnDelete,
    pub(crate) filter: Filter,
    pub(crate) children: Option<Children>,
    /// Each typed column, and where in the object its value is.
    pub(crate) columns: &'static [(&'static str, &'static str)],
    pub(crate) ensure_table: fn(&Syncer) -> BoxFuture<'_, Result<(), SyncError>>,
    pub(crate) verify: fn(&Syncer, VerifyOptions) -> BoxFuture<'_, Result<Verification, SyncError>>,
    /// Everything, or what is newer than the last run.
    pub(crate) sync_all: fn(&Syncer, bool) -> BoxFuture<'_, Result<Report, SyncError>>,
    pub(crate) sync_by_ids: SyncByIds,
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
        filter: Filter::None,
        children: None,
        columns,
        ensure_table: |syncer| Box::pin(syncer.ensure_table::<M>()),
        verify: |syncer, options| Box::pin(syncer.verify_with::<M>(options)),
        sync_all: |syncer, incremental| {
            let how = SyncAllOptions::default().incremental(incremental);
            Box::pin(syncer.sync_all_with::<M>(how))
        },
        sync_by_ids: |syncer, ids| Box::pin(syncer.sync_by_ids::<M>(ids)),
    }
}

impl Resource {
    const fn filtered(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    const fn with(mut self, children: Children) -> Self {
        self.children = Some(children);
        self
    }
}

/// In an order in which no change of a later one follows from a change of an earlier one that was read before: a deleted
/// customer's subscriptions are canceled. Subscriptions and their items change with one another, and are in no history
/// together.
pub(crate) static RESOURCES: [Resource; 9] = [
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
    )
    .with(children::<Card>(
        "card",
        "cards_of_customers",
        "customer",
        "sources",
    )),
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
    )
    .with(children::<ItemOfParent>(
        "subscription_item",
        "items_of_subscriptions",
        "subscription",
        "items",
    )),
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
    )
    .with(children::<Line>(
        "line_item",
        "lines_of_invoices",
        "invoice",
        "lines",
    )),
    of::<Coupon>(
        "coupon",
        "/v1/coupons",
        "coupons",
        &[("name", "/name"), ("created", "/created")],
    ),
    of::<TaxRate>(
        "tax_rate",
        "/v1/tax_rates",
        "tax_rates",
        &[
            ("display_name", "/display_name"),
            ("active", "/active"),
            ("created", "/created"),
        ],
    )
    .filtered(Filter::Member("active", true)),
    of::<PromotionCode>(
        "promotion_code",
        "/v1/promotion_codes",
        "promotion_codes",
        &[
            ("code", "/code"),
            ("max_redemptions", "/max_redemptions"),
            ("created", "/created"),
        ],
    )
    .filtered(Filter::List("code", "SUMMER")),
];

/// The description of the model of an object.
pub(crate) fn resource(object: &str) -> &'static Resource {
    let mut resources = RESOURCES.iter();
    resources
        .find(|resource| resource.object == object)
        .expect("one of RESOURCES")
}
