use serde_json::json;

use super::{id, ids, ok, refusal, start};

#[tokio::test]
async fn subscriptions() {
    let fake = start().await;
    let clock = fake.create("test_helpers.test_clock", json!({})).unwrap();
    let customer = fake
        .create("customer", json!({ "test_clock": clock["id"] }))
        .unwrap();
    let other = fake.create("customer", json!({})).unwrap();
    let active = fake
        .create(
            "subscription",
            json!({ "status": "active", "customer": other["id"] }),
        )
        .unwrap();
    let canceled = fake
        .create(
            "subscription",
            json!({ "status": "canceled", "created": 5, "customer": other["id"] }),
        )
        .unwrap();
    let clocked = fake
        .create(
            "subscription",
            json!({ "status": "active", "test_clock": clock["id"], "customer": customer["id"] }),
        )
        .unwrap();
    assert_eq!(ids(&ok(&fake, "/v1/subscriptions").await), [id(&active)]);
    assert_eq!(
        ids(&ok(&fake, "/v1/subscriptions?status=all").await),
        [id(&active), id(&canceled)]
    );
    assert_eq!(
        ids(&ok(&fake, "/v1/subscriptions?status=ended").await),
        [id(&canceled)]
    );
    assert_eq!(
        ids(&ok(&fake, "/v1/subscriptions?status=canceled").await),
        [id(&canceled)]
    );
    assert_eq!(
        ids(&ok(
            &fake,
            &format!("/v1/subscriptions?test_clock={}", id(&clock))
        )
        .await),
        [id(&clocked)]
    );
    assert_eq!(
        ids(&ok(
            &fake,
            &format!("/v1/subscriptions?customer={}", id(&customer))
        )
        .await),
        [id(&clocked)]
    );
    assert!(
        ids(&ok(&fake, "/v1/customers").await)
            .iter()
            .all(|listed| listed != id(&customer))
    );
    assert_eq!(
        ids(&ok(&fake, &format!("/v1/customers?test_clock={}", id(&clock))).await),
        [id(&customer)]
    );
    assert_eq!(
        refusal(&fake, "/v1/customers?test_clock=clock_9").await.1,
        "resource_missing"
    );
    assert_eq!(fake.listable("subscription").len(), 3);
    assert_eq!(fake.listable("customer").len(), fake.count("customer"));
}

#[tokio::test]
async fn prices() {
    let fake = start().await;
    let active = fake.create("price", json!({ "active": true })).unwrap();
    let inactive = fake.create("price", json!({ "active": false })).unwrap();
    let inline = fake
        .create_unlisted("price", json!({ "active": true }))
        .unwrap();
    assert_eq!(ids(&ok(&fake, "/v1/prices").await), [id(&active)]);
    assert_eq!(
        ids(&ok(&fake, "/v1/prices?active=false").await),
        [id(&inactive)]
    );
    assert_eq!(
        ok(&fake, &format!("/v1/prices/{}", id(&inline))).await,
        inline
    );
    assert_eq!(
        (fake.truth("price").len(), fake.listable("price").len()),
        (3, 2)
    );
}

#[tokio::test]
async fn payment_methods() {
    let fake = start().await;
    let unattached = fake
        .create("payment_method", json!({ "customer": null }))
        .unwrap();
    let customer = fake.create("customer", json!({})).unwrap();
    let one = fake
        .create("payment_method", json!({ "type": "card" }))
        .unwrap();
    let custom = fake
        .create("payment_method", json!({ "type": "custom" }))
        .unwrap();
    assert_eq!(one["customer"], customer["id"]);
    assert_eq!(ids(&ok(&fake, "/v1/payment_methods").await), [id(&one)]);
    assert_eq!(
        ids(&ok(&fake, "/v1/payment_methods?type=custom").await),
        [id(&custom)]
    );
    let nested = format!("/v1/customers/{}/payment_methods", id(&customer));
    assert_eq!(ids(&ok(&fake, &nested).await).len(), 2);
    let detached = fake.detach_payment_method(id(&one)).unwrap();
    assert!(detached["customer"].is_null());
    assert!(ids(&ok(&fake, "/v1/payment_methods").await).is_empty());
    assert_eq!(
        ok(&fake, &format!("/v1/payment_methods/{}", id(&one))).await,
        detached
    );
    assert_eq!(fake.listable("payment_method"), [custom]);
    assert_eq!(fake.get(id(&unattached)), Some(unattached));
}

#[tokio::test]
async fn tax_ids() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let own = fake.create("tax_id", json!({ "customer": null })).unwrap();
    let theirs = fake
        .create("tax_id", json!({ "customer": customer["id"] }))
        .unwrap();
    assert_eq!(theirs["owner"]["type"], "customer");
    assert_eq!(ids(&ok(&fake, "/v1/tax_ids").await), [id(&own)]);
    assert_eq!(
        ids(&ok(
            &fake,
            &format!(
                "/v1/tax_ids?owner[type]=customer&owner[customer]={}",
                id(&customer)
            )
        )
        .await),
        [id(&theirs)]
    );
    let nested = format!("/v1/customers/{}/tax_ids", id(&customer));
    assert_eq!(ids(&ok(&fake, &nested).await), [id(&theirs)]);
    assert_eq!(
        ok(&fake, &format!("{nested}/{}", id(&theirs))).await,
        theirs
    );
    assert_eq!(
        refusal(&fake, &format!("{nested}/{}", id(&own))).await.0,
        404
    );
    assert_eq!(fake.listable("tax_id").len(), 2);
    fake.delete(id(&customer)).unwrap();
    assert_eq!(fake.listable("tax_id"), [own]);
}

#[tokio::test]
async fn schedules_of_clocked_customers() {
    let fake = start().await;
    let clock = fake.create("test_helpers.test_clock", json!({})).unwrap();
    let customer = fake
        .create("customer", json!({ "test_clock": clock["id"] }))
        .unwrap();
    let schedule = fake
        .create(
            "subscription_schedule",
            json!({ "test_clock": clock["id"], "customer": customer["id"] }),
        )
        .unwrap();
    assert!(ids(&ok(&fake, "/v1/subscription_schedules").await).is_empty());
    assert_eq!(
        ids(&ok(
            &fake,
            &format!("/v1/subscription_schedules?customer={}", id(&customer))
        )
        .await),
        [id(&schedule)]
    );
    assert_eq!(fake.listable("subscription_schedule"), [schedule]);
}

#[tokio::test]
async fn filters_by_value() {
    let fake = start().await;
    let one = fake
        .create("customer", json!({ "email": "jo+e@example.com" }))
        .unwrap();
    fake.generate("customer", 20).unwrap();
    assert_eq!(
        ids(&ok(&fake, "/v1/customers?email=jo%2Be%40example.com").await),
        [id(&one)]
    );
    let price = fake
        .create(
            "price",
            json!({ "active": true, "lookup_key": "gold", "type": "recurring" }),
        )
        .unwrap();
    fake.create(
        "price",
        json!({ "active": true, "lookup_key": "silver", "type": "one_time" }),
    )
    .unwrap();
    assert_eq!(
        ids(&ok(&fake, "/v1/prices?lookup_keys[]=gold&lookup_keys[]=bronze").await),
        [id(&price)]
    );
    assert_eq!(
        ids(&ok(&fake, "/v1/prices?type=recurring&recurring[interval]=month").await).len(),
        { usize::from(price["recurring"]["interval"] == "month") }
    );
    let due = fake.create("invoice", json!({ "due_date": 500 })).unwrap();
    fake.create("invoice", json!({ "due_date": 900 })).unwrap();
    fake.create("invoice", json!({ "due_date": null })).unwrap();
    assert_eq!(
        ids(&ok(&fake, "/v1/invoices?due_date[gte]=100&due_date[lt]=900").await),
        [id(&due)]
    );
    let refused = refusal(&fake, "/v1/balance_transactions?payout=po_1").await;
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (400, "payout"),
        "what is not simulated is refused, not ignored"
    );
}
