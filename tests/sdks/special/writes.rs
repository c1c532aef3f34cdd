//! What changes objects over HTTP: webhook endpoints, cancellations, deletions; and what Stripe refuses to delete.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use super::call;
use crate::call::{Call, Expect, Form};
use crate::world::{create, id};

const URL: &str = "https://example.com/hook";

pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = endpoints();
    calls.extend(endings(fake));
    calls
}

fn endpoints() -> Vec<Call> {
    let create = |what: &str| call("POST /v1/webhook_endpoints", what, Form::One);
    let right = json!({ "url": URL, "enabled_events": ["customer.created", "charge.succeeded"] });
    let members = |of: &[(&'static str, Value)]| Expect::Members(of.to_vec());
    let refused = |code: &'static str, param: &'static str| Expect::Refused(400, code, param);
    let once = json!({ "idempotency_key": "once" });
    let list = "GET /v1/webhook_endpoints: to change one, all pages";
    let last = || vec![json!({ "id_of": list })];
    vec![
        create("created").params(right.clone()).expect(members(&[
            ("/object/url", json!(URL)),
            ("/object/status", json!("enabled")),
            ("/object/secret", Value::Null),
        ])),
        create("with an idempotency key")
            .params(right.clone())
            .options(once.clone())
            .expect(members(&[
                ("/headers/idempotency-key", json!("once")),
                ("/headers/original-request", Value::Null),
            ])),
        create("the same again")
            .params(right.clone())
            .options(once.clone())
            .expect(members(&[
                ("/headers/idempotent-replayed", json!("true")),
                ("/headers/original-request", Value::Null),
            ])),
        create("the same key with other parameters")
            .params(json!({ "url": URL, "enabled_events": ["*"] }))
            .options(once.clone())
            .expect(refused("", "")),
        create("without a URL")
            .params(json!({ "enabled_events": ["*"] }))
            .expect(refused("parameter_missing", "url")),
        create("with an unknown event")
            .params(json!({ "url": URL, "enabled_events": ["customer.slept"] }))
            .expect(refused("", "enabled_events[0]")),
        create("with an unknown parameter")
            .params(json!({ "url": URL, "enabled_events": ["*"], "nothing": 1 }))
            .expect(refused("parameter_unknown", "nothing")),
        call(
            "GET /v1/webhook_endpoints",
            "to change one, all pages",
            Form::Pages,
        ),
        call("POST /v1/webhook_endpoints/{id}", "disabled", Form::One)
            .args(last())
            .params(json!({ "disabled": true }))
            .expect(members(&[("/object/status", json!("disabled"))])),
        call(
            "POST /v1/webhook_endpoints/{id}",
            "the key of another endpoint",
            Form::One,
        )
        .args(last())
        .params(right)
        .options(once)
        .expect(refused("", "")),
        call(
            "POST /v1/webhook_endpoints/{id}",
            "one that is not there",
            Form::One,
        )
        .args(vec![json!("we_none")])
        .params(json!({ "disabled": true }))
        .expect(Expect::Refused(404, "resource_missing", "id")),
    ]
}

fn endings(fake: &FakeStripe) -> Vec<Call> {
    let active = create(fake, "subscription", json!({ "status": "active" }));
    let canceled = || Expect::Members(vec![("/object/status", json!("canceled"))]);
    let missing = || Expect::Refused(404, "resource_missing", "id");
    let cancel = |what: &str, id: &str| {
        call("DELETE /v1/subscriptions/{id}", what, Form::One).args(vec![json!(id)])
    };
    let active = id(&active);
    let customer = id(&create(fake, "customer", json!({})));
    let theirs = json!({ "customer": customer, "status": "active" });
    let theirs = id(&create(fake, "subscription", theirs));
    let product = id(&create(fake, "product", json!({})));
    create(fake, "price", json!({ "product": product }));
    let paid = id(&create(fake, "invoice", json!({ "status": "paid" })));
    let delete = |path: &str, what: &str, id: &str| {
        call(&format!("DELETE {path}"), what, Form::One).args(vec![json!(id)])
    };
    vec![
        cancel("a parameter that is not there", &active)
            .params(json!({ "nothing": true }))
            .expect(Expect::Refused(400, "parameter_unknown", "nothing")),
        cancel("canceled, with `customer` expanded", &active)
            .params(json!({ "prorate": true, "expand": ["customer"] }))
            .expect(Expect::Members(vec![
                ("/object/status", json!("canceled")),
                ("/object/customer/object", json!("customer")),
            ])),
        cancel("canceled again", &active).expect(missing()),
        delete("/v1/customers/{id}", "with a subscription", &customer).expect(Expect::Deleted),
        call(
            "GET /v1/subscriptions/{id}",
            "of the deleted customer",
            Form::One,
        )
        .args(vec![json!(theirs)])
        .expect(canceled()),
        delete("/v1/customers/{id}", "again", &customer).expect(missing()),
        delete("/v1/products/{id}", "with a price", &product).expect(Expect::Refused(400, "", "")),
        delete("/v1/invoices/{id}", "a paid one", &paid).expect(Expect::Refused(400, "", "")),
        delete("/v1/coupons/{id}", "one that is not there", "none").expect(missing()),
    ]
}
