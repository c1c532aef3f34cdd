//! Searches and events.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use super::call;
use crate::call::{Call, Expect, Form};
use crate::world::{create, id};

pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = searches(fake);
    calls.extend(events(fake));
    calls
}

fn searches(fake: &FakeStripe) -> Vec<Call> {
    create(
        fake,
        "customer",
        json!({ "email": "searched@example.com", "name": "Quentin Rosen", "metadata": { "plan": "gold" } }),
    );
    let found = |object: &str, pass: &dyn Fn(&Value) -> bool| {
        let objects = fake.listable(object).into_iter();
        Expect::all(objects.filter(|object| pass(object)))
    };
    let search = |path: &str, query: &str| {
        call(
            &format!("GET {path}/search"),
            &format!("`{query}`"),
            Form::Pages,
        )
        .params(json!({ "query": query, "limit": 2 }))
    };
    vec![
        search("/v1/customers", "email:'searched@example.com'").expect(found("customer", &|one| {
            one["email"] == "searched@example.com"
        })),
        search("/v1/customers", "metadata['plan']:'gold'")
            .expect(found("customer", &|one| one["metadata"]["plan"] == "gold")),
        search("/v1/customers", "name~'quentin'").expect(found("customer", &|one| {
            one["name"]
                .as_str()
                .is_some_and(|name| name.to_lowercase().contains("quentin"))
        })),
        search("/v1/charges", "amount>2000")
            .expect(found("charge", &|one| one["amount"].as_i64() > Some(2000))),
        search("/v1/charges", "currency:'usd' AND -status:'failed'")
            .expect(found("charge", &|one| {
                one["currency"] == "usd" && one["status"] != "failed"
            })),
        search("/v1/invoices", "status:'open' OR status:'paid'").expect(found("invoice", &|one| {
            one["status"] == "open" || one["status"] == "paid"
        })),
        search("/v1/payment_intents", "status:'succeeded'")
            .expect(found("payment_intent", &|one| one["status"] == "succeeded")),
        search("/v1/prices", "active:'true'").expect(found("price", &|one| one["active"] == true)),
        search("/v1/products", "active:'false'")
            .expect(found("product", &|one| one["active"] == false)),
        search("/v1/subscriptions", "status:'active'")
            .expect(found("subscription", &|one| one["status"] == "active")),
        search("/v1/customers", "nothing:'x'").expect(Expect::Refused(400, "", "query")),
        search("/v1/customers", "email:").expect(Expect::Refused(400, "", "query")),
        search("/v1/customers", "").expect(Expect::Refused(400, "parameter_missing", "query")),
    ]
}

fn events(fake: &FakeStripe) -> Vec<Call> {
    let customer = create(fake, "customer", json!({ "email": "event@example.com" }));
    fake.update(&id(&customer), json!({ "email": "changed@example.com" }))
        .expect("a change");
    let of = |pass: &dyn Fn(&str) -> bool| {
        let events = fake.events().into_iter();
        let pass = |event: &Value| pass(event["type"].as_str().unwrap_or_default());
        Expect::all(events.filter(pass))
    };
    let list = |what: &str, params: Value| call("GET /v1/events", what, Form::Pages).params(params);
    let last = fake.truth("event").into_iter().rfind(|event| {
        let is_before = event["data"]["previous_attributes"]["email"] == "event@example.com";
        event["type"] == "customer.updated" && is_before
    });
    let last = last.expect("an event");
    let thin =
        |what: &str, params: Value| call("GET /v2/core/events", what, Form::Pages).params(params);
    vec![
        list("of a type", json!({ "type": "customer.updated" }))
            .expect(of(&|kind| kind == "customer.updated")),
        list(
            "of types",
            json!({ "types": ["customer.created", "charge.succeeded"] }),
        )
        .expect(of(&|kind| {
            kind == "customer.created" || kind == "charge.succeeded"
        })),
        list("of a wildcard", json!({ "type": "customer.*" }))
            .expect(of(&|kind| kind.starts_with("customer."))),
        call("GET /v1/events/{id}", "a change", Form::One)
            .args(vec![json!(id(&last))])
            .expect(Expect::Members(vec![
                ("/object/data/object/email", json!("changed@example.com")),
                (
                    "/object/data/previous_attributes/email",
                    json!("event@example.com"),
                ),
            ])),
        call("GET /v1/events/{id}", "one that is not there", Form::One)
            .args(vec![json!("evt_none")])
            .expect(Expect::Refused(404, "resource_missing", "id")),
        thin("of an object", json!({ "object_id": id(&customer) })),
        thin("of types", json!({ "types": ["v1.customer.updated"] })),
        call(
            "GET /v2/core/events/{id}",
            "one that is not there",
            Form::One,
        )
        .args(vec![json!("evt_none")])
        .expect(Expect::Refused(404, "not_found", "")),
        call("GET /v2/core/events", "a limit of 0", Form::List)
            .params(json!({ "limit": 0 }))
            .expect(Expect::Refused(400, "", "limit")),
    ]
}
