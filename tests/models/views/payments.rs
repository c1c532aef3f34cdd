//! Customers and their payments: some that are written down, and many by chance.

use fastrand::Rng;
use serde_json::{Value, json};

use super::world::Views;

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// A customer with payments in two currencies, one without anything, and one that is deleted. Returns the first two.
pub(crate) fn customers(world: &Views) -> [String; 2] {
    let jenny = id(&world.create("customer", json!({ "name": "Jenny" })));
    let charge = |amount: i64, currency: &str, others: Value| {
        let mut members = json!({ "customer": jenny, "amount": amount, "currency": currency, "status": "succeeded", "captured": true });
        members
            .as_object_mut()
            .unwrap()
            .extend(others.as_object().unwrap().clone());
        id(&world.create("charge", members))
    };
    let partly = charge(1_000, "usd", json!({ "created": 1_790_000_000 }));
    let wholly = charge(500, "usd", json!({ "created": 1_790_000_001 }));
    charge(700, "eur", json!({}));
    charge(
        900,
        "usd",
        json!({ "created": 1_790_000_002, "amount_captured": 600 }),
    );
    charge(
        40,
        "usd",
        json!({ "captured": false, "amount_captured": 0 }),
    );
    charge(
        50,
        "usd",
        json!({ "status": "failed", "captured": false, "amount_captured": 0, "paid": false }),
    );
    let refund = |charge: &str, amount: i64, status: &str| {
        world.create(
            "refund",
            json!({ "charge": charge, "amount": amount, "status": status }),
        );
    };
    refund(&partly, 300, "succeeded");
    refund(&wholly, 500, "succeeded");
    // What was released at a capture has no transaction.
    let released = json!({ "charge": partly, "amount": 100, "status": "succeeded", "balance_transaction": null });
    world.create("refund", released);
    for (status, remaining) in [
        ("open", 250),
        ("open", 125),
        ("paid", 0),
        ("void", 60),
        ("uncollectible", 70),
        ("draft", 80),
    ] {
        let line = json!([{ "amount": remaining.max(10), "currency": "usd" }]);
        world.create(
            "invoice",
            json!({ "customer": jenny, "currency": "usd", "status": status, "lines": line }),
        );
    }
    let nobody = id(&world.create("customer", json!({})));
    let gone = id(&world.create("customer", json!({})));
    world.create(
        "charge",
        json!({ "customer": gone, "amount": 5_000, "currency": "usd", "status": "succeeded" }),
    );
    world.fake.delete(&gone).unwrap();
    [jenny, nobody]
}

/// Payments that failed. Returns the kinds and ids of those that are not paid since.
pub(crate) fn failures(world: &Views) -> Vec<(&'static str, String)> {
    let mut failed = Vec::new();
    let customer = id(&world.create("customer", json!({})));
    let error = json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card has insufficient funds." });
    let intent = |status: &str, error: &Value| {
        let members = json!({ "customer": customer, "amount": 2_000, "currency": "usd", "status": status, "last_payment_error": error });
        id(&world.create("payment_intent", members))
    };
    failed.push(("payment_intent", intent("requires_payment_method", &error)));
    failed.push(("payment_intent", intent("requires_action", &error)));
    intent("requires_payment_method", &Value::Null);
    // Paid since, and given up.
    let later = intent("requires_payment_method", &error);
    world
        .fake
        .update(
            &later,
            json!({ "status": "succeeded", "amount_received": 2_000 }),
        )
        .unwrap();
    intent("canceled", &error);
    // Two attempts without a payment intent that the tables have; the newer one stands for both.
    let unchecked = world.fake.unchecked();
    let attempt = |created: i64, of: Option<&str>, status: &str| {
        let members = json!({
            "customer": customer, "amount": 300, "currency": "eur", "created": created, "payment_intent": of, "status": status,
            "paid": status == "succeeded", "failure_code": "card_declined", "failure_message": "No.",
            "outcome": { "reason": "generic_decline", "type": "issuer_declined", "network_status": "declined_by_network" },
        });
        id(&unchecked.create("charge", members).unwrap())
    };
    attempt(1_790_000_000, Some("pi_unknown"), "failed");
    failed.push((
        "charge",
        attempt(1_790_000_001, Some("pi_unknown"), "failed"),
    ));
    attempt(1_790_000_002, Some("pi_paid"), "failed");
    attempt(1_790_000_003, Some("pi_paid"), "succeeded");
    // Invoices.
    let invoice = |status: &str, attempts: i64| {
        let line = json!([{ "amount": 900, "currency": "usd" }]);
        let members = json!({
            "customer": customer, "currency": "usd", "status": status, "lines": line, "attempt_count": attempts,
            "attempted": attempts > 0, "next_payment_attempt": 7_500_000_000_i64, "collection_method": "charge_automatically",
        });
        id(&world.create("invoice", members))
    };
    invoice("open", 0);
    for (status, is_owed) in [("open", true), ("uncollectible", true), ("void", false)] {
        let invoice = invoice(status, 2);
        let payments = world.fake.truth("invoice_payment");
        let payment = payments
            .iter()
            .find(|payment| payment["invoice"] == *invoice);
        let intent = payment.and_then(|payment| payment["payment"]["payment_intent"].as_str());
        if !is_owed {
            continue;
        }
        match intent {
            Some(intent) => {
                let changes =
                    json!({ "status": "requires_payment_method", "last_payment_error": error });
                unchecked.update(intent, changes).unwrap();
                failed.push(("payment_intent", intent.to_owned()));
            }
            None => failed.push(("invoice", invoice)),
        }
    }
    // Its payment was given up, and it is owed still.
    let invoice = invoice("uncollectible", 1);
    let payment = json!({ "type": "payment_intent", "payment_intent": intent("canceled", &error), "charge": null });
    let members = json!({ "invoice": invoice, "status": "canceled", "payment": payment });
    unchecked.create("invoice_payment", members).unwrap();
    failed.push(("invoice", invoice));
    failed
}

fn one<'a>(rng: &mut Rng, of: &'a [String]) -> Option<&'a String> {
    (!of.is_empty()).then(|| &of[rng.usize(..of.len())])
}

/// So many things that happen to payments. What the fake refuses has not happened.
pub(crate) fn happen(world: &Views, seed: u64, count: usize) {
    let rng = &mut Rng::with_seed(seed);
    let fake = world.fake.unchecked();
    let mut customers: Vec<String> = (0..6)
        .map(|_| id(&world.create("customer", json!({}))))
        .collect();
    for _ in 0..count {
        let currency = *rng.choice(&["usd", "eur", "jpy"]).unwrap();
        let amount = rng.i64(50..100_000);
        let customer = one(rng, &customers).cloned();
        let (charges, intents, invoices) = (
            fake.ids("charge"),
            fake.ids("payment_intent"),
            fake.ids("invoice"),
        );
        let made = match rng.u8(..12) {
            0 | 1 => {
                let captured = if rng.bool() { amount } else { amount / 2 };
                let members = json!({ "customer": customer, "amount": amount, "currency": currency, "status": "succeeded", "captured": true, "amount_captured": captured });
                fake.create("charge", members)
            }
            2 => {
                let members = json!({ "customer": customer, "amount": amount, "currency": currency, "status": "failed", "captured": false, "amount_captured": 0 });
                fake.create("charge", members)
            }
            3 => {
                let of = if rng.bool() { Some("pi_absent") } else { None };
                let status = *rng.choice(&["failed", "failed", "succeeded"]).unwrap();
                let members = json!({ "customer": customer, "amount": amount, "currency": currency, "status": status, "payment_intent": of, "failure_code": "card_declined" });
                fake.create("charge", members)
            }
            4 => {
                let status = *rng
                    .choice(&["succeeded", "pending", "failed", "canceled"])
                    .unwrap();
                let members = json!({ "charge": one(rng, &charges), "amount": rng.i64(1..50), "status": status });
                fake.create("refund", members)
            }
            5 | 6 => {
                let status = *rng
                    .choice(&["draft", "open", "open", "paid", "uncollectible", "void"])
                    .unwrap();
                let line = json!([{ "amount": amount, "currency": currency }]);
                let members = json!({ "customer": customer, "currency": currency, "status": status, "lines": line, "attempt_count": rng.i64(0..4) });
                fake.create("invoice", members)
            }
            7 => {
                let status = *rng
                    .choice(&[
                        "requires_payment_method",
                        "requires_action",
                        "processing",
                        "canceled",
                        "succeeded",
                    ])
                    .unwrap();
                fake.create("payment_intent", json!({ "customer": customer, "amount": amount, "currency": currency, "status": status }))
            }
            8 => {
                let members = json!({ "invoice": one(rng, &invoices), "status": "open", "payment": { "type": "payment_intent", "payment_intent": one(rng, &intents), "charge": null } });
                fake.create("invoice_payment", members)
            }
            9 => {
                let status = *rng
                    .choice(&["succeeded", "requires_payment_method"])
                    .unwrap();
                let intent = one(rng, &intents).cloned().unwrap_or_default();
                fake.update(&intent, json!({ "status": status }))
            }
            10 => {
                let kind = *rng.choice(&["payments", "issuing"]).unwrap();
                let (status, on) = *rng
                    .choice(&[
                        ("pending", 7_500_000_000_i64),
                        ("pending", 1_700_000_000),
                        ("available", 7_500_000_000),
                    ])
                    .unwrap();
                let members = json!({ "balance_type": kind, "currency": currency, "amount": amount, "fee": 30, "net": amount - 30, "status": status, "available_on": on });
                fake.create("balance_transaction", members)
            }
            _ if rng.u8(..4) == 0 && customers.len() > 2 => {
                let customer = customers.swap_remove(rng.usize(..customers.len()));
                fake.delete(&customer)
            }
            _ => fake.create("payout", json!({ "currency": currency, "amount": amount })),
        };
        drop(made);
    }
}
