use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::start;
use fake_stripe::{FakeError, FakeStripe, Story};

fn types(fake: &FakeStripe) -> BTreeSet<String> {
    let events = fake.events().into_iter();
    events
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

fn get(fake: &FakeStripe, id: &str) -> Value {
    fake.get(id).unwrap()
}

#[tokio::test]
async fn a_refund_is_told_from_the_customer_on() {
    let fake = start().await;
    let told = fake.tell(Story::Refund).unwrap();
    let charge = get(&fake, told.id("charge").unwrap());
    assert_eq!(charge["amount"], 2_000);
    assert_eq!(charge["amount_refunded"], 1_000);
    assert_eq!(charge["refunded"], false);
    assert_eq!(charge["customer"], told.id("customer").unwrap());
    assert_eq!(charge["payment_method"], told.id("payment_method").unwrap());
    let types = types(&fake);
    for wanted in [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
        "refund.created",
        "charge.refunded",
    ] {
        assert!(types.contains(wanted), "{wanted} is not in {types:?}");
    }
}

#[tokio::test]
async fn a_subscription_is_paid_and_ends() {
    let fake = start().await;
    let told = fake.tell(Story::Cancellation).unwrap();
    let subscription = get(&fake, told.id("subscription").unwrap());
    assert_eq!(subscription["status"], "canceled");
    let invoice = get(&fake, subscription["latest_invoice"].as_str().unwrap());
    assert_eq!(invoice["status"], "paid");
    assert_eq!(invoice["amount_paid"], 2_000);
    let types = types(&fake);
    for wanted in [
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "invoice.created",
    ] {
        assert!(types.contains(wanted), "{wanted} is not in {types:?}");
    }
}

#[tokio::test]
async fn each_story_is_told_by_its_name_and_has_a_customer() {
    let fake = start().await;
    for story in Story::ALL {
        assert_eq!(story.to_string().parse::<Story>().unwrap(), story);
        let told = fake.tell(story).unwrap();
        assert_eq!(told.ids("customer").len(), 1, "{story}");
        for object in told.objects() {
            for id in told.ids(object) {
                assert_eq!(get(&fake, id)["object"], object, "{story}");
            }
        }
    }
    let unknown = "paymant".parse::<Story>().unwrap_err();
    assert!(matches!(unknown, FakeError::UnknownStory { .. }));
    let told = fake.tell(Story::Payment).unwrap();
    assert!(matches!(
        told.id("subscription"),
        Err(FakeError::NotInStory { .. })
    ));
}

#[tokio::test]
async fn what_a_test_misspells_is_refused() {
    let fake = start().await;
    let refused = |given: Value| fake.create("customer", given).unwrap_err().to_string();
    assert_eq!(
        refused(json!({ "emial": "a@example.com" })),
        "a customer has no member `emial`; did you mean `email`?; `unchecked()` takes what the schema does not know"
    );
    assert_eq!(
        refused(json!({ "balance": "12" })),
        "`balance` of a customer: expected an integer, got a string; `unchecked()` takes what the schema does not know"
    );
    assert_eq!(
        refused(json!({ "default_source": "card_none" })),
        "`default_source` of a customer: no `account` or `bank_account` or `card` or `source` has the id `card_none`; \
         `unchecked()` takes ids of nothing"
    );
    let one = fake.create("customer", json!({})).unwrap();
    let id = one["id"].as_str().unwrap();
    assert!(fake.update(id, json!({ "nmae": "x" })).is_err());
    assert_eq!(fake.get(id).unwrap(), one);
    let odd = json!({ "emial": "a@example.com", "default_source": "card_none" });
    let odd = fake.unchecked().create("customer", odd).unwrap();
    assert_eq!(odd["emial"], "a@example.com");
    assert_eq!(odd["default_source"], "card_none");
}

#[tokio::test]
async fn the_past_has_events_if_it_is_asked_for() {
    let fake = FakeStripe::builder()
        .past_events(true)
        .start()
        .await
        .unwrap();
    fake.webhook_endpoint("http://localhost/webhooks")
        .create()
        .unwrap();
    let ids = fake.generate("charge", 20).unwrap();
    let events = fake.events();
    for id in ids {
        let charge = get(&fake, &id);
        let told = events.iter().find(|event| {
            event["data"]["object"]["id"] == id.as_str() && event["type"] != "charge.updated"
        });
        let told = told.unwrap_or_else(|| panic!("no event about {id}"));
        assert_eq!(told["created"], charge["created"]);
        assert_eq!(told["pending_webhooks"], 0);
    }
    assert!(fake.take_deliveries().is_empty());
}
