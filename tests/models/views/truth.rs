//! What the views should show, computed from objects.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Numbers, Rows};

/// The objects of a name.
pub(crate) type Objects<'o> = &'o dyn Fn(&str) -> Vec<Value>;

/// The tiers of prices, by the id of the price.
pub(crate) type Tiers = BTreeMap<String, Value>;

/// The statuses in which a customer has a subscription.
const HAD: [&str; 3] = ["active", "trialing", "past_due"];
/// The digits behind the point of decimals, as whole numbers.
const SCALE: i128 = 1_000_000;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64()
}

/// The id of an object, or the id itself.
fn id(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value["id"].as_str())
}

fn by_id(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let objects = objects.into_iter();
    objects
        .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
        .collect()
}

/// A fraction, rounded half away from zero.
fn rounded(above: i128, below: i128) -> i128 {
    (2 * above + below * above.signum()) / (2 * below)
}

/// A decimal or an integer, times `SCALE`.
fn scaled(value: &Value) -> Option<i128> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    if value.is_null() {
        return None;
    }
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<6}");
    Some(whole.parse::<i128>().unwrap() * SCALE + part[..6].parse::<i128>().unwrap())
}

fn unit(price: &Value) -> i128 {
    scaled(&price["unit_amount_decimal"])
        .or_else(|| scaled(&price["unit_amount"]))
        .unwrap_or_default()
}

/// What a quantity costs in one period; `None` if nobody knows.
fn cost(price: &Value, quantity: i128) -> Option<i128> {
    if price["recurring"]["usage_type"] == "metered" {
        return None;
    }
    let quantity = match price["transform_quantity"]["divide_by"]
        .as_i64()
        .map(i128::from)
    {
        Some(by) if price["transform_quantity"]["round"] == "up" => (quantity + by - 1) / by,
        Some(by) => quantity / by,
        None => quantity,
    };
    if price["billing_scheme"] != "tiered" {
        let known = !price["unit_amount"].is_null() || !price["unit_amount_decimal"].is_null();
        return known.then(|| rounded(unit(price) * quantity, SCALE));
    }
    let (mut below, mut all) = (0, 0);
    // A price of the fake's own may have none.
    let tiers = price["tiers"]
        .as_array()
        .filter(|tiers| !tiers.is_empty())?;
    for tier in tiers {
        let up_to = tier["up_to"].as_i64().map(i128::from);
        let flat = scaled(&tier["flat_amount_decimal"])
            .or_else(|| scaled(&tier["flat_amount"]))
            .unwrap_or_default();
        let is_reached = quantity > below || below == 0;
        let is_last = up_to.is_none_or(|up_to| quantity <= up_to);
        if price["tiers_mode"] == "volume" {
            if is_reached && is_last {
                all += flat + unit(tier) * quantity;
            }
        } else if is_reached {
            let end = up_to.filter(|up_to| *up_to <= quantity).unwrap_or(quantity);
            all += flat + unit(tier) * (end - below);
        }
        below = up_to.unwrap_or(below);
    }
    Some(rounded(all, SCALE))
}

/// An amount of a period, in a month.
fn monthly(amount: i128, period: &str, periods: i128) -> i128 {
    match period {
        "day" => rounded(amount * 365, 12 * periods),
        "week" => rounded(amount * 52, 12 * periods),
        "month" => rounded(amount, periods),
        "year" => rounded(amount, 12 * periods),
        other => panic!("{other}"),
    }
}

/// `tiers` has those of prices, which the fake shows to requests that ask for them.
pub(crate) fn active_subscriptions(of: Objects<'_>, tiers: &Tiers) -> Rows {
    let (mut prices, coupons) = (by_id(of("price")), by_id(of("coupon")));
    for (id, tiers) in tiers {
        prices.get_mut(id).unwrap()["tiers"] = tiers.clone();
    }
    let customers = by_id(of("customer"));
    let items = of("subscription_item");
    let mut rows = Rows::new();
    for subscription in of("subscription") {
        if !HAD.contains(&subscription["status"].as_str().unwrap()) {
            continue;
        }
        let currency = &subscription["currency"];
        let own: Vec<&Value> = items
            .iter()
            .filter(|item| item["subscription"] == subscription["id"])
            .collect();
        let (mut list, mut priced, mut metered, mut discounted) = (0, 0, 0, 0);
        let (mut period, mut periods) = (None, None);
        for item in &own {
            discounted += i64::from(
                item["discounts"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty()),
            );
            let price = id(&item["price"]).and_then(|id| prices.get(id));
            let Some(price) = price.filter(|price| price["currency"] == *currency) else {
                continue;
            };
            let recurring = &price["recurring"];
            metered += i64::from(recurring["usage_type"] == "metered");
            let interval = recurring["interval"].as_str();
            let count = i128::from(recurring["interval_count"].as_i64().unwrap_or(1));
            period = [period, interval].into_iter().flatten().min();
            periods = [periods, Some(count)].into_iter().flatten().min();
            let quantity = i128::from(item["quantity"].as_i64().unwrap_or(1));
            if let (Some(cost), Some(interval)) = (cost(price, quantity), interval) {
                list += monthly(cost, interval, count);
                priced += 1;
            }
        }
        let mut discounts = subscription["discounts"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        if discounts.is_empty() {
            let customer = id(&subscription["customer"]).and_then(|id| customers.get(id));
            discounts.extend(customer.map(|customer| customer["discount"].clone()));
        }
        let (mut due, mut taken) = (list, 0);
        for discount in discounts {
            let coupon = id(&discount["source"]["coupon"]).and_then(|id| coupons.get(id));
            let Some(coupon) = coupon.filter(|coupon| coupon["duration"] != "once") else {
                continue;
            };
            let is_over = discount["end"]
                .as_i64()
                .is_some_and(|end| end < super::amounts::NOW);
            if is_over || (!coupon["amount_off"].is_null() && coupon["currency"] != *currency) {
                continue;
            }
            taken += 1;
            if !coupon["percent_off"].is_null() {
                due = rounded(
                    due * (100 * SCALE - scaled(&coupon["percent_off"]).unwrap()),
                    100 * SCALE,
                );
            } else if let (Some(off), Some(period)) = (coupon["amount_off"].as_i64(), period) {
                due = (due - monthly(i128::from(off), period, periods.unwrap())).max(0);
            }
        }
        let key =
            ["id", "customer", "status", "currency"].map(|member| text(&subscription[member]));
        let whole = |amount: i128| Some(i64::try_from(amount).unwrap());
        let numbers = Numbers::from([
            ("monthly_list_amount", whole(list)),
            ("monthly_amount", whole(due)),
            ("items", Some(own.len() as i64)),
            ("priced_items", Some(priced)),
            ("metered_items", Some(metered)),
            ("discounted_items", Some(discounted)),
            ("discounts", Some(taken)),
        ]);
        rows.insert(key.to_vec(), numbers);
    }
    rows
}

pub(crate) fn customer_overview(of: Objects<'_>) -> Rows {
    const SUMS: [&str; 6] = [
        "paid_amount",
        "refunded_amount",
        "open_amount",
        "open_invoices",
        "active_subscriptions",
        "payments",
    ];
    let mut sums: BTreeMap<(Option<String>, Option<String>), BTreeMap<&'static str, i64>> =
        BTreeMap::new();
    let mut add = |object: &Value, all: &[(&'static str, i64)]| {
        let sums = sums
            .entry((text(&object["customer"]), text(&object["currency"])))
            .or_default();
        for (name, amount) in all {
            *sums.entry(name).or_default() += amount;
        }
    };
    for charge in of("charge") {
        if charge["status"] == "succeeded" && charge["captured"] == true {
            let paid = number(&charge["amount_captured"]).unwrap();
            let refunded = number(&charge["amount_refunded"]).unwrap();
            add(
                &charge,
                &[
                    ("paid_amount", paid),
                    ("refunded_amount", refunded),
                    ("payments", 1),
                ],
            );
        }
    }
    for invoice in of("invoice") {
        if invoice["status"] == "open" {
            let open = number(&invoice["amount_remaining"]).unwrap();
            add(&invoice, &[("open_amount", open), ("open_invoices", 1)]);
        }
    }
    for subscription in of("subscription") {
        if HAD.contains(&subscription["status"].as_str().unwrap()) {
            add(&subscription, &[("active_subscriptions", 1)]);
        }
    }
    let mut rows = Rows::new();
    for customer in of("customer") {
        let id = text(&customer["id"]);
        let own = text(&customer["currency"]);
        let mut currencies: Vec<Option<String>> = sums
            .keys()
            .filter(|(customer, _)| *customer == id)
            .map(|(_, currency)| currency.clone())
            .collect();
        if currencies.is_empty() {
            currencies.push(own.clone());
        }
        for currency in currencies {
            let found = sums.get(&(id.clone(), currency.clone()));
            let sum = |name: &'static str| {
                (
                    name,
                    Some(
                        found
                            .and_then(|sums| sums.get(name))
                            .copied()
                            .unwrap_or_default(),
                    ),
                )
            };
            let mut numbers: Numbers = SUMS.into_iter().map(sum).collect();
            let is_own = found.is_none() || currency == own;
            numbers.insert("balance", number(&customer["balance"]).filter(|_| is_own));
            rows.insert(vec![id.clone(), currency], numbers);
        }
    }
    rows
}

pub(crate) fn balance_ledger(of: Objects<'_>) -> Rows {
    let mut transactions = of("balance_transaction");
    transactions.sort_by_key(|one| (number(&one["created"]), text(&one["id"])));
    let mut balances: BTreeMap<(Option<String>, Option<String>), i64> = BTreeMap::new();
    let row = |one: &Value| {
        let kind = (text(&one["currency"]), text(&one["balance_type"]));
        let balance = balances.entry(kind).or_default();
        *balance += number(&one["net"]).unwrap_or_default();
        let numbers = Numbers::from([
            ("amount", number(&one["amount"])),
            ("fee", number(&one["fee"])),
            ("net", number(&one["net"])),
            ("balance_after", Some(*balance)),
        ]);
        (
            ["id", "currency", "status", "type"]
                .map(|member| text(&one[member]))
                .to_vec(),
            numbers,
        )
    };
    transactions.iter().map(row).collect()
}

pub(crate) fn failed_payments(of: Objects<'_>) -> Rows {
    let intents = by_id(of("payment_intent"));
    let (invoices, payments) = (by_id(of("invoice")), of("invoice_payment"));
    let charges = of("charge");
    let payment = |charge: &Value| text(&charge["payment_intent"]).or_else(|| text(&charge["id"]));
    let mut failed: BTreeMap<Option<String>, Vec<&Value>> = BTreeMap::new();
    for charge in charges.iter().filter(|charge| charge["status"] == "failed") {
        failed.entry(payment(charge)).or_default().push(charge);
    }
    let mut rows = Rows::new();
    for (of_payment, mut attempts) in failed {
        attempts.sort_by_key(|charge| Reverse((number(&charge["created"]), text(&charge["id"]))));
        let newest = attempts[0];
        let intent = text(&newest["payment_intent"]);
        let mut of_intent: Vec<String> = payments
            .iter()
            .filter(|one| intent.is_some() && text(&one["payment"]["payment_intent"]) == intent)
            .filter_map(|one| text(&one["invoice"]))
            .collect();
        of_intent.sort();
        let invoice = of_intent.into_iter().next();
        let is_paid = charges
            .iter()
            .any(|charge| charge["status"] == "succeeded" && payment(charge) == of_payment)
            || intent
                .as_ref()
                .and_then(|id| intents.get(id))
                .is_some_and(|intent| intent["status"] == "succeeded")
            || invoice
                .as_ref()
                .and_then(|id| invoices.get(id))
                .is_some_and(|invoice| invoice["status"] == "paid");
        if is_paid {
            continue;
        }
        let texts = [
            &newest["id"],
            &newest["payment_intent"],
            &newest["customer"],
        ]
        .map(text);
        let mut key = texts.to_vec();
        key.extend([
            invoice,
            text(&newest["currency"]),
            text(&newest["failure_code"]),
        ]);
        let numbers = Numbers::from([
            ("amount", number(&newest["amount"])),
            ("attempts", Some(attempts.len() as i64)),
        ]);
        rows.insert(key, numbers);
    }
    rows
}
