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
