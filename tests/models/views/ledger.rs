//! `balance_ledger`, computed from the objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rows::{Columns, Holds, Row, Rows, keyed};
use super::world::Views;

pub(crate) const COLUMNS: Columns = &[
    ("id", Holds::Text),
    ("created", Holds::Time),
    ("available_on", Holds::Time),
    ("balance_type", Holds::Text),
    ("currency", Holds::Text),
    ("type", Holds::Text),
    ("reporting_category", Holds::Text),
    ("description", Holds::Text),
    ("source", Holds::Text),
    ("payout", Holds::Text),
    ("payout_status", Holds::Text),
    ("payout_arrival_date", Holds::Time),
    ("status", Holds::Text),
    ("is_available", Holds::Boolean),
    ("amount", Holds::Integer),
    ("fee", Holds::Integer),
    ("net", Holds::Integer),
    ("balance", Holds::Integer),
    ("available_balance", Holds::Integer),
    ("pending_balance", Holds::Integer),
];

/// The rows that the view should have. `now` is the real time.
pub(crate) fn expected(world: &Views, now: i64) -> Rows {
    let mut transactions = world.fake.truth("balance_transaction");
    let order = |one: &Value| {
        (
            one["created"].as_i64(),
            one["id"].as_str().unwrap().to_owned(),
        )
    };
    transactions.sort_by_key(order);
    let mut balances: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    let mut rows = Vec::new();
    for one in transactions {
        let kind = one["balance_type"]
            .as_str()
            .unwrap_or("payments")
            .to_owned();
        let currency = one["currency"].to_string();
        let (available, pending) = balances.entry((kind.clone(), currency)).or_default();
        let is_available = one["status"] == "available"
            || one["available_on"].as_i64().is_some_and(|on| on <= now);
        let net = one["net"].as_i64().unwrap_or_default();
        *(if is_available {
            &mut *available
        } else {
            &mut *pending
        }) += net;
        let payout = one["source"].as_str().and_then(|id| world.fake.get(id));
        let payout = payout
            .filter(|of| of["object"] == "payout")
            .unwrap_or_default();
        rows.push(Row::from([
            ("id", one["id"].clone()),
            ("created", one["created"].clone()),
            ("available_on", one["available_on"].clone()),
            ("balance_type", json!(kind)),
            ("currency", one["currency"].clone()),
            ("type", one["type"].clone()),
            ("reporting_category", one["reporting_category"].clone()),
            ("description", one["description"].clone()),
            ("source", one["source"].clone()),
            ("payout", payout["id"].clone()),
            ("payout_status", payout["status"].clone()),
            ("payout_arrival_date", payout["arrival_date"].clone()),
            ("status", one["status"].clone()),
            ("is_available", json!(is_available)),
            ("amount", one["amount"].clone()),
            ("fee", one["fee"].clone()),
            ("net", one["net"].clone()),
            ("balance", json!(*available + *pending)),
            ("available_balance", json!(*available)),
            ("pending_balance", json!(*pending)),
        ]));
    }
    keyed(rows, &["id"])
}
