//! Objects that are read below their parent: their events bring their rows up to date, in the scope in which lists show them.

use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState, Live};
use stripe_sync::testing::{CannedAnswer, FakeAccount};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync};

use super::platform::Platform;
use super::service::{Service, URL, deliver, deliver_all, process};

/// Tables for what is below a parent, with and without the member that names it.
macro_rules! models {
    ($($name:ident $object:literal $table:literal $($parent:ident)?;)*) => {$(
        #[derive(StripeSync)]
        #[stripe(object = $object, table = $table)]
        struct $name {
            id: String,
            $($parent: Option<String>,)?
            #[stripe(raw)]
            object: Json<Value>,
        }
    )*};
}
models! {
    Person "person" "persons" account;
    Capability "capability" "capabilities";
    Source "source" "sources";
    FeeRefund "fee_refund" "fee_refunds" fee;
    CashBalanceTransaction "customer_cash_balance_transaction" "cash_balance_transactions" customer;
    Entitlement "entitlements.active_entitlement" "entitlements";
    SourceTransaction "source_transaction" "source_transactions";
}

/// Cards may be a customer's or an account's.
#[derive(StripeSync)]
#[stripe(object = "card", table = "cards")]
struct Card {
    id: String,
    account: Option<String>,
    customer: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The same, in a table that tells accounts apart.
#[derive(StripeSync)]
#[stripe(object = "bank_account", table = "bank_accounts")]
struct BankAccount {
    #[stripe(account)]
    scope: String,
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Each with a parent of its own; some can change, some can go.
const OBJECTS: [(&str, &str, &str); 6] = [
    ("person", "account", "acct_a"),
    ("capability", "account", "acct_a"),
    ("card", "account", "acct_a"),
    ("card", "customer", "cus_1"),
    ("fee_refund", "fee", "fee_1"),
    ("customer_cash_balance_transaction", "customer", "cus_1"),
];

fn make(fake: &FakeAccount) -> Vec<String> {
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    fake.create("application_fee", json!({"id": "fee_1", "refunds": []}))
        .unwrap();
    let objects = OBJECTS.into_iter();
    let mut ids: Vec<String> = objects
        .map(|(object, member, parent)| {
            let made = fake.create(object, json!({ member: parent })).unwrap();
            made["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let source = fake.create("source", json!({"customer": "cus_1"})).unwrap();
    ids.push(source["id"].as_str().unwrap().to_owned());
    // Of a capability and of a refund of a fee no event tells that it is new.
    for id in [&ids[1], &ids[4]] {
        fake.unchecked()
            .update(id, json!({"metadata": {"new": "1"}}))
            .unwrap();
    }
    ids
}

async fn assert_truth(service: &Service) {
    service.assert_truth::<Person>().await;
    service.assert_truth::<Capability>().await;
    service.assert_truth::<Card>().await;
    service.assert_truth::<Source>().await;
    service.assert_truth::<FeeRefund>().await;
    service.assert_truth::<CashBalanceTransaction>().await;
}

async fn start(service: &Service) {
    service.syncer.ensure_table::<Person>().await.unwrap();
    service.syncer.ensure_table::<Capability>().await.unwrap();
    service.syncer.ensure_table::<Card>().await.unwrap();
    service.syncer.ensure_table::<Source>().await.unwrap();
    service.syncer.ensure_table::<FeeRefund>().await.unwrap();
    service
        .syncer
        .ensure_table::<CashBalanceTransaction>()
        .await
        .unwrap();
}

fn live(platform: &Platform<'_>) -> Live {
    let live = platform.builder().model::<Person>().model::<Capability>();
    let live = live.model::<Card>().model::<Source>().model::<FeeRefund>();
    live.model::<CashBalanceTransaction>().build().unwrap()
}

pub(crate) async fn events_bring_them_up_to_date(service: &Service) {
    let platform = Platform::start(service).await;
    start(service).await;
    let live = live(&platform);
    let ids = make(&service.fake);
    platform.deliver(&live).await;
    process(&live).await;
    assert_truth(service).await;
    for id in &ids {
        let changed = service
            .fake
            .unchecked()
            .update(id, json!({"metadata": {"changed": "1"}}));
        changed.unwrap();
    }
    platform.deliver(&live).await;
    process(&live).await;
    // Of a transaction and of a source no event tells of such a change.
    service.assert_truth::<Person>().await;
    service.assert_truth::<Card>().await;
    service.assert_truth::<FeeRefund>().await;
    let asked = platform.asked_as("/v1/accounts/{id}/persons/{id}");
    assert_eq!(
        asked,
        [service.fake.id(), service.fake.id()],
        "the platform reads what is below its accounts"
    );
    for id in [&ids[0], &ids[2], &ids[3]] {
        service.fake.delete(id).unwrap();
    }
    platform.deliver(&live).await;
    process(&live).await;
    service.assert_truth::<Person>().await;
    service.assert_truth::<Card>().await;
    let dead = live.counts().await.unwrap().dead;
    assert_eq!(dead, 0);
}

pub(crate) async fn thin_events_name_the_parent_in_their_path(service: &Service) {
    start(service).await;
    service.fake.add_connected_account("acct_a").unwrap();
    let endpoint = service.fake.webhook_endpoint(URL).events(["*"]).thin();
    let endpoint = endpoint.connect().create().unwrap();
    let secret = WebhookSecret::new(&endpoint.secret).unwrap();
    let live = service.builder().secret(secret);
    let live = live.model::<Person>().model::<Card>().build().unwrap();
    let person = service.fake.create("person", json!({"account": "acct_a"}));
    let id = person.unwrap()["id"].as_str().unwrap().to_owned();
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Person>().await;
    service.fake.delete(&id).unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Person>().await;
}

/// `sync_all` lists them as the platform, so their rows are the platform's.
pub(crate) async fn lists_and_events_agree_whose_they_are(service: &Service) {
    let platform = Platform::start(service).await;
    service.syncer.ensure_table::<BankAccount>().await.unwrap();
    let live = platform.builder().model::<BankAccount>().build().unwrap();
    let made = service
        .fake
        .create("bank_account", json!({"account": "acct_a"}));
    made.unwrap();
    platform
        .a
        .create("customer", json!({"id": "cus_a"}))
        .unwrap();
    let of_customer = json!({"customer": "cus_a"});
    platform.a.create("bank_account", of_customer).unwrap();
    platform.deliver(&live).await;
    process(&live).await;
    let by_event = service.number("SELECT COUNT(*) FROM bank_accounts").await;
    assert_eq!(by_event, 2);
    let own = format!(
        "SELECT COUNT(*) FROM bank_accounts WHERE scope = '{}'",
        service.fake.id()
    );
    assert_eq!(service.number(&own).await, 1);
    let report = service.syncer.sync_all::<BankAccount>().await.unwrap();
    assert_eq!((report.inserted, report.unchanged), (0, 1), "{report:?}");
}

/// A parent that may not be read says nothing of what is below it.
pub(crate) async fn a_row_goes_only_if_its_parent_answers(service: &Service) {
    let platform = Platform::start(service).await;
    start(service).await;
    let live = live(&platform);
    make(&service.fake);
    platform.deliver(&live).await;
    process(&live).await;
    let card = service
        .fake
        .truth("card")
        .into_iter()
        .find(|card| card["customer"] == "cus_1");
    let id = card.unwrap()["id"].as_str().unwrap().to_owned();
    let rows = service.rows("cards").await.len();
    service.fake.delete(&id).unwrap();
    let refused = CannedAnswer::new(403, r#"{"error": {"type": "invalid_request_error"}}"#);
    service.fake.answer_with("/v1/customers/cus_1", 9, refused);
    platform.deliver(&live).await;
    live.drain().await.unwrap();
    assert_eq!(service.rows("cards").await.len(), rows);
    service.fake.clear_answers();
    live.replay(&EventFilter::new()).await.unwrap();
    process(&live).await;
    service.assert_truth::<Card>().await;
}

pub(crate) async fn a_summary_brings_a_customers_entitlements(service: &Service) {
    service.syncer.ensure_table::<Entitlement>().await.unwrap();
    let live = service.builder().model::<Entitlement>().build().unwrap();
    for customer in ["cus_1", "cus_2"] {
        service
            .fake
            .create("customer", json!({ "id": customer }))
            .unwrap();
        for _ in 0..15 {
            let made =
                service
                    .fake
                    .create_child(customer, "entitlements.active_entitlement", json!({}));
            made.unwrap();
        }
    }
    // The first ones are known from the lists only.
    drop(service.fake.take_deliveries());
    service.syncer.sync_all::<Entitlement>().await.unwrap();
    service.assert_truth::<Entitlement>().await;
    let made = service
        .fake
        .create_child("cus_1", "entitlements.active_entitlement", json!({}));
    made.unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Entitlement>().await;
    for id in service
        .fake
        .ids("entitlements.active_entitlement")
        .into_iter()
        .take(20)
    {
        service.fake.delete(&id).unwrap();
    }
    // One event is enough: it names ten at the most.
    let deliveries = service.fake.take_deliveries();
    let of = |customer: &str| {
        deliveries
            .iter()
            .rev()
            .find(|one| String::from_utf8_lossy(&one.body).contains(customer))
    };
    for delivery in ["cus_1", "cus_2"].into_iter().filter_map(of) {
        assert_eq!(deliver(&live, delivery).await, 200);
    }
    process(&live).await;
    service.assert_truth::<Entitlement>().await;
    let left = service
        .number("SELECT COUNT(*) FROM stripe_sync_children")
        .await;
    assert_eq!(
        left,
        service.fake.count("entitlements.active_entitlement") as i64
    );
}

/// What no request answers is ignored with a reason, and not tried twelve times.
pub(crate) async fn what_cannot_be_read_is_not_retried(service: &Service) {
    service
        .syncer
        .ensure_table::<SourceTransaction>()
        .await
        .unwrap();
    service.syncer.ensure_table::<Card>().await.unwrap();
    let live = service
        .builder()
        .model::<SourceTransaction>()
        .model::<Card>()
        .build()
        .unwrap();
    let object = json!({"id": "srctxn_1", "object": "source_transaction", "source": "src_1"});
    service
        .fake
        .record_event("source.transaction.created", &object)
        .unwrap();
    // It names neither a customer nor an account, and there is no row that does.
    let card = json!({"id": "card_1", "object": "card", "account": null, "customer": null});
    service
        .fake
        .record_event("customer.source.created", &card)
        .unwrap();
    deliver_all(service, &live).await;
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (0, 1), "{processed:?}");
    let events = live.events(&EventFilter::new()).await.unwrap();
    let reason = |kind: &str, state: EventState| {
        let mut events = events
            .iter()
            .filter(|event| event.kind == kind && event.state == state);
        events
            .next()
            .and_then(|event| event.reason.clone())
            .unwrap()
    };
    assert_eq!(
        reason("source.transaction.created", EventState::Ignored),
        "no request returns one `source_transaction` by its id, so only `sync_all` brings it up to date"
    );
    assert_eq!(
        reason("customer.source.created", EventState::Dead),
        "`Card` card_1 is read below its parent: expected an event or a row that names its `account` or `customer`, got none"
    );
}
