//! Checkout sessions: what is sold, and what came of it.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::{sum, text};
use crate::state::coherence::customer;
use crate::state::coherence::payment_intent;
use crate::state::coherence::sales::item::{self, Wanted};
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, id_in, integer, refused, stays_final};

const MODES: [(&str, u32); 3] = [("payment", 60), ("subscription", 35), ("setup", 5)];
/// Statuses that a session leaves no more.
const LAST: [&str; 2] = ["complete", "expired"];

/// A session of a customer, for one or two prices.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let customer = world.customer(draft)?;
    let kind = if draft.is_given_some("subscription") {
        "subscription"
    } else if draft.is_given_some("payment_intent") {
        "payment"
    } else {
        world.weighted(&MODES)
    };
    draft.set("mode", kind);
    draft.set("expires_at", draft.created + DAY);
    let is_past = draft.integer("expires_at") <= world.now();
    let is_paid = draft
        .given_text("payment_status")
        .is_some_and(|status| status == "paid");
    let status = if is_paid || world.per_cent(60) {
        "complete"
    } else if is_past {
        "expired"
    } else {
        "open"
    };
    draft.set("status", status);
    let ui_mode = world.weighted(&[("hosted_page", 92), ("embedded_page", 8)]);
    draft.set("ui_mode", ui_mode);
    describe(draft, customer.as_ref());
    let rows = line_items(world, draft)?;
    totals(draft, &rows);
    if draft.text("mode") == Some("payment") {
        // Those of the payment.
        payment_intent::types(world, draft);
    } else {
        draft.set("payment_method_types", json!(["card"]));
    }
    agree(draft);
    come_of_it(world, draft, &rows)
}

fn describe(draft: &mut Draft<'_>, customer: Option<&Value>) {
    let of = |member: &str| {
        customer
            .and_then(|customer| customer.get(member))
            .cloned()
            .unwrap_or_default()
    };
    draft.set("customer_details", json!({
        "address": of("address"), "business_name": null, "email": of("email"), "individual_name": null, "name": of("name"),
        "phone": of("phone"), "tax_exempt": "none", "tax_ids": [],
    }));
    let is_hosted = draft.text("ui_mode") == Some("hosted_page");
    let address = |page: &str| {
        if is_hosted {
            json!(format!("https://example.com/{page}"))
        } else {
            Value::Null
        }
    };
    draft.set("success_url", address("success"));
    draft.set("cancel_url", address("cancel"));
    if !is_hosted {
        draft.set("return_url", "https://example.com/return");
    }
    draft.set(
        "payment_method_options",
        json!({ "card": { "request_three_d_secure": "automatic" } }),
    );
    draft.set(
        "automatic_tax",
        json!({ "enabled": false, "liability": null, "provider": null, "status": null }),
    );
    draft.set("custom_text", json!({ "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null }));
    for member in ["custom_fields", "discounts", "shipping_options"] {
        draft.set(member, json!([]));
    }
    draft.clear(&[
        "adaptive_pricing",
        "after_expiration",
        "allow_promotion_codes",
        "allowed_payment_method_types",
        "branding_settings",
        "client_secret",
        "collected_information",
        "consent",
        "consent_collection",
        "currency_conversion",
        "customer_account",
        "invoice_creation",
        "managed_payments",
        "origin_context",
        "payment_link",
        "payment_method_configuration_details",
        "permissions",
        "recovered_from",
        "saved_payment_method_options",
        "shipping_address_collection",
        "shipping_cost",
        "submit_type",
        "wallet_options",
        "customer_email",
    ]);
    draft.omit(&[
        "excluded_payment_method_types",
        "name_collection",
        "optional_items",
        "phone_number_collection",
        "presentment_details",
        "return_url",
        "tax_id_collection",
        "redirect_on_completion",
    ]);
    let makes_customers = draft.text("mode") == Some("payment");
    draft.set(
        "customer_creation",
        if makes_customers {
            json!("if_required")
        } else {
            Value::Null
        },
    );
    draft.set("billing_address_collection", "auto");
    draft.set("payment_method_collection", "always");
}

/// What is sold: items of prices that fit the mode. Nothing in a session that only sets up a payment method.
fn line_items(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<Vec<Value>, FakeError> {
    if let Some(rows) = draft.rows_of("line_items").and_then(|rows| rows.clone()) {
        let rows: Vec<Value> = rows.iter().map(|row| item::completed(world, row)).collect();
        if let Some(items) = draft.rows_of("line_items") {
            *items = Some(rows.clone());
        }
        return Ok(rows);
    }
    let mode = text(draft, "mode");
    let mut rows = Vec::new();
    if mode != "setup" {
        let wanted = if mode == "subscription" {
            "recurring"
        } else {
            "one_time"
        };
        let given = draft.given_text("currency").or_else(|| {
            let customer = world.neighbour_of(draft, "customer", "customer");
            customer::billed_in(customer.as_ref()).filter(|_| wanted == "recurring")
        });
        let wanted = Wanted {
            kind: Some(wanted),
            currency: given.as_deref(),
        };
        let price = item::price(world, draft.created, &wanted)?;
        let amount = draft
            .given_integer("amount_subtotal")
            .or(draft.given_integer("amount_total"));
        let mut row = item::row(world, &price, 1);
        if let (Some(amount), Some(members)) = (amount, row.as_object_mut()) {
            members.insert("amount_subtotal".to_owned(), amount.into());
            members.insert("amount_total".to_owned(), amount.into());
        }
        rows.push(row);
    }
    if let Some(items) = draft.rows_of("line_items") {
        *items = Some(rows.clone());
    }
    Ok(rows)
}

fn totals(draft: &mut Draft<'_>, rows: &[Value]) {
    if draft.text("mode") == Some("setup") {
        draft.clear(&[
            "amount_subtotal",
            "amount_total",
            "total_details",
            "currency",
        ]);
        return;
    }
    if let Some(currency) = rows
        .iter()
        .find_map(|row| row.get("currency"))
        .filter(|currency| currency.is_string())
    {
        draft.set("currency", currency.clone());
    }
    draft.set(
        "total_details",
        json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }),
    );
    let of = |member: &str| {
        draft
            .members
            .get("total_details")
            .map_or(0, |details| integer(details, member))
    };
    let (off, shipping, tax) = (
        of("amount_discount"),
        of("amount_shipping"),
        of("amount_tax"),
    );
    let subtotal = match (draft.given_integer("amount_total"), rows) {
        (Some(total), _) => total + off - shipping - tax,
        (None, rows) => sum(rows, "amount_subtotal"),
    };
    draft.set("amount_subtotal", subtotal);
    let total = draft.integer("amount_subtotal") - off + shipping + tax;
    draft.set("amount_total", total);
}

/// Members that are a matter of the status.
fn agree(draft: &mut Draft<'_>) {
    let (status, is_setup) = (text(draft, "status"), draft.text("mode") == Some("setup"));
    let is_free = is_setup || draft.integer("amount_total") == 0;
    let payment = match status.as_str() {
        _ if is_free => "no_payment_required",
        "complete" => "paid",
        _ => "unpaid",
    };
    draft.set("payment_status", payment);
    let url = json!(format!("https://checkout.stripe.com/c/pay/{}", draft.id));
    draft.set("url", if status == "open" { url } else { Value::Null });
}

/// The payment, subscription or setup of a complete session.
fn come_of_it(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    rows: &[Value],
) -> Result<(), FakeError> {
    let (mode, is_complete) = (
        text(draft, "mode"),
        draft.text("status") == Some("complete"),
    );
    let customer = draft.members.get("customer").cloned().unwrap_or_default();
    let at = world.moment(draft.created);
    if is_complete
        && mode == "payment"
        && !draft.is_given("payment_intent")
        && draft.integer("amount_total") > 0
    {
        let given = json!({ "amount": draft.integer("amount_total"), "currency": draft.text("currency"), "customer": customer, "status": "succeeded", "metadata": {}, "shipping": null });
        let intent = world.make("payment_intent", at, given)?;
        draft.set(
            "payment_intent",
            intent.get("id").cloned().unwrap_or_default(),
        );
    } else if is_complete && mode == "subscription" && !draft.is_given("subscription") {
        let items: Vec<Value> = rows
            .iter()
            .map(|row| json!({ "price": row.get("price"), "quantity": row.get("quantity") }))
            .collect();
        let given = json!({ "customer": customer, "status": "active", "items": items });
        let subscription = world.make("subscription", at, given)?;
        draft.set(
            "subscription",
            id_in(&subscription, "id").unwrap_or_default().to_owned(),
        );
        draft.set(
            "invoice",
            subscription
                .get("latest_invoice")
                .cloned()
                .unwrap_or_default(),
        );
    } else if is_complete && mode == "setup" && !draft.is_given("setup_intent") {
        let intent = world.make(
            "setup_intent",
            at,
            json!({ "customer": customer, "status": "succeeded" }),
        )?;
        draft.set(
            "setup_intent",
            intent.get("id").cloned().unwrap_or_default(),
        );
    }
    for (member, of) in [
        ("payment_intent", "payment"),
        ("subscription", "subscription"),
        ("setup_intent", "setup"),
        ("invoice", "subscription"),
    ] {
        if mode != of || !is_complete {
            draft.clear(&[member]);
        }
    }
    Ok(())
}

/// A session that is completed or expires.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    stays_final(draft, before, &LAST, "Checkout Session")?;
    if draft.text("status") == before.get("status").and_then(Value::as_str) {
        return Ok(());
    }
    let customer = world.neighbour_of(draft, "customer", "customer");
    let billed_in = customer::billed_in(customer.as_ref());
    let is_bought = matches!(
        (draft.text("mode"), draft.text("status")),
        (Some("subscription"), Some("complete"))
    );
    if let (true, Some(billed_in)) = (is_bought, billed_in)
        && draft.text("currency") != Some(&*billed_in)
    {
        return Err(refused(format!(
            "You cannot combine currencies on a single customer. This customer is billed in {billed_in}."
        )));
    }
    agree(draft);
    draft.created = world.now();
    let rows = world.children("checkout.session", draft.id, "item");
    come_of_it(world, draft, &rows)
}
