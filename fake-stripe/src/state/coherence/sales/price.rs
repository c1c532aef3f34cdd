//! What an account sells: products, prices, plans, coupons.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::generate;
use crate::state::coherence::balance::text;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, Stored, id_in, integer, refused};

const INTERVALS: [(&str, u32); 3] = [("month", 78), ("year", 18), ("week", 4)];

/// A product without a default price: a price of its own becomes that by an update.
pub(crate) fn product(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let name = generate::words::product(&mut world.state.rng);
    if !draft.odd.has(crate::chaos::nasty::NastyKind::Texts) {
        draft.set("name", name);
    }
    let is_active = world.per_cent(92);
    draft.set("active", is_active);
    draft.set("type", "service");
    draft.set("images", json!([]));
    draft.set("marketing_features", json!([]));
    let created = draft.created;
    draft.set("updated", created);
    draft.clear(&[
        "default_price",
        "package_dimensions",
        "shippable",
        "tax_code",
        "tax_details",
    ]);
    Ok(())
}

/// The product that the test gave, or one that is there by then, or a new one.
fn of_product(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    if draft.is_given("product") {
        return Ok(());
    }
    let created = draft.created;
    let product = match world.some("product", created, |_| true) {
        Some(product) => product,
        None => world.make("product", created, Value::Null)?,
    };
    draft.set("product", product.get("id").cloned().unwrap_or_default());
    Ok(())
}

/// A price, one-time or recurring, per unit or in tiers.
pub(crate) fn price(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    of_product(world, draft)?;
    let kind = match draft.given.get("recurring") {
        Some(Value::Null) => "one_time",
        Some(_) => "recurring",
        None => world.weighted(&[("recurring", 7), ("one_time", 3)]),
    };
    draft.set("type", kind);
    let interval = world.weighted(&INTERVALS);
    let recurring = json!({
        "interval": interval, "interval_count": 1, "meter": null, "trial_period_days": null, "usage_type": "licensed",
    });
    let is_recurring = draft.text("type") == Some("recurring");
    draft.set(
        "recurring",
        if is_recurring { recurring } else { Value::Null },
    );
    let is_tiered = draft.given_text("tiers_mode").is_some()
        || !draft.is_given("unit_amount") && world.per_cent(4) && is_recurring;
    draft.set(
        "billing_scheme",
        if is_tiered { "tiered" } else { "per_unit" },
    );
    let is_tiered = draft.text("billing_scheme") == Some("tiered");
    draft.set(
        "tiers_mode",
        if is_tiered {
            json!("graduated")
        } else {
            Value::Null
        },
    );
    if is_tiered {
        draft.set("tiers", json!([
            { "flat_amount": null, "flat_amount_decimal": null, "unit_amount": 1_000, "unit_amount_decimal": "1000", "up_to": 10 },
            { "flat_amount": null, "flat_amount_decimal": null, "unit_amount": 800, "unit_amount_decimal": "800", "up_to": null },
        ]));
    } else {
        draft.omit(&["tiers"]);
    }
    draft.clear(&["custom_unit_amount", "transform_quantity"]);
    draft.set("tax_behavior", "unspecified");
    let key = format!("price_{}", world.characters(8).to_lowercase());
    let has_key = world.per_cent(10);
    draft.set("lookup_key", if has_key { json!(key) } else { Value::Null });
    let is_active = world.per_cent(90);
    draft.set("active", is_active);
    if draft.is_given_some("custom_unit_amount") || is_tiered {
        draft.clear(&["unit_amount", "unit_amount_decimal"]);
        return Ok(());
    }
    // An amount that is not integral has only the decimal form.
    if let Some(decimal) = draft.given_text("unit_amount_decimal") {
        draft.set(
            "unit_amount",
            decimal.parse::<i64>().map_or(Value::Null, Value::from),
        );
        return Ok(());
    }
    let amount = world.amount(draft);
    draft.set("unit_amount", amount);
    match draft.members.get("unit_amount").and_then(Value::as_i64) {
        Some(amount) => draft.set("unit_amount_decimal", amount.to_string()),
        None => draft.clear(&["unit_amount_decimal"]),
    }
    Ok(())
}

/// The amount of a price is final (docs.stripe.com/api/prices/update takes none).
pub(crate) fn change(draft: &mut Draft<'_>, before: &Value) -> Result<(), FakeError> {
    if let Some(amount) = draft.given_integer("unit_amount")
        && !draft.is_given("unit_amount_decimal")
        && integer(before, "unit_amount") != amount
    {
        draft.set("unit_amount_decimal", amount.to_string());
    }
    Ok(())
}

/// Of the prices of the past, this many of 100 are the default of their product.
const DEFAULT: u8 = 40;

/// The product of a new price may have it as its default; the items that are of a changed price show it as it is now.
pub(crate) fn follow(world: &mut World<'_>, stored: &Stored<'_>) -> Result<(), FakeError> {
    if stored.before.is_none() {
        let product = world.neighbour(stored.after, "product", "product");
        let free =
            product.filter(|product| product.get("default_price").is_none_or(Value::is_null));
        let is_sold = stored.after.get("active") == Some(&json!(true));
        return match free.as_ref().and_then(|product| id_in(product, "id")) {
            Some(id) if world.past && is_sold && world.per_cent(DEFAULT) => {
                world.amend(id, &json!({ "default_price": stored.id }))
            }
            _ => Ok(()),
        };
    }
    for item in world.all_with("subscription_item", "price.id", stored.id) {
        let id = id_in(&item, "id").unwrap_or_default();
        // Nobody announces that.
        let mut quiet = World {
            state: &mut *world.state,
            scope: world.scope,
            silent: true,
            past: false,
        };
        quiet.amend(
            id,
            &json!({ "price": stored.after, "plan": plan_of(stored.after) }),
        )?;
    }
    Ok(())
}

/// A plan: a recurring price in its old form.
pub(crate) fn plan(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    of_product(world, draft)?;
    let interval = world.weighted(&INTERVALS);
    draft.set("interval", interval);
    draft.set("interval_count", 1);
    let is_tiered = !draft.is_given("amount") && world.per_cent(4);
    draft.set(
        "billing_scheme",
        if is_tiered { "tiered" } else { "per_unit" },
    );
    draft.set(
        "tiers_mode",
        if is_tiered {
            json!("graduated")
        } else {
            Value::Null
        },
    );
    let amount = world.amount(draft);
    draft.set(
        "amount",
        if is_tiered {
            Value::Null
        } else {
            json!(amount)
        },
    );
    match draft.members.get("amount").and_then(Value::as_i64) {
        Some(amount) => draft.set("amount_decimal", amount.to_string()),
        None => draft.clear(&["amount_decimal"]),
    }
    draft.set("usage_type", "licensed");
    draft.clear(&["transform_usage", "trial_period_days", "meter"]);
    draft.omit(&["tiers"]);
    Ok(())
}

/// The plan that Stripe shows for a recurring price.
pub(crate) fn plan_of(price: &Value) -> Value {
    let recurring = |member: &str| {
        price
            .get("recurring")
            .and_then(|of| of.get(member))
            .cloned()
            .unwrap_or_default()
    };
    let same = |member: &str| price.get(member).cloned().unwrap_or_default();
    json!({
        "id": same("id"), "object": "plan", "active": same("active"), "amount": same("unit_amount"),
        "amount_decimal": same("unit_amount_decimal"), "billing_scheme": same("billing_scheme"), "created": same("created"),
        "currency": same("currency"), "interval": recurring("interval"), "interval_count": recurring("interval_count"),
        "livemode": same("livemode"), "metadata": same("metadata"), "meter": recurring("meter"), "nickname": same("nickname"),
        "product": same("product"), "tiers_mode": same("tiers_mode"), "transform_usage": null,
        "trial_period_days": recurring("trial_period_days"), "usage_type": recurring("usage_type"),
    })
}

/// A coupon of a share or of an amount.
pub(crate) fn coupon(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let is_share = draft.is_given_some("percent_off")
        || !draft.is_given_some("amount_off") && world.per_cent(75);
    if is_share {
        let share = *world.rng().choice(&[10, 15, 20, 25, 50]).unwrap_or(&10);
        draft.set("percent_off", share);
        draft.clear(&["amount_off", "currency"]);
    } else {
        let amount = world.amount(draft);
        draft.set("amount_off", amount);
        let currency = text(draft, "currency");
        draft.set(
            "currency",
            if currency.is_empty() {
                "usd".to_owned()
            } else {
                currency
            },
        );
        draft.clear(&["percent_off"]);
    }
    let duration = world.weighted(&[("once", 5), ("forever", 3), ("repeating", 2)]);
    draft.set("duration", duration);
    let is_repeating = draft.text("duration") == Some("repeating");
    draft.set(
        "duration_in_months",
        if is_repeating { json!(3) } else { Value::Null },
    );
    let redeemed = world.rng().i64(0..20);
    let redeemed = match draft.given_integer("max_redemptions") {
        Some(most) => redeemed.min(most),
        None => redeemed,
    };
    draft.set("times_redeemed", redeemed);
    let most = if world.per_cent(20) {
        json!(draft.integer("times_redeemed") + 5)
    } else {
        Value::Null
    };
    draft.set("max_redemptions", most);
    let redeem_by = draft.created + world.rng().i64(30..700) * DAY;
    let redeem_by = if world.per_cent(20) {
        json!(redeem_by)
    } else {
        Value::Null
    };
    draft.set("redeem_by", redeem_by);
    let is_over = draft
        .members
        .get("redeem_by")
        .and_then(Value::as_i64)
        .is_some_and(|by| by <= world.now());
    let most = draft.members.get("max_redemptions").and_then(Value::as_i64);
    let is_used_up = most.is_some_and(|most| draft.integer("times_redeemed") >= most);
    draft.set("valid", !is_over && !is_used_up);
    draft.omit(&["applies_to", "currency_options"]);
    Ok(())
}

/// A code that customers enter for a coupon.
pub(crate) fn promotion_code(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), FakeError> {
    if !draft.is_given("promotion") {
        let created = draft.created;
        let coupon = match world.some("coupon", created, |_| true) {
            Some(coupon) => coupon,
            None => world.make("coupon", created, Value::Null)?,
        };
        draft.set(
            "promotion",
            json!({ "type": "coupon", "coupon": id_in(&coupon, "id") }),
        );
    }
    draft.set("restrictions", json!({ "first_time_transaction": false, "minimum_amount": null, "minimum_amount_currency": null }));
    draft.set("active", true);
    draft.set("times_redeemed", 0);
    draft.clear(&[
        "customer",
        "customer_account",
        "expires_at",
        "max_redemptions",
    ]);
    Ok(())
}

/// Stripe keeps a product that has prices.
pub(crate) fn may_delete_product(world: &World<'_>, product: &Value) -> Result<(), FakeError> {
    let id = id_in(product, "id").unwrap_or_default();
    for object in ["price", "plan"] {
        if !world.all_with(object, "product", id).is_empty() {
            return Err(refused(
                "This product cannot be deleted because it has one or more user-created prices.",
            ));
        }
    }
    Ok(())
}
