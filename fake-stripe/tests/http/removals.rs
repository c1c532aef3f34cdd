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
    let options = "cancellation_details[comment]=bye&prorate=true&expand[]=customer";
    let reply = delete(&fake, &format!("{path}?{options}")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["status"], "canceled");
    let customer = fake.get(id(&customer)).unwrap();
    assert_eq!(reply.json()["customer"], customer);
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
