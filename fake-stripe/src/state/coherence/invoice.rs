//! Invoices: the sum of their lines, what was paid of it, and when.

pub(crate) mod lines;
pub(crate) mod number;
pub(crate) mod occasion;
pub(crate) mod payment;
pub(crate) mod totals;
pub(crate) mod wording;

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::balance::text;
use crate::state::coherence::customer;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, id_in, integer, refused};

const STATUSES: [(&str, u32); 5] = [
    ("paid", 80),
    ("open", 7),
    ("draft", 5),
    ("void", 4),
    ("uncollectible", 4),
];
/// How long after its finalization an invoice is due that is sent.
const DAYS_UNTIL_DUE: i64 = 30;
/// An hour passes between the making and the finalization of an invoice (docs.stripe.com/billing/invoices/subscription).
const HOUR: i64 = 3_600;

/// Makes an invoice that was finalized, and paid if it is, by a moment.
pub(crate) fn finalized_by(
    world: &mut World<'_>,
    by: i64,
    given: Value,
) -> Result<Value, FakeError> {
    /// What a payment takes at most.
    const PAYMENT: i64 = 60;
    let created = match world.past {
        true => by - HOUR - PAYMENT,
        // What is made now is finalized now.
        false => by,
    };
    world.make("invoice", created, given)
}

/// What an invoice may become (docs.stripe.com/invoicing/overview, the life of an invoice).
const WAYS: [(&str, &[&str]); 5] = [
    ("draft", &["open", "paid"]),
    ("open", &["paid", "void", "uncollectible"]),
    ("uncollectible", &["paid", "void", "open"]),
    ("paid", &[]),
    ("void", &[]),
];

/// An invoice with lines.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let subscription = subscription_of(world, draft);
    if let Some(subscription) = &subscription {
        draft.set(
            "currency",
            subscription.get("currency").cloned().unwrap_or_default(),
        );
        draft.set(
            "collection_method",
            subscription
                .get("collection_method")
                .cloned()
                .unwrap_or_default(),
        );
    }
    let currency = draft.given_text("currency");
    let customer = world.customer_billed_in(draft, subscription.as_ref(), currency.as_deref())?;
    if let Some(currency) = customer::billed_in(customer.as_ref()) {
        draft.set("currency", currency);
    }
    customer::bill(world, customer.as_ref(), draft.text("currency"))?;
    let status = if draft
        .given_integer("amount_paid")
        .is_some_and(|paid| paid > 0)
        || draft.given.get("paid") == Some(&json!(true))
    {
        "paid"
    } else {
        world.weighted(&STATUSES)
    };
    draft.set("status", status);
    draft.set("collection_method", "charge_automatically");
    parent(draft, subscription.as_ref());
    let lines = lines::lines_for(world, draft, subscription.as_ref());
    copies(world, draft, customer.as_ref());
    draft.set("automatic_tax", json!({ "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null }));
    draft.set("issuer", json!({ "type": "self" }));
    draft.set("payment_settings", json!({ "default_mandate": null, "payment_method_options": null, "payment_method_types": null }));
    for (member, value) in [
        ("default_tax_rates", json!([])),
        ("discounts", json!([])),
        ("total_discount_amounts", json!([])),
        ("total_pretax_credit_amounts", json!([])),
    ] {
        draft.set(member, value);
    }
    for member in [
        "amount_shipping",
        "amount_overpaid",
        "post_payment_credit_notes_amount",
        "pre_payment_credit_notes_amount",
        "starting_balance",
    ] {
        draft.set(member, 0);
    }
    draft.clear(&[
        "account_tax_ids",
        "application",
        "custom_fields",
        "customer_shipping",
        "default_source",
        "description",
        "footer",
        "from_invoice",
        "last_finalization_error",
        "latest_revision",
        "on_behalf_of",
        "receipt_number",
        "rendering",
        "shipping_cost",
        "shipping_details",
        "statement_descriptor",
        "test_clock",
        "customer_account",
        "default_payment_method",
    ]);
    draft.omit(&[
        "amount_paid_off_stripe",
        "confirmation_secret",
        "status_details",
        "threshold_reason",
        "customer_account",
    ]);
    draft.set("customer_tax_ids", json!([]));
    let (start, end) = occasion::collected(draft, subscription.as_ref());
    draft.set("period_start", start);
    draft.set("period_end", end);
    if world.per_cent(15)
        && let Some(id) = draft.id_in("customer")
        && world.value("customer", &id).is_some()
    {
        let method = world.payment_method(Some(&id), draft.created)?;
        draft.set(
            "default_payment_method",
            id_in(&method, "id").unwrap_or_default().to_owned(),
        );
    }
    totals::totals(draft, &lines);
    draft.clear(&["number"]);
    times(world, draft)?;
    totals::amounts(draft);
    payment::pay(world, draft)
}

/// The subscription that the test says an invoice is of.
fn subscription_of(world: &World<'_>, draft: &Draft<'_>) -> Option<Value> {
    let details = draft.given.get("parent")?.get("subscription_details")?;
    world.neighbour(details, "subscription", "subscription")
}

fn parent(draft: &mut Draft<'_>, subscription: Option<&Value>) {
    if draft.is_given_some("parent") {
        let is_first = subscription.is_some_and(|of| integer(of, "created") >= draft.created);
        let of_subscription = draft.members.get("parent").is_some_and(|parent| {
            parent
                .get("subscription_details")
                .is_some_and(Value::is_object)
        });
        draft.set(
            "billing_reason",
            match of_subscription {
                true if is_first => "subscription_create",
                true => "subscription_cycle",
                false => "manual",
            },
        );
        return;
    }
    let Some(subscription) = subscription else {
        draft.set("parent", Value::Null);
        draft.set("billing_reason", "manual");
        return;
    };
    let details = json!({ "metadata": subscription.get("metadata"), "subscription": id_in(subscription, "id") });
    draft.set("parent", json!({ "type": "subscription_details", "quote_details": null, "subscription_details": details }));
    draft.set("billing_reason", "subscription_cycle");
}

/// What an invoice copies of its customer and its account.
fn copies(world: &World<'_>, draft: &mut Draft<'_>, customer: Option<&Value>) {
    let of = |member: &str| {
        customer
            .and_then(|customer| customer.get(member))
            .cloned()
            .unwrap_or_default()
    };
    draft.set("customer_email", of("email"));
    draft.set("customer_name", of("name"));
    draft.set("customer_phone", of("phone"));
    draft.set("customer_address", of("address"));
    let exempt = of("tax_exempt");
    draft.set(
        "customer_tax_exempt",
        if exempt.is_null() {
            json!("none")
        } else {
            exempt
        },
    );
    let account = world.state.accounts.get(&world.scope.account);
    let account = account.map(|account| &account.body);
    let country = account.and_then(|account| account.get("country")?.as_str());
    let name = account.and_then(|account| {
        let dashboard = account.get("settings")?.get("dashboard")?;
        dashboard.get("display_name")?.as_str()
    });
    draft.set("account_country", country.unwrap_or("US"));
    draft.set("account_name", name.map_or(Value::Null, Value::from));
}

/// When it was finalized, paid or given up, which a draft was not.
fn times(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let status = text(draft, "status");
    let is_final = status != "draft";
    // The first payment of a subscription is taken while the customer waits.
    let is_at_once = draft.text("billing_reason") == Some("subscription_create")
        && draft.text("collection_method") == Some("charge_automatically");
    let finalized = if is_at_once {
        draft.created
    } else {
        (draft.created + HOUR).min(world.now()).max(draft.created)
    };
    let at = |is_so: bool| if is_so { json!(finalized) } else { Value::Null };
    draft.set("status_transitions", json!({
        "finalized_at": at(is_final), "marked_uncollectible_at": at(status == "uncollectible"), "paid_at": at(status == "paid"),
        "voided_at": at(status == "void"),
    }));
    finalize(world, draft, is_final, finalized)
}

/// What an invoice has from its finalization on.
fn finalize(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    is_final: bool,
    at: i64,
) -> Result<(), FakeError> {
    let some = |value: Value| if is_final { value } else { Value::Null };
    draft.set("effective_at", some(json!(at)));
    if !is_final {
        draft.set("number", Value::Null);
    } else if draft.is_null("number") {
        let number = number::next(world, draft)?;
        draft.set("number", number);
    }
    let address = format!(
        "https://invoice.stripe.com/i/{}/test_{}",
        world.scope.account, draft.id
    );
    draft.set("invoice_pdf", some(json!(format!("{address}/pdf?s=ap"))));
    draft.set("hosted_invoice_url", some(json!(address)));
    draft.set("ending_balance", some(json!(0)));
    draft.set("webhooks_delivered_at", some(json!(at)));
    let status = text(draft, "status");
    let is_sent = draft.text("collection_method") == Some("send_invoice");
    draft.set(
        "due_date",
        if is_sent && is_final {
            json!(at + DAYS_UNTIL_DUE * DAY)
        } else {
            Value::Null
        },
    );
    let waits = status == "open" && !is_sent;
    draft.set("auto_advance", waits);
    draft.set(
        "next_payment_attempt",
        if waits {
            json!(world.now() + DAY)
        } else {
            Value::Null
        },
    );
    draft.set("automatically_finalizes_at", Value::Null);
    let attempts = i64::from(matches!(status.as_str(), "paid" | "uncollectible") || waits);
    draft.set("attempt_count", attempts);
    draft.set("attempted", draft.integer("attempt_count") > 0);
    Ok(())
}

/// An invoice that is finalized, paid, voided or given up.
pub(crate) fn change(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    before: &Value,
) -> Result<(), FakeError> {
    let was = before
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is = text(draft, "status");
    if was == is {
        return Ok(());
    }
    let may = WAYS
        .iter()
        .find(|(from, _)| *from == was)
        .is_none_or(|(_, to)| to.contains(&is.as_str()));
    if !may {
        return Err(refused(format!(
            "Invoice {} is {was}: it cannot become {is}.",
            draft.id
        )));
    }
    let now = world.now();
    let member = match is.as_str() {
        "paid" => "paid_at",
        "void" => "voided_at",
        "uncollectible" => "marked_uncollectible_at",
        _ => "finalized_at",
    };
    let mut transitions = before
        .get("status_transitions")
        .cloned()
        .unwrap_or_else(|| json!({}));
    if let Some(members) = transitions.as_object_mut() {
        members.insert(member.to_owned(), now.into());
        let finalized = members.entry("finalized_at").or_insert(Value::Null);
        if finalized.is_null() {
            *finalized = now.into();
        }
    }
    draft.set("status_transitions", transitions);
    if was == "draft" {
        finalize(world, draft, true, now)?;
        if is == "open" {
            // Nobody has tried to take the money yet.
            draft.set("attempt_count", 0);
            draft.set("attempted", false);
        }
    }
    if is != "open" {
        draft.set("auto_advance", false);
        draft.set("next_payment_attempt", Value::Null);
    }
    if is == "paid" {
        let attempts = integer(before, "attempt_count").max(0) + 1;
        draft.set("attempt_count", attempts);
        draft.set("attempted", true);
        let due = draft.integer("amount_due");
        draft.set("amount_paid", due);
        draft.set("amount_remaining", 0);
    }
    Ok(())
}

/// Stripe deletes drafts alone.
pub(crate) fn may_delete(invoice: &Value) -> Result<(), FakeError> {
    match invoice.get("status").and_then(Value::as_str) {
        Some("draft") | None => Ok(()),
        Some(_) => Err(refused("You can only delete draft invoices.")),
    }
}
