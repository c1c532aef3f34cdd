//! Single objects: expansion, deleted ones, other accounts.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use super::call;
use crate::call::{Call, Expect, Form};
use crate::world::{self, CONNECTED, create, id};

pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = expanded(fake);
    calls.extend(gone(fake));
    calls.extend(elsewhere(fake));
    calls
}

fn members(of: &[(&'static str, Value)]) -> Expect {
    Expect::Members(of.to_vec())
}

fn expanded(fake: &FakeStripe) -> Vec<Call> {
    let customer = create(fake, "customer", json!({ "email": "expanded@example.com" }));
    let subscription = create(
        fake,
        "subscription",
        json!({ "customer": customer["id"], "status": "active" }),
    );
    let charge = create(
        fake,
        "charge",
        json!({ "customer": customer["id"], "status": "succeeded", "paid": true }),
    );
    let refund = create(
        fake,
        "refund",
        json!({ "charge": charge["id"], "amount": 1 }),
    );
    let one = |path: &str, what: &str, object: &Value, paths: Value, expect: Expect| {
        call(&format!("GET {path}"), what, Form::One)
            .args(vec![object["id"].clone()])
            .params(json!({ "expand": paths }))
            .expect(expect)
    };
    let price = subscription["items"]["data"][0]["price"]["product"].clone();
    vec![
        one(
            "/v1/charges/{id}",
            "`customer` expanded",
            &charge,
            json!(["customer"]),
            members(&[("/object/customer/email", json!("expanded@example.com"))]),
        ),
        one(
            "/v1/charges/{id}",
            "`balance_transaction.source` expanded",
            &charge,
            json!(["balance_transaction.source"]),
            members(&[(
                "/object/balance_transaction/source/id",
                charge["id"].clone(),
            )]),
        ),
        one(
            "/v1/refunds/{id}",
            "`charge.customer` expanded",
            &refund,
            json!(["charge.customer"]),
            members(&[("/object/charge/customer/id", customer["id"].clone())]),
        ),
        one(
            "/v1/subscriptions/{id}",
            "`items.data.price.product` expanded",
            &subscription,
            json!(["items.data.price.product"]),
            members(&[
                (
                    "/object/items/data/0/price/product/object",
                    json!("product"),
                ),
                ("/object/items/data/0/price/product/id", price),
            ]),
        ),
        one(
            "/v1/subscriptions/{id}",
            "two paths expanded",
            &subscription,
            json!(["customer", "latest_invoice"]),
            members(&[
                ("/object/customer/object", json!("customer")),
                ("/object/latest_invoice/object", json!("invoice")),
            ]),
        ),
        one(
            "/v1/customers/{id}",
            "members on request",
            &customer,
            json!(["subscriptions", "tax_ids", "sources"]),
            members(&[
                (
                    "/object/subscriptions/data/0/id",
                    subscription["id"].clone(),
                ),
                ("/object/tax_ids/object", json!("list")),
                ("/object/sources/object", json!("list")),
            ]),
        ),
        one(
            "/v1/customers/{id}",
            "five levels expanded",
            &customer,
            json!(["subscriptions.data.latest_invoice.payments.data.payment"]),
            Expect::Refused(400, "property_expansion_max_depth", ""),
        ),
        one(
            "/v1/charges/{id}",
            "a number expanded",
            &charge,
            json!(["amount"]),
            Expect::Refused(400, "", "expand"),
        ),
        one(
            "/v1/charges/{id}",
            "a member that is not there expanded",
            &charge,
            json!(["nothing"]),
            Expect::Refused(400, "", "expand"),
        ),
    ]
}

fn gone(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = Vec::new();
    for (object, path, stub) in [
        ("customer", "/v1/customers/{id}", true),
        ("coupon", "/v1/coupons/{id}", false),
        ("product", "/v1/products/{id}", false),
        ("plan", "/v1/plans/{id}", false),
        ("invoiceitem", "/v1/invoiceitems/{id}", false),
        ("tax_id", "/v1/tax_ids/{id}", false),
    ] {
        let made = create(fake, object, json!({}));
        let last = fake.delete(&id(&made));
        last.unwrap_or_else(|error| panic!("{object}: {error}"));
        let expect = match stub {
            true => Expect::Deleted,
            false => Expect::Refused(404, "resource_missing", "id"),
        };
        let call = call(&format!("GET {path}"), "a deleted one", Form::One);
        calls.push(call.args(vec![json!(id(&made))]).expect(expect));
    }
    let canceled = create(fake, "subscription", json!({ "status": "active" }));
    fake.cancel_subscription(&id(&canceled)).expect("canceled");
    let status = Expect::Members(vec![("/object/status", json!("canceled"))]);
    let read = call("GET /v1/subscriptions/{id}", "a canceled one", Form::One);
    calls.push(read.args(vec![json!(id(&canceled))]).expect(status));
    calls
}

/// Connected accounts, and the account itself.
fn elsewhere(fake: &FakeStripe) -> Vec<Call> {
    let connected = fake
        .account(CONNECTED, fake.mode())
        .expect("it is connected");
    let theirs = connected.truth("customer").pop().expect("a customer");
    let there = json!({ "stripe_account": CONNECTED });
    let own = Expect::Members(vec![("/object/id", json!(fake.id()))]);
    let customer =
        |what: &str| call("GET /v1/customers/{id}", what, Form::One).args(vec![json!(id(&theirs))]);
    vec![
        call("GET /v1/account", "the key's own", Form::One).expect(own),
        call("GET /v1/account", "a connected one's", Form::One)
            .options(there.clone())
            .expect(Expect::Members(vec![
                ("/object/id", json!(CONNECTED)),
                ("/headers/stripe-account", json!(CONNECTED)),
            ])),
        call("GET /v1/accounts/{id}", "a connected one", Form::One)
            .args(vec![json!(CONNECTED)])
            .expect(Expect::Members(vec![("/object/id", json!(CONNECTED))])),
        customer("a connected account's")
            .options(there.clone())
            .expect(Expect::Object(theirs.clone())),
        customer("a connected account's, without its name").expect(Expect::Refused(
            404,
            "resource_missing",
            "id",
        )),
        call(
            "GET /v1/customers",
            "a connected account's, all pages",
            Form::Pages,
        )
        .options(there)
        .expect(Expect::all(connected.truth("customer"))),
        call(
            "GET /v1/customers",
            "an account that is not connected",
            Form::List,
        )
        .options(json!({ "stripe_account": "acct_1Nobody" }))
        .expect(Expect::Refused(403, "account_invalid", "")),
        call(
            "GET /v1/customers/{id}",
            "`Request-Id` and version",
            Form::One,
        )
        .args(vec![json!(world::id(&fake.listable("customer")[0]))])
        .expect(Expect::Members(vec![
            ("/headers/request-id", Value::Null),
            ("/headers/stripe-version", json!(fake.simulated_version())),
        ])),
    ]
}
