//! Changes that Stripe refuses, and that change nothing.

use serde_json::{Value, json};

use super::legal::{change, left};
use super::{Change, Done, Run};
use crate::account::{among, int, text};

fn update(run: &mut Run<'_>, value: Option<Value>, changes: Value) -> Done {
    let Some(value) = value else {
        return Done::NotPossible;
    };
    run.refused(&value, |run| run.fake.update(text(&value, "id"), changes))
}

fn delete(run: &mut Run<'_>, value: Option<Value>) -> Done {
    let Some(value) = value else {
        return Done::NotPossible;
    };
    run.refused(&value, |run| run.delete(text(&value, "id")))
}

fn create(run: &mut Run<'_>, on: Option<Value>, object: &str, given: Value) -> Done {
    let Some(on) = on else {
        return Done::NotPossible;
    };
    run.refused(&on, |run| run.fake.create(object, given))
}

fn delete_finalized(run: &mut Run<'_>) -> Done {
    let invoice = run.pick("invoice", |invoice| {
        among(invoice, "status", &["paid", "open", "void"])
    });
    delete(run, invoice)
}

fn delete_used_product(run: &mut Run<'_>) -> Done {
    let Some(price) = run.pick("price", |_| true) else {
        return Done::NotPossible;
    };
    let product = run.fake.get(text(&price, "product"));
    delete(run, product)
}

fn delete_undeletable(run: &mut Run<'_>) -> Done {
    let objects = ["charge", "payment_intent", "refund", "balance_transaction"];
    let object = run.rng.choice(objects).unwrap_or("charge");
    let value = run.pick(object, |_| true);
    delete(run, value)
}

fn cancel_again(run: &mut Run<'_>) -> Done {
    let Some(subscription) = run.pick("subscription", |sub| sub["status"] == "canceled") else {
        return Done::NotPossible;
    };
    run.refused(&subscription, |run| {
        run.fake.cancel_subscription(text(&subscription, "id"))
    })
}

fn revive(run: &mut Run<'_>) -> Done {
    let subscription = run.pick("subscription", |sub| sub["status"] == "canceled");
    let changes = if run.rng.bool() {
        json!({ "status": "active" })
    } else {
        json!({ "cancel_at_period_end": true })
    };
    update(run, subscription, changes)
}

fn intent_leaves_its_end(run: &mut Run<'_>) -> Done {
    let intent = run.pick("payment_intent", |intent| {
        among(intent, "status", &["succeeded", "canceled"])
    });
    let canceled = intent
        .as_ref()
        .is_some_and(|intent| intent["status"] == "canceled");
    let to = if canceled { "succeeded" } else { "canceled" };
    update(run, intent, json!({ "status": to }))
}

fn invoice_leaves_its_end(run: &mut Run<'_>) -> Done {
    let invoice = run.pick("invoice", |invoice| {
        among(invoice, "status", &["paid", "void"])
    });
    let to = run
        .rng
        .choice(["draft", "open", "uncollectible"])
        .unwrap_or("draft");
    update(run, invoice, json!({ "status": to }))
}

fn draft_is_paid_or_void(run: &mut Run<'_>) -> Done {
    let invoice = run.pick("invoice", |invoice| invoice["status"] == "draft");
    update(run, invoice, json!({ "status": "void" }))
}

fn charge_leaves_its_end(run: &mut Run<'_>) -> Done {
    let charge = run.pick("charge", |charge| charge["status"] == "failed");
    update(run, charge, json!({ "status": "succeeded" }))
}

fn session_leaves_its_end(run: &mut Run<'_>) -> Done {
    let session = run.pick("checkout.session", |session| {
        among(session, "status", &["complete", "expired"])
    });
    update(run, session, json!({ "status": "open" }))
}

fn refund_leaves_its_end(run: &mut Run<'_>) -> Done {
    let refund = run.pick("refund", |refund| refund["status"] == "succeeded");
    update(run, refund, json!({ "status": "pending" }))
}

fn refund_too_much(run: &mut Run<'_>) -> Done {
    let charge = run.pick("charge", |charge| left(charge) > 0);
    let more = charge.as_ref().map_or(1, left) + run.rng.i64(1..1_000);
    let id = charge.as_ref().map(|charge| charge["id"].clone());
    create(
        run,
        charge,
        "refund",
        json!({ "charge": id, "amount": more }),
    )
}

fn refund_what_failed(run: &mut Run<'_>) -> Done {
    let charge = run.pick("charge", |charge| charge["status"] == "failed");
    let id = charge.as_ref().map(|charge| charge["id"].clone());
    create(run, charge, "refund", json!({ "charge": id }))
}

fn refund_again(run: &mut Run<'_>) -> Done {
    let charge = run.pick("charge", |charge| {
        int(charge, "amount_refunded") == int(charge, "amount") && charge["refunded"] == true
    });
    let id = charge.as_ref().map(|charge| charge["id"].clone());
    create(run, charge, "refund", json!({ "charge": id }))
}

fn add_line_to_final(run: &mut Run<'_>) -> Done {
    let invoice = run.pick("invoice", |invoice| {
        among(invoice, "status", &["paid", "open", "void"])
    });
    let Some(invoice) = invoice else {
        return Done::NotPossible;
    };
    run.refused(&invoice, |run| {
        let id = text(&invoice, "id");
        run.fake
            .create_child(id, "line_item", json!({ "amount": 100 }))
    })
}

fn remove_line_of_final(run: &mut Run<'_>) -> Done {
    let Some(invoice) = run.pick("invoice", |invoice| {
        invoice["status"] != "draft" && int(&invoice["lines"], "total_count") > 0
    }) else {
        return Done::NotPossible;
    };
    let line = text(&invoice["lines"]["data"][0], "id").to_owned();
    run.refused(&invoice, |run| run.fake.delete(&line))
}

fn subscribe_once(run: &mut Run<'_>) -> Done {
    let price = run.pick("price", |price| price["type"] == "one_time");
    let id = price.as_ref().map(|price| price["id"].clone());
    create(
        run,
        price,
        "subscription",
        json!({ "items": [{ "price": id }] }),
    )
}

fn misspelt(run: &mut Run<'_>) -> Done {
    let customer = run.pick("customer", |_| true);
    if run.rng.bool() {
        update(run, customer, json!({ "e_mail": "jenny@example.com" }))
    } else {
        create(run, customer, "charge", json!({ "ammount": 100 }))
    }
}

fn wrong_kind(run: &mut Run<'_>) -> Done {
    let customer = run.pick("customer", |_| true);
    if run.rng.bool() {
        update(run, customer, json!({ "balance": "much" }))
    } else {
        create(run, customer, "charge", json!({ "amount": "100" }))
    }
}

fn unknown_reference(run: &mut Run<'_>) -> Done {
    let objects = ["charge", "invoice", "payment_intent", "subscription"];
    let object = run.rng.choice(objects).unwrap_or("charge");
    let on = run.pick("customer", |_| true);
    create(run, on, object, json!({ "customer": "cus_none" }))
}

fn unknown_status(run: &mut Run<'_>) -> Done {
    let objects = [
        "charge",
        "invoice",
        "payment_intent",
        "subscription",
        "refund",
    ];
    let object = run.rng.choice(objects).unwrap_or("charge");
    let value = run.pick(object, |_| true);
    update(run, value, json!({ "status": "bogus" }))
}

fn again_deleted(run: &mut Run<'_>) -> Done {
    let mut gone: Vec<String> = run.gone.iter().cloned().collect();
    // The order of a set is not the seed's.
    gone.sort_unstable();
    let Some(id) = run.rng.choice(&gone).cloned() else {
        return Done::NotPossible;
    };
    let value = json!({ "id": id, "object": "deleted" });
    update(run, Some(value), json!({ "metadata": { "order": "1" } }))
}

pub(super) const CHANGES: &[Change] = &[
    change("a finalized invoice is deleted", 2, delete_finalized),
    change("a product with prices is deleted", 1, delete_used_product),
    change(
        "an object is deleted that has no DELETE",
        1,
        delete_undeletable,
    ),
    change("a canceled subscription is canceled", 1, cancel_again),
    change("a canceled subscription is revived", 1, revive),
    change(
        "a final payment intent is changed",
        2,
        intent_leaves_its_end,
    ),
    change(
        "a paid or void invoice is changed",
        1,
        invoice_leaves_its_end,
    ),
    change("a draft is voided", 1, draft_is_paid_or_void),
    change("a failed charge succeeds", 1, charge_leaves_its_end),
    change(
        "an ended checkout session is opened",
        1,
        session_leaves_its_end,
    ),
    change("a succeeded refund waits again", 1, refund_leaves_its_end),
    change("more than is left is refunded", 2, refund_too_much),
    change("a failed charge is refunded", 1, refund_what_failed),
    change("a refunded charge is refunded", 1, refund_again),
    change(
        "a line is added to a finalized invoice",
        1,
        add_line_to_final,
    ),
    change(
        "a line is taken out of a finalized invoice",
        1,
        remove_line_of_final,
    ),
    change("a one-time price is subscribed to", 1, subscribe_once),
    change("a name is misspelt", 1, misspelt),
    change("a value is of the wrong kind", 1, wrong_kind),
    change(
        "a customer is named that does not exist",
        1,
        unknown_reference,
    ),
    change("a status is no word of Stripe's", 1, unknown_status),
    change("a deleted object is changed", 1, again_deleted),
];
