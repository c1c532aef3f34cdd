//! Changes that a developer's test makes and Stripe allows.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Change, Done, Run, legal};
use crate::account::{among, int, is_set, text};

pub(super) const fn change(
    name: &'static str,
    weight: usize,
    run: fn(&mut Run<'_>) -> Done,
) -> Change {
    Change { name, weight, run }
}

const WITH_METADATA: [&str; 11] = [
    "charge",
    "coupon",
    "customer",
    "dispute",
    "invoice",
    "payment_intent",
    "payout",
    "price",
    "product",
    "refund",
    "subscription",
];
/// What one may create without saying anything.
const CREATED: [&str; 14] = [
    "charge",
    "checkout.session",
    "coupon",
    "customer",
    "dispute",
    "invoice",
    "payment_intent",
    "payment_method",
    "payout",
    "price",
    "product",
    "refund",
    "setup_intent",
    "subscription",
];

/// What of a charge can still be refunded.
pub(super) fn left(charge: &Value) -> i64 {
    let refundable = charge["status"] == "succeeded" && charge["disputed"] == false;
    if refundable {
        int(charge, "amount_captured") - int(charge, "amount_refunded")
    } else {
        0
    }
}

/// Whether no invoice asks for the payment: Stripe lets nobody cancel one that an invoice asks for.
fn is_free(run: &Run<'_>, intent: &Value) -> bool {
    let payments = run.fake.truth("invoice_payment");
    payments
        .iter()
        .all(|payment| payment["payment"]["payment_intent"] != intent["id"])
}

fn metadata(run: &mut Run<'_>) -> Done {
    let object = run.rng.choice(WITH_METADATA).unwrap_or("customer");
    let Some(value) = run.pick(object, |_| true) else {
        return Done::NotPossible;
    };
    let order = run.rng.u32(..).to_string();
    let changes = json!({ "metadata": { "order": order } });
    let result = run.fake.update(text(&value, "id"), changes);
    legal(&value, result, |after| after["metadata"]["order"] == order)
}

fn refund_by_charge(run: &mut Run<'_>) -> Done {
    let Some(charge) = run.pick("charge", |charge| left(charge) > 0) else {
        return Done::NotPossible;
    };
    let result = run.fake.create("refund", json!({ "charge": charge["id"] }));
    legal(&charge, result, |refund| {
        refund["charge"] == charge["id"] && refund["amount"] == left(&charge)
    })
}

fn refund_by_intent(run: &mut Run<'_>) -> Done {
    let Some(charge) = run.pick("charge", |charge| {
        left(charge) > 0 && is_set(charge, "payment_intent")
    }) else {
        return Done::NotPossible;
    };
    let amount = run.rng.i64(1..=left(&charge));
    let given = json!({ "payment_intent": charge["payment_intent"], "amount": amount });
    let result = run.fake.create("refund", given);
    legal(&charge, result, |refund| {
        refund["charge"] == charge["id"] && refund["amount"] == amount
    })
}

fn intent_succeeds(run: &mut Run<'_>) -> Done {
    let Some(intent) = run.pick_alive("payment_intent", |intent| {
        !among(intent, "status", &["succeeded", "canceled"])
    }) else {
        return Done::NotPossible;
    };
    let changes = json!({ "status": "succeeded" });
    let result = run.fake.update(text(&intent, "id"), changes);
    legal(&intent, result, |after| {
        after["status"] == "succeeded"
            && after["amount_received"] == after["amount"]
            && is_set(after, "latest_charge")
    })
}

fn intent_is_canceled(run: &mut Run<'_>) -> Done {
    let open = [
        "requires_action",
        "requires_capture",
        "requires_confirmation",
        "requires_payment_method",
    ];
    let intent = run.pick("payment_intent", |intent| among(intent, "status", &open));
    let Some(intent) = intent.filter(|intent| is_free(run, intent)) else {
        return Done::NotPossible;
    };
    let result = run
        .fake
        .update(text(&intent, "id"), json!({ "status": "canceled" }));
    legal(&intent, result, |after| {
        after["status"] == "canceled" && is_set(after, "canceled_at")
    })
}

pub(super) fn delete(run: &mut Run<'_>, value: Option<Value>) -> Done {
    let Some(value) = value else {
        return Done::NotPossible;
    };
    let result = run.delete(text(&value, "id"));
    let gone = run.fake.get(text(&value, "id")).is_none();
    legal(&value, result, |_| gone)
}

fn delete_customer(run: &mut Run<'_>) -> Done {
    let customer = run.pick("customer", |_| true);
    delete(run, customer)
}

fn delete_coupon(run: &mut Run<'_>) -> Done {
    let coupon = run.pick("coupon", |_| true);
    delete(run, coupon)
}

fn delete_product(run: &mut Run<'_>) -> Done {
    let prices = run.fake.truth("price");
    let plans = run.fake.truth("plan");
    let product = run.pick("product", |product| {
        let mut users = prices.iter().chain(&plans);
        users.all(|price| price["product"] != product["id"])
    });
    if product.is_none() && run.rng.bool() {
        let result = run.fake.create("product", json!({ "name": "Boots" }));
        return legal(&Value::Null, result, |product| product["name"] == "Boots");
    }
    delete(run, product)
}

fn dispute(run: &mut Run<'_>) -> Done {
    let Some(charge) = run.pick("charge", |charge| {
        left(charge) > 0 && charge["captured"] == true
    }) else {
        return Done::NotPossible;
    };
    let result = run
        .fake
        .create("dispute", json!({ "charge": charge["id"] }));
    legal(&charge, result, |dispute| {
        dispute["charge"] == charge["id"] && dispute["currency"] == charge["currency"]
    })
}

fn session_ends(run: &mut Run<'_>) -> Done {
    let fake = run.fake;
    // Stripe does not mix currencies on a customer.
    let is_billed_alike = |session: &Value| {
        let customer = session["customer"].as_str().and_then(|id| fake.get(id));
        customer.is_none_or(|customer| {
            !is_set(&customer, "currency") || customer["currency"] == session["currency"]
        })
    };
    let Some(session) = run.pick_alive("checkout.session", |session| {
        session["status"] == "open" && is_billed_alike(session)
    }) else {
        let result = run
            .fake
            .create("checkout.session", json!({ "status": "open" }));
        return legal(&Value::Null, result, |session| session["status"] == "open");
    };
    let to = if run.rng.bool() {
        "complete"
    } else {
        "expired"
    };
    let result = run
        .fake
        .update(text(&session, "id"), json!({ "status": to }));
    legal(&session, result, |after| {
        after["status"] == to && !is_set(after, "url")
    })
}

fn hours_pass(run: &mut Run<'_>) -> Done {
    let hours = run.rng.u64(1..=12);
    run.fake.advance(Duration::from_secs(hours * 3_600));
    Done::Well
}

fn detach(run: &mut Run<'_>) -> Done {
    let Some(method) = run.pick("payment_method", |method| is_set(method, "customer")) else {
        return Done::NotPossible;
    };
    let result = run.fake.detach_payment_method(text(&method, "id"));
    legal(&method, result, |after| after["customer"].is_null())
}

fn delete_source(run: &mut Run<'_>) -> Done {
    let kind = run.rng.choice(["card", "bank_account"]).unwrap_or("card");
    let source = run.pick_alive(kind, |source| is_set(source, "customer"));
    let customer = source.as_ref().map(|source| source["customer"].clone());
    let done = delete(run, source);
    let customer = customer.and_then(|id| run.fake.get(id.as_str()?));
    let default =
        customer.and_then(|customer| Some(customer["default_source"].as_str()?.to_owned()));
    match default {
        Some(gone) if run.fake.get(&gone).is_none() => {
            Done::Wrong(format!("the default source {gone} is not there"))
        }
        _ => done,
    }
}

fn create_anything(run: &mut Run<'_>) -> Done {
    let object = run.rng.choice(CREATED).unwrap_or("customer");
    let result = run.fake.create(object, Value::Null);
    legal(&json!(object), result, |value| value["object"] == object)
}

fn create_charge(run: &mut Run<'_>) -> Done {
    let amount = run.rng.i64(100..100_000);
    let given = json!({ "amount": amount, "currency": "usd", "metadata": { "order": "7" } });
    let result = run.fake.create("charge", given);
    legal(&json!("a new charge"), result, |charge| {
        charge["amount"] == amount
            && charge["currency"] == "usd"
            && charge["metadata"] == json!({ "order": "7" })
    })
}

fn create_for_customer(run: &mut Run<'_>) -> Done {
    let Some(customer) = run.pick("customer", |_| true) else {
        return Done::NotPossible;
    };
    let objects = [
        "charge",
        "invoice",
        "payment_intent",
        "payment_method",
        "checkout.session",
    ];
    let object = run.rng.choice(objects).unwrap_or("charge");
    let result = run
        .fake
        .create(object, json!({ "customer": customer["id"] }));
    legal(&json!(object), result, |value| {
        value["customer"] == customer["id"]
    })
}

fn create_price(run: &mut Run<'_>) -> Done {
    let Some(product) = run.pick("product", |_| true) else {
        return Done::NotPossible;
    };
    let given = json!({ "product": product["id"], "unit_amount": 1500, "currency": "eur" });
    let result = run.fake.create("price", given);
    legal(&product, result, |price| {
        price["product"] == product["id"]
            && price["unit_amount"] == 1500
            && price["unit_amount_decimal"] == "1500"
            && price["currency"] == "eur"
    })
}

pub(super) const CHANGES: &[Change] = &[
    change("metadata is updated", 12, metadata),
    change("a charge is refunded", 5, refund_by_charge),
    change("a payment intent is refunded in part", 6, refund_by_intent),
    change("a payment intent succeeds", 6, intent_succeeds),
    change("a payment intent is canceled", 3, intent_is_canceled),
    change("a customer is deleted", 2, delete_customer),
    change("a coupon is deleted", 1, delete_coupon),
    change("a product without prices is deleted", 1, delete_product),
    change("a charge is disputed", 2, dispute),
    change("a checkout session ends", 4, session_ends),
    change("hours pass", 3, hours_pass),
    change("a payment method is detached", 2, detach),
    change("a source of a customer is deleted", 2, delete_source),
    change(
        "an object is created with nothing given",
        6,
        create_anything,
    ),
    change("a charge is created with an amount", 2, create_charge),
    change(
        "an object is created for a customer",
        4,
        create_for_customer,
    ),
    change("a price is created for a product", 1, create_price),
];
