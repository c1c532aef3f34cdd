//! The expansion is silent in a crate that denies every lint. Clippy's are seen when clippy checks the tests.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused,
    unused_qualifications,
    unused_results,
    unused_import_braces,
    trivial_casts,
    trivial_numeric_casts,
    single_use_lifetimes,
    let_underscore_drop,
    non_ascii_idents,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    redundant_lifetimes,
    variant_size_differences,
    unsafe_code
)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::absolute_paths,
    clippy::as_conversions,
    clippy::missing_docs_in_private_items,
    clippy::shadow_unrelated,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::arithmetic_side_effects
)]

use std::future::ready;

use chrono::{DateTime, Utc};
use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::reexport::sqlx::Sqlite;
use stripe_sync::{
    Change, Context, HookError, Json, MapError, Outcome, Slot, StripeObject, StripeSync, ValueError,
};

/// A row with everything that a struct can say.
#[derive(Debug, StripeSync)]
#[stripe(
    object = "customer",
    table = "billing.customers",
    rename_all = "camelCase",
    filter(email = "a@b.c"),
    pre_set_default = pre,
    set_default = set,
    post_set_default = post,
    database = sqlite,
    sync = write,
    after_commit = after
)]
struct Customer {
    /// The key.
    id: String,
    /// Null or text.
    email: Option<String>,
    /// A path.
    #[stripe(path = address.country, sql_type = "citext")]
    country: Option<String>,
    /// A default.
    #[stripe(default = 0)]
    balance: i64,
    /// A map's key.
    #[stripe(path = metadata.seats, parse)]
    seats: Option<u16>,
    /// A moment.
    created: DateTime<Utc>,
    /// The object.
    #[stripe(raw)]
    whole: Json<serde_json::Value>,
    /// When it was written.
    #[stripe(synced_at)]
    seen: Option<DateTime<Utc>>,
    /// When it was deleted.
    #[stripe(deleted_at)]
    gone: Option<DateTime<Utc>>,
    /// Only the table knows this one.
    #[stripe(local)]
    notes: Option<String>,
}

/// A row that refers to another one.
#[derive(Debug, StripeSync)]
#[stripe(
    object = "invoice",
    table = "invoices",
    index(customer, total),
    unique(number)
)]
struct Invoice {
    /// The key.
    id: String,
    /// Whom it is for.
    #[stripe(references = Customer)]
    customer: Option<String>,
    /// A number.
    number: Option<String>,
    /// An amount.
    #[stripe(index)]
    total: i64,
    /// Two members.
    #[stripe(with(currency, total) = money)]
    money: String,
    /// An array.
    discounts: Vec<String>,
    /// A list of rows.
    #[stripe(children)]
    lines: Vec<Line>,
    /// An array of rows.
    #[stripe(children)]
    total_taxes: Vec<Tax>,
}

/// A row of a list.
#[derive(Debug, StripeSync)]
#[stripe(object = "line_item", table = "lines")]
struct Line {
    /// The key.
    id: String,
    /// Whose it is.
    #[stripe(parent)]
    invoice: String,
}

/// A row of an array.
#[derive(Debug, StripeSync)]
#[stripe(object = "invoice.total_taxes", table = "taxes")]
struct Tax {
    /// Whose it is.
    #[stripe(parent)]
    invoice: String,
    /// Its place.
    #[stripe(position)]
    position: i64,
}

fn money(currency: &Slot<'_>, total: &Slot<'_>) -> Result<String, ValueError> {
    let currency: Option<String> = currency.deserialize()?;
    Ok(format!("{currency:?} {:?}", total.json()))
}

const fn pre(_: &mut StripeObject, _: &Context) {}

fn set(object: &StripeObject, context: &Context) -> Result<Customer, MapError> {
    Customer::from_stripe(object, context)
}

async fn post(_: &mut Customer, _: &Context) {
    ready(()).await;
}

async fn after(_: Change<Customer>, _: &Context) {
    ready(()).await;
}

async fn write(
    _: &StripeObject,
    cx: &mut TypedSyncContext<'_, Sqlite>,
) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

#[test]
fn the_expansion_is_silent() {
    assert_eq!(Customer::MODEL.columns().len(), 10);
    assert_eq!(Invoice::MODEL.columns().len(), 6);
    assert_eq!(Line::MODEL.columns().len(), 2);
    assert_eq!(Tax::MODEL.columns().len(), 2);
}
