//! `failed_payments`, computed from the objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rows::{Columns, Holds, Row, Rows, keyed};
use super::world::Views;

pub(crate) const COLUMNS: Columns = &[
    ("kind", Holds::Text),
    ("id", Holds::Text),
    ("payment_intent", Holds::Text),
    ("charge", Holds::Text),
    ("invoice", Holds::Text),
    ("invoice_status", Holds::Text),
    ("subscription", Holds::Text),
    ("customer", Holds::Text),
    ("currency", Holds::Text),
    ("amount", Holds::Integer),
    ("status", Holds::Text),
    ("failure_code", Holds::Text),
    ("decline_code", Holds::Text),
    ("failure_message", Holds::Text),
    ("attempts", Holds::Integer),
    ("failed_at", Holds::Time),
    ("next_attempt_at", Holds::Time),
    ("created", Holds::Time),
];

struct Objects {
    intents: BTreeMap<String, Value>,
    charges: Vec<Value>,
    invoices: BTreeMap<String, Value>,
    payments: Vec<Value>,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The first that is there.
fn either(values: [&Value; 2]) -> Value {
    values
        .into_iter()
        .find(|value| !value.is_null())
        .cloned()
        .unwrap_or_default()
}

fn by_id(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let named = objects
        .into_iter()
        .map(|object| (text(&object["id"]).unwrap(), object));
    named.collect()
}

/// The rows that the view should have.
pub(crate) fn expected(world: &Views) -> Rows {
    let objects = Objects {
        intents: by_id(world.fake.truth("payment_intent")),
        charges: world.fake.truth("charge"),
        invoices: by_id(world.fake.truth("invoice")),
        payments: world.fake.truth("invoice_payment"),
    };
    let mut rows = Vec::new();
    for intent in objects.intents.values() {
        let is_over = ["succeeded", "requires_capture", "canceled"]
            .iter()
            .any(|over| intent["status"] == *over);
        let failures = objects.failures(intent["id"].as_str());
        if is_over || failures.is_empty() && intent["last_payment_error"].is_null() {
            continue;
        }
        let invoice = objects.invoice_of(intent["id"].as_str());
        let last = failures.last().copied().cloned().unwrap_or_default();
        let error = &intent["last_payment_error"];
        rows.extend(objects.row(
            "payment_intent",
            intent,
            invoice,
            failures.len().max(1),
            [
                ("payment_intent", intent["id"].clone()),
                ("charge", last["id"].clone()),
                ("amount", intent["amount"].clone()),
                (
                    "failure_code",
                    either([&error["code"], &last["failure_code"]]),
                ),
                (
                    "decline_code",
                    either([&error["decline_code"], &last["outcome"]["reason"]]),
                ),
                (
                    "failure_message",
                    either([&error["message"], &last["failure_message"]]),
                ),
                ("failed_at", last["created"].clone()),
            ],
        ));
    }
    for charge in &objects.charges {
        let intent = charge["payment_intent"].as_str();
        if charge["status"] != "failed" || intent.is_some_and(|id| objects.intents.contains_key(id))
        {
            continue;
        }
        let failures = match intent {
            Some(_) => objects.failures(intent),
            None => vec![charge],
        };
        let is_paid = objects.charges.iter().any(|other| {
            intent.is_some()
                && other["payment_intent"] == charge["payment_intent"]
                && other["status"] == "succeeded"
        });
        if is_paid || failures.last().unwrap()["id"] != charge["id"] {
            continue;
        }
        let invoice = objects.invoice_of(intent.or(charge["id"].as_str()));
        rows.extend(objects.row(
            "charge",
            charge,
            invoice,
            failures.len(),
            [
                ("payment_intent", charge["payment_intent"].clone()),
                ("charge", charge["id"].clone()),
                ("amount", charge["amount"].clone()),
                ("failure_code", charge["failure_code"].clone()),
                ("decline_code", charge["outcome"]["reason"].clone()),
                ("failure_message", charge["failure_message"].clone()),
                ("failed_at", charge["created"].clone()),
            ],
        ));
    }
    for invoice in objects.invoices.values() {
        let attempts = invoice["attempt_count"].as_i64().unwrap_or_default();
        let owes = invoice["amount_remaining"]
            .as_i64()
            .is_some_and(|amount| amount > 0);
        if attempts == 0 || !owes || objects.has_payment(invoice) {
            continue;
        }
        let attempts = usize::try_from(attempts).unwrap();
        rows.extend(objects.row(
            "invoice",
            invoice,
            text(&invoice["id"]),
            attempts,
            [
                ("payment_intent", Value::Null),
                ("charge", Value::Null),
                ("amount", invoice["amount_remaining"].clone()),
                ("failure_code", Value::Null),
                ("decline_code", Value::Null),
                ("failure_message", Value::Null),
                ("failed_at", Value::Null),
            ],
        ));
    }
    keyed(rows, &["kind", "id"])
}

impl Objects {
    /// The failed charges of a payment intent, the newest last.
    fn failures(&self, intent: Option<&str>) -> Vec<&Value> {
        let charges = self.charges.iter();
        let failed = charges.filter(|charge| {
            charge["status"] == "failed" && charge["payment_intent"].as_str() == intent
        });
        let mut failed: Vec<&Value> = failed.collect();
        failed.sort_by_key(|charge| (charge["created"].as_i64(), text(&charge["id"])));
        failed
    }

    /// The invoice that a payment intent or a charge pays.
    fn invoice_of(&self, payment: Option<&str>) -> Option<String> {
        let payments = self.payments.iter().filter(|one| {
            let pays = either([&one["payment"]["payment_intent"], &one["payment"]["charge"]]);
            payment.is_some() && pays.as_str() == payment
        });
        payments.filter_map(|one| text(&one["invoice"])).min()
    }

    /// Whether a payment intent that is not canceled, or a charge, is known to pay an invoice.
    fn has_payment(&self, invoice: &Value) -> bool {
        let mut payments = self
            .payments
            .iter()
            .filter(|one| one["invoice"] == invoice["id"]);
        payments.any(|one| {
            let intent = one["payment"]["payment_intent"]
                .as_str()
                .and_then(|id| self.intents.get(id));
            intent.is_some_and(|intent| intent["status"] != "canceled")
                || self
                    .charges
                    .iter()
                    .any(|charge| charge["id"] == one["payment"]["charge"])
        })
    }

    /// The row of a payment; `None` if its invoice is paid, void or no invoice yet.
    fn row(
        &self,
        kind: &str,
        object: &Value,
        invoice: Option<String>,
        failures: usize,
        others: [(&'static str, Value); 7],
    ) -> Option<Row> {
        let known = invoice.as_ref().and_then(|id| self.invoices.get(id));
        if known
            .is_some_and(|known| known["status"] != "open" && known["status"] != "uncollectible")
        {
            return None;
        }
        let of = known.cloned().unwrap_or_default();
        let attempts = of["attempt_count"]
            .as_i64()
            .unwrap_or_default()
            .max(i64::try_from(failures).unwrap());
        let mut row = Row::from(others);
        row.extend([
            ("kind", json!(kind)),
            ("id", object["id"].clone()),
            ("invoice", json!(invoice)),
            ("invoice_status", of["status"].clone()),
            (
                "subscription",
                of["parent"]["subscription_details"]["subscription"].clone(),
            ),
            ("customer", object["customer"].clone()),
            ("currency", object["currency"].clone()),
            ("status", object["status"].clone()),
            ("attempts", json!(attempts)),
            ("next_attempt_at", of["next_payment_attempt"].clone()),
            ("created", object["created"].clone()),
        ]);
        Some(row)
    }
}
