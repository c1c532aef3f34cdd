//! Legal changes to invoices and subscriptions.

use serde_json::{Value, json};

use super::legal::{change, delete};
use super::{Change, Done, Run, legal};
use crate::account::{among, int, is_set, rows, text};

fn invoice_moves(run: &mut Run<'_>) -> Done {
    let Some(invoice) = run.pick_alive("invoice", |invoice| {
        among(invoice, "status", &["draft", "open", "uncollectible"])
    }) else {
        return Done::NotPossible;
    };
    let to: &[&str] = match text(&invoice, "status") {
        "draft" => &["open"],
        "uncollectible" => &["paid", "void"],
        _ if int(&invoice, "amount_paid") > 0 => &["paid", "uncollectible"],
        _ => &["paid", "void", "uncollectible"],
    };
    let to = run.rng.choice(to).copied().unwrap_or("paid");
    let result = run
        .fake
        .update(text(&invoice, "id"), json!({ "status": to }));
    legal(&invoice, result, |after| {
        // An invoice of nothing is paid as soon as it is finalized.
        after["status"] == to || to == "open" && int(after, "amount_due") == 0
    })
}

fn living(run: &mut Run<'_>) -> Option<Value> {
    run.pick("subscription", |subscription| {
        among(subscription, "status", &["active", "trialing", "past_due"])
    })
}

fn cancel_at_period_end(run: &mut Run<'_>) -> Done {
    let Some(subscription) = living(run) else {
        return Done::NotPossible;
    };
    let cancel = subscription["cancel_at_period_end"] != true;
    let changes = json!({ "cancel_at_period_end": cancel });
    let result = run.fake.update(text(&subscription, "id"), changes);
    legal(&subscription, result, |after| {
        after["cancel_at_period_end"] == cancel
            && is_set(after, "cancel_at") == cancel
            && is_set(after, "canceled_at") == cancel
    })
}

fn cancel(run: &mut Run<'_>) -> Done {
    let Some(subscription) = living(run) else {
        return Done::NotPossible;
    };
    let result = run.fake.cancel_subscription(text(&subscription, "id"));
    legal(&subscription, result, |after| {
        after["status"] == "canceled" && is_set(after, "canceled_at") && is_set(after, "ended_at")
    })
}

fn delete_draft(run: &mut Run<'_>) -> Done {
    // A draft of a subscription cannot be deleted.
    let draft = run.pick("invoice", |invoice| {
        invoice["status"] == "draft" && invoice["parent"]["subscription_details"].is_null()
    });
    delete(run, draft)
}

fn subscribe(run: &mut Run<'_>) -> Done {
    let Some(customer) = run.pick("customer", |_| true) else {
        return Done::NotPossible;
    };
    let result = run
        .fake
        .create("subscription", json!({ "customer": customer["id"] }));
    legal(&customer, result, |subscription| {
        subscription["customer"] == customer["id"]
            && !rows(&subscription["items"], "data").is_empty()
    })
}

fn subscribe_to_price(run: &mut Run<'_>) -> Done {
    let fake = run.fake;
    let Some(price) = run.pick("price", |price| {
        let product = fake.get(text(price, "product"));
        price["type"] == "recurring"
            && price["active"] == true
            && product.is_some_and(|product| product["active"] == true)
    }) else {
        return Done::NotPossible;
    };
    // Stripe does not mix currencies on a customer.
    let Some(customer) = run.pick("customer", |customer| {
        !is_set(customer, "currency") || customer["currency"] == price["currency"]
    }) else {
        return Done::NotPossible;
    };
    let given = json!({ "customer": customer["id"], "items": [{ "price": price["id"] }] });
    let result = run.fake.create("subscription", given);
    legal(&price, result, |subscription| {
        let items = rows(&subscription["items"], "data");
        items.len() == 1
            && items[0]["price"] == price
            && subscription["currency"] == price["currency"]
            && subscription["customer"] == customer["id"]
    })
}

fn add_line(run: &mut Run<'_>) -> Done {
    let Some(draft) = run.pick_alive("invoice", |invoice| invoice["status"] == "draft") else {
        let result = run.fake.create("invoice", json!({ "status": "draft" }));
        return legal(&Value::Null, result, |invoice| invoice["status"] == "draft");
    };
    let amount = run.rng.i64(100..20_000);
    let id = text(&draft, "id");
    let result = run
        .fake
        .create_child(id, "line_item", json!({ "amount": amount }));
    let after = run.fake.get(id).unwrap_or_default();
    legal(&draft, result, |line| {
        line["amount"] == amount
            && line["invoice"] == draft["id"]
            && line["currency"] == draft["currency"]
            && int(&after, "subtotal") == int(&draft, "subtotal") + amount
    })
}

fn remove_line(run: &mut Run<'_>) -> Done {
    let Some(draft) = run.pick_alive("invoice", |invoice| {
        invoice["status"] == "draft" && int(&invoice["lines"], "total_count") > 1
    }) else {
        return Done::NotPossible;
    };
    let id = text(&draft, "id");
    let lines = run.fake.children(id, "line_item");
    let Some(line) = run.rng.choice(&lines) else {
        return Done::NotPossible;
    };
    let result = run.delete(text(line, "id"));
    let after = run.fake.get(id).unwrap_or_default();
    legal(&draft, result, |gone| {
        let lost = int(&draft, "subtotal") - int(&after, "subtotal");
        gone == line
            && lost == int(line, "amount")
            && int(&after["lines"], "total_count") + 1 == int(&draft["lines"], "total_count")
    })
}

fn add_item(run: &mut Run<'_>) -> Done {
    let Some(subscription) = living(run) else {
        return Done::NotPossible;
    };
    let id = text(&subscription, "id");
    // Each item is of a price of its own.
    let first = &subscription["items"]["data"][0]["price"];
    let price = run.fake.create(
        "price",
        json!({
            "billing_scheme": "per_unit", "currency": first["currency"], "type": "recurring",
            "recurring": {
                "interval": first["recurring"]["interval"], "interval_count": first["recurring"]["interval_count"],
            },
        }),
    );
    let price = json!({ "price": price.unwrap_or_default()["id"] });
    let result = run.fake.create_child(id, "subscription_item", price);
    let after = run.fake.get(id).unwrap_or_default();
    legal(&subscription, result, |item| {
        item["subscription"] == subscription["id"]
            && int(&after["items"], "total_count") == int(&subscription["items"], "total_count") + 1
    })
}

fn remove_item(run: &mut Run<'_>) -> Done {
    let Some(subscription) = run.pick("subscription", |subscription| {
        among(subscription, "status", &["active", "past_due"])
            && int(&subscription["items"], "total_count") > 1
    }) else {
        return Done::NotPossible;
    };
    let id = text(&subscription, "id");
    let items = run.fake.children(id, "subscription_item");
    let Some(item) = run.rng.choice(&items) else {
        return Done::NotPossible;
    };
    let result = run.delete(text(item, "id"));
    let left = run.fake.children(id, "subscription_item");
    legal(&subscription, result, |gone| {
        gone == item && left.len() + 1 == items.len() && !left.contains(item)
    })
}

pub(super) const CHANGES: &[Change] = &[
    change("an invoice moves to its next status", 9, invoice_moves),
    change(
        "a subscription is to be canceled at its period's end, or not",
        6,
        cancel_at_period_end,
    ),
    change("a subscription is canceled", 3, cancel),
    change("a draft is deleted", 1, delete_draft),
    change("a subscription is created for a customer", 3, subscribe),
    change(
        "a subscription is created with a price",
        3,
        subscribe_to_price,
    ),
    change("a line is added to a draft", 3, add_line),
    change("a line is taken out of a draft", 2, remove_line),
    change("an item is added to a subscription", 2, add_item),
    change("an item is taken out of a subscription", 2, remove_item),
];
