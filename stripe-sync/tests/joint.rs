//! The joint between the derive and the runtime: what the macro emits maps, comes back and calls hooks.
#![allow(missing_docs)]
use stripe_sync::hooks::SyncContext;
use stripe_sync::{Change, Context, Outcome, StripeObject, StripeSync, sqlx};

#[derive(Debug, Clone, PartialEq, StripeSync)]
#[stripe(
    object = "customer",
    table = "customers",
    database = sqlite,
    pre_set_default = pre,
    post_set_default = post,
    sync = sync,
    after_commit = changed
)]
pub struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(path = address.country)]
    country: Option<String>,
    created: chrono::DateTime<chrono::Utc>,
    #[stripe(local)]
    notes: Option<String>,
}

fn pre(object: &mut StripeObject, _: &Context) -> Result<(), stripe_sync::ObjectError> {
    object.edit(|o| o["email"] = "x@y.z".into())
}
async fn post(row: &mut Customer, _: &Context) {
    row.country = Some("DE".into());
}
async fn sync(
    _: &StripeObject,
    cx: &mut SyncContext<'_, sqlx::Sqlite>,
) -> Result<Outcome, stripe_sync::HookError> {
    cx.sync_default().await
}
async fn changed(_change: Change<Customer>, _: &Context) -> Result<(), std::fmt::Error> {
    Ok(())
}

#[test]
fn maps_and_comes_back() {
    let object = StripeObject::from_json(r#"{"id":"cus_1","object":"customer","address":{"country":"FR"},"created":5,"email":null,"x":[1,{"y":2}]}"#).unwrap();
    let context = Context::new(stripe_sync::Origin::Object);
    let row = Customer::from_stripe(&object, &context).unwrap();
    assert_eq!(row.country.as_deref(), Some("FR"));
    assert_eq!(row.created.timestamp(), 5);
    let mut cells = row.clone().into_cells();
    cells.push(stripe_sync::Cell::Null);
    assert_eq!(
        <Customer as stripe_sync::ReadBack>::from_cells(cells).unwrap(),
        row
    );
    let bad = StripeObject::from_json(r#"{"id":"cus_1","created":"x"}"#).unwrap();
    assert_eq!(
        Customer::from_stripe(&bad, &context)
            .unwrap_err()
            .to_string(),
        "column `created` (`created`): expected Unix seconds, Stripe sent text"
    );
}
