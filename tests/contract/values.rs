//! Values of every kind and the types that they are read into, and what the descriptor says of them.

use std::fmt;
use std::str::FromStr;

use crate::private::map_json;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use stripe_sync::{
    Cell, CellType, ColumnType, Context, FromEnum, Json, MapError, OnDelete, Role, Slot,
    StripeSync, ValueError,
};

use super::{absent, cell, context, object, text};

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

impl ColumnType for Status {
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
    assert!(opaque.map.map(&Slot::Null).is_err());
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
