//! Accounts by chance.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use super::amounts::{price, tiers};
use super::truth::Tiers;
use super::{discount, make_price};

const CURRENCIES: [&str; 3] = ["usd", "eur", "jpy"];
const CUSTOMERS: usize = 8;
const PRICES: usize = 16;
const COUPONS: usize = 6;
const SUBSCRIPTIONS: usize = 40;
const CHARGES: usize = 60;

/// The seed where none is asked for: in its account two currencies and two periods meet in one subscription.
const SEED: u64 = 2_007_328_491_327_848_361;

/// The seed: `STRIPE_SYNC_SEED`, or the usual one.
pub(crate) fn seed() -> u64 {
    let asked = std::env::var("STRIPE_SYNC_SEED").ok();
    asked.map_or(SEED, |seed| seed.parse().unwrap())
}

fn some_price(random: &mut fastrand::Rng, id: &str, currency: &str) -> Value {
    let interval = ["day", "week", "month", "year"][random.usize(..4)];
    let count = random.i64(1..=6);
    let mut made = match random.u8(..5) {
        0 => {
            let first = random.i64(1..20);
            let mode = ["graduated", "volume"][random.usize(..2)];
            let steps = [
                (Some(first), random.i64(0..500), random.i64(0..300)),
                (
                    Some(first + random.i64(1..20)),
                    random.i64(0..500),
                    random.i64(0..300),
                ),
                (None, random.i64(0..500), random.i64(0..300)),
            ];
            tiers(id, mode, &steps)
        }
        // Quarters are the same in every form of a number.
        1 => price(
            id,
            currency,
            &format!("{}.25", random.i64(0..900)),
            (interval, count),
        ),
        _ => price(
            id,
            currency,
            &random.i64(0..90_000).to_string(),
            (interval, count),
        ),
    };
    made["currency"] = json!(currency);
    match random.u8(..6) {
        0 => made["recurring"]["usage_type"] = json!("metered"),
        1 => {
            let round = ["up", "down"][random.usize(..2)];
            made["transform_quantity"] = json!({ "divide_by": random.i64(2..12), "round": round });
        }
        _ => {}
    }
    made
}

/// Makes an account of a seed, and returns the tiers of its prices.
pub(crate) fn make(fake: &FakeStripe, seed: u64) -> Tiers {
    let mut tiers = Tiers::new();
    let random = &mut fastrand::Rng::with_seed(seed);
    let create = |object: &str, members: Value| fake.unchecked().create(object, members).unwrap();
    let currency = |random: &mut fastrand::Rng| CURRENCIES[random.usize(..CURRENCIES.len())];
    let mut prices = Vec::new();
    for number in 0..PRICES {
        let of = currency(random);
        let price = some_price(random, &format!("price_{number}"), of);
        prices.push(make_price(fake, price, &mut tiers));
    }
    for number in 0..COUPONS {
        let percent = random.bool().then(|| json!(random.i64(1..=100)));
        let off = percent.is_none().then(|| random.i64(1..5_000));
        let of = off.map(|_| currency(random));
        let duration = ["forever", "repeating", "once"][random.usize(..3)];
        create(
            "coupon",
            json!({ "id": format!("coupon_{number}"), "percent_off": percent, "amount_off": off, "currency": of, "duration": duration }),
        );
    }
    let mut given = 0;
    let mut some_discount = |random: &mut fastrand::Rng| {
        given += 1;
        // One more than there are: its coupon has no row.
        let coupon = format!("coupon_{}", random.usize(..=COUPONS));
        let end = [None, Some(1_700_000_000), Some(4_000_000_000)][random.usize(..3)];
        discount(given, &coupon, end)
    };
    for number in 0..CUSTOMERS {
        let of_customer = if random.bool() {
            some_discount(random)
        } else {
            Value::Null
        };
        let own = random.bool().then(|| currency(random));
        create(
            "customer",
            json!({ "id": format!("cus_{number}"), "currency": own, "balance": random.i64(-900..900), "discount": of_customer }),
        );
    }
    let customer = |random: &mut fastrand::Rng| format!("cus_{}", random.usize(..CUSTOMERS));
    for number in 0..SUBSCRIPTIONS {
        let items: Vec<Value> = (0..random.usize(..4))
            .map(|place| {
                let price = &prices[random.usize(..PRICES)];
                let discounts = if random.u8(..4) == 0 { vec![some_discount(random)] } else { Vec::new() };
                json!({ "id": format!("si_{number}_{place}"), "price": price, "quantity": random.i64(0..60), "discounts": discounts })
            })
            .collect();
        let discounts: Vec<Value> = (0..random.usize(..3))
            .map(|_| some_discount(random))
            .collect();
        let statuses = ["active", "trialing", "past_due", "canceled", "unpaid"];
        create(
            "subscription",
            json!({
                "id": format!("sub_{number}"), "customer": customer(random), "currency": currency(random),
                "status": statuses[random.usize(..statuses.len())], "items": items, "discounts": discounts,
            }),
        );
    }
    for number in 0..CHARGES {
        let amount = random.i64(1..9_000);
        let status = ["succeeded", "failed", "pending"][random.usize(..3)];
        let captured = status == "succeeded" && random.u8(..5) > 0;
        let refunded = if captured { random.i64(0..=amount) } else { 0 };
        let intent = random.bool().then(|| format!("pi_{}", random.usize(..12)));
        create(
            "charge",
            json!({
                "id": format!("ch_{number:03}"), "customer": customer(random), "currency": currency(random), "amount": amount,
                "amount_captured": if captured { amount } else { 0 }, "amount_refunded": refunded, "captured": captured,
                "status": status, "payment_intent": intent, "created": 1_700_000_000 + number as i64,
                "failure_code": (status == "failed").then_some("card_declined"), "outcome": null,
            }),
        );
        let fee = random.i64(0..100);
        let balance_type = ["payments", "issuing"][random.usize(..2)];
        create(
            "balance_transaction",
            json!({
                "id": format!("txn_{number:03}"), "currency": currency(random), "amount": amount, "fee": fee, "net": amount - fee,
                "status": "available", "type": "charge", "created": 1_700_000_000 + number as i64,
                "balance_type": balance_type,
            }),
        );
    }
    for number in 0..12 {
        let status = ["succeeded", "requires_payment_method", "canceled"][random.usize(..3)];
        create(
            "payment_intent",
            json!({ "id": format!("pi_{number}"), "status": status }),
        );
    }
    for number in 0..10 {
        let status = ["open", "paid", "void", "uncollectible", "draft"][random.usize(..5)];
        create(
            "invoice",
            json!({
                "id": format!("in_{number}"), "status": status, "currency": currency(random), "customer": customer(random),
                "amount_remaining": random.i64(0..5_000),
            }),
        );
        let payment = json!({ "type": "payment_intent", "payment_intent": format!("pi_{number}") });
        create(
            "invoice_payment",
            json!({ "id": format!("inpay_{number}"), "invoice": format!("in_{number}"), "payment": payment }),
        );
    }
    tiers
}
