//! Payment links: pages that sell the same to everyone.

use serde_json::{Value, json};

use crate::error::FakeError;
use crate::state::coherence::Draft;
use crate::state::coherence::sales::item;
use crate::state::coherence::world::World;

/// A link with what it sells.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    /// Characters of a link's address.
    const ADDRESS: usize = 14;
    let currency = draft.given_text("currency");
    let rows = item::rows(world, draft, currency.as_deref())?;
    let currency = rows.iter().find_map(|row| row.get("currency"));
    if let Some(currency) = currency.filter(|currency| currency.is_string()) {
        draft.set("currency", currency.clone());
    }
    let is_recurring = rows.iter().any(|row| {
        let kind = row.get("price").and_then(|price| price.get("type"));
        kind == Some(&json!("recurring"))
    });
    let url = match world.scope.mode.livemode() {
        true => format!("https://buy.stripe.com/{}", world.characters(ADDRESS)),
        false => format!("https://buy.stripe.com/test_{}", world.characters(ADDRESS)),
    };
    draft.set("url", url);
    draft.set(
        "after_completion",
        json!({ "type": "hosted_confirmation", "hosted_confirmation": { "custom_message": null } }),
    );
    draft.set(
        "automatic_tax",
        json!({ "enabled": false, "liability": null }),
    );
    draft.set(
        "customer_creation",
        if is_recurring {
            "always"
        } else {
            "if_required"
        },
    );
    draft.set("payment_method_collection", "always");
    draft.set("billing_address_collection", "auto");
    draft.set("submit_type", "auto");
    draft.set("custom_fields", json!([]));
    draft.set("shipping_options", json!([]));
    let settings = json!({ "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": { "type": "self" } });
    let data = json!({
        "description": null, "invoice_settings": settings, "metadata": {}, "trial_period_days": null, "trial_settings": null,
    });
    draft.set(
        "subscription_data",
        if is_recurring { data } else { Value::Null },
    );
    draft.clear(&[
        "application",
        "application_fee_amount",
        "application_fee_percent",
        "consent_collection",
        "inactive_message",
        "invoice_creation",
        "managed_payments",
        "on_behalf_of",
        "optional_items",
        "payment_intent_data",
        "payment_method_options",
        // What the account takes.
        "payment_method_types",
        "restrictions",
        "shipping_address_collection",
        "transfer_data",
    ]);
    draft.omit(&["name_collection"]);
    Ok(())
}
