//! When invoices come: one for each period of a subscription, at its start.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::data::collection::Position;
use crate::data::partition::Scope;
use crate::state::State;
use crate::state::coherence::subscription::item::{nth_at, nth_period};
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in, integer};

/// Of the invoices of the past that nobody described, this many of 100 are of a subscription.
const OF_SUBSCRIPTION: u8 = 70;

/// The renewals that are invoiced already, by subscription and number of the period.
pub(crate) type Invoiced = HashSet<(String, i64)>;

/// The time in which the items of an invoice were collected: of a renewal, the period before; of others, no time.
pub(super) fn collected(draft: &Draft<'_>, subscription: Option<&Value>) -> (i64, i64) {
    let created = draft.created;
    let of = subscription.filter(|_| draft.text("billing_reason") == Some("subscription_cycle"));
    let Some(subscription) = of else {
        return (created, created);
    };
    let start = integer(subscription, "created");
    let price = first_price(subscription);
    let nth = nth_at(start, price, created);
    match nth {
        0 => (created, created),
        nth => nth_period(start, price, nth - 1),
    }
}

fn first_price(subscription: &Value) -> Option<&Value> {
    subscription.get("items")?.get("data")?.get(0)?.get("price")
}

impl State {
    /// A renewal of a subscription in a time, which is not invoiced yet: its second, and the invoice of it.
    pub(crate) fn renewal(
        &mut self,
        scope: &Scope,
        within: &RangeInclusive<i64>,
        invoiced: &mut Invoiced,
    ) -> Option<(i64, Value)> {
        let now = self.now;
        let mut world = self.world(scope, (true, true));
        if !world.per_cent(OF_SUBSCRIPTION) {
            return None;
        }
        let subscription = world.some("subscription", *within.end(), |subscription| {
            subscription.get("status") == Some(&json!("active"))
        })?;
        let id = id_in(&subscription, "id")?.to_owned();
        let start = integer(&subscription, "created");
        let price = first_price(&subscription);
        // The first and the latest came with the subscription.
        let latest = nth_at(start, price, now);
        if latest < 2 {
            return None;
        }
        let nth = world.rng().i64(1..latest);
        let second = nth_period(start, price, nth).0;
        let is_new = within.contains(&second)
            && !is_invoiced(&world, &id, second)
            && invoiced.insert((id.clone(), nth));
        is_new.then(|| {
            let details = json!({ "metadata": subscription.get("metadata"), "subscription": id });
            let parent = json!({
                "type": "subscription_details", "quote_details": null, "subscription_details": details,
            });
            (second, json!({ "parent": parent, "billing_reason": "subscription_cycle" }))
        })
    }
}

/// Whether a subscription has an invoice of this second.
fn is_invoiced(world: &World<'_>, subscription: &str, second: i64) -> bool {
    let partition = world.state.partition(world.scope).ok();
    let Some(invoices) = partition.and_then(|partition| partition.collection("invoice")) else {
        return false;
    };
    let key = invoices.index.key("subscription");
    let positions = key.and_then(|key| invoices.positions(key, subscription));
    let (from, to) = (Position::start_of(second), Position::start_of(second + 1));
    positions.is_some_and(|positions| positions.range(from..to).next().is_some())
}
