//! Filters whose value is an id.

use serde_json::json;

use super::{id, ids, ok, refusal, start};

#[tokio::test]
async fn an_id_that_names_nothing_is_refused() {
    let fake = start().await;
    for (path, param) in [
        ("refunds?charge=ch_none", "charge"),
        ("refunds?payment_intent=pi_none", "payment_intent"),
        ("charges?customer=cus_none", "customer"),
        ("charges?payment_intent=pi_none", "payment_intent"),
        ("subscriptions?price=price_none", "price"),
        ("invoices?subscription=sub_none", "subscription"),
        ("invoice_payments?invoice=in_none", "invoice"),
        (
            "invoice_payments?payment[type]=payment_intent&payment[payment_intent]=pi_none",
            "payment[payment_intent]",
        ),
        ("prices?product=prod_none", "product"),
        ("promotion_codes?coupon=none", "coupon"),
        ("subscription_items?subscription=sub_none", "subscription"),
        ("issuing/cards?cardholder=ich_none", "cardholder"),
    ] {
        let refused = refusal(&fake, &format!("/v1/{path}")).await;
        let wanted = (400, "resource_missing".to_owned(), param.to_owned());
        assert_eq!(refused, wanted, "{path}");
    }
    let reply = super::get(&fake, "/v1/refunds?charge=ch_none").await;
    assert_eq!(
        reply.json()["error"]["message"],
        "No such charge: 'ch_none'"
    );
    let refused = refusal(&fake, "/v1/charges?customer=").await;
    assert_eq!((refused.0, &*refused.1), (400, "parameter_invalid_empty"));
}

#[tokio::test]
async fn what_is_there_or_named_is_taken() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let charge = fake
        .create("charge", json!({ "status": "succeeded" }))
        .unwrap();
    let path = format!("/v1/refunds?charge={}", id(&charge));
    assert!(ids(&ok(&fake, &path).await).is_empty());
    // What a test says of something that it did not store can be listed by it.
    let refund = fake
        .unchecked()
        .create("refund", json!({ "charge": "ch_dangling" }));
    let found = ok(&fake, "/v1/refunds?charge=ch_dangling").await;
    assert_eq!(ids(&found), [id(&refund.unwrap())]);
    fake.delete(id(&customer)).unwrap();
    let path = format!("/v1/subscriptions?status=all&customer={}", id(&customer));
    ok(&fake, &path).await;
}

#[tokio::test]
async fn values_that_a_member_cannot_have_are_refused() {
    let fake = start().await;
    for (path, param) in [
        ("prices?active=maybe", "active"),
        ("prices?currency=zzz", "currency"),
        ("products?shippable=1", "shippable"),
    ] {
        let refused = refusal(&fake, &format!("/v1/{path}")).await;
        assert_eq!((refused.0, &*refused.2), (400, param), "{path}");
    }
    ok(&fake, "/v1/prices?active=true&currency=usd").await;
}

#[tokio::test]
async fn an_intent_is_read_with_its_secret() {
    let fake = start().await;
    let intent = fake.create("payment_intent", json!({})).unwrap();
    let path = format!("/v1/payment_intents/{}", id(&intent));
    let secret = intent["client_secret"].as_str().unwrap();
    assert_eq!(
        ok(&fake, &format!("{path}?client_secret={secret}")).await,
        intent
    );
    let refused = refusal(&fake, &format!("{path}?client_secret=another")).await;
    assert_eq!((refused.0, &*refused.2), (400, "client_secret"));
}
