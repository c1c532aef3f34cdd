//! Customers and what they pay with.

pub(crate) mod balance;
pub(crate) mod sources;
pub(crate) mod taxes;

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::generate;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, Stored, id_in};

/// How often a payment method is of each type.
const TYPES: [(&str, u32); 5] = [
    ("card", 88),
    ("link", 5),
    ("sepa_debit", 3),
    ("us_bank_account", 3),
    ("paypal", 1),
];
/// Of the customers, so many of 100 have a discount, an address, a phone, a default payment method, a source of the old kind.
const DISCOUNTED: u8 = 2;
const WITH_ADDRESS: u8 = 40;
const WITH_PHONE: u8 = 50;
const WITH_DEFAULT: u8 = 20;
/// Of the payers without an address, this many of 100 gave a postal code.
const WITH_CODE: u8 = 60;
const WITH_SOURCE: u8 = 3;
/// Characters of the prefix that Stripe makes up for a customer's invoices.
pub(super) const PREFIX: usize = 8;
const BRANDS: [(&str, u32); 4] = [
    ("visa", 55),
    ("mastercard", 30),
    ("amex", 11),
    ("discover", 4),
];
const FUNDING: [(&str, u32); 3] = [("credit", 60), ("debit", 36), ("prepaid", 4)];

/// A customer who owes nothing and has no discount.
pub(crate) fn customer(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let name = generate::words::text("name", &mut world.state.rng);
    let is_odd = draft.odd.has(crate::chaos::nasty::NastyKind::Texts);
    let (mail, phone) = (
        generate::words::text("email", &mut world.state.rng),
        generate::words::text("phone", &mut world.state.rng),
    );
    if !is_odd {
        draft.set("name", name);
    }
    draft.set("email", mail);
    let address = match world.per_cent(WITH_ADDRESS) {
        true => generate::address(&mut world.state.rng),
        false => Value::Null,
    };
    draft.set("address", address);
    let has_phone = world.per_cent(WITH_PHONE);
    draft.set("phone", if has_phone { json!(phone) } else { Value::Null });
    // The first invoice or subscription decides.
    draft.set("currency", Value::Null);
    draft.set("balance", 0);
    draft.set("delinquent", false);
    let prefix = world.characters(PREFIX).to_uppercase();
    draft.set("invoice_prefix", prefix);
    draft.set("next_invoice_sequence", 1);
    draft.set("preferred_locales", json!([]));
    draft.set("tax_exempt", "none");
    draft.set("invoice_credit_balance", json!({}));
    let coupon = if world.past && world.per_cent(DISCOUNTED) {
        world.some("coupon", draft.created, |_| true)
    } else {
        None
    };
    match coupon {
        Some(coupon) => {
            let discount = discount(world, draft, &coupon);
            draft.set("discount", discount);
        }
        None => draft.clear(&["discount"]),
    }
    draft.clear(&[
        "default_source",
        "shipping",
        "test_clock",
        "customer_account",
    ]);
    draft.omit(&[
        "business_name",
        "individual_name",
        "cash_balance",
        "tax",
        "customer_account",
    ]);
    let settings = json!({ "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null });
    draft.set("invoice_settings", settings);
    Ok(())
}

/// A customer is billed in the currency of the first invoice or subscription from then on.
pub(crate) fn bill(
    world: &mut World<'_>,
    customer: Option<&Value>,
    currency: Option<&str>,
) -> Result<(), FakeError> {
    let (Some(customer), Some(currency)) = (customer, currency) else {
        return Ok(());
    };
    let Some(id) = id_in(customer, "id") else {
        return Ok(());
    };
    // Another object may have billed the customer since it was looked at.
    let is_new = world
        .value("customer", id)
        .is_some_and(|customer| customer.get("currency").is_none_or(Value::is_null));
    match is_new {
        true => world.amend(id, &json!({ "currency": currency })),
        false => Ok(()),
    }
}

/// A customer who has paid the last subscription that was late is not delinquent any more.
pub(crate) fn has_caught_up(world: &mut World<'_>, subscription: &Value) -> Result<(), FakeError> {
    let Some(customer) = world.neighbour(subscription, "customer", "customer") else {
        return Ok(());
    };
    let id = id_in(&customer, "id").unwrap_or_default();
    let others = world.all_with("subscription", "customer", id);
    let is_late = others.iter().any(|other| {
        let status = other.get("status").and_then(Value::as_str);
        matches!(status, Some("past_due" | "unpaid"))
            && id_in(other, "id") != id_in(subscription, "id")
    });
    match customer.get("delinquent") == Some(&json!(true)) && !is_late {
        true => world.amend(id, &json!({ "delinquent": false })),
        false => Ok(()),
    }
}

/// The currency that a customer is billed in.
pub(crate) fn billed_in(customer: Option<&Value>) -> Option<String> {
    Some(customer?.get("currency")?.as_str()?.to_owned())
}

/// A discount of a customer, by a coupon.
fn discount(world: &mut World<'_>, draft: &Draft<'_>, coupon: &Value) -> Value {
    let id = world.new_id("discount");
    let end = match coupon.get("duration").and_then(Value::as_str) {
        Some("forever") => Value::Null,
        _ => json!(draft.created + 90 * DAY),
    };
    json!({
        "id": id, "object": "discount", "checkout_session": null, "customer": draft.id, "customer_account": null, "end": end,
        "invoice": null, "invoice_item": null, "promotion_code": null, "source": { "coupon": id_in(coupon, "id"), "type": "coupon" },
        "start": draft.created, "subscription": null, "subscription_item": null,
    })
}

/// Some customers of the past have a default payment method, a few an old source.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let is_alone = stored.before.is_none() && world.past && world.state.depth == 0;
    if !is_alone {
        return Ok(());
    }
    let created = stored.integer("created");
    if world.per_cent(WITH_DEFAULT) {
        let method = world.payment_method(Some(stored.id), created)?;
        let default = json!({ "default_payment_method": id_in(&method, "id") });
        world.amend(stored.id, &json!({ "invoice_settings": default }))?;
    } else if world.per_cent(WITH_SOURCE) {
        let card = world.make("card", created, json!({ "customer": stored.id }))?;
        world.amend(stored.id, &json!({ "default_source": id_in(&card, "id") }))?;
    }
    Ok(())
}

/// A payment method of a customer. One that belongs to nobody is in no list: only a test that wants one makes one.
pub(crate) fn payment_method(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), FakeError> {
    let named: Vec<&(&'static str, u32)> = TYPES
        .iter()
        .filter(|(name, _)| draft.is_given(name))
        .collect();
    let kind = match named.first() {
        Some((name, _)) => name,
        None => world.weighted(&TYPES),
    };
    draft.set("type", kind);
    let customer = world.customer(draft)?;
    let kind = draft.text("type").unwrap_or_default().to_owned();
    let others: Vec<String> = draft
        .members
        .keys()
        .filter(|name| **name != kind && crate::state::coherence::customer::is_a_type(name))
        .cloned()
        .collect();
    for other in others {
        draft.omit(&[&other]);
    }
    let details = billing_details(world, customer.as_ref());
    draft.set("billing_details", details);
    draft.set("allow_redisplay", "unspecified");
    draft.clear(&["customer_account"]);
    draft.omit(&["customer_account", "radar_options"]);
    let of_kind = match kind.as_str() {
        "card" => card(world, draft.members.get("billing_details")),
        "link" => json!({ "email": generate::words::text("email", &mut world.state.rng) }),
        "sepa_debit" => json!({
            "bank_code": "37040044", "branch_code": null, "country": "DE", "fingerprint": world.characters(16),
            "generated_from": { "charge": null, "setup_attempt": null }, "last4": "3000",
        }),
        "us_bank_account" => json!({
            "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": null, "fingerprint": world.characters(16), "last4": "6789",
            "networks": { "preferred": "ach", "supported": ["ach"] }, "routing_number": "110000000", "status_details": {},
        }),
        "paypal" => {
            json!({ "country": "US", "payer_email": null, "payer_id": world.characters(13).to_uppercase() })
        }
        _ => return Ok(()),
    };
    draft.set(&kind, of_kind);
    Ok(())
}

/// A customer whose default payment method was detached has none.
pub(crate) fn follow_method(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    let was = stored
        .before
        .and_then(|before| world.neighbour(before, "customer", "customer"));
    let Some(customer) = was.filter(|_| stored.has_changed("customer")) else {
        return Ok(());
    };
    let settings = customer.get("invoice_settings");
    let default = settings.and_then(|settings| id_in(settings, "default_payment_method"));
    if default != Some(stored.id) {
        return Ok(());
    }
    let id = id_in(&customer, "id").unwrap_or_default();
    world.amend(
        id,
        &json!({ "invoice_settings": { "default_payment_method": null } }),
    )
}

/// Whether a member of a payment method is what one type of them has.
fn is_a_type(member: &str) -> bool {
    let kinds = stripe_sync_schema::fields::children("payment_method", &[]);
    let kind = kinds.iter().find(|field| field.name == "type");
    kind.is_some_and(|kind| kind.values.contains(&member))
}

/// Who pays: the customer, at an address of which most forms ask the postal code alone.
fn billing_details(world: &mut World<'_>, customer: Option<&Value>) -> Value {
    let of = |member: &str| {
        customer
            .and_then(|customer| customer.get(member))
            .cloned()
            .unwrap_or_default()
    };
    let mut address = of("address");
    if !address.is_object() {
        address = generate::address(&mut world.state.rng);
        let has_code = world.per_cent(WITH_CODE);
        for (member, part) in address.as_object_mut().into_iter().flatten() {
            if !(has_code && ["country", "postal_code"].contains(&member.as_str())) {
                *part = Value::Null;
            }
        }
    }
    json!({
        "address": address, "email": of("email"), "name": of("name"), "phone": of("phone"), "tax_id": null,
    })
}

fn card(world: &mut World<'_>, billing: Option<&Value>) -> Value {
    let check = |member: &str| {
        let part = billing.and_then(|billing| billing.get("address")?.get(member));
        match part.is_some_and(Value::is_string) {
            true => json!("pass"),
            false => Value::Null,
        }
    };
    let (brand, funding) = (world.weighted(&BRANDS), world.weighted(&FUNDING));
    let (month, year, last4) = {
        let rng = world.rng();
        (
            rng.u32(1..=12),
            rng.u32(2027..2033),
            format!("{:04}", rng.u32(..10_000)),
        )
    };
    json!({
        "brand": brand, "checks": {
            "address_line1_check": check("line1"), "address_postal_code_check": check("postal_code"), "cvc_check": "pass",
        },
        "country": "US", "display_brand": brand, "exp_month": month, "exp_year": year, "fingerprint": world.characters(16),
        "funding": funding, "generated_from": null, "last4": last4,
        "networks": { "available": [brand], "preferred": null }, "regulated_status": "unregulated",
        "three_d_secure_usage": { "supported": true }, "wallet": null,
    })
}

/// The members of a payment method's card.
pub(crate) fn card_of(method: Option<&Value>) -> impl Fn(&str) -> Value {
    let card = method.and_then(|method| method.get("card")).cloned();
    move |member| {
        let value = card.as_ref().and_then(|card| card.get(member));
        value.cloned().unwrap_or_else(|| match member {
            "brand" => json!("visa"),
            "country" => json!("US"),
            "exp_month" => json!(12),
            "exp_year" => json!(2030),
            "funding" => json!("credit"),
            "last4" => json!("4242"),
            _ => Value::Null,
        })
    }
}

/// A tax id: of a customer, or of the account itself.
pub(crate) fn tax_id(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let has_customers = world.has_any("customer");
    let of_customer = match draft.given.get("customer") {
        Some(customer) => !customer.is_null(),
        None => has_customers && world.rng().bool(),
    };
    if of_customer {
        world.customer(draft)?;
        let customer = draft.members.get("customer").cloned();
        draft.set("owner", json!({ "type": "customer", "customer": customer }));
    } else {
        draft.set("customer", Value::Null);
        draft.set("owner", json!({ "type": "self" }));
    }
    draft.clear(&["customer_account"]);
    taxes::id(world, draft);
    Ok(())
}
