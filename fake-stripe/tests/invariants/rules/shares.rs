//! What holds of an account as a whole: how large its objects are, and which shares of them are how.

use serde_json::Value;

use crate::account::{Account, is_set};
use crate::table::Share;

/// No share is taken of fewer objects.
const FEW: usize = 20;

/// The median of the objects' bytes as Stripe sends them: indented by two spaces.
fn median(account: &Account, object: &str) -> Option<f64> {
    let mut sizes: Vec<usize> = account
        .all(object)
        .iter()
        .map(|value| format!("{value:#}").len())
        .collect();
    sizes.sort_unstable();
    let middle = *sizes.get(sizes.len() / 2)?;
    (sizes.len() >= FEW).then(|| f64::from(u32::try_from(middle).unwrap_or(u32::MAX)))
}

/// The share of the objects of which this holds.
fn share(account: &Account, object: &str, holds: impl Fn(&Value) -> bool) -> Option<f64> {
    let all = account.all(object);
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let holding = all.iter().filter(|value| holds(value)).count();
    (all.len() >= FEW).then(|| count(holding) / count(all.len()))
}

const fn at_most(name: &'static str, measure: fn(&Account) -> Option<f64>, most: f64) -> Share {
    between(name, measure, 0.0, most)
}

const fn at_least(name: &'static str, measure: fn(&Account) -> Option<f64>, least: f64) -> Share {
    between(name, measure, least, 1.0)
}

const fn between(
    name: &'static str,
    measure: fn(&Account) -> Option<f64>,
    least: f64,
    most: f64,
) -> Share {
    Share {
        name,
        measure,
        least,
        most,
    }
}

/// Bytes of a median object.
const LEAST: f64 = 2_000.0;
const MOST: f64 = 6_000.0;

pub(crate) const SHARES: &[Share] = &[
    between(
        "median bytes of payment_intent",
        |a| median(a, "payment_intent"),
        LEAST,
        MOST,
    ),
    between(
        "median bytes of invoice",
        |a| median(a, "invoice"),
        LEAST,
        MOST,
    ),
    between(
        "median bytes of charge",
        |a| median(a, "charge"),
        LEAST,
        MOST,
    ),
    between(
        "median bytes of subscription",
        |a| median(a, "subscription"),
        LEAST,
        MOST,
    ),
    at_most(
        "customers with a discount",
        |a| share(a, "customer", |customer| is_set(customer, "discount")),
        0.05,
    ),
    at_least(
        "customers with an email",
        |a| share(a, "customer", |customer| is_set(customer, "email")),
        0.6,
    ),
    at_least(
        "payment methods that are cards",
        |a| share(a, "payment_method", |method| method["type"] == "card"),
        0.6,
    ),
    at_least(
        "charges by card",
        |a| {
            share(a, "charge", |charge| {
                charge["payment_method_details"]["type"] == "card"
            })
        },
        0.6,
    ),
    at_least(
        "charges that succeeded",
        |a| share(a, "charge", |charge| charge["status"] == "succeeded"),
        0.7,
    ),
    between(
        "payment intents that succeeded",
        |a| {
            share(a, "payment_intent", |intent| {
                intent["status"] == "succeeded"
            })
        },
        0.5,
        0.98,
    ),
    between(
        "invoices that are paid",
        |a| share(a, "invoice", |invoice| invoice["status"] == "paid"),
        0.4,
        0.97,
    ),
    between(
        "subscriptions that are active",
        |a| {
            share(a, "subscription", |subscription| {
                subscription["status"] == "active"
            })
        },
        0.4,
        0.97,
    ),
    at_most(
        "subscriptions with a pending update",
        |a| {
            share(a, "subscription", |subscription| {
                is_set(subscription, "pending_update")
            })
        },
        0.1,
    ),
    at_least(
        "charges in one of three currencies",
        |a| {
            let mut counts = std::collections::HashMap::<&str, u32>::new();
            for charge in a.all("charge") {
                *counts.entry(charge["currency"].as_str()?).or_default() += 1;
            }
            let mut counts: Vec<u32> = counts.into_values().collect();
            counts.sort_unstable_by(|a, b| b.cmp(a));
            let all: u32 = counts.iter().sum();
            let first: u32 = counts.iter().take(3).sum();
            (all >= 20).then(|| f64::from(first) / f64::from(all))
        },
        0.7,
    ),
    at_most(
        "payment intents of an account that is not the own",
        |a| share(a, "payment_intent", |intent| is_set(intent, "on_behalf_of")),
        0.2,
    ),
    at_most(
        "payment intents that failed at last",
        |a| {
            share(a, "payment_intent", |intent| {
                is_set(intent, "last_payment_error")
            })
        },
        0.3,
    ),
];
