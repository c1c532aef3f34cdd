//! Lists: filters, windows, cursors.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use super::call;
use crate::call::{Call, Expect, Form};
use crate::world::{create, id};

pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = filters(fake);
    calls.extend(windows(fake));
    calls.extend(cursors(fake));
    calls
}

/// All pages of a list are the objects that pass.
fn all(
    fake: &FakeStripe,
    path: &str,
    what: &str,
    params: Value,
    object: &str,
    pass: impl Fn(&Value) -> bool,
) -> Call {
    let objects = fake.listable(object).into_iter();
    let objects = Expect::all(objects.filter(|object| pass(object)));
    call(
        &format!("GET {path}"),
        &format!("{what}, all pages"),
        Form::Pages,
    )
    .params(params)
    .expect(objects)
}

fn filters(fake: &FakeStripe) -> Vec<Call> {
    let email = "Filtered@example.com";
    create(fake, "customer", json!({ "email": email }));
    create(fake, "price", json!({ "active": false }));
    let customer = id(&create(fake, "customer", json!({})));
    for _ in 0..3 {
        let charge = json!({ "customer": customer, "status": "succeeded", "paid": true });
        let charge = create(fake, "charge", charge);
        create(
            fake,
            "refund",
            json!({ "charge": charge["id"], "amount": 1 }),
        );
        create(
            fake,
            "subscription",
            json!({ "customer": customer, "status": "active" }),
        );
    }
    let charge = fake
        .truth("refund")
        .last()
        .map(|refund| refund["charge"].clone());
    let charge = charge.expect("a refund");
    let is = |name: &'static str, value: Value| move |object: &Value| object[name] == value;
    let of = |customer: &str| json!({ "customer": customer });
    let live = |object: &Value| object["status"] != "canceled" && object["test_clock"].is_null();
    vec![
        all(
            fake,
            "/v1/customers",
            "by e-mail",
            json!({ "email": email }),
            "customer",
            is("email", json!(email)),
        ),
        all(
            fake,
            "/v1/customers",
            "by an e-mail of nobody",
            json!({ "email": "x@y.z" }),
            "customer",
            |_| false,
        ),
        all(
            fake,
            "/v1/charges",
            "of a customer",
            of(&customer),
            "charge",
            is("customer", json!(customer)),
        ),
        all(
            fake,
            "/v1/payment_intents",
            "of a customer",
            of(&customer),
            "payment_intent",
            is("customer", json!(customer)),
        ),
        all(
            fake,
            "/v1/invoices",
            "of a customer",
            of(&customer),
            "invoice",
            is("customer", json!(customer)),
        ),
        all(
            fake,
            "/v1/invoices",
            "paid",
            json!({ "status": "paid" }),
            "invoice",
            |invoice| invoice["status"] == "paid",
        ),
        all(
            fake,
            "/v1/refunds",
            "of a charge",
            json!({ "charge": charge }),
            "refund",
            is("charge", charge.clone()),
        ),
        all(
            fake,
            "/v1/subscriptions",
            "active",
            json!({ "status": "active" }),
            "subscription",
            |one| one["status"] == "active" && one["test_clock"].is_null(),
        ),
        all(
            fake,
            "/v1/subscriptions",
            "canceled",
            json!({ "status": "canceled" }),
            "subscription",
            |one| one["status"] == "canceled" && one["test_clock"].is_null(),
        ),
        all(
            fake,
            "/v1/subscriptions",
            "without a status",
            json!({}),
            "subscription",
            live,
        ),
        all(
            fake,
            "/v1/prices",
            "recurring",
            json!({ "type": "recurring" }),
            "price",
            |price| price["type"] == "recurring" && price["active"] == true,
        ),
        all(
            fake,
            "/v1/prices",
            "archived",
            json!({ "active": false }),
            "price",
            is("active", json!(false)),
        ),
        all(
            fake,
            "/v1/products",
            "active",
            json!({ "active": true }),
            "product",
            is("active", json!(true)),
        ),
        all(
            fake,
            "/v1/balance_transactions",
            "of a type",
            json!({ "type": "charge" }),
            "balance_transaction",
            is("type", json!("charge")),
        ),
        all(
            fake,
            "/v1/payouts",
            "paid",
            json!({ "status": "paid" }),
            "payout",
            is("status", json!("paid")),
        ),
        call(
            "GET /v1/subscriptions",
            "of a customer, expanded",
            Form::List,
        )
        .params(json!({ "customer": customer, "limit": 2, "expand": ["data.customer"] }))
        .expect(Expect::Members(vec![
            ("/objects/1/customer/id", json!(customer)),
            ("/has_more", json!(true)),
        ])),
        call(
            "GET /v1/charges",
            "of a customer that is not there",
            Form::List,
        )
        .params(of("cus_none"))
        .expect(Expect::Refused(400, "resource_missing", "customer")),
        call(
            "GET /v1/refunds",
            "of a charge that is not there",
            Form::List,
        )
        .params(json!({ "charge": "ch_none" }))
        .expect(Expect::Refused(400, "resource_missing", "charge")),
    ]
}

fn windows(fake: &FakeStripe) -> Vec<Call> {
    let mut calls = Vec::new();
    for (object, path) in [
        ("customer", "/v1/customers"),
        ("charge", "/v1/charges"),
        ("invoice", "/v1/invoices"),
        ("payment_intent", "/v1/payment_intents"),
        ("refund", "/v1/refunds"),
        ("payout", "/v1/payouts"),
    ] {
        let objects = fake.listable(object);
        let created = |object: &Value| object["created"].as_i64().unwrap_or(0);
        let from = created(&objects[objects.len() / 4]);
        let to = created(&objects[objects.len() / 2]);
        // A list of customers leaves out those of test clocks.
        let own = |object: &Value| object["test_clock"].is_null();
        calls.push(all(
            fake,
            path,
            "`created[gte]` and `created[lt]`",
            json!({ "created": { "gte": from, "lt": to } }),
            object,
            |object| (from..to).contains(&created(object)) && own(object),
        ));
        calls.push(all(
            fake,
            path,
            "`created[gt]` and `created[lte]`",
            json!({ "created": { "gt": from, "lte": to } }),
            object,
            |object| (from + 1..=to).contains(&created(object)) && own(object),
        ));
        calls.push(all(
            fake,
            path,
            "`created` of one second",
            json!({ "created": from }),
            object,
            |object| created(object) == from && own(object),
        ));
    }
    calls
}

fn cursors(fake: &FakeStripe) -> Vec<Call> {
    let mut ids: Vec<String> = fake.listable("charge").iter().map(id).collect();
    ids.reverse();
    let page = |what: &str, params: Value| call("GET /v1/charges", what, Form::List).params(params);
    let range = |from: usize, to: usize| ids[from..to].to_vec();
    vec![
        page("the default page", json!({})).expect(Expect::Page(range(0, 10), true)),
        page("`limit` 3", json!({ "limit": 3 })).expect(Expect::Page(range(0, 3), true)),
        page(
            "`starting_after`",
            json!({ "limit": 3, "starting_after": ids[2] }),
        )
        .expect(Expect::Page(range(3, 6), true)),
        page(
            "`starting_after` the last",
            json!({ "starting_after": ids[ids.len() - 1] }),
        )
        .expect(Expect::Page(Vec::new(), false)),
        page(
            "`ending_before`",
            json!({ "limit": 2, "ending_before": ids[5] }),
        )
        .expect(Expect::Page(range(3, 5), true)),
        page(
            "`ending_before` the second",
            json!({ "ending_before": ids[1] }),
        )
        .expect(Expect::Page(range(0, 1), false)),
        page(
            "a cursor that is not there",
            json!({ "starting_after": "ch_none" }),
        )
        .expect(Expect::Refused(400, "resource_missing", "starting_after")),
        page(
            "two cursors",
            json!({ "starting_after": ids[1], "ending_before": ids[5] }),
        )
        .expect(Expect::Refused(
            400,
            "parameters_exclusive",
            "ending_before",
        )),
    ]
}
