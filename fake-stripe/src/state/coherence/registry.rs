//! Objects that hardly any other depends on: files, test clocks, issued cards, treasuries, old sources.

use serde_json::{Map, Value, json};

use crate::error::FakeError;
use crate::state::coherence::Draft;
use crate::state::coherence::balance::text;
use crate::state::coherence::world::{DAY, World};

/// Days after which Stripe deletes a test clock (docs.stripe.com/billing/testing/test-clocks).
const CLOCK: i64 = 30 * DAY;

/// A file with contents.
pub(crate) fn file(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    /// Bytes of a scanned page.
    const SIZES: std::ops::Range<i64> = 20_000..400_000;
    let kind = world.weighted(&[("pdf", 6), ("png", 2), ("jpg", 2)]);
    draft.set("type", kind);
    let kind = text(draft, "type");
    let name = world.characters(8).to_lowercase();
    draft.set("filename", format!("{name}.{kind}"));
    let size = world.rng().i64(SIZES);
    draft.set("size", size);
    let url = format!("https://files.stripe.com/v1/files/{}/contents", draft.id);
    draft.set("url", url);
    Ok(())
}

/// A card that an account issued.
pub(crate) fn issued_card(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let status = world.weighted(&[("active", 7), ("inactive", 2), ("canceled", 1)]);
    draft.set("status", status);
    let is_canceled = draft.text("status") == Some("canceled");
    draft.set(
        "cancellation_reason",
        if is_canceled {
            json!("lost")
        } else {
            Value::Null
        },
    );
    draft.clear(&[
        "replaced_by",
        "replacement_for",
        "replacement_reason",
        "second_line",
    ]);
    if !draft.is_given("cardholder") {
        let created = draft.created;
        let holder = match world.some("issuing.cardholder", created, |_| true) {
            Some(holder) => holder,
            None => world.make("issuing.cardholder", created, Value::Null)?,
        };
        draft.set("cardholder", holder);
    }
    Ok(())
}

/// A source's secret begins as no other secret does.
pub(crate) fn source(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    /// Characters of the secret.
    const SECRET: usize = 24;
    let secret = format!("src_client_secret_{}", world.characters(SECRET));
    draft.set("client_secret", secret);
    Ok(())
}

/// A clock that is deleted after a month.
pub(crate) fn test_clock(draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let created = draft.created;
    draft.set("deletes_after", created + CLOCK);
    draft.set("frozen_time", created);
    draft.set("status", "ready");
    draft.set("status_details", json!({}));
    Ok(())
}

/// An account for money in the United States.
pub(crate) fn financial_account(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), FakeError> {
    let cash = world.amount(draft);
    draft.set("country", "US");
    draft.set("supported_currencies", json!(["usd"]));
    draft.set("balance", json!({ "cash": { "usd": cash }, "inbound_pending": { "usd": 0 }, "outbound_pending": { "usd": 0 } }));
    draft.set("status", "open");
    draft.set("status_details", json!({ "closed": null }));
    Ok(())
}

/// A movement in a treasury: its balance moves by its amount.
pub(crate) fn treasury_transaction(draft: &mut Draft<'_>) -> Result<(), FakeError> {
    draft.set("status", "posted");
    let (status, amount, created) = (
        text(draft, "status"),
        draft.integer("amount"),
        draft.created,
    );
    let part = match status.as_str() {
        "posted" => Some("cash"),
        "open" if amount < 0 => Some("outbound_pending"),
        "open" => Some("inbound_pending"),
        _ => None,
    };
    let mut impact = Map::new();
    for name in ["cash", "inbound_pending", "outbound_pending"] {
        let moved = if part == Some(name) { amount } else { 0 };
        impact.insert(name.to_owned(), moved.into());
    }
    draft.set("balance_impact", impact);
    let at = |is_so: bool| if is_so { json!(created) } else { Value::Null };
    draft.set(
        "status_transitions",
        json!({ "posted_at": at(status == "posted"), "void_at": at(status == "void") }),
    );
    draft.set("currency", "usd");
    draft.omit(&["flow_details"]);
    Ok(())
}
