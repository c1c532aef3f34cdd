//! Whose an object is: children in a connected account are that account's, and an account is its platform's.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stripe_sync::live::EventFilter;
use stripe_sync::{Json, StripeSync};

use super::platform::Platform;
use super::service::{Service, process};

/// An item of a subscription has no events of its own.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "account_items")]
struct AccountItem {
    #[stripe(account)]
    account: String,
    id: String,
    subscription: String,
    #[stripe(raw)]
    object: Json<Value>,
}

pub(crate) async fn children_are_read_as_the_account(service: &Service) {
    let platform = Platform::start(service).await;
    service.syncer.ensure_table::<AccountItem>().await.unwrap();
    let live = platform.builder().model::<AccountItem>().build().unwrap();
    for account in platform.all() {
        account.create("customer", json!({"id": "cus_1"})).unwrap();
        let made = json!({"id": "sub_1", "customer": "cus_1"});
        account.create("subscription", made).unwrap();
        let item = json!({"id": "si_1"});
        account
            .create_child("sub_1", "subscription_item", item)
            .unwrap();
    }
    platform.deliver(&live).await;
    process(&live).await;
    platform.assert_truth::<AccountItem>().await;
    // Gone in one of them: the others keep theirs.
    platform.a.delete("si_1").unwrap();
    platform.deliver(&live).await;
    process(&live).await;
    platform.assert_truth::<AccountItem>().await;
    let kept = "SELECT COUNT(*) FROM account_items WHERE id = 'si_1' AND stripe_deleted_at IS NULL";
    assert_eq!(service.number(kept).await, 2);
}

/// The accounts that are connected, as the platform lists them.
#[derive(StripeSync)]
#[stripe(object = "account", table = "accounts")]
pub(crate) struct Account {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The same, in a table that tells accounts apart.
#[derive(StripeSync)]
#[stripe(object = "account", table = "keyed_accounts")]
struct KeyedAccount {
    #[stripe(account)]
    account: String,
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

pub(crate) async fn an_account_is_an_object_of_its_platform(service: &Service) {
    let platform = Platform::start(service).await;
    service.syncer.ensure_table::<Account>().await.unwrap();
    service.syncer.ensure_table::<KeyedAccount>().await.unwrap();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&seen);
    let live = platform
        .builder()
        .model::<Account>()
        .model::<KeyedAccount>();
    let live = live.on("account.*", move |event| {
        let seen = event.account().unwrap_or_default().to_owned();
        told.lock().unwrap().push(seen);
        async { Ok(()) }
    });
    let live = live.build().unwrap();
    service.syncer.sync_all::<Account>().await.unwrap();
    service.syncer.sync_all::<KeyedAccount>().await.unwrap();
    service.fake.reset_requests();
    // Stripe tells of it as of an event in the account.
    let changed = service
        .fake
        .update("acct_a", json!({"country": "CH"}))
        .unwrap();
    platform.deliver(&live).await;
    process(&live).await;
    service.assert_truth::<Account>().await;
    let asked = platform.asked_as("/v1/accounts/{id}");
    assert_eq!(asked, [service.fake.id()], "one read for both models");
    let rows: BTreeSet<(String, String)> =
        platform.rows("keyed_accounts").await.into_keys().collect();
    let row = |id: &str| (service.fake.id().to_owned(), id.to_owned());
    assert_eq!(rows, BTreeSet::from([row("acct_a"), row("acct_b")]));
    assert_eq!(*seen.lock().unwrap(), ["acct_a"]);
    // Where nobody mirrors accounts, the event is the account's.
    let live = platform.builder().build().unwrap();
    platform
        .a
        .record_event("account.updated", &changed)
        .unwrap();
    platform.deliver(&live).await;
    let kept = live
        .events(&EventFilter::new().kind("account.*"))
        .await
        .unwrap();
    let mut of: Vec<&str> = kept.iter().map(|event| event.account.as_str()).collect();
    // Both are of one second.
    of.sort_unstable();
    assert_eq!(of, [service.fake.id(), "acct_a"]);
}
