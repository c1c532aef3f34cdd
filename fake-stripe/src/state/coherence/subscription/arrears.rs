//! Subscriptions that are not paid for.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::sum;
use crate::state::coherence::customer;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in};

/// Whether a subscription waits for money.
fn is_behind(status: Option<&str>) -> bool {
    matches!(status, Some("past_due" | "unpaid"))
}

/// A subscription that comes into arrears has an invoice that nobody paid.
pub(super) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    let was = before.get("status").and_then(Value::as_str);
    if !is_behind(draft.text("status")) || is_behind(was) || draft.is_given("latest_invoice") {
        return Ok(());
    }
    let Some(last) = world.neighbour(before, "latest_invoice", "invoice") else {
        return Ok(());
    };
    let id = id_in(&last, "id").unwrap_or_default();
    let lines = world.children("invoice", id, "line_item");
    if sum(&lines, "amount") <= 0 {
        return Ok(());
    }
    let lines: Vec<Value> = lines.iter().map(again).collect();
    let member = |name: &str| last.get(name).cloned().unwrap_or_default();
    let now = world.now();
    let given = json!({
        "customer": draft.members.get("customer"), "currency": draft.text("currency"), "status": "open",
        "billing_reason": "subscription_cycle", "parent": member("parent"), "lines": lines,
        "collection_method": draft.text("collection_method"),
        "period_start": member("period_start"), "period_end": now,
    });
    let invoice = world.make("invoice", now, given)?;
    let invoice = invoice.get("id").cloned().unwrap_or_default();
    draft.members.insert("latest_invoice".to_owned(), invoice);
    Ok(())
}

/// The same line of the next invoice.
fn again(line: &Value) -> Value {
    const SAME: [&str; 6] = [
        "amount",
        "parent",
        "period",
        "pricing",
        "quantity",
        "subscription",
    ];
    let same = SAME
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), line.get(*name)?.clone())));
    Value::Object(same.collect())
}

/// Its customer is delinquent until it is paid for.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let was = stored
        .before
        .and_then(|before| before.get("status")?.as_str());
    let (was, is) = (is_behind(was), is_behind(stored.text("status")));
    let customer = id_in(stored.after, "customer");
    match customer.filter(|id| was != is && world.value("customer", id).is_some()) {
        Some(id) if is => world.amend(id, &json!({ "delinquent": true })),
        Some(_) => customer::has_caught_up(world, stored.after),
        None => Ok(()),
    }
}
