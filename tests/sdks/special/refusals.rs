//! What Stripe refuses to read.

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, Mode};

use super::call;
use crate::call::{Call, Expect, Form};
use crate::world::id;

pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = missing();
    calls.extend(keys(fake));
    calls.extend(parameters());
    calls
}

fn missing() -> Vec<Call> {
    let paths = [
        "/v1/charges/{id}",
        "/v1/customers/{id}",
        "/v1/invoices/{id}",
        "/v1/subscriptions/{id}",
        "/v1/payment_intents/{id}",
        "/v1/prices/{id}",
        "/v1/products/{id}",
        "/v1/refunds/{id}",
        "/v1/payouts/{id}",
        "/v1/checkout/sessions/{id}",
        "/v1/customers/{id}/tax_ids",
        "/v1/customers/{id}/payment_methods",
        "/v1/customers/{id}/cash_balance",
        "/v1/invoices/{id}/lines",
        "/v1/transfers/{id}/reversals",
    ];
    let missing = paths.iter().map(|path| {
        let form = match path.ends_with("}") || path.ends_with("cash_balance") {
            true => Form::One,
            false => Form::List,
        };
        call(&format!("GET {path}"), "an id that is not there", form)
            .args(vec![json!("none")])
            .expect(Expect::Refused(404, "resource_missing", "id"))
    });
    missing.collect()
}

fn keys(fake: &FakeStripe) -> Vec<Call> {
    let restricted = fake.add_restricted_key(["charge"]).expect("a key");
    let live = fake.add_account(fake.id(), Mode::Live);
    let customer = id(&fake.listable("customer")[0]);
    let list =
        |what: &str, options: Value| call("GET /v1/customers", what, Form::List).options(options);
    vec![
        list("a wrong key", json!({ "api_key": "sk_test_wrong" }))
            .expect(Expect::Refused(401, "", "")),
        list("a restricted key", json!({ "api_key": restricted })).expect(Expect::Refused(
            403,
            "more_permissions_required",
            "",
        )),
        call("GET /v1/charges", "a restricted key that may", Form::List)
            .options(json!({ "api_key": restricted })),
        call(
            "GET /v1/customers/{id}",
            "an object of the other mode",
            Form::One,
        )
        .args(vec![json!(customer)])
        .options(json!({ "api_key": live }))
        .expect(Expect::Refused(404, "resource_missing", "id")),
        list(
            "a version that Stripe never had",
            json!({ "stripe_version": "2026-10-29.endive" }),
        )
        .expect(Expect::Refused(400, "", "")),
        list(
            "an older version",
            json!({ "stripe_version": "2024-06-20" }),
        )
        .expect(Expect::NotSimulated),
    ]
}

fn parameters() -> Vec<Call> {
    let list = |what: &str, params: Value, code: &'static str, param: &'static str| {
        call("GET /v1/customers", what, Form::List)
            .params(params)
            .expect(Expect::Refused(400, code, param))
    };
    vec![
        list(
            "`limit` 0",
            json!({ "limit": 0 }),
            "parameter_invalid_integer",
            "limit",
        ),
        list(
            "`limit` 101",
            json!({ "limit": 101 }),
            "parameter_invalid_integer",
            "limit",
        ),
        list(
            "`limit` that is no number",
            json!({ "limit": "many" }),
            "parameter_invalid_integer",
            "limit",
        ),
        list(
            "a parameter that is not there",
            json!({ "nothing": 1 }),
            "parameter_unknown",
            "nothing",
        ),
        list(
            "an empty filter",
            json!({ "email": "" }),
            "parameter_invalid_empty",
            "email",
        ),
        list(
            "`expand` of what a list has not",
            json!({ "expand": ["customer"] }),
            "",
            "expand",
        ),
        call("GET /v1/subscriptions", "a status that is none", Form::List)
            .params(json!({ "status": "sleeping" }))
            .expect(Expect::Refused(400, "", "status")),
        call(
            "GET /v1/subscription_items",
            "without its subscription",
            Form::List,
        )
        .expect(Expect::Refused(400, "parameter_missing", "subscription")),
        call(
            "GET /v1/customers/{id}",
            "a parameter that is not there",
            Form::One,
        )
        .args(vec![json!("cus_none")])
        .params(json!({ "nothing": 1 }))
        .expect(Expect::Refused(400, "parameter_unknown", "nothing")),
    ]
}
