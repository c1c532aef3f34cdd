//! The lines of an invoice, and the items that become lines.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::generate::words;
use crate::state::coherence::balance::text;
use crate::state::coherence::customer;
use crate::state::coherence::invoice::wording;
use crate::state::coherence::subscription::item::current_period;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, Stored, id_in, integer, invoice, refused};

/// Of the invoices, this many of 100 are taxed.
const TAXED: u8 = 15;
/// Their tax, in per cent.
const TAX: i64 = 20;

/// What a line says about a price.
pub(crate) fn pricing(price: &Value) -> Value {
    let product = id_in(price, "product");
    json!({
        "type": "price_details", "unit_amount_decimal": price.get("unit_amount_decimal"),
        "price_details": { "price": id_in(price, "id"), "product": product },
    })
}

/// The lines of a new invoice: those that were given, completed; else those of its subscription; else one or two.
pub(crate) fn lines_for(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    subscription: Option<&Value>,
) -> Vec<Value> {
    let given = draft.rows_of("lines").and_then(|rows| rows.clone());
    let is_described = ["subtotal", "total", "amount_due"]
        .iter()
        .any(|name| draft.is_given(name));
    let mut lines = match given {
        Some(rows) => rows,
        None if subscription.is_some() && !is_described => {
            of_subscription(world, draft, subscription)
        }
        None if is_described => {
            let amount = ["subtotal", "total", "amount_due"]
                .iter()
                .find_map(|name| draft.given_integer(name));
            vec![json!({ "amount": amount.unwrap_or_default() })]
        }
        None => {
            let count = if world.per_cent(80) { 1 } else { 2 };
            (0..count)
                .map(|_| json!({ "amount": world.amount(draft) }))
                .collect()
        }
    };
    let currency = text(draft, "currency");
    let is_taxed = world.past && !is_described && world.per_cent(TAXED);
    for line in &mut lines {
        if line.is_null() {
            *line = json!({});
        }
        let amount = match line.get("amount").and_then(Value::as_i64) {
            Some(amount) => amount,
            None => world.amount(draft),
        };
        let Some(members) = line.as_object_mut() else {
            continue;
        };
        members.entry("amount").or_insert_with(|| amount.into());
        members
            .entry("currency")
            .or_insert_with(|| currency.as_str().into());
        if !members.contains_key("description") {
            let price = members
                .get("pricing")
                .and_then(|of| world.neighbour(of.get("price_details")?, "price", "price"));
            let quantity = members.get("quantity").and_then(Value::as_i64).unwrap_or(1);
            let description = match price {
                Some(price) => wording::line(world, &price, quantity, false),
                None => words::product(world.rng()),
            };
            members.insert("description".to_owned(), description.into());
        }
        let tax = amount.saturating_mul(TAX) / 100;
        if is_taxed && tax > 0 {
            members.entry("taxes").or_insert_with(|| json!([{
                "amount": tax, "tax_behavior": "exclusive", "tax_rate_details": null, "taxability_reason": "standard_rated",
                "taxable_amount": amount, "type": "tax_rate_details",
            }]));
        }
    }
    if let Some(rows) = draft.rows_of("lines") {
        *rows = Some(lines.clone());
    }
    lines
}

/// One line for each item.
fn of_subscription(
    world: &World<'_>,
    draft: &Draft<'_>,
    subscription: Option<&Value>,
) -> Vec<Value> {
    let Some(subscription) = subscription else {
        return Vec::new();
    };
    let id = id_in(subscription, "id").unwrap_or_default();
    let items = world.all_with("subscription_item", "subscription", id);
    let lines = items.iter().map(|item| {
        let price = item.get("price").cloned().unwrap_or_default();
        let quantity = item.get("quantity").and_then(Value::as_i64).unwrap_or(1);
        let (start, end) = current_period(integer(subscription, "created"), Some(&price), draft.created);
        json!({
            "amount": integer(&price, "unit_amount").saturating_mul(quantity), "quantity": quantity,
            "period": { "start": start, "end": end }, "pricing": pricing(&price), "subscription": id,
            "parent": {
                "type": "subscription_item_details", "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
                    "subscription": id, "subscription_item": id_in(item, "id"),
                },
            },
        })
    });
    lines.collect()
}

/// The lines that an invoice has now.
pub(crate) fn lines_of(world: &World<'_>, invoice: &str) -> Vec<Value> {
    let lines = world.all_with("line_item", "invoice", invoice);
    lines
        .into_iter()
        .filter(|line| id_in(line, "invoice") == Some(invoice))
        .collect()
}

/// A line: of its invoice's currency.
pub(crate) fn line(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if !draft.is_given("invoice") {
        let created = draft.created;
        let id = match draft.parent {
            Some(parent) => parent.to_owned(),
            None => {
                let invoice = match world.some("invoice", created, |invoice| {
                    invoice.get("status") == Some(&json!("draft"))
                }) {
                    Some(invoice) => invoice,
                    None => world.make("invoice", created, json!({ "status": "draft" }))?,
                };
                id_in(&invoice, "id").unwrap_or_default().to_owned()
            }
        };
        draft.set("invoice", id);
    }
    let invoice = world.neighbour_of(draft, "invoice", "invoice");
    if let Some(invoice) = invoice.as_ref().filter(|_| !draft.is_inside) {
        is_editable(invoice)?;
    }
    if let Some(currency) = invoice.as_ref().and_then(|invoice| invoice.get("currency")) {
        draft.set("currency", currency.clone());
    }
    let amount = world.amount(draft);
    draft.set("amount", amount);
    let amount = draft.integer("amount");
    draft.set("subtotal", amount);
    draft.set("quantity", 1);
    draft.set("quantity_decimal", draft.integer("quantity").to_string());
    draft.set("discountable", true);
    let created = draft.created;
    draft.set("period", json!({ "start": created, "end": created }));
    for member in [
        "discount_amounts",
        "discounts",
        "pretax_credit_amounts",
        "taxes",
    ] {
        draft.set(member, json!([]));
    }
    draft.clear(&["parent", "pricing", "subscription"]);
    let description = words::product(world.rng());
    draft.set("description", description);
    Ok(())
}

/// Stripe takes lines out of drafts alone.
pub(crate) fn may_delete(world: &World<'_>, line: &Value) -> Result<(), FakeError> {
    match world.neighbour(line, "invoice", "invoice") {
        Some(invoice) => is_editable(&invoice),
        None => Ok(()),
    }
}

fn is_editable(invoice: &Value) -> Result<(), FakeError> {
    if invoice.get("status") == Some(&json!("draft")) {
        return Ok(());
    }
    let id = id_in(invoice, "id").unwrap_or_default();
    Err(refused(format!(
        "Invoice {id} is no longer editable: it was finalized."
    )))
}

/// The invoice of a new or changed line says its new sums.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    match world.neighbour(stored.after, "invoice", "invoice") {
        Some(invoice) if stored.before.is_none() || stored.has_changed("amount") => {
            invoice::totals::recount(world, &invoice)
        }
        _ => Ok(()),
    }
}

/// An item that waits for the customer's next invoice.
pub(crate) fn item(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let customer = world.customer(draft)?;
    if let Some(currency) = customer
        .as_ref()
        .and_then(|customer| customer.get("currency")?.as_str())
    {
        draft.set("currency", currency.to_owned());
    }
    customer::bill(world, customer.as_ref(), draft.text("currency"))?;
    let description = words::product(world.rng());
    draft.set("description", description);
    let amount = world.amount(draft);
    draft.set("amount", amount);
    let amount = draft.integer("amount");
    draft.set("net_amount", amount);
    draft.set("quantity", 1);
    draft.set("quantity_decimal", draft.integer("quantity").to_string());
    let created = draft.created;
    draft.set("date", created);
    draft.set("period", json!({ "start": created, "end": created }));
    draft.set("discountable", true);
    draft.set("proration", false);
    draft.set("discounts", json!([]));
    draft.set("tax_rates", json!([]));
    draft.clear(&["invoice", "parent", "test_clock", "customer_account"]);
    draft.omit(&[
        "proration_details",
        "frozen_fields",
        "invoicing_rules",
        "customer_account",
    ]);
    let unit = amount / draft.integer("quantity").max(1);
    draft.set(
        "pricing",
        json!({ "type": "price_details", "unit_amount_decimal": unit.to_string() }),
    );
    Ok(())
}
