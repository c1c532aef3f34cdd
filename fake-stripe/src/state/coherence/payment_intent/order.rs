//! What was paid for: the shop's own names of the order, and where it is shipped.

use serde_json::{Value, json};

use crate::generate::{self, words};
use crate::state::coherence::Draft;
use crate::state::coherence::world::World;

/// Of the payments of a shop, this many of 100 are for something that is shipped.
const SHIPPED: u8 = 60;
/// The members that a charge takes over from its payment intent.
pub(in crate::state::coherence) const MEMBERS: [&str; 2] = ["metadata", "shipping"];

/// Gives a payment its order: that of the other half, charge or payment intent, or a new one. What the test gave stays.
pub(in crate::state::coherence) fn settle(
    world: &mut World<'_>,
    draft: &mut Draft<'_>,
    other: Option<&Value>,
) {
    for member in MEMBERS {
        if draft.is_given(member) {
            continue;
        }
        let value = match (other, member) {
            (Some(other), _) => other.get(member).cloned().unwrap_or_default(),
            (None, "metadata") => metadata(world),
            (None, _) if world.per_cent(SHIPPED) => shipping(world),
            (None, _) => Value::Null,
        };
        draft.members.insert(member.to_owned(), value);
    }
}

fn metadata(world: &mut World<'_>) -> Value {
    let rng = world.rng();
    json!({
        "order_id": rng.u32(10_000..1_000_000).to_string(), "cart_id": format!("cart_{}", rng.u64(..)), "channel": "web_shop",
        "campaign": "autumn_newsletter_2026",
    })
}

fn shipping(world: &mut World<'_>) -> Value {
    let rng = world.rng();
    json!({
        "address": generate::address(rng), "carrier": null, "name": words::text("name", rng),
        "phone": words::text("phone", rng), "tracking_number": null,
    })
}
