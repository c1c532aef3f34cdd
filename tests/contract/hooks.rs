//! Rows and their hooks: what a hook sees and leaves, and what is absent before and after it.

use crate::private::{ChangedCells, SyncHook, map_json};
use chrono::{DateTime, Utc};
use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::{
    Cell, CellType, Change, Context, HookError, MapError, OnDelete, Outcome, ReadBack, Role,
    StripeObject, StripeSync, reexport::sqlx,
};

use super::{absent, cell, context, object, row, text};

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
    cx: &mut TypedSyncContext<'_, sqlx::Sqlite>,
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

/// A hook that makes the row itself, from the generated mapping.
#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "product", table = "products", set_default = upper, unversioned)]
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
    assert!(Product::MODEL.parts.unversioned);
    assert_eq!(Product::MODEL.parts.on_delete, OnDelete::Hard);
}

/// A hook that only looks may take what it could change by a shared reference.
#[derive(Debug, StripeSync)]
#[stripe(
    object = "product",
    table = "products",
    pre_set_default = is_small,
    post_set_default = is_named
)]
struct Seen {
    id: String,
    name: String,
}

fn is_small(object: &StripeObject, _: &Context) -> Result<(), String> {
    match object.json().len() {
        0..100 => Ok(()),
        long => Err(format!("{long} bytes")),
    }
}

async fn is_named(row: &Seen, _: &Context) -> Result<(), String> {
    match row.name.is_empty() {
        true => Err("no name".to_owned()),
        false => Ok(()),
    }
}

#[tokio::test]
async fn a_hook_that_only_looks_takes_a_shared_reference() {
    let hooks = Seen::MODEL.parts.map_hooks.unwrap();
    let mut stripe = object(r#"{"id":"prod_1","name":"tea"}"#);
    let row = hooks(&mut stripe, &context()).await.unwrap();
    assert_eq!(row.cells, [text("prod_1"), text("tea")]);
    let mut stripe = object(r#"{"id":"prod_1","name":""}"#);
    let error = hooks(&mut stripe, &context()).await.unwrap_err();
    assert_eq!(error.to_string(), "post_set_default: no name");
}
