//! Subscriptions of every kind, by chance.

use fastrand::Rng;
use serde_json::{Value, json};

use super::world::Views;

const CURRENCIES: [&str; 3] = ["usd", "eur", "jpy"];
const STATUSES: [&str; 9] = [
    "active", "active", "active", "active", "past_due", "trialing", "canceled", "unpaid", "paused",
];
/// The real time is between the last two.
const ENDS: [Option<i64>; 4] = [None, None, Some(1_500_000_000), Some(7_500_000_000)];
const AMOUNTS: [i64; 6] = [0, 5, 999, 1_000, 12_345, 99_999_999];

/// What a subscription is made of.
struct Catalogue {
    /// Prices that are sold in each currency.
    prices: Vec<(&'static str, Vec<String>)>,
    coupons: Vec<String>,
}

fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// Fills an account with so many subscriptions.
pub(crate) fn subscriptions(world: &Views, seed: u64, count: usize) {
    let rng = &mut Rng::with_seed(seed);
    let catalogue = catalogue(world, rng);
    let customers: Vec<String> = (0..count / 3 + 1)
        .map(|_| {
            let discount = match rng.u8(..4) {
                0 => discount(world, rng, &catalogue),
                _ => Value::Null,
            };
            let whole = discount.as_str().map(|id| world.fake.get(id));
            id(&world.create("customer", json!({ "discount": whole })))
        })
        .collect();
    for _ in 0..count {
        let (currency, prices) = &catalogue.prices[rng.usize(..catalogue.prices.len())];
        let items: Vec<Value> = (0..rng.usize(1..=3))
            .map(|_| {
                let price = &prices[rng.usize(..prices.len())];
                let discounts = discounts(world, rng, &catalogue, 4);
                json!({ "price": price, "quantity": rng.i64(0..=30), "discounts": discounts })
            })
            .collect();
        let paused = json!({ "behavior": "void", "resumes_at": ENDS[3] });
        let paused = if rng.u8(..6) == 0 {
            paused
        } else {
            Value::Null
        };
        let customer = &customers[rng.usize(..customers.len())];
        world.subscription(json!({
            "customer": customer, "currency": currency, "items": items, "status": one(rng, &STATUSES),
            "discounts": discounts(world, rng, &catalogue, 2), "pause_collection": paused,
        }));
    }
    // No list shows this one any more, and discounts by it go on.
    world.fake.delete(&catalogue.coupons[0]).unwrap();
    world.forget(&catalogue.coupons[0]);
}

fn catalogue(world: &Views, rng: &mut Rng) -> Catalogue {
    let products: Vec<String> = (0..3)
        .map(|_| id(&world.create("product", Value::Null)))
        .collect();
    let mut prices: Vec<(&str, Vec<String>)> = Vec::new();
    for currency in CURRENCIES {
        let made = (0..12).map(|_| {
            let product = &products[rng.usize(..products.len())];
            price(world, rng, currency, product)
        });
        prices.push((currency, made.collect()));
    }
    // Prices of dollars that have one in euro are sold for these, too.
    for _ in 0..3 {
        let product = &products[rng.usize(..products.len())];
        let options = json!({ "eur": { "unit_amount": one(rng, &AMOUNTS), "unit_amount_decimal": null, "custom_unit_amount": null, "tax_behavior": "unspecified" } });
        let members = json!({ "product": product, "currency": "usd", "unit_amount": 700, "currency_options": options });
        prices[1].1.push(world.price(members));
    }
    let coupons = (0..8).map(|_| coupon(world, rng, &products)).collect();
    Catalogue { prices, coupons }
}

fn price(world: &Views, rng: &mut Rng, currency: &str, product: &str) -> String {
    let (interval, count) = one(
        rng,
        &[
            ("day", 1),
            ("day", 30),
            ("week", 1),
            ("week", 2),
            ("month", 1),
            ("month", 1),
            ("month", 3),
            ("year", 1),
            ("year", 2),
        ],
    );
    let usage = if rng.u8(..8) == 0 {
        "metered"
    } else {
        "licensed"
    };
    let mut members = json!({
        "product": product, "currency": currency, "active": true,
        "recurring": { "interval": interval, "interval_count": count, "usage_type": usage, "meter": null, "trial_period_days": null },
    });
    let decimals = [
        "0.005",
        "12.5",
        "0.333333333333",
        "999.999999999999",
        "1.015",
    ];
    match rng.u8(..6) {
        0 | 1 => {
            members["tiers_mode"] = json!(one(rng, &["graduated", "volume"]));
            members["billing_scheme"] = json!("tiered");
            let mut ends: Vec<Value> = vec![json!(1), json!(7), json!(20), Value::Null];
            if rng.bool() {
                ends.remove(rng.usize(..3));
            }
            let tiers = ends.into_iter().map(|end| {
                let unit = one(rng, &decimals);
                let flat = rng.bool().then(|| one(rng, &AMOUNTS[..5]));
                json!({ "up_to": end, "unit_amount": null, "unit_amount_decimal": unit, "flat_amount": flat, "flat_amount_decimal": null })
            });
            members["tiers"] = tiers.collect();
        }
        2 => {
            members["unit_amount"] = Value::Null;
            members["unit_amount_decimal"] = json!(one(rng, &decimals));
        }
        3 => {
            let round = one(rng, &["up", "down"]);
            members["unit_amount"] = json!(one(rng, &AMOUNTS));
            members["transform_quantity"] = json!({ "divide_by": rng.i64(2..=7), "round": round });
        }
        _ => members["unit_amount"] = json!(one(rng, &AMOUNTS)),
    }
    match rng.u8(..8) {
        // As one that was made for a subscription alone.
        0 => world.inline_price(members),
        _ => world.price(members),
    }
}

fn coupon(world: &Views, rng: &mut Rng, products: &[String]) -> String {
    let mut members = json!({ "duration": one(rng, &["forever", "forever", "repeating", "once"]) });
    if rng.bool() {
        members["percent_off"] = json!(one(rng, &[10.0, 12.5, 33.33, 50.0, 100.0]));
    } else {
        let amount = one(rng, &AMOUNTS[1..5]);
        members["amount_off"] = json!(amount);
        members["currency"] = json!(one(rng, &CURRENCIES));
        members["currency_options"] = json!({ "jpy": { "amount_off": amount * 3 } });
    }
    if rng.u8(..3) == 0 {
        members["applies_to"] = json!({ "products": [products[rng.usize(..products.len())]] });
    }
    world.coupon(members)
}

fn discount(world: &Views, rng: &mut Rng, catalogue: &Catalogue) -> Value {
    let coupon = &catalogue.coupons[rng.usize(..catalogue.coupons.len())];
    json!(world.discount(coupon, json!({ "end": one(rng, &ENDS) })))
}

/// None or some, in one of `often` cases.
fn discounts(world: &Views, rng: &mut Rng, catalogue: &Catalogue, often: u8) -> Vec<Value> {
    let count = if rng.u8(..often) == 0 {
        rng.usize(1..=3)
    } else {
        0
    };
    (0..count)
        .map(|_| discount(world, rng, catalogue))
        .collect()
}
