//! The items of a subscription: prices, and the period that they are paid for.

use serde_json::{Value, json};

use crate::clock;
use crate::error::FakeError;
use crate::state::coherence::sales::price::plan_of;
use crate::state::coherence::world::{DAY, World};
use crate::state::coherence::{Draft, id_in, integer, refused};

/// How many prices are looked at: few have both the currency and the interval.
const DRAWS: usize = 32;

/// A recurring price that is sold: in this currency, and with the interval of another.
pub(super) fn recurring(
    world: &mut World<'_>,
    created: i64,
    currency: Option<&str>,
    like: Option<&Value>,
) -> Result<Value, FakeError> {
    let interval = |price: &Value| {
        price.get("recurring").map(|of| {
            (
                of.get("interval").cloned(),
                of.get("interval_count").cloned(),
            )
        })
    };
    let wanted = currency
        .map(str::to_owned)
        .or_else(|| like.and_then(|price| Some(price.get("currency")?.as_str()?.to_owned())));
    let fits = |price: &Value| {
        price.get("type") == Some(&json!("recurring"))
            && price.get("recurring").is_some_and(Value::is_object)
            && price.get("billing_scheme") == Some(&json!("per_unit"))
            && wanted.as_deref().is_none_or(|currency| {
                price.get("currency").and_then(Value::as_str) == Some(currency)
            })
            && like.is_none_or(|like| interval(like) == interval(price))
    };
    if let Some(price) = world.some_in(DRAWS, "price", created, fits) {
        return Ok(price);
    }
    // What old subscriptions are of was sold from the beginning, and later ones find it.
    let created = match world.past {
        true => world.since().min(created),
        false => created,
    };
    let mut given = json!({ "type": "recurring", "billing_scheme": "per_unit", "active": true });
    if let Some(members) = given.as_object_mut() {
        if let Some(currency) = wanted {
            members.insert("currency".to_owned(), currency.into());
        }
        if let Some(recurring) = like.and_then(|like| like.get("recurring")) {
            members.insert("recurring".to_owned(), recurring.clone());
        }
    }
    world.make("price", created, given)
}

/// Stripe subscribes to recurring prices alone.
pub(crate) fn is_recurring(price: &Value) -> Result<(), FakeError> {
    if price.get("type") == Some(&json!("one_time")) {
        return Err(refused(format!(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`: {}",
            id_in(price, "id").unwrap_or_default()
        )));
    }
    Ok(())
}

/// The last item stays as long as its subscription.
pub(crate) fn may_delete(world: &World<'_>, item: &Value) -> Result<(), FakeError> {
    let subscription = id_in(item, "subscription").unwrap_or_default();
    let items = world.children("subscription", subscription, "subscription_item");
    if items.len() > 1 {
        return Ok(());
    }
    Err(refused(
        "A subscription must have at least one active plan. To cancel a subscription, please use the cancel API endpoint.",
    ))
}

/// The period of a price since `start` that holds `until`, Unix seconds.
pub(crate) fn current_period(start: i64, price: Option<&Value>, until: i64) -> (i64, i64) {
    nth_period(start, price, nth_at(start, price, until))
}

/// The interval of a price, and how many of them are a period.
fn interval_of(price: Option<&Value>) -> (&str, i64) {
    let recurring = price.and_then(|price| price.get("recurring"));
    let interval = recurring.and_then(|of| of.get("interval")?.as_str());
    let count = recurring.and_then(|of| of.get("interval_count")?.as_i64());
    (interval.unwrap_or("month"), count.unwrap_or(1).max(1))
}

/// The period of this number since `start`; the first is 0.
pub(crate) fn nth_period(start: i64, price: Option<&Value>, nth: i64) -> (i64, i64) {
    let (interval, count) = interval_of(price);
    let step = |nth: i64| match interval {
        "day" => start + nth * count * DAY,
        "week" => start + nth * count * 7 * DAY,
        "year" => clock::months_after(start, nth * count * 12),
        _ => clock::months_after(start, nth * count),
    };
    (step(nth), step(nth + 1))
}

/// The number of the period that holds `until`.
pub(crate) fn nth_at(start: i64, price: Option<&Value>, until: i64) -> i64 {
    let (interval, count) = interval_of(price);
    // At most as long as a period is: the steps that are left are few.
    let longest = match interval {
        "day" => DAY,
        "week" => 7 * DAY,
        "year" => 366 * DAY,
        _ => 31 * DAY,
    };
    let mut nth = ((until - start) / (longest * count)).max(0);
    while nth_period(start, price, nth).1 <= until {
        nth += 1;
    }
    nth
}

/// An item: the whole price, its plan, and the period of its subscription.
pub(crate) fn settle(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let parent = draft
        .id_in("subscription")
        .or_else(|| draft.parent.map(str::to_owned));
    let subscription = parent
        .as_deref()
        .and_then(|id| world.value("subscription", id));
    let given = world.neighbour_of(draft, "price", "price");
    let price = match given.filter(|_| draft.is_given("price")) {
        Some(price) => Some(price),
        None if draft.is_given("price") => None,
        None => {
            let currency = subscription
                .as_ref()
                .and_then(|of| of.get("currency")?.as_str());
            let first = subscription
                .as_ref()
                .and_then(|of| of.get("items")?.get("data")?.get(0)?.get("price").cloned());
            Some(recurring(world, draft.created, currency, first.as_ref())?)
        }
    };
    if let Some(price) = price {
        is_recurring(&price)?;
        draft.set("plan", plan_of(&price));
        // The whole price stands there, whatever form it was given in.
        let mut whole = price;
        if let (Some(given @ Value::Object(_)), true) =
            (draft.given.get("price"), whole.is_object())
        {
            crate::data::difference::merge(&mut whole, given);
        }
        draft.members.insert("price".to_owned(), whole);
    } else if let Some(price) = draft.members.get("price").cloned().filter(Value::is_object) {
        draft.set("plan", plan_of(&price));
    }
    let start = subscription
        .as_ref()
        .map_or(draft.created, |of| integer(of, "created"));
    let until = subscription
        .as_ref()
        .and_then(|of| of.get("ended_at")?.as_i64())
        .unwrap_or(world.now());
    let (mut start, mut end) = current_period(start, draft.members.get("price"), until);
    let trial = |member: &str| subscription.as_ref()?.get(member)?.as_i64();
    if let (Some(from), Some(to)) = (trial("trial_start"), trial("trial_end"))
        && to > until
    {
        (start, end) = (from, to);
    }
    // One that joins others is paid for with them.
    let first = subscription
        .as_ref()
        .and_then(|of| of.get("items")?.get("data")?.get(0));
    let price = first.and_then(|first| first.get("price"));
    if let Some(first) = first
        && price.is_some_and(|_| interval_of(price) == interval_of(draft.members.get("price")))
    {
        start = integer(first, "current_period_start");
        end = integer(first, "current_period_end");
    }
    draft.set("current_period_start", start);
    draft.set("current_period_end", end);
    draft.set("quantity", 1);
    draft.set("discounts", json!([]));
    draft.set("tax_rates", json!([]));
    draft.clear(&["billing_thresholds", "current_trial"]);
    draft.omit(&["billed_until"]);
    Ok(())
}
