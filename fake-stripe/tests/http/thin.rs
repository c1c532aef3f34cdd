//! Thin events, and what the list of snapshot events can be asked.

use std::time::Duration;

use serde_json::{Value, json};

use super::{get, id, ids, ok, refusal, start};
use fake_stripe::{FakeStripe, Mode};

fn thin_ids(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| id(row).to_owned()).collect()
}

#[tokio::test]
async fn a_thin_delivery_names_its_object_and_the_fetch_tells_the_rest() {
    let fake = start().await;
    let endpoint = fake
        .webhook_endpoint("https://example.com/thin")
        .events(["v1.customer.created", "v1.customer.updated"])
        .thin()
        .create()
        .unwrap();
    assert!(endpoint.id.starts_with("ed_"));
    assert!(ids(&ok(&fake, "/v1/webhook_endpoints").await).is_empty());
    let wrong = fake.webhook_endpoint("https://example.com/thin").thin();
    assert!(wrong.events(["customer.created"]).create().is_err());
    let customer = fake.create("customer", json!({ "name": "Old" })).unwrap();
    fake.update(id(&customer), json!({ "name": "New" }))
        .unwrap();
    fake.delete(id(&customer)).unwrap();
    let taken = fake.take_deliveries();
    let kinds: Vec<&str> = taken.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["v1.customer.created", "v1.customer.updated"]);
    assert!(taken[0].signature(1).starts_with("t=1,v1="));
    let thin = taken[1].event();
    let snapshot = fake
        .events()
        .into_iter()
        .find(|event| event["type"] == "customer.updated")
        .unwrap();
    assert_eq!(snapshot["pending_webhooks"], 0, "a thin one does not count");
    let wanted = json!({
        "id": taken[1].event_id,
        "object": "v2.core.event",
        "type": "v1.customer.updated",
        "livemode": false,
        "created": "2026-11-01T00:00:00.000Z",
        "context": null,
        // The change came from the test, not from a request.
        "reason": null,
        "related_object": { "id": customer["id"], "type": "customer", "url": format!("/v1/customers/{}", id(&customer)) },
    });
    assert_eq!(thin, wanted);
    assert_ne!(thin["id"], snapshot["id"]);

    let whole = ok(&fake, &format!("/v2/core/events/{}", taken[1].event_id)).await;
    assert_eq!(whole["snapshot_event"], snapshot["id"]);
    assert_eq!(
        whole["changes"],
        json!({ "before": { "name": "Old" }, "after": { "name": "New" } })
    );
    assert_eq!(whole["related_object"], thin["related_object"]);
    let missing = get(&fake, &format!("/v2/core/events/{}", id(&snapshot))).await;
    assert_eq!(
        (missing.status, missing.json()["error"]["code"].take()),
        (404, json!("not_found"))
    );
    // A retry is a retry here too.
    fake.advance(Duration::from_secs(600));
    assert_eq!(fake.take_deliveries().len(), 2);
    fake.disable_endpoint(&endpoint.id).unwrap();
    fake.advance(Duration::from_secs(86_400));
    assert!(fake.take_deliveries().is_empty());
}

#[tokio::test]
async fn the_list_of_thin_events() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    fake.advance(Duration::from_secs(10));
    for nth in 0..30 {
        fake.update(id(&customer), json!({ "name": format!("n{nth}") }))
            .unwrap();
    }
    fake.record_event(
        "foo.bar.created",
        &json!({ "id": "foo_1", "object": "foo.bar" }),
    )
    .unwrap();
    let mut all = Vec::new();
    let mut next = Some("/v2/core/events?limit=10&types[0]=v1.customer.updated".to_owned());
    let mut pages = 0;
    while let Some(url) = next {
        let page = ok(&fake, &url).await;
        all.extend(thin_ids(&page));
        pages += 1;
        assert!(pages <= 3, "the pages have no end");
        next = page["next_page_url"].as_str().map(str::to_owned);
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!((all.len(), pages), (30, 3));
    let count = async |query: &str| {
        let page = ok(&fake, &format!("/v2/core/events?limit=100&{query}")).await;
        thin_ids(&page).len()
    };
    assert_eq!(count("").await, 32);
    assert_eq!(count("object_id=foo_1").await, 1);
    assert_eq!(
        count("types[0]=v1.foo.bar.created&types[1]=v1.customer.created").await,
        2
    );
    assert_eq!(count("created[gt]=2026-11-01T00:00:00.000Z").await, 31);
    assert_eq!(count("created[gte]=2026-11-01T00:00:00.000Z").await, 32);
    assert_eq!(count("created[lt]=2026-11-01T00:00:10.000Z").await, 1);
    assert_eq!(count("created[lte]=2026-11-01T00:00:10Z").await, 32);
    let many: String = (0..21).map(|nth| format!("&types[{nth}]=v1.a")).collect();
    for wrong in [
        &*many,
        "created[gt]=17",
        "limit=101",
        "page=evt_x",
        "color=red",
    ] {
        let refused = refusal(&fake, &format!("/v2/core/events?{wrong}")).await;
        assert_eq!(refused.0, 400, "{wrong}");
    }
    fake.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(count("").await, 31, "30 days");
    let other = FakeStripe::builder()
        .mode(Mode::Live)
        .start()
        .await
        .unwrap();
    other.create("customer", json!({})).unwrap();
    let page = ok(&other, "/v2/core/events").await;
    assert!(!thin_ids(&page)[0].starts_with("evt_test_"));
    assert_eq!(page["next_page_url"], Value::Null);
    ok(&other, &format!("/v2/core/events/{}", thin_ids(&page)[0])).await;
}

#[tokio::test]
async fn the_url_of_an_object_under_a_parent() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let card = fake
        .create("card", json!({ "customer": customer["id"] }))
        .unwrap();
    fake.record_event("balance.available", &json!({ "object": "balance" }))
        .unwrap();
    let page = ok(&fake, "/v2/core/events?types[0]=v1.customer.source.created").await;
    assert_eq!(
        page["data"][0]["related_object"]["url"],
        format!("/v1/customers/{}/sources/{}", id(&customer), id(&card))
    );
    let page = ok(&fake, "/v2/core/events?types[0]=v1.balance.available").await;
    assert_eq!(page["data"][0]["related_object"], Value::Null);
}

#[tokio::test]
async fn the_event_list_refuses_what_stripe_refuses() {
    let fake = start().await;
    fake.create("customer", json!({})).unwrap();
    let many: String = (0..21)
        .map(|nth| format!("&types[{nth}]=customer.created"))
        .collect();
    for (query, param) in [
        (&*many, "types"),
        ("type=customer.created&types[]=customer.created", "types"),
        ("delivery_success=maybe", "delivery_success"),
    ] {
        let (status, _, named) = refusal(&fake, &format!("/v1/events?{query}")).await;
        assert_eq!((status, &*named), (400, param), "{query}");
    }
    let few: String = (0..20)
        .map(|nth| format!("&types[{nth}]=customer.created"))
        .collect();
    assert_eq!(ids(&ok(&fake, &format!("/v1/events?{few}")).await).len(), 1);
    assert_eq!(ids(&ok(&fake, "/v1/events?type=customer.*").await).len(), 1);
    assert!(
        ids(&ok(&fake, "/v1/events?types[]=customer.*").await).is_empty(),
        "a wildcard is for `type` only"
    );
}
