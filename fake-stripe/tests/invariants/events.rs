//! The events that a change makes: what Stripe announces of each, about which object.

use fake_stripe::FakeStripe;
use serde_json::{Value, json};

use crate::account::{int, is_set, text};

async fn start() -> FakeStripe {
    FakeStripe::builder()
        .seed(42)
        .account("acct_1")
        .start()
        .await
        .unwrap()
}

/// Does a change and checks that it makes these events, each about the object with this id if one is given.
fn expect(fake: &FakeStripe, wanted: &[(&str, &str)], change: impl FnOnce()) {
    let known: Vec<String> = fake.ids("event");
    change();
    let made: Vec<(String, String)> = fake
        .truth("event")
        .iter()
        .filter(|event| !known.iter().any(|id| event["id"] == *id))
        .map(|event| {
            let id = text(&event["data"]["object"], "id");
            (text(event, "type").to_owned(), id.to_owned())
        })
        .collect();
    for (kind, id) in wanted {
        let fits = |(of, about): &&(String, String)| of == kind && (id.is_empty() || about == id);
        let count = made.iter().filter(fits).count();
        assert_eq!(count, 1, "{kind} about {id:?}, made: {made:#?}");
    }
}

fn charge(fake: &FakeStripe) -> Value {
    let given =
        json!({ "amount": 1000, "currency": "usd", "status": "succeeded", "captured": true });
    fake.create("charge", given).unwrap()
}

fn invoice(fake: &FakeStripe, status: &str) -> Value {
    fake.create("invoice", json!({ "status": status })).unwrap()
}

fn subscription(fake: &FakeStripe) -> Value {
    fake.create("subscription", json!({ "status": "active" }))
        .unwrap()
}

fn update(fake: &FakeStripe, value: &Value, changes: Value) -> Value {
    fake.update(text(value, "id"), changes).unwrap()
}

#[tokio::test]
async fn a_refund_changes_its_charge() {
    let fake = start().await;
    let charge = charge(&fake);
    let id = text(&charge, "id");
    let refund = |amount: i64| {
        fake.create("refund", json!({ "charge": id, "amount": amount }))
            .unwrap();
    };
    let wanted = [("charge.refunded", id), ("refund.created", "")];
    expect(&fake, &wanted, || refund(300));
    let after = fake.get(id).unwrap();
    assert!(
        int(&after, "amount_refunded") == 300 && after["refunded"] == false,
        "{after}"
    );
    expect(&fake, &wanted, || refund(700));
    let after = fake.get(id).unwrap();
    assert!(
        int(&after, "amount_refunded") == 1000 && after["refunded"] == true,
        "{after}"
    );
}

#[tokio::test]
async fn a_payment_intent_that_succeeds_makes_its_charge() {
    let fake = start().await;
    let given = json!({ "status": "requires_payment_method", "amount": 1000, "currency": "usd" });
    let intent = fake.create("payment_intent", given).unwrap();
    let id = text(&intent, "id");
    let wanted = [("payment_intent.succeeded", id), ("charge.succeeded", "")];
    expect(&fake, &wanted, || {
        update(&fake, &intent, json!({ "status": "succeeded" }));
    });
    let after = fake.get(id).unwrap();
    assert!(
        int(&after, "amount_received") == 1000 && after["canceled_at"].is_null(),
        "{after}"
    );
    let charge = fake.get(text(&after, "latest_charge")).unwrap();
    assert!(
        charge["payment_intent"] == id && int(&charge, "amount") == 1000,
        "{charge}"
    );
}

#[tokio::test]
async fn a_payment_intent_that_is_canceled_says_so() {
    let fake = start().await;
    let intent = fake
        .create(
            "payment_intent",
            json!({ "status": "requires_payment_method" }),
        )
        .unwrap();
    let wanted = [("payment_intent.canceled", text(&intent, "id"))];
    expect(&fake, &wanted, || {
        let after = update(&fake, &intent, json!({ "status": "canceled" }));
        assert!(is_set(&after, "canceled_at"), "{after}");
    });
}

#[tokio::test]
async fn an_invoice_that_is_paid_has_two_events() {
    let fake = start().await;
    let invoice = invoice(&fake, "open");
    let id = text(&invoice, "id");
    let wanted = [("invoice.paid", id), ("invoice.payment_succeeded", id)];
    expect(&fake, &wanted, || {
        let after = update(&fake, &invoice, json!({ "status": "paid" }));
        assert_eq!(after["amount_paid"], invoice["amount_due"], "{after}");
        assert_eq!(after["amount_remaining"], 0, "{after}");
        let times = &after["status_transitions"];
        assert!(
            is_set(times, "paid_at") && !is_set(times, "voided_at"),
            "{after}"
        );
    });
}

#[tokio::test]
async fn an_invoice_moves_with_an_event_of_each_status() {
    let fake = start().await;
    for (from, to, kind, time) in [
        ("draft", "open", "invoice.finalized", "finalized_at"),
        ("open", "void", "invoice.voided", "voided_at"),
        (
            "open",
            "uncollectible",
            "invoice.marked_uncollectible",
            "marked_uncollectible_at",
        ),
    ] {
        let invoice = invoice(&fake, from);
        expect(&fake, &[(kind, text(&invoice, "id"))], || {
            let after = update(&fake, &invoice, json!({ "status": to }));
            assert!(is_set(&after["status_transitions"], time), "{after}");
        });
    }
}

#[tokio::test]
async fn a_subscription_that_ends_with_its_period_is_updated() {
    let fake = start().await;
    let subscription = subscription(&fake);
    let wanted = [("customer.subscription.updated", text(&subscription, "id"))];
    for cancel in [true, false] {
        expect(&fake, &wanted, || {
            let after = update(
                &fake,
                &subscription,
                json!({ "cancel_at_period_end": cancel }),
            );
            assert_eq!(is_set(&after, "cancel_at"), cancel, "{after}");
            assert_eq!(is_set(&after, "canceled_at"), cancel, "{after}");
        });
    }
}

#[tokio::test]
async fn a_subscription_that_is_canceled_is_deleted() {
    let fake = start().await;
    let subscription = subscription(&fake);
    let id = text(&subscription, "id");
    expect(&fake, &[("customer.subscription.deleted", id)], || {
        fake.cancel_subscription(id).unwrap();
    });
    assert_eq!(fake.get(id).unwrap()["status"], "canceled");
}

#[tokio::test]
async fn a_deleted_customer_takes_its_subscriptions_along() {
    let fake = start().await;
    let customer = fake.create("customer", Value::Null).unwrap();
    let given = json!({ "customer": customer["id"], "status": "active" });
    let subscription = fake.create("subscription", given).unwrap();
    let wanted = [
        ("customer.deleted", text(&customer, "id")),
        ("customer.subscription.deleted", text(&subscription, "id")),
    ];
    expect(&fake, &wanted, || {
        fake.delete(text(&customer, "id")).unwrap();
    });
}

#[tokio::test]
async fn a_dispute_changes_its_charge() {
    let fake = start().await;
    let charge = charge(&fake);
    expect(&fake, &[("charge.dispute.created", "")], || {
        fake.create("dispute", json!({ "charge": charge["id"] }))
            .unwrap();
    });
    assert_eq!(fake.get(text(&charge, "id")).unwrap()["disputed"], true);
}

#[tokio::test]
async fn a_checkout_session_ends_with_an_event() {
    let fake = start().await;
    for (to, kind) in [
        ("complete", "checkout.session.completed"),
        ("expired", "checkout.session.expired"),
    ] {
        let given = json!({ "status": "open", "mode": "payment" });
        let session = fake.create("checkout.session", given).unwrap();
        expect(&fake, &[(kind, text(&session, "id"))], || {
            let after = update(&fake, &session, json!({ "status": to }));
            assert!(after["url"].is_null(), "{after}");
        });
    }
}

#[tokio::test]
async fn a_detached_payment_method_says_so() {
    let fake = start().await;
    let customer = fake.create("customer", Value::Null).unwrap();
    let method = fake
        .create("payment_method", json!({ "customer": customer["id"] }))
        .unwrap();
    let id = text(&method, "id");
    expect(&fake, &[("payment_method.detached", id)], || {
        fake.detach_payment_method(id).unwrap();
    });
}

#[tokio::test]
async fn a_change_that_is_refused_makes_no_event() {
    let fake = start().await;
    let paid = invoice(&fake, "paid");
    let subscription = subscription(&fake);
    fake.cancel_subscription(text(&subscription, "id")).unwrap();
    let charge = charge(&fake);
    let events = fake.count("event");
    assert!(fake.delete(text(&paid, "id")).is_err());
    assert!(
        fake.update(text(&paid, "id"), json!({ "status": "open" }))
            .is_err()
    );
    assert!(fake.cancel_subscription(text(&subscription, "id")).is_err());
    let other = json!({ "amount": 1001 });
    assert!(fake.update(text(&charge, "id"), other).is_err());
    let more = json!({ "charge": charge["id"], "amount": 1001 });
    assert!(fake.create("refund", more).is_err());
    assert_eq!(fake.count("event"), events);
}

/// A dispute of a charge of its own.
fn dispute(fake: &FakeStripe) -> Value {
    let given = json!({ "charge": charge(fake)["id"], "status": "needs_response" });
    fake.create("dispute", given).unwrap()
}

#[tokio::test]
async fn a_dispute_says_where_the_money_goes_and_when_it_ends() {
    let fake = start().await;
    expect(
        &fake,
        &[
            ("charge.dispute.created", ""),
            ("charge.dispute.funds_withdrawn", ""),
        ],
        || drop(dispute(&fake)),
    );
    let won = dispute(&fake);
    let id = text(&won, "id");
    let wanted = [
        ("charge.dispute.closed", id),
        ("charge.dispute.funds_reinstated", id),
    ];
    expect(&fake, &wanted, || {
        let after = update(&fake, &won, json!({ "status": "won" }));
        let moved = after["balance_transactions"].as_array().unwrap();
        let sum: i64 = moved.iter().map(|moved| int(moved, "amount")).sum();
        assert_eq!((moved.len(), sum), (2, 0), "{after}");
    });
    let lost = dispute(&fake);
    let id = text(&lost, "id");
    expect(&fake, &[("charge.dispute.closed", id)], || {
        update(&fake, &lost, json!({ "status": "lost" }));
    });
    let back = json!({ "charge": lost["charge"] });
    assert!(fake.create("refund", back).is_err(), "it was charged back");
}

#[tokio::test]
async fn what_comes_a_long_way_at_once_tells_of_the_way() {
    let fake = start().await;
    let wanted = [
        ("invoice.created", ""),
        ("invoice.finalized", ""),
        ("invoice.paid", ""),
        ("invoice.payment_succeeded", ""),
        ("payment_intent.created", ""),
        ("payment_intent.succeeded", ""),
        ("charge.succeeded", ""),
        ("customer.subscription.created", ""),
    ];
    expect(&fake, &wanted, || {
        let told = fake.tell(fake_stripe::Story::Subscription);
        told.unwrap();
    });
    let failed = json!({ "status": "failed", "amount": 500, "currency": "usd" });
    let wanted = [("charge.failed", ""), ("payment_intent.payment_failed", "")];
    expect(&fake, &wanted, || {
        fake.create("charge", failed).unwrap();
    });
}

#[tokio::test]
async fn a_subscription_in_arrears_has_an_invoice_that_nobody_paid() {
    let fake = start().await;
    let told = fake.tell(fake_stripe::Story::Subscription).unwrap();
    let subscription = fake.get(told.id("subscription").unwrap()).unwrap();
    let wanted = [("invoice.created", ""), ("invoice.payment_failed", "")];
    expect(&fake, &wanted, || {
        update(&fake, &subscription, json!({ "status": "past_due" }));
    });
    let customer = told.id("customer").unwrap();
    assert_eq!(fake.get(customer).unwrap()["delinquent"], true);
    let subscription = fake.get(text(&subscription, "id")).unwrap();
    let latest = text(&subscription, "latest_invoice");
    assert_eq!(fake.get(latest).unwrap()["status"], "open");
    fake.update(latest, json!({ "status": "paid" })).unwrap();
    let after = fake.get(text(&subscription, "id")).unwrap();
    assert_eq!(after["status"], "active");
    assert_eq!(fake.get(customer).unwrap()["delinquent"], false);
}

#[tokio::test]
async fn a_credit_note_of_all_that_is_owed_pays_the_invoice() {
    let fake = start().await;
    let given = json!({ "status": "open", "lines": [{ "amount": 900 }] });
    let open = fake.create("invoice", given).unwrap();
    let id = text(&open, "id");
    let left = int(&open, "amount_remaining");
    let over = json!({ "invoice": id, "amount": left + 1 });
    assert!(fake.create("credit_note", over).is_err());
    let wanted = [("credit_note.created", ""), ("invoice.paid", id)];
    expect(&fake, &wanted, || {
        let whole = json!({ "invoice": id, "amount": left });
        let note = fake.create("credit_note", whole).unwrap();
        assert_eq!(note["type"], "pre_payment");
    });
    let after = fake.get(id).unwrap();
    assert_eq!(
        (int(&after, "amount_remaining"), int(&after, "amount_due")),
        (0, 0)
    );
    let paid = invoice(&fake, "paid");
    let note = fake
        .create("credit_note", json!({ "invoice": paid["id"] }))
        .unwrap();
    let void = json!({ "status": "void" });
    assert!(fake.update(text(&note, "id"), void).is_err());
}

#[tokio::test]
async fn a_payout_that_fails_brings_its_money_back() {
    let fake = start().await;
    let given = json!({ "status": "in_transit", "amount": 5_000, "currency": "usd" });
    let payout = fake.create("payout", given).unwrap();
    let id = text(&payout, "id");
    expect(&fake, &[("payout.failed", id)], || {
        let after = update(&fake, &payout, json!({ "status": "failed" }));
        let back = fake
            .get(text(&after, "failure_balance_transaction"))
            .unwrap();
        assert_eq!(int(&back, "amount"), 5_000);
        assert!(is_set(&after, "failure_code"), "{after}");
    });
    assert!(fake.update(id, json!({ "status": "paid" })).is_err());
}
