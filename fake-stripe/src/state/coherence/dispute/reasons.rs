//! Why a bank disputes, in Stripe's word and in the network's code, and what the account says to it.

use serde_json::{Map, Value, json};

use crate::generate::plan::{Member, Node};
use crate::state::coherence::Draft;

/// How often a bank disputes for which reason.
pub(super) const WEIGHTS: [(&str, u32); 5] = [
    ("fraudulent", 50),
    ("product_not_received", 17),
    ("subscription_canceled", 15),
    ("duplicate", 10),
    ("general", 8),
];

/// (Stripe's reason, the codes of Visa, Mastercard, American Express and Discover); docs.stripe.com/disputes/reason-codes-defense-requirements.
const CODES: [(&str, [&str; 4]); 11] = [
    ("fraudulent", ["10.4", "4837", "F29", "UA02"]),
    ("unrecognized", ["10.4", "4837", "F24", "UA02"]),
    ("product_not_received", ["13.1", "4853", "C08", "RG"]),
    ("subscription_canceled", ["13.2", "4841", "C28", "AP"]),
    ("product_unacceptable", ["13.3", "4853", "C31", "RM"]),
    ("credit_not_processed", ["13.6", "4853", "C02", "RN2"]),
    ("duplicate", ["12.6.1", "4834", "P08", "DP"]),
    ("general", ["12.5", "4834", "P05", "DA"]),
    ("noncompliant", ["12.7", "4808", "A08", "NA"]),
    ("customer_initiated", ["13.7", "4853", "C05", "RN2"]),
    ("bank_cannot_process", ["11.3", "4808", "A02", "AT"]),
];

/// The member of a charge's card.
fn brand(charge: &Value) -> &str {
    let details = charge.get("payment_method_details");
    let card = details.and_then(|details| details.get("card"));
    let brand = card.and_then(|card| card.get("brand")?.as_str());
    brand.unwrap_or("visa")
}

/// The case at the network of the charge's card.
pub(super) fn details(draft: &mut Draft<'_>, charge: &Value) {
    let brand = brand(charge).to_owned();
    let network = match brand.as_str() {
        "mastercard" => 1,
        "amex" => 2,
        "discover" | "diners" => 3,
        _ => 0,
    };
    let reason = draft.text("reason").unwrap_or_default();
    let codes = CODES.iter().find(|(of, _)| *of == reason);
    let code = codes.and_then(|(_, codes)| codes.get(network));
    let code = code.map_or(Value::Null, |code| json!(code));
    let is_inquiry = draft
        .text("status")
        .is_some_and(|status| status.starts_with("warning"));
    draft.set("network_reason_code", code.clone());
    draft.set("payment_method_details", json!({ "type": "card", "card": {
        "brand": brand, "case_type": if is_inquiry { "inquiry" } else { "chargeback" }, "network": brand,
        "network_reason_code": code,
    }}));
}

/// What the account said: nothing, or who the customer is and what was bought.
pub(super) fn evidence(draft: &mut Draft<'_>, charge: &Value) {
    let members = match draft.plan.members.node("evidence") {
        Some(Node::Object(members)) => members.list.iter(),
        _ => return,
    };
    let nothing = |member: &Member| match member.node {
        _ if member.nullable => Some(Value::Null),
        Node::Object(_) => Some(json!({})),
        _ => None,
    };
    let mut evidence: Map<String, Value> = members
        .filter(|member| !member.optional)
        .filter_map(|member| Some((member.name.to_owned(), nothing(member)?)))
        .collect();
    let details = draft.members.get("evidence_details");
    if details.is_some_and(|details| details.get("has_evidence") == Some(&json!(true))) {
        let billing = charge.get("billing_details");
        let of = |member: &str| billing.and_then(|of| of.get(member)).cloned();
        let said = [
            ("customer_email_address", of("email")),
            ("customer_name", of("name")),
            ("product_description", charge.get("description").cloned()),
            (
                "uncategorized_text",
                Some(json!("The customer ordered in the web shop.")),
            ),
        ];
        for (member, value) in said {
            evidence.insert(member.to_owned(), value.unwrap_or_default());
        }
    }
    draft.set("evidence", evidence);
}
