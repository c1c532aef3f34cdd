use serde_json::{Value, json};

use super::{id, ids, ok, refusal, start};

#[tokio::test]
async fn references_become_objects() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let invoice = fake
        .create("invoice", json!({ "customer": customer["id"] }))
        .unwrap();
    let one =
        json!({ "status": "active", "customer": customer["id"], "latest_invoice": invoice["id"] });
    let subscription = fake.create("subscription", one).unwrap();
    let customer = fake.get(id(&customer)).unwrap();
    let page = ok(
        &fake,
        "/v1/subscriptions?expand[]=data.customer&expand[]=data.latest_invoice.customer",
    )
    .await;
    assert_eq!(page["data"][0]["customer"], customer);
    assert_eq!(page["data"][0]["latest_invoice"]["customer"], customer);
    let single = ok(
        &fake,
        &format!("/v1/subscriptions/{}?expand[]=customer", id(&subscription)),
    )
    .await;
    assert_eq!(single["customer"], customer);
    fake.delete(id(&customer)).unwrap();
    let page = ok(&fake, "/v1/subscriptions?status=all&expand[]=data.customer").await;
    assert_eq!(
        page["data"][0]["customer"],
        json!({ "id": customer["id"], "object": "customer", "deleted": true })
    );
}

#[tokio::test]
async fn lists_that_are_absent_by_default() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    assert_eq!(customer.get("subscriptions"), None);
    for _ in 0..12 {
        fake.create("tax_id", json!({ "customer": customer["id"] }))
            .unwrap();
    }
    fake.create(
        "subscription",
        json!({ "customer": customer["id"], "status": "canceled" }),
    )
    .unwrap();
    let customer = fake.get(id(&customer)).unwrap();
    let expanded = ok(
        &fake,
        &format!(
            "/v1/customers/{}?expand[]=tax_ids&expand[]=subscriptions",
            id(&customer)
        ),
    )
    .await;
    assert_eq!(
        (
            ids(&expanded["tax_ids"]).len(),
            &expanded["tax_ids"]["has_more"]
        ),
        (10, &Value::Bool(true))
    );
    assert_eq!(
        expanded["tax_ids"]["url"],
        format!("/v1/customers/{}/tax_ids", id(&customer))
    );
    assert!(ids(&expanded["subscriptions"]).is_empty());
    assert_eq!(fake.get(id(&customer)), Some(customer));
}

#[tokio::test]
async fn wrong_paths_are_refused() {
    let fake = start().await;
    fake.create("customer", json!({})).unwrap();
    assert_eq!(
        refusal(&fake, "/v1/customers?expand[]=tax_ids").await,
        (400, String::new(), "expand".into())
    );
    assert_eq!(
        refusal(&fake, "/v1/customers?expand[]=data.nothing")
            .await
            .0,
        400
    );
    assert_eq!(
        refusal(&fake, "/v1/customers?expand[]=data.a.b.c.d.e")
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn four_names_are_the_deepest() {
    let fake = start().await;
    let product = fake.create("product", json!({})).unwrap();
    let price = json!({ "product": product["id"], "active": true, "type": "recurring" });
    let price = fake.create("price", price).unwrap();
    let rows = json!([{ "price": price }]);
    let subscription = json!({ "status": "active", "items": rows });
    let subscription = fake.create("subscription", subscription).unwrap();
    let one = format!("/v1/subscriptions/{}", id(&subscription));
    let expanded = ok(&fake, &format!("{one}?expand[]=items.data.price.product")).await;
    assert_eq!(expanded["items"]["data"][0]["price"]["product"], product);
    for path in [
        "/v1/subscriptions?expand[]=data.items.data.price.product".to_owned(),
        "/v1/prices?expand[]=data.a.b.c.d".to_owned(),
        format!("{one}?expand[]=latest_invoice.customer.default_source.customer.test_clock"),
    ] {
        let (status, code, _) = refusal(&fake, &path).await;
        assert_eq!(
            (status, &*code),
            (400, "property_expansion_max_depth"),
            "{path}"
        );
    }
    let reply = super::get(&fake, "/v1/prices?expand[]=data.a.b.c.d").await;
    assert_eq!(
        reply.json()["error"]["message"],
        "You cannot expand more than 4 levels of a property. Property: data.a.b.c.d"
    );
}

#[tokio::test]
async fn only_what_is_another_object_is_expanded() {
    let fake = start().await;
    let charge = fake.create("charge", json!({})).unwrap();
    for path in [
        "amount",
        "metadata",
        "billing_details",
        "customer.email",
        "nothing",
    ] {
        let target = format!("/v1/charges/{}?expand[]={path}", id(&charge));
        let reply = super::get(&fake, &target).await;
        let wanted = format!("This property cannot be expanded ({path}).");
        assert_eq!(reply.json()["error"]["message"], wanted);
        let list = format!("/v1/charges?expand[]=data.{path}");
        assert_eq!(refusal(&fake, &list).await.0, 400, "{path}");
    }
    assert_eq!(
        refusal(&fake, "/v1/charges?expand=data.customer").await.0,
        400
    );
}

#[tokio::test]
async fn what_is_sent_on_request_is_not_there_without_it() {
    let fake = start().await;
    let tiers = json!([{ "flat_amount": 5, "flat_amount_decimal": "5", "unit_amount": null,
        "unit_amount_decimal": null, "up_to": null }]);
    let given = json!({ "id": "price_t", "active": true, "nickname": "a", "tiers": tiers });
    let created = fake.create("price", given).unwrap();
    assert_eq!(created.get("tiers"), None);
    let events = fake.events();
    let event = events.iter().find(|event| event["type"] == "price.created");
    assert_eq!(event.unwrap()["data"]["object"].get("tiers"), None);
    assert_eq!(ok(&fake, "/v1/prices").await["data"][0].get("tiers"), None);
    let one = "/v1/prices/price_t";
    assert_eq!(ok(&fake, one).await.get("tiers"), None);
    assert_eq!(
        ok(&fake, &format!("{one}?expand[]=tiers")).await["tiers"],
        tiers
    );
    let list = ok(&fake, "/v1/prices?expand[]=data.tiers").await;
    assert_eq!(list["data"][0]["tiers"], tiers);
    // A change of something else keeps it, and an embedded price has it on request as well.
    fake.update("price_t", json!({ "nickname": "b" })).unwrap();
    assert_eq!(
        ok(&fake, &format!("{one}?expand[]=tiers")).await["tiers"],
        tiers
    );
    let product = json!({ "id": "prod_1", "default_price": "price_t" });
    fake.create("product", product).unwrap();
    let path = "/v1/products/prod_1?expand[]=default_price.tiers";
    assert_eq!(ok(&fake, path).await["default_price"]["tiers"], tiers);
    let path = "/v1/products/prod_1?expand[]=default_price";
    assert_eq!(ok(&fake, path).await["default_price"].get("tiers"), None);
}

#[tokio::test]
async fn rows_of_a_checkout_have_their_discounts_and_taxes_on_request() {
    let fake = start().await;
    let session = fake
        .create("checkout.session", json!({ "mode": "payment" }))
        .unwrap();
    let address = format!("/v1/checkout/sessions/{}", id(&session));
    let row = |answer: &Value| answer["line_items"]["data"][0].clone();
    let plain = row(&ok(&fake, &format!("{address}?expand[]=line_items")).await);
    assert_eq!((plain.get("discounts"), plain.get("taxes")), (None, None));
    let asked =
        format!("{address}?expand[]=line_items.data.discounts&expand[]=line_items.data.taxes");
    let full = row(&ok(&fake, &asked).await);
    assert_eq!(
        (&full["discounts"], &full["taxes"]),
        (&json!([]), &json!([]))
    );
    let listed = "/v1/checkout/sessions?expand[]=data.line_items.data.discounts";
    let page = ok(&fake, listed).await;
    assert_eq!(row(&page["data"][0])["discounts"], json!([]));
    let rows = ok(&fake, &format!("{address}/line_items?expand[]=data.taxes")).await;
    assert_eq!(rows["data"][0]["taxes"], json!([]));
}
