//! DELETE: what it takes, and what it refuses.

use hyper::Method;
use serde_json::{Value, json};

use super::{Reply, get, id, ok, send, send_body, start};
use fake_stripe::FakeStripe;

async fn delete(fake: &FakeStripe, target: &str) -> Reply {
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer)];
    let reply = send(fake, Method::DELETE, target, &headers).await;
    reply.unwrap()
}

fn error(reply: &Reply, member: &str) -> String {
    let body: Value = reply.json();
    body["error"][member]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn a_subscription_is_canceled_once() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let one = json!({ "status": "active", "customer": customer["id"] });
    let subscription = fake.create("subscription", one).unwrap();
    let path = format!("/v1/subscriptions/{}", id(&subscription));
    let reply = delete(&fake, &format!("{path}?invoice=true")).await;
    assert_eq!(
        (reply.status, &*error(&reply, "code")),
        (400, "parameter_unknown")
    );
    assert_eq!(error(&reply, "param"), "invoice");
    assert_eq!(ok(&fake, &path).await["status"], "active");
    for (options, param) in [
        (
            "cancellation_details[feedback]=bogus",
            "cancellation_details[feedback]",
        ),
        (
            "cancellation_details[reason]=bogus",
            "cancellation_details[reason]",
        ),
    ] {
        let reply = delete(&fake, &format!("{path}?{options}")).await;
        assert_eq!((reply.status, &*error(&reply, "param")), (400, param));
    }
    let options = "cancellation_details[comment]=bye&cancellation_details[feedback]=unused&prorate=true&expand[]=customer";
    let reply = delete(&fake, &format!("{path}?{options}")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["status"], "canceled");
    let customer = fake.get(id(&customer)).unwrap();
    assert_eq!(reply.json()["customer"], customer);
    let details = &reply.json()["cancellation_details"];
    assert_eq!(
        (&details["comment"], &details["feedback"]),
        (&json!("bye"), &json!("unused"))
    );
    let reply = delete(&fake, &path).await;
    assert_eq!(
        (reply.status, &*error(&reply, "code")),
        (404, "resource_missing")
    );
    let wanted = format!("No such subscription: '{}'", id(&subscription));
    assert_eq!(error(&reply, "message"), wanted);
    assert_eq!(get(&fake, &path).await.status, 200, "it can be read still");
}

#[tokio::test]
async fn unknown_parameters_are_refused_in_query_and_body() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let path = format!("/v1/customers/{}", id(&customer));
    let reply = delete(&fake, &format!("{path}?force=true")).await;
    assert_eq!(
        (reply.status, &*error(&reply, "code")),
        (400, "parameter_unknown")
    );
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer)];
    let body = "force=true".to_owned();
    let reply = send_body(&fake, Method::DELETE, &path, &headers, body).await;
    assert_eq!(error(&reply.unwrap(), "param"), "force");
    assert_eq!(fake.count("customer"), 1);
    assert_eq!(delete(&fake, &path).await.status, 200);
}

#[tokio::test]
async fn a_child_is_deleted_below_its_parent() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let other = fake.create("customer", json!({})).unwrap();
    let tax_id = json!({ "customer": customer["id"] });
    let tax_id = fake.create("tax_id", tax_id).unwrap();
    let path = |of: &Value| format!("/v1/customers/{}/tax_ids/{}", id(of), id(&tax_id));
    assert_eq!(delete(&fake, &path(&other)).await.status, 404);
    let reply = delete(&fake, &path(&customer)).await;
    let wanted = json!({ "id": tax_id["id"], "object": "tax_id", "deleted": true });
    assert_eq!((reply.status, reply.json()), (200, wanted));
    assert_eq!(fake.count("tax_id"), 0);
}

#[tokio::test]
async fn the_last_item_of_a_subscription_stays() {
    let fake = start().await;
    let told = fake.tell(fake_stripe::Story::Subscription).unwrap();
    let subscription = told.id("subscription").unwrap();
    let items = ok(
        &fake,
        &format!("/v1/subscription_items?subscription={subscription}"),
    )
    .await;
    let item = super::ids(&items).remove(0);
    let reply = delete(&fake, &format!("/v1/subscription_items/{item}")).await;
    assert_eq!(reply.status, 400);
    let price = fake.get(&item).unwrap()["price"]["id"].take();
    let second = json!({ "subscription": subscription, "price": price });
    fake.create("subscription_item", second).unwrap();
    let reply = delete(&fake, &format!("/v1/subscription_items/{item}")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_source_that_is_not_there_is_a_source() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let path = format!("/v1/customers/{}/sources/pm_none", id(&customer));
    let reply = delete(&fake, &path).await;
    assert_eq!(error(&reply, "message"), "No such source: 'pm_none'");
}
