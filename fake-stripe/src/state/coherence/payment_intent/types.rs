//! The types of payment methods that are taken.

use serde_json::{Map, json};

use crate::generate::words::CURRENCIES;
use crate::state::coherence::Draft;
use crate::state::coherence::world::World;

/// The payment methods of an account in the United States: in every currency, and in its own besides.
const ABROAD: [&str; 5] = ["card", "alipay", "klarna", "link", "wechat_pay"];
const AT_HOME: [&str; 5] = [
    "us_bank_account",
    "afterpay_clearpay",
    "affirm",
    "amazon_pay",
    "cashapp",
];

/// The types of payment methods that are taken: that of the own one is among them.
pub(crate) fn types(world: &World<'_>, draft: &mut Draft<'_>) {
    let method = world.neighbour_of(draft, "payment_method", "payment_method");
    let own = method
        .as_ref()
        .and_then(|method| method.get("type")?.as_str());
    let is_domestic = draft.text("currency") == Some(CURRENCIES[0]);
    let mut types = ABROAD.to_vec();
    if is_domestic {
        types.extend(AT_HOME);
    }
    types.extend(own.filter(|own| !types.contains(own)));
    let mut options = Map::new();
    for kind in &types {
        let option = match *kind {
            "card" => json!({
                "installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic",
            }),
            "affirm" | "alipay" | "amazon_pay" | "cashapp" => json!({}),
            "afterpay_clearpay" => json!({ "reference": null }),
            "klarna" => json!({ "preferred_locale": null }),
            "link" => json!({ "persistent_token": null }),
            "us_bank_account" => json!({ "verification_method": "automatic" }),
            "wechat_pay" => json!({ "app_id": null, "client": null }),
            _ => continue,
        };
        options.insert((*kind).to_owned(), option);
    }
    draft.set("payment_method_types", json!(types));
    if draft.object == "payment_intent" {
        draft.set("payment_method_options", options);
    }
}

/// The bank debit of a currency.
pub(super) fn debit_in(currency: Option<&str>) -> Option<&'static str> {
    match currency {
        Some("usd") => Some("us_bank_account"),
        Some("eur") => Some("sepa_debit"),
        _ => None,
    }
}
