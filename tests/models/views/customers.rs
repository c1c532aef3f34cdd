//! `customer_overview`, computed from the objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rows::{Columns, Holds, Row, Rows, keyed};
use super::world::Views;

pub(crate) const COLUMNS: Columns = &[
    ("customer", Holds::Text),
    ("name", Holds::Text),
    ("email", Holds::Text),
    ("currency", Holds::Text),
    ("lifetime_paid", Holds::Integer),
    ("lifetime_refunded", Holds::Integer),
    ("outstanding", Holds::Integer),
    ("open_invoices", Holds::Integer),
    ("active_subscriptions", Holds::Integer),
    ("payments", Holds::Integer),
    ("last_payment", Holds::Text),
    ("last_payment_at", Holds::Time),
    ("last_payment_amount", Holds::Integer),
    ("balance", Holds::Integer),
    ("delinquent", Holds::Boolean),
    ("created", Holds::Time),
];

/// The sums of a customer in one currency.
#[derive(Default)]
struct Sums {
    paid: i64,
    payments: i64,
    refunded: i64,
    outstanding: i64,
    open_invoices: i64,
    active_subscriptions: i64,
    /// Time, id, amount.
    last: Option<(i64, String, i64)>,
}

fn integer(object: &Value, member: &str) -> i64 {
    object[member].as_i64().unwrap_or_default()
}

/// The rows that the view should have.
pub(crate) fn expected(world: &Views) -> Rows {
    let fake = &world.fake;
    let mut sums: BTreeMap<String, BTreeMap<Option<String>, Sums>> = BTreeMap::new();
    let mut of = |object: &Value, customer: &Value, change: &dyn Fn(&mut Sums)| {
        let currency = object["currency"].as_str().map(str::to_owned);
        if let Some(customer) = customer.as_str() {
            let all = sums.entry(customer.to_owned()).or_default();
            change(all.entry(currency).or_default());
        }
    };
    let charges = fake.truth("charge");
    for charge in &charges {
        if charge["status"] != "succeeded" || charge["captured"] != true {
            continue;
        }
        let amount = integer(charge, "amount_captured");
        of(charge, &charge["customer"], &|sums| {
            sums.paid += amount;
            sums.payments += 1;
            let this = (
                integer(charge, "created"),
                charge["id"].as_str().unwrap().to_owned(),
                amount,
            );
            sums.last = sums.last.take().max(Some(this));
        });
    }
    for refund in fake.truth("refund") {
        if refund["balance_transaction"].is_null()
            || refund["status"] == "failed"
            || refund["status"] == "canceled"
        {
            continue;
        }
        let charge = charges
            .iter()
            .find(|charge| charge["id"] == refund["charge"]);
        let customer = charge.map_or(&Value::Null, |charge| &charge["customer"]);
        let customer = if customer.is_null() {
            &refund["customer"]
        } else {
            customer
        };
        of(&refund, customer, &|sums| {
            sums.refunded += integer(&refund, "amount")
        });
    }
    for invoice in fake.truth("invoice") {
        if invoice["status"] == "open" {
            of(&invoice, &invoice["customer"], &|sums| {
                sums.outstanding += integer(&invoice, "amount_remaining");
                sums.open_invoices += 1;
            });
        }
    }
    for subscription in fake.truth("subscription") {
        if ["active", "past_due", "trialing"]
            .iter()
            .any(|active| subscription["status"] == *active)
        {
            of(&subscription, &subscription["customer"], &|sums| {
                sums.active_subscriptions += 1
            });
        }
    }
    let mut rows = Vec::new();
    for customer in fake.truth("customer") {
        let mut all = sums
            .remove(customer["id"].as_str().unwrap())
            .unwrap_or_default();
        if let Some(currency) = customer["currency"].as_str() {
            all.entry(Some(currency.to_owned())).or_default();
        }
        if all.is_empty() {
            all.insert(None, Sums::default());
        }
        rows.extend(
            all.into_iter()
                .map(|(currency, sums)| row(&customer, currency, sums)),
        );
    }
    keyed(rows, &["customer", "currency"])
}

fn row(customer: &Value, currency: Option<String>, sums: Sums) -> Row {
    let is_of_balance = currency.is_none() || customer["currency"].as_str() == currency.as_deref();
    let last = |member: &dyn Fn(&(i64, String, i64)) -> Value| {
        sums.last.as_ref().map_or(Value::Null, member)
    };
    Row::from([
        ("customer", customer["id"].clone()),
        ("name", customer["name"].clone()),
        ("email", customer["email"].clone()),
        ("currency", json!(currency)),
        ("lifetime_paid", json!(sums.paid)),
        ("lifetime_refunded", json!(sums.refunded)),
        ("outstanding", json!(sums.outstanding)),
        ("open_invoices", json!(sums.open_invoices)),
        ("active_subscriptions", json!(sums.active_subscriptions)),
        ("payments", json!(sums.payments)),
        ("last_payment", last(&|(_, id, _)| json!(id))),
        ("last_payment_at", last(&|(at, _, _)| json!(at))),
        ("last_payment_amount", last(&|(_, _, amount)| json!(amount))),
        (
            "balance",
            if is_of_balance {
                customer["balance"].clone()
            } else {
                Value::Null
            },
        ),
        ("delinquent", customer["delinquent"].clone()),
        ("created", customer["created"].clone()),
    ])
}
