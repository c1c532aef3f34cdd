//! `active_subscriptions`, computed from the objects: items are priced, discounts are taken off one after the other.

use serde_json::{Value, json};
use stripe_sync::reexport::rust_decimal::prelude::ToPrimitive as _;
use stripe_sync::reexport::rust_decimal::{Decimal, RoundingStrategy};

use super::rows::{Columns, Holds, Row, Rows, keyed};
use super::world::Views;

pub(crate) const COLUMNS: Columns = &[
    ("id", Holds::Text),
    ("customer", Holds::Text),
    ("status", Holds::Text),
    ("currency", Holds::Text),
    ("monthly_amount", Holds::Integer),
    ("monthly_amount_before_discounts", Holds::Integer),
    ("has_discount", Holds::Boolean),
    ("has_metered_items", Holds::Boolean),
    ("unpriced_items", Holds::Integer),
    ("is_trialing", Holds::Boolean),
    ("trial_end", Holds::Time),
    ("is_collection_paused", Holds::Boolean),
    ("pause_collection_behavior", Holds::Text),
    ("pause_collection_resumes_at", Holds::Time),
    ("collection_method", Holds::Text),
    ("cancel_at_period_end", Holds::Boolean),
    ("cancel_at", Holds::Time),
    ("current_period_start", Holds::Time),
    ("current_period_end", Holds::Time),
    ("start_date", Holds::Time),
    ("created", Holds::Time),
];

/// The currency of the subscription, and the time that discounts have to outlast.
#[derive(Clone, Copy)]
struct Billed<'a> {
    currency: &'a str,
    now: i64,
}

/// What an item costs, and how often in a month.
struct Item {
    product: String,
    /// In one period; `None` if nothing says it.
    amount: Option<Decimal>,
    per_month: Decimal,
}

/// What a discount takes off.
#[derive(Debug, Clone, Copy)]
enum Off {
    Percent(Decimal),
    Amount(Decimal),
    /// The coupon is not known.
    Unknown,
}

/// A discount that lasts, and the items that it is for.
struct Discount {
    off: Off,
    items: Vec<usize>,
}

/// The rows that the view should have. `now` is the real time.
pub(crate) fn expected(world: &Views, now: i64) -> Rows {
    let subscriptions = world.fake.truth("subscription").into_iter();
    let active = subscriptions.filter(|one| {
        ["active", "past_due", "trialing"].contains(&one["status"].as_str().unwrap_or_default())
    });
    keyed(active.map(|one| row(world, &one, now)), &["id"])
}

fn row(world: &Views, subscription: &Value, now: i64) -> Row {
    let id = subscription["id"].as_str().unwrap();
    let billed = Billed {
        currency: subscription["currency"].as_str().unwrap(),
        now,
    };
    let elements = world.fake.children(id, "subscription_item");
    let is_metered = |item: &Value| world.price_of(item)["recurring"]["usage_type"] == "metered";
    let licensed: Vec<&Value> = elements.iter().filter(|item| !is_metered(item)).collect();
    let items: Vec<Item> = licensed
        .iter()
        .map(|item| priced(world, item, billed))
        .collect();
    let unpriced = items.iter().filter(|item| item.amount.is_none()).count();

    // Of each item alone, and then of all together.
    let own: Vec<Vec<Discount>> = (licensed.iter().zip(0..))
        .map(|(item, place)| discounts(world, &item["discounts"], &items, &[place], billed))
        .collect();
    let everywhere: Vec<usize> = (0..items.len()).collect();
    let inherited = json!([world.customer_discount(&subscription["customer"])]);
    let of_all = match &subscription["discounts"] {
        Value::Array(given) if !given.is_empty() => &subscription["discounts"],
        _ if inherited[0].is_null() => &Value::Null,
        _ => &inherited,
    };
    let shared = discounts(world, of_all, &items, &everywhere, billed);
    let before: Option<Decimal> = items
        .iter()
        .map(|item| Some(item.amount? * item.per_month))
        .sum();
    let after = discounted(&items, &own, &shared);

    let whole =
        |amount: Option<Decimal>| json!(amount.map(|amount| round(amount).to_i64().unwrap()));
    let is = |member: &Value, word: &str| json!(member == word);
    let paused = &subscription["pause_collection"];
    let first = &elements.first().cloned().unwrap_or_default();
    Row::from([
        ("id", json!(id)),
        ("customer", subscription["customer"].clone()),
        ("status", subscription["status"].clone()),
        ("currency", json!(billed.currency)),
        ("monthly_amount", whole(after)),
        ("monthly_amount_before_discounts", whole(before)),
        (
            "has_discount",
            json!(
                own.iter()
                    .chain([&shared])
                    .flatten()
                    .any(|discount| !discount.items.is_empty())
            ),
        ),
        ("has_metered_items", json!(licensed.len() < elements.len())),
        ("unpriced_items", json!(unpriced)),
        ("is_trialing", is(&subscription["status"], "trialing")),
        ("trial_end", subscription["trial_end"].clone()),
        ("is_collection_paused", json!(!paused["behavior"].is_null())),
        ("pause_collection_behavior", paused["behavior"].clone()),
        ("pause_collection_resumes_at", paused["resumes_at"].clone()),
        (
            "collection_method",
            subscription["collection_method"].clone(),
        ),
        (
            "cancel_at_period_end",
            subscription["cancel_at_period_end"].clone(),
        ),
        ("cancel_at", subscription["cancel_at"].clone()),
        (
            "current_period_start",
            first["current_period_start"].clone(),
        ),
        ("current_period_end", first["current_period_end"].clone()),
        ("start_date", subscription["start_date"].clone()),
        ("created", subscription["created"].clone()),
    ])
}

/// Half a unit goes away from zero.
fn round(amount: Decimal) -> Decimal {
    // What is left of thirds is no reason to be on the other side of a half.
    amount
        .round_dp(12)
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn priced(world: &Views, item: &Value, billed: Billed<'_>) -> Item {
    let price = world.price_of(item);
    let quantity = item["quantity"].as_i64().unwrap_or(1);
    let recurring = &price["recurring"];
    let periods = match recurring["interval"].as_str().unwrap() {
        "day" => Decimal::from(365),
        "week" => Decimal::from(52),
        "month" => Decimal::from(12),
        _ => Decimal::ONE,
    };
    let count = recurring["interval_count"].as_i64().unwrap_or(1);
    Item {
        product: price["product"].as_str().unwrap_or_default().to_owned(),
        amount: amount(&price, quantity, billed.currency),
        per_month: periods / Decimal::from(12 * count),
    }
}

/// What so many units cost in a period.
fn amount(price: &Value, quantity: i64, currency: &str) -> Option<Decimal> {
    let is_own = price["currency"] == currency;
    if price["billing_scheme"] == "tiered" {
        return is_own.then(|| tiers(price, quantity))?;
    }
    let of = match is_own {
        true => price,
        false => &price["currency_options"][currency],
    };
    let unit = decimal(&of["unit_amount_decimal"]).or_else(|| decimal(&of["unit_amount"]))?;
    let units = match price["transform_quantity"]["divide_by"].as_i64() {
        Some(by) if price["transform_quantity"]["round"] == "up" => {
            quantity.div_euclid(by) + i64::from(quantity % by > 0)
        }
        Some(by) => quantity.div_euclid(by),
        None => quantity,
    };
    Some(round(unit * Decimal::from(units)))
}

fn tiers(price: &Value, quantity: i64) -> Option<Decimal> {
    let tiers = price["tiers"].as_array()?;
    let either = |tier: &Value, name: &str| {
        let decimals = decimal(&tier[format!("{name}_decimal")]);
        decimals
            .or_else(|| decimal(&tier[name]))
            .unwrap_or_default()
    };
    let cost = |tier: &Value, units: i64| {
        round(either(tier, "unit_amount") * Decimal::from(units))
            + round(either(tier, "flat_amount"))
    };
    let ends = |tier: &Value| tier["up_to"].as_i64().unwrap_or(i64::MAX);
    if price["tiers_mode"] == "volume" {
        let tier = tiers.iter().find(|tier| quantity <= ends(tier))?;
        return Some(cost(tier, quantity));
    }
    let mut left = quantity;
    let mut begins = 0;
    let mut total = Decimal::ZERO;
    for (place, tier) in tiers.iter().enumerate() {
        let units = left.min(ends(tier) - begins);
        if units > 0 || place == 0 {
            total += cost(tier, units);
        }
        left -= units;
        begins = ends(tier);
    }
    Some(total)
}

/// The discounts of a list that last, each with the items among these that it is for.
fn discounts(
    world: &Views,
    list: &Value,
    items: &[Item],
    among: &[usize],
    billed: Billed<'_>,
) -> Vec<Discount> {
    let list = list.as_array().cloned().unwrap_or_default();
    let lasting = list.iter().filter_map(|discount| {
        let discount = match discount {
            Value::String(id) => world.fake.get(id).unwrap_or_default(),
            whole => whole.clone(),
        };
        let ends = discount["end"].as_i64();
        let coupon = world.coupon_of(&discount);
        if ends.is_some_and(|ends| ends <= billed.now) || coupon["duration"] == "once" {
            return None;
        }
        let off = off(&coupon, billed.currency)?;
        let products = coupon["applies_to"]["products"].as_array();
        let is_for = |place: &&usize| {
            let product = json!(items[**place].product);
            products.is_none_or(|products| products.contains(&product))
        };
        Some(Discount {
            off,
            items: among.iter().filter(is_for).copied().collect(),
        })
    });
    lasting.collect()
}

/// What a coupon takes off; `None` of one that has no amount in this currency.
fn off(coupon: &Value, currency: &str) -> Option<Off> {
    if coupon.is_null() {
        return Some(Off::Unknown);
    }
    if let Some(percent) = decimal(&coupon["percent_off"]) {
        return Some(Off::Percent(percent));
    }
    let amount = match coupon["currency"] == currency {
        true => &coupon["amount_off"],
        false => &coupon["currency_options"][currency]["amount_off"],
    };
    decimal(amount).map(Off::Amount)
}

impl Off {
    fn of(self, amount: Decimal, share: impl Fn(Decimal) -> Decimal) -> Option<Decimal> {
        match self {
            Self::Percent(percent) => {
                Some(amount * (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED)
            }
            Self::Amount(off) => Some((amount - share(off)).max(Decimal::ZERO)),
            Self::Unknown => None,
        }
    }
}

/// What all items cost in a month after their own discounts and those of all.
fn discounted(items: &[Item], own: &[Vec<Discount>], shared: &[Discount]) -> Option<Decimal> {
    let mut costs = Vec::new();
    for (item, own) in items.iter().zip(own) {
        let mut amount = item.amount?;
        for discount in own.iter().filter(|discount| !discount.items.is_empty()) {
            amount = discount.off.of(amount, |off| off)?;
        }
        costs.push(amount * item.per_month);
    }
    let often = |of: &[usize]| {
        of.iter()
            .map(|place| items[*place].per_month)
            .max()
            .unwrap_or_default()
    };
    let is_for_all = |discount: &Discount| discount.items.len() == items.len();
    if shared.iter().all(is_for_all) {
        // As on an invoice: each discount is taken off the total.
        let mut total: Decimal = costs.iter().sum();
        for discount in shared.iter().filter(|discount| !discount.items.is_empty()) {
            total = discount.off.of(total, |off| off * often(&discount.items))?;
        }
        return Some(total);
    }
    // Where discounts are for different items, each item has its share of every amount.
    let whole = costs.clone();
    for discount in shared {
        let total: Decimal = discount.items.iter().map(|place| whole[*place]).sum();
        for place in &discount.items {
            let share = |off: Decimal| match total.is_zero() {
                true => Decimal::ZERO,
                false => off * often(&discount.items) * whole[*place] / total,
            };
            costs[*place] = discount.off.of(costs[*place], share)?;
        }
    }
    Some(costs.iter().sum())
}
