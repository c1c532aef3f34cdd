//! The joint between the derive and the runtime: what the macro emits maps, tells absent from null, comes back and
//! calls hooks.
#![cfg(feature = "sqlite")]
#![allow(missing_docs)]

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use stripe_sync::hooks::SyncContext;
use stripe_sync::private::{ChangedCells, Row, SyncHook, map_json};
use stripe_sync::{
    Cell, CellType, Change, Column, Context, FromEnum, HookError, Json, MapError, OnDelete, Origin,
    Outcome, ReadBack, Role, Slot, StripeObject, StripeSync, ValueError, sqlx,
};

fn context() -> Context {
    Context::new(Origin::Object)
}

fn object(json: &str) -> StripeObject {
    StripeObject::from_json(json.to_owned()).unwrap()
}

fn row<M: StripeSync>(json: &str) -> Row {
    map_json(M::MODEL, json, &context()).unwrap()
}

/// The cell of a written column.
fn cell<M: StripeSync>(row: &Row, column: &str) -> Cell<'static> {
    let at = M::MODEL.written().position(|c| c.name == column).unwrap();
    row.cells[at].clone()
}

/// The columns that Stripe sent nothing for.
fn absent<M: StripeSync>(row: &Row) -> Vec<&'static str> {
    let names: Vec<_> = M::MODEL.written().map(|column| column.name).collect();
    row.absent.iter().map(|at| names[*at]).collect()
}

fn text(value: &str) -> Cell<'static> {
    Cell::text(value.to_owned())
}

#[derive(Debug, Clone, PartialEq, StripeSync)]
#[stripe(
    object = "customer",
    table = "billing.customers",
    database = sqlite,
    pre_set_default = lower,
    post_set_default = note,
    sync = sync,
    after_commit = changed
)]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(path = address.country)]
    country: Option<String>,
    #[stripe(path = metadata.tenant_id)]
    tenant: Option<String>,
    created: DateTime<Utc>,
    #[stripe(default = -1)]
    balance: i64,
    #[stripe(local)]
    notes: Option<String>,
}

fn lower(object: &mut StripeObject, _: &Context) -> Result<(), stripe_sync::ObjectError> {
    object.edit(|customer| {
        if let Some(email) = customer["email"].as_str() {
            customer["email"] = email.to_lowercase().into();
        }
    })
}

async fn note(row: &mut Customer, _: &Context) {
    tokio::task::yield_now().await;
    row.notes = Some("a local column is not written".into());
    if row.country.as_deref() == Some("UK") {
        row.country = Some("GB".into());
    }
}

async fn sync(
    _: &StripeObject,
    cx: &mut SyncContext<'_, sqlx::Sqlite>,
) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

async fn changed(change: Change<Customer>, _: &Context) -> Result<(), String> {
    match change {
        Change::Updated { before, after, .. } => {
            Err(format!("{} -> {}", before.balance, after.balance))
        }
        _ => Ok(()),
    }
}

const CUSTOMER: &str = r#"{"id":"cus_1","object":"customer","address":{"country":"FR"},"balance":7,
    "created":5,"email":"A@B.C","metadata":{"tenant_id":"t1","other":"x"},"ignored":[1,{"y":2}]}"#;

#[test]
fn an_object_maps_and_comes_back() {
    let row = Customer::from_stripe(&object(CUSTOMER), &context()).unwrap();
    assert_eq!(
        row,
        Customer {
            id: "cus_1".into(),
            email: Some("A@B.C".into()),
            country: Some("FR".into()),
            tenant: Some("t1".into()),
            created: DateTime::from_timestamp(5, 0).unwrap(),
            balance: 7,
            notes: None,
        }
    );
    let mut cells = row.clone().into_cells();
    assert_eq!(
        cells,
        map_json(Customer::MODEL, CUSTOMER, &context())
            .unwrap()
            .cells
    );
    cells.push(Cell::Null);
    assert_eq!(Customer::from_cells(cells).unwrap(), row);
}

#[test]
fn a_value_that_does_not_fit_names_its_column() {
    let message = |json| {
        Customer::from_stripe(&object(json), &context())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(r#"{"id":"cus_1","created":"x"}"#),
        "column `created` (`created`): expected Unix seconds, Stripe sent text"
    );
    assert_eq!(
        message(r#"{"id":"cus_1","created":1,"address":{"country":5}}"#),
        "column `country` (`address.country`): expected text, Stripe sent an integer"
    );
    assert!(Customer::from_cells(vec![Cell::Integer(1)]).is_err());
}

#[test]
fn absent_is_not_null() {
    // `email` is null, which clears it; `address` and `balance` are absent, which leaves them alone.
    let mapped = row::<Customer>(r#"{"id":"cus_1","created":5,"email":null}"#);
    assert_eq!(
        absent::<Customer>(&mapped),
        ["country", "tenant", "balance"]
    );
    assert_eq!(cell::<Customer>(&mapped, "email"), Cell::Null);
    assert_eq!(cell::<Customer>(&mapped, "balance"), Cell::Integer(-1));

    // Null for a parent is null for what is below it; a default stands for null too.
    let mapped = row::<Customer>(
        r#"{"id":"cus_1","created":5,"email":"e","address":null,"balance":null,"metadata":{}}"#,
    );
    assert_eq!(absent::<Customer>(&mapped), [""; 0]);
    assert_eq!(cell::<Customer>(&mapped, "country"), Cell::Null);
    assert_eq!(cell::<Customer>(&mapped, "balance"), Cell::Integer(-1));
}

#[test]
fn a_metadata_key_that_was_taken_away_is_null() {
    let mapped = row::<Customer>(r#"{"id":"cus_1","created":5,"metadata":{"other":"x"}}"#);
    assert!(!absent::<Customer>(&mapped).contains(&"tenant"));
    assert_eq!(cell::<Customer>(&mapped, "tenant"), Cell::Null);
}

#[test]
fn the_descriptor_says_what_the_struct_says() {
    let model = Customer::MODEL;
    assert_eq!(model.name(), "Customer");
    assert_eq!(model.object(), "customer");
    assert_eq!(model.table(), "billing.customers");
    assert_eq!(model.parts.on_delete, OnDelete::Soft);
    assert!(model.parts.sql.sqlite.is_some() && model.parts.sql.postgres.is_none());
    let column = |name| {
        model
            .columns()
            .iter()
            .find(|column| column.name == name)
            .unwrap()
    };
    assert_eq!(column("country").path, "address.country");
    assert_eq!(column("id").role, Role::Id);
    assert_eq!(column("notes").role, Role::Local);
    assert_eq!(column("created").cell, Some(CellType::Instant));
    assert!(column("email").nullable && !column("balance").nullable);
    assert!(matches!(model.parts.sync, Some(SyncHook::Sqlite(_))));
}

#[tokio::test]
async fn plain_and_async_hooks_run_in_their_order() {
    let hooks = Customer::MODEL.parts.map_hooks.unwrap();
    let mut stripe = object(&CUSTOMER.replace("FR", "UK"));
    let row = hooks(&mut stripe, &context()).await.unwrap();
    assert_eq!(cell::<Customer>(&row, "email"), text("a@b.c"));
    assert_eq!(cell::<Customer>(&row, "country"), text("GB"));
    assert_eq!(absent::<Customer>(&row), [""; 0]);
}

#[tokio::test]
async fn what_hooks_leave_at_its_default_is_still_absent() {
    let hooks = Customer::MODEL.parts.map_hooks.unwrap();
    let mut stripe = object(r#"{"id":"cus_1","created":5}"#);
    let row = hooks(&mut stripe, &context()).await.unwrap();
    assert_eq!(
        absent::<Customer>(&row),
        ["email", "country", "tenant", "balance"]
    );
}

#[tokio::test]
async fn after_commit_sees_before_and_after() {
    let hook = Customer::MODEL.parts.after_commit.unwrap();
    let cells = |balance: i64| {
        let json = CUSTOMER.replace("\"balance\":7", &format!("\"balance\":{balance}"));
        let mut cells = row::<Customer>(&json).cells;
        cells.push(text("a note"));
        cells
    };
    let error = hook(ChangedCells::Updated(cells(1), cells(2)), &context()).await;
    assert_eq!(error.unwrap_err().to_string(), "after_commit: 1 -> 2");
    hook(ChangedCells::Deleted(cells(1)), &context())
        .await
        .unwrap();
}

/// A path through arrays, keys that are keywords or no words, references, and values of every kind.
#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", rename_all = "camelCase", on_delete = hard)]
struct Subscription {
    #[stripe(id, parse)]
    stripe_id: SubscriptionId,
    customer: String,
    latest_invoice: Option<String>,
    status: Status,
    #[stripe(column = "plan", path = items.data[0].price.id)]
    price: Option<String>,
    #[stripe(path = items.data[1].quantity)]
    second_quantity: Maybe<u32>,
    #[stripe(path = items.data[0].price.unit_amount_decimal)]
    unit_amount: Option<Decimal>,
    #[stripe(path = application_fee_percent)]
    fee: Option<f64>,
    #[stripe(path = metadata."tenant-id")]
    tenant: Option<String>,
    #[stripe(path = metadata)]
    metadata: std::collections::HashMap<String, String>,
    #[stripe(path = automatic_tax, json)]
    tax: Tax,
    #[stripe(path = payment_settings.r#type, unchecked, default)]
    r#type: Option<String>,
    #[stripe(path = items, with = count)]
    count: i64,
    cancel_at_period_end: bool,
    #[stripe(path = metadata.seats, parse)]
    seats: Option<u16>,
    #[stripe(raw)]
    whole: Json<serde_json::Value>,
    #[stripe(account)]
    account: String,
    #[stripe(livemode)]
    live: bool,
    #[stripe(synced_at)]
    synced: Option<DateTime<Utc>>,
    #[stripe(local, sql_type = "citext")]
    opaque: Opaque,
}

type Maybe<T> = Option<T>;

/// Not a type that a column can hold: only `sql_type` says what the column is.
#[derive(Debug, Default, PartialEq)]
struct Opaque;

#[derive(Debug, PartialEq)]
struct SubscriptionId(String);

impl FromStr for SubscriptionId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("sub_") {
            Some(rest) => Ok(Self(rest.to_owned())),
            None => Err("not the id of a subscription"),
        }
    }
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sub_{}", self.0)
    }
}

/// A user's own column type.
#[derive(Debug, PartialEq)]
enum Status {
    Active,
    Other(String),
}

impl Column for Status {
    const TYPE: CellType = CellType::Text;

    fn into_cell(self) -> Cell<'static> {
        match self {
            Self::Active => text("active"),
            Self::Other(word) => Cell::text(word),
        }
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        String::from_cell(cell).map(|word| Self::from_enum(&word))
    }
}

impl FromEnum for Status {
    fn from_enum(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Tax {
    enabled: bool,
}

fn count(items: &Slot<'_>) -> Result<i64, ValueError> {
    #[derive(serde::Deserialize)]
    struct Items {
        data: Vec<serde::de::IgnoredAny>,
    }
    let items: Option<Items> = items.deserialize()?;
    let count = items.map_or(0, |items| items.data.len());
    i64::try_from(count).map_err(|error| ValueError::new(error.to_string()))
}

const SUBSCRIPTION: &str = r#"{"id":"sub_1","object":"subscription","customer":"cus_1","latest_invoice":null,
    "status":"active","cancel_at_period_end":false,"application_fee_percent":12.5,
    "metadata":{"tenant-id":"t","seats":"12"},"automatic_tax":{"enabled":true,"x":1},
    "payment_settings":{"type":"new"},
    "items":{"object":"list","data":[
        {"id":"si_1","quantity":1,"price":{"id":"price_1","unit_amount_decimal":"0.000000000001"}},
        {"id":"si_2","quantity":3,"price":{"id":"price_2"}}]}}"#;

fn run() -> Context {
    context().with_account("acct_1", true)
}

fn subscription(json: &str) -> Result<Subscription, MapError> {
    Subscription::from_stripe(&object(json), &run())
}

#[test]
fn every_kind_reads_into_its_types() {
    let row = subscription(SUBSCRIPTION).unwrap();
    assert_eq!(row.stripe_id, SubscriptionId("1".into()));
    assert_eq!(row.customer, "cus_1");
    assert_eq!(row.latest_invoice, None);
    assert_eq!(row.status, Status::Active);
    assert_eq!(row.price.as_deref(), Some("price_1"));
    assert_eq!(row.second_quantity, Some(3));
    assert_eq!(row.unit_amount, Some(Decimal::new(1, 12)));
    assert_eq!(row.fee, Some(12.5));
    assert_eq!(row.tenant.as_deref(), Some("t"));
    assert_eq!(row.metadata["seats"], "12");
    assert_eq!(row.tax, Tax { enabled: true });
    assert_eq!(row.r#type.as_deref(), Some("new"));
    assert_eq!(row.count, 2);
    assert_eq!(row.seats, Some(12));
    assert_eq!((row.account.as_str(), row.live), ("acct_1", true));
    assert_eq!(row.whole.0["items"]["data"][1]["id"], "si_2");
    assert_eq!((row.synced, row.opaque), (None, Opaque));
}

#[test]
fn the_plain_mapping_and_the_struct_agree() {
    let mapped = map_json(Subscription::MODEL, SUBSCRIPTION, &run()).unwrap();
    // JSON is equal as JSON: maps have no order, and the plain mapping copies the bytes of the whole object.
    let comparable = |cells: Vec<Cell<'static>>| {
        let comparable = cells.into_iter().map(|cell| match cell {
            Cell::Json(json) => Err(serde_json::from_str::<serde_json::Value>(&json).unwrap()),
            other => Ok(other),
        });
        comparable.collect::<Vec<_>>()
    };
    let cells = subscription(SUBSCRIPTION).unwrap().into_cells();
    assert_eq!(comparable(cells), comparable(mapped.cells.clone()));
    let whole = cell::<Subscription>(&mapped, "whole");
    assert_eq!(whole, Cell::Json(SUBSCRIPTION.into()));
}

#[test]
fn a_word_that_is_new_is_kept() {
    let row = subscription(&SUBSCRIPTION.replace("\"active\"", "\"dormant\"")).unwrap();
    assert_eq!(row.status, Status::Other("dormant".into()));
}

#[test]
fn a_reference_is_its_id_however_stripe_sends_it() {
    for sent in [
        r#""cus_1""#,
        r#"{"id":"cus_1","object":"customer","email":"a@b.c","created":1}"#,
        r#"{"deleted":true,"object":"customer","id":"cus_1"}"#,
    ] {
        let row = subscription(&SUBSCRIPTION.replace(r#""cus_1""#, sent)).unwrap();
        assert_eq!(row.customer, "cus_1");
    }
}

#[test]
fn an_element_that_is_gone_is_null() {
    let one = SUBSCRIPTION.replace(r#""quantity":3,"#, "");
    assert_eq!(subscription(&one).unwrap().second_quantity, None);
    let none = r#"{"id":"sub_1","customer":"c","status":"s","cancel_at_period_end":true,"metadata":{},
        "automatic_tax":{"enabled":false},"items":{"data":[]}}"#;
    let mapped = map_json(Subscription::MODEL, none, &run()).unwrap();
    let absent = absent::<Subscription>(&mapped);
    assert_eq!(absent, ["latestInvoice", "fee", "type"]);
    assert_eq!(cell::<Subscription>(&mapped, "plan"), Cell::Null);
    assert_eq!(cell::<Subscription>(&mapped, "count"), Cell::Integer(0));
}

#[test]
fn columns_are_named_and_keyed_as_the_attributes_say() {
    let model = Subscription::MODEL;
    let names: Vec<_> = model.columns().iter().map(|column| column.name).collect();
    assert!(
        names.contains(&"latestInvoice") && names.contains(&"plan") && names.contains(&"stripeId")
    );
    assert_eq!(model.parts.on_delete, OnDelete::Hard);
    let opaque = model.role(Role::Local).unwrap();
    assert_eq!((opaque.cell, opaque.sql_type), (None, Some("citext")));
    assert!((opaque.map)(&Slot::Null).is_err());
    let column = |name| {
        model
            .columns()
            .iter()
            .find(|column| column.name == name)
            .unwrap()
    };
    assert_eq!(column("tenant").path, r#"metadata."tenant-id""#);
    assert_eq!(column("secondQuantity").path, "items.data[1].quantity");
}

#[test]
fn the_fingerprint_follows_the_mapping() {
    mod changed {
        use stripe_sync::StripeSync;
        macro_rules! customer {
            ($name:ident, $($field:tt)*) => {
                #[derive(StripeSync)]
                #[stripe(object = "customer", table = "customers")]
                pub(super) struct $name { id: String, $($field)* }
            };
        }
        customer!(Plain, email: Option<String>);
        customer!(Same, email: Option<String>);
        customer!(Type, email: Option<Box<str>>);
        customer!(Default, #[stripe(default)] email: Option<String>);
        customer!(Path, #[stripe(path = name)] email: Option<String>);
        customer!(Name, #[stripe(column = "mail")] email: Option<String>);
        customer!(Local, email: Option<String>, #[stripe(local)] notes: Option<String>);
    }
    let of = |model: &stripe_sync::Model| model.parts.fingerprint;
    let plain = of(changed::Plain::MODEL);
    assert_eq!(of(changed::Same::MODEL), plain);
    assert_eq!(of(changed::Local::MODEL), plain);
    for other in [
        changed::Type::MODEL,
        changed::Default::MODEL,
        changed::Path::MODEL,
        changed::Name::MODEL,
    ] {
        assert_ne!(of(other), plain);
    }
}

/// A hook that makes the row itself, from the generated mapping.
#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "product", table = "products", set_default = upper, unguarded)]
struct Product {
    id: String,
    name: String,
}

fn upper(object: &StripeObject, context: &Context) -> Result<Product, MapError> {
    let mut row = Product::from_stripe(object, context)?;
    row.name = row.name.to_uppercase();
    Ok(row)
}

#[tokio::test]
async fn set_default_makes_the_row() {
    let hooks = Product::MODEL.parts.map_hooks.unwrap();
    let mut stripe = object(r#"{"id":"prod_1","name":"tea"}"#);
    let row = hooks(&mut stripe, &context()).await.unwrap();
    assert_eq!(row.cells, [text("prod_1"), text("TEA")]);
    let mut stripe = object(r#"{"id":"prod_1"}"#);
    let error = hooks(&mut stripe, &context())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("set_default: column `name`"), "{error}");
    // Without bookkeeping columns a deletion removes the row.
    assert!(Product::MODEL.parts.unguarded);
    assert_eq!(Product::MODEL.parts.on_delete, OnDelete::Hard);
}

/// A model of one database, while the features of all three are on.
#[cfg(all(feature = "postgres", feature = "mysql"))]
mod postgres_only {
    use super::*;

    #[derive(StripeSync)]
    #[stripe(object = "price", table = "prices", database = postgres, sync = sync)]
    struct Price {
        id: String,
        #[stripe(sql_type = "numeric(30, 12)")]
        unit_amount_decimal: Option<Decimal>,
    }

    async fn sync(
        _: &StripeObject,
        cx: &mut SyncContext<'_, sqlx::Postgres>,
    ) -> Result<Outcome, HookError> {
        cx.sync_default().await
    }

    #[derive(StripeSync)]
    #[stripe(object = "price", table = "prices")]
    struct Everywhere {
        id: String,
    }

    #[test]
    fn only_its_statements_are_written() {
        let sql = &Price::MODEL.parts.sql;
        assert!(sql.postgres.is_some() && sql.sqlite.is_none() && sql.mysql.is_none());
        assert!(matches!(
            Price::MODEL.parts.sync,
            Some(SyncHook::Postgres(_))
        ));
        let sql = &Everywhere::MODEL.parts.sql;
        assert!(sql.postgres.is_some() && sql.sqlite.is_some() && sql.mysql.is_some());
    }
}
