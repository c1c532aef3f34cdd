use std::time::Duration;

use serde_json::{Value, json};

use super::{id, ids, ok, refusal, start, walk};
use fake_stripe::{FakeStripe, Quirks};

fn types(fake: &FakeStripe) -> Vec<String> {
    let mut types: Vec<String> = fake
        .events()
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    types.sort_unstable();
    types
}

fn event(fake: &FakeStripe, kind: &str) -> Value {
    fake.events()
        .into_iter()
        .find(|event| event["type"] == kind)
        .unwrap_or_else(|| panic!("no {kind} in {:?}", types(fake)))
}

#[tokio::test]
async fn created_updated_deleted() {
    let fake = start().await;
    let customer = fake
        .create(
            "customer",
            json!({ "name": "Old", "address": { "city": "Köln", "country": "DE" } }),
        )
        .unwrap();
    let created = event(&fake, "customer.created");
    assert_eq!(created["data"]["object"], customer);
    assert_eq!(created["created"], fake.now());
    fake.advance(Duration::from_secs(5));
    let updated = fake
        .update(
            id(&customer),
            json!({ "name": "New", "address": { "city": "Bonn" }, "metadata": { "k": "v" } }),
        )
        .unwrap();
    assert_eq!(
        (&updated["address"]["city"], &updated["address"]["country"]),
        (&json!("Bonn"), &json!("DE"))
    );
    let event_of_update = event(&fake, "customer.updated");
    let previous = &event_of_update["data"]["previous_attributes"];
    assert_eq!(
        (&previous["name"], &previous["address"]),
        (&json!("Old"), &json!({ "city": "Köln" }))
    );
    assert!(previous["metadata"].is_null() || previous["metadata"]["k"].is_null());
    fake.update(id(&customer), json!({ "name": "New" }))
        .unwrap();
    assert_eq!(
        types(&fake),
        ["customer.created", "customer.updated"],
        "no change, no event"
    );
    fake.delete(id(&customer)).unwrap();
    assert_eq!(event(&fake, "customer.deleted")["data"]["object"], updated);
    let listed = ids(&ok(&fake, "/v1/events").await);
    assert_eq!(listed.len(), 3);
    assert_eq!(
        ok(&fake, &format!("/v1/events/{}", id(&created))).await,
        created
    );
}

#[tokio::test]
async fn events_have_stripe_s_names() {
    let fake = start().await;
    fake.create("customer", json!({})).unwrap();
    let method = fake
        .create("payment_method", json!({ "type": "card" }))
        .unwrap();
    fake.detach_payment_method(id(&method)).unwrap();
    let charge = fake
        .create("charge", json!({ "status": "pending" }))
        .unwrap();
    fake.update(id(&charge), json!({ "status": "failed" }))
        .unwrap();
    let intent = fake
        .create("payment_intent", json!({ "status": "processing" }))
        .unwrap();
    fake.update(id(&intent), json!({ "description": "nobody is told" }))
        .unwrap();
    fake.update(id(&intent), json!({ "status": "succeeded" }))
        .unwrap();
    let invoice = fake
        .create("invoice", json!({ "status": "draft" }))
        .unwrap();
    fake.update(id(&invoice), json!({ "status": "open" }))
        .unwrap();
    let session = fake
        .create(
            "checkout.session",
            json!({ "status": "open", "mode": "payment" }),
        )
        .unwrap();
    fake.update(id(&session), json!({ "status": "complete" }))
        .unwrap();
    fake.unchecked()
        .create("card", json!({ "customer": "cus_1" }))
        .unwrap();
    fake.unchecked()
        .create("bank_account", json!({ "account": "acct_c" }))
        .unwrap();
    fake.create("balance_transaction", json!({})).unwrap();
    let mut wanted = [
        "customer.created",
        // The first invoice gives the customer a currency.
        "customer.updated",
        "payment_method.attached",
        "payment_method.detached",
        "charge.pending",
        "charge.updated",
        "charge.failed",
        "charge.succeeded",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.succeeded",
        "invoice.created",
        "invoice.updated",
        "invoice.finalized",
        "checkout.session.completed",
        "customer.source.created",
        "account.external_account.created",
        // What is sold in the session.
        "price.created",
        "product.created",
    ];
    wanted.sort_unstable();
    // The payments that come of these changes have events of the same types.
    let mut types = types(&fake);
    types.dedup();
    assert_eq!(types, wanted);
}

#[tokio::test]
async fn a_canceled_subscription_is_announced_as_deleted_and_stays() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let one = fake
        .create(
            "subscription",
            json!({ "status": "active", "customer": customer["id"] }),
        )
        .unwrap();
    let two = fake
        .create(
            "subscription",
            json!({ "status": "active", "customer": customer["id"] }),
        )
        .unwrap();
    let canceled = fake.delete(id(&one)).unwrap();
    assert_eq!(
        (&canceled["status"], &canceled["ended_at"]),
        (&json!("canceled"), &json!(fake.now()))
    );
    assert_eq!(
        ok(&fake, &format!("/v1/subscriptions/{}", id(&one))).await,
        canceled
    );
    fake.delete(id(&customer)).unwrap();
    assert_eq!(fake.get(id(&two)).unwrap()["status"], "canceled");
    let deleted = types(&fake)
        .into_iter()
        .filter(|kind| kind == "customer.subscription.deleted")
        .count();
    assert_eq!(deleted, 2);
}

#[tokio::test]
async fn inline_lists_are_cut_at_ten_and_follow_their_rows() {
    let fake = start().await;
    let rows: Vec<Value> = (0..15)
        .map(|quantity| json!({ "quantity": quantity }))
        .collect();
    let one = fake
        .create("subscription", json!({ "status": "active", "items": rows }))
        .unwrap();
    assert_eq!(one["items"]["data"].as_array().unwrap().len(), 10);
    assert_eq!(one["items"]["has_more"], true);
    let url = one["items"]["url"].as_str().unwrap();
    assert_eq!(
        url,
        format!("/v1/subscription_items?subscription={}", id(&one))
    );
    let page = ok(&fake, &format!("{url}&limit=100")).await;
    assert_eq!(ids(&page).len(), 15);
    assert_eq!(
        page["data"].as_array().unwrap()[..10],
        one["items"]["data"].as_array().unwrap()[..]
    );
    let rest = ok(&fake, &format!("{url}&starting_after={}", ids(&page)[9])).await;
    assert_eq!(ids(&rest), ids(&page)[10..]);

    let victim = ids(&page)[3].clone();
    fake.delete(&victim).unwrap();
    let after = fake.get(id(&one)).unwrap();
    assert!(!ids(&after["items"]).contains(&victim));
    let update = event(&fake, "customer.subscription.updated");
    assert_eq!(update["data"]["object"], after);
    assert_eq!(ids(&json!({ "object": "list", "data": update["data"]["previous_attributes"]["items"]["data"] })).len(), 10);

    let added = fake
        .create("subscription_item", json!({ "subscription": one["id"] }))
        .unwrap();
    assert_eq!(
        walk(
            &fake,
            "/v1/subscription_items",
            &format!("&subscription={}", id(&one))
        )
        .await
        .len(),
        15
    );
    fake.update(id(&added), json!({ "quantity": 77 })).unwrap();
    fake.update(id(&one), json!({ "items": [{ "quantity": 1 }] }))
        .unwrap();
    assert_eq!(ids(&fake.get(id(&one)).unwrap()["items"]).len(), 1);
    assert_eq!(fake.count("subscription_item"), 1);
}

/// Each is an update of the subscription, which shows nothing of it but how many there are.
#[tokio::test]
async fn changes_beyond_the_ten_that_are_shown_are_announced_too() {
    let fake = start().await;
    let rows: Vec<Value> = (0..15).map(|_| json!({})).collect();
    let one = fake
        .create("subscription", json!({ "status": "active", "items": rows }))
        .unwrap();
    let url = one["items"]["url"].as_str().unwrap();
    let last = ids(&ok(&fake, &format!("{url}&limit=100")).await)[14].clone();
    let updates = || {
        let events = fake.events().into_iter();
        let updates = events.filter(|event| event["type"] == "customer.subscription.updated");
        updates.collect::<Vec<_>>()
    };
    assert!(updates().is_empty());
    let old = json!({ "subscription": one["id"], "created": one["created"].as_i64().unwrap() - 9 });
    let added = fake.create("subscription_item", old).unwrap();
    assert_eq!(updates().len(), 1);
    // Events of one second have no order.
    fake.advance(Duration::from_secs(1));
    fake.update(id(&added), json!({ "quantity": 77 })).unwrap();
    assert_eq!(updates().len(), 2);
    fake.advance(Duration::from_secs(1));
    fake.update(id(&added), json!({ "quantity": 77 })).unwrap();
    assert_eq!(updates().len(), 2, "no change, no event");
    fake.delete(&last).unwrap();
    assert_eq!(updates().len(), 3);
    let counts = |count: i64| json!({ "items": { "total_count": count } });
    let mut updates = updates();
    // The events of one second come in any order.
    for previous in [counts(16), json!({}), counts(15)] {
        let mut same = updates.iter_mut();
        let same = same.find(|update| update["data"]["previous_attributes"] == previous);
        let update = same.unwrap_or_else(|| panic!("no update from {previous}"));
        let mut object = update["data"]["object"].take();
        object["items"]["total_count"] = one["items"]["total_count"].clone();
        assert_eq!(object, one);
    }
}

#[tokio::test]
async fn nested_lists_without_a_link_in_the_row() {
    let fake = start().await;
    let empty = || json!({ "line_items": [] });
    let session = fake.create("checkout.session", empty()).unwrap();
    let other = fake.create("checkout.session", empty()).unwrap();
    let item = fake
        .create_child(id(&session), "item", json!({ "quantity": 3 }))
        .unwrap();
    fake.create_child(id(&other), "item", json!({})).unwrap();
    assert_eq!(
        ids(&ok(
            &fake,
            &format!("/v1/checkout/sessions/{}/line_items", id(&session))
        )
        .await),
        [id(&item)]
    );
    let invoice = fake
        .create(
            "invoice",
            json!({ "status": "draft", "lines": (0..12).map(|_| json!({})).collect::<Vec<_>>() }),
        )
        .unwrap();
    assert_eq!(invoice["lines"]["has_more"], true);
    assert_eq!(
        walk(&fake, invoice["lines"]["url"].as_str().unwrap(), "")
            .await
            .len(),
        12
    );
    fake.delete(id(&invoice)).unwrap();
    assert_eq!(
        refusal(&fake, &format!("/v1/invoices/{}/lines", id(&invoice)))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn the_event_list() {
    let fake = start().await;
    fake.create("customer", json!({})).unwrap();
    fake.advance(Duration::from_secs(10));
    let product = fake.create("product", json!({})).unwrap();
    let start = fake.now();
    fake.update(id(&product), json!({ "name": "x" })).unwrap();
    fake.record_event(
        "foo.bar.created",
        &json!({ "id": "foo_1", "object": "foo.bar" }),
    )
    .unwrap();
    assert_eq!(ids(&ok(&fake, "/v1/events?type=product.*").await).len(), 2);
    assert_eq!(
        ids(&ok(
            &fake,
            "/v1/events?types[]=product.created&types[]=customer.created"
        )
        .await)
        .len(),
        2
    );
    assert_eq!(
        ids(&ok(&fake, &format!("/v1/events?created[gte]={start}")).await).len(),
        3
    );
    let oldest = ids(&ok(&fake, "/v1/events").await).pop().unwrap();
    assert_eq!(
        ids(&ok(&fake, &format!("/v1/events?ending_before={oldest}")).await).len(),
        3
    );
    fake.advance(Duration::from_secs(30 * 86_400 - 5));
    assert_eq!(ids(&ok(&fake, "/v1/events").await).len(), 3, "30 days");
    assert_eq!(refusal(&fake, &format!("/v1/events/{oldest}")).await.0, 404);
    assert_eq!(
        refusal(&fake, &format!("/v1/events?ending_before={oldest}"))
            .await
            .0,
        400
    );
    assert_eq!(fake.events().len(), 4);
}

#[tokio::test]
async fn late_and_double_events() {
    let fake = start().await;
    fake.quirks(Quirks::new().event_delay(60..61).duplicate_events(1.0));
    fake.create("customer", json!({})).unwrap();
    assert!(ids(&ok(&fake, "/v1/events").await).is_empty());
    fake.advance(Duration::from_secs(60));
    let events = ok(&fake, "/v1/events").await;
    assert_eq!(ids(&events).len(), 2);
    assert_eq!(events["data"][0]["created"], fake.now() - 60);
    assert_ne!(events["data"][0]["id"], events["data"][1]["id"]);
    assert_eq!(events["data"][0]["data"], events["data"][1]["data"]);
}
