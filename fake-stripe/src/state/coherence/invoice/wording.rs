//! What invoices say to people: of their lines and of their payments.

use serde_json::Value;

use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, integer};

/// Currencies without a minor unit (docs.stripe.com/currencies, zero-decimal currencies).
const WITHOUT_MINOR: [&str; 16] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
];
const SIGNS: [(&str, &str); 4] = [("usd", "$"), ("eur", "€"), ("gbp", "£"), ("jpy", "¥")];

/// What a line of a subscription's invoice says: `1 × Pro (at $99.00 / month)`.
pub(crate) fn line(world: &World<'_>, price: &Value, quantity: i64, is_trial: bool) -> String {
    let name = product(world, price);
    if is_trial {
        return format!("Trial period for {name}");
    }
    let recurring = |member: &str| price.get("recurring").and_then(|of| of.get(member));
    let interval = recurring("interval").and_then(Value::as_str);
    let count = recurring("interval_count").and_then(Value::as_i64);
    let each = match (interval, count) {
        (None, _) => String::new(),
        (Some(interval), None | Some(1)) => format!(" / {interval}"),
        (Some(interval), Some(count)) => format!(" every {count} {interval}s"),
    };
    let currency = price.get("currency").and_then(Value::as_str);
    let amount = money(integer(price, "unit_amount"), currency.unwrap_or_default());
    format!("{quantity} × {name} (at {amount}{each})")
}

/// What the product of a price is called.
pub(crate) fn product(world: &World<'_>, price: &Value) -> String {
    let product = world.neighbour(price, "product", "product");
    let name = product.as_ref().and_then(|of| of.get("name")?.as_str());
    name.unwrap_or("Product").to_owned()
}

/// An amount as people write it: `$1,200.00`.
fn money(amount: i64, currency: &str) -> String {
    let (units, cents) = match WITHOUT_MINOR.contains(&currency) {
        true => (amount, String::new()),
        false => (amount / 100, format!(".{:02}", amount.rem_euclid(100))),
    };
    let digits = units.to_string();
    let mut grouped = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match SIGNS.iter().find(|(of, _)| *of == currency) {
        Some((_, sign)) => format!("{sign}{grouped}{cents}"),
        None => format!("{} {grouped}{cents}", currency.to_uppercase()),
    }
}

/// What the payment of an invoice is described as.
pub(super) fn payment(draft: &Draft<'_>) -> &'static str {
    payment_for(draft.text("billing_reason"))
}

pub(super) fn payment_for(reason: Option<&str>) -> &'static str {
    match reason {
        Some("subscription_create") => "Subscription creation",
        Some(reason) if reason.starts_with("subscription") => "Subscription update",
        _ => "Payment for Invoice",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_them() {
        assert_eq!(money(9_900, "usd"), "$99.00");
        assert_eq!(money(123_456_705, "eur"), "€1,234,567.05");
        assert_eq!(money(9_900, "jpy"), "¥9,900");
        assert_eq!(money(50, "chf"), "CHF 0.50");
    }
}
