//! What happens at Stripe while a mirror reads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::testing::{FakeAccount, FakeError, FakeStripe, Phase, RequestView};

use super::elements;
use super::lives;
use super::models::{RESOURCES, resource};

/// The most changes of one resource in one history, so that it ends.
const MOST: usize = 60;

/// How often events may be asked for while items change. Their lists are asked for because of events, too: a run looks for
/// events ten times at the most, and ends equal to Stripe if nothing changes in the end.
const LOOKS: usize = 6;

/// Few contents, so that objects go back to what they were.
pub(crate) fn contents(object: &str, rng: &mut Rng) -> Value {
    let word = ["a", "b", "c"][rng.usize(0..3)];
    match object {
        "customer" => json!({
            "email": format!("{word}@example.com"),
            "balance": rng.i64(-1..2),
            "metadata": {"tenant": word},
        }),
        "product" => json!({"name": word, "active": rng.bool()}),
        "price" => json!({"nickname": word, "active": rng.bool()}),
        "subscription" => json!({"metadata": {"tenant": word}}),
        "subscription_item" => json!({"quantity": rng.i64(1..4), "metadata": {"tenant": word}}),
        "invoice" => json!({"description": word}),
        "tax_rate" => json!({"display_name": word, "active": rng.bool()}),
        "promotion_code" => json!({
            "code": rng.choice(["SUMMER", "Summer", "winter"]),
            "max_redemptions": rng.i64(1..4),
        }),
        _ => json!({"name": word}),
    }
}

/// What may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// Changes that change other objects too.
    pub(crate) cascades: bool,
    /// Objects that no list shows.
    pub(crate) unlisted: bool,
    /// The longest time between two requests, in seconds. Where the `Date` of answers is wrong, what happened within ten
    /// minutes of the first page is looked for.
    pub(crate) pause: u64,
}

/// The longest time between two requests.
pub(crate) const LONG: u64 = 1_000;
/// The same where the `Date` of answers is wrong.
pub(crate) const SHORT: u64 = 40;

fn pick<'a>(ids: &'a [String], rng: &mut Rng) -> Option<&'a String> {
    (!ids.is_empty()).then(|| &ids[rng.usize(0..ids.len())])
}

/// Makes one change of one resource, unless Stripe refuses it: a paid invoice is not deleted. `near` are objects that are preferred:
/// those that were just read.
pub(crate) fn change(
    account: &FakeAccount,
    object: &str,
    near: &[String],
    allowed: Allowed,
    rng: &mut Rng,
) -> Result<bool, FakeError> {
    match attempt(account, object, near, allowed, rng) {
        Err(FakeError::Refused { .. }) => Ok(false),
        changed => changed,
    }
}

fn attempt(
    account: &FakeAccount,
    object: &str,
    near: &[String],
    allowed: Allowed,
    rng: &mut Rng,
) -> Result<bool, FakeError> {
    if rng.u8(0..8) == 0
        && let Some(changed) = lives::change(account, object, allowed, rng)?
    {
        return Ok(changed);
    }
    let contents = contents(object, rng);
    let roll = rng.u8(0..10);
    if roll < 3 {
        return create(account, object, contents, allowed, rng);
    }
    let ids = if allowed.unlisted {
        account.ids(object)
    } else {
        let listed = account.listable(object);
        listed
            .iter()
            .filter_map(|object| Some(object["id"].as_str()?.to_owned()))
            .collect()
    };
    let near: Vec<&String> = near.iter().filter(|id| ids.contains(id)).collect();
    let id = match rng.u8(0..3) {
        // The last one read is the cursor of the next page.
        0 => near.last().copied(),
        1 => rng.choice(near),
        _ => None,
    };
    let Some(id) = id.or_else(|| pick(&ids, rng)) else {
        return Ok(false);
    };
    let is_parent = resource(object).children.is_some();
    match (object, roll) {
        (_, 6 | 7) if is_parent => elements::change(account, object, id, rng),
        ("subscription", 3 | 4) => account.cancel_subscription(id).map(|_| true),
        ("price", 3) => account.update(id, json!({"active": false})).map(|_| true),
        ("customer", 3 | 4) if !allowed.cascades => Ok(false),
        (_, 3 | 4) if !matches!(object, "price" | "tax_rate" | "promotion_code") => {
            account.delete(id).map(|_| true)
        }
        // There and back again within one second.
        (_, 5) => {
            let before = account.get(id);
            account.update(id, contents)?;
            let back = before.as_ref().and_then(|object| object.get("metadata"));
            account.update(id, json!({"metadata": back}))?;
            Ok(true)
        }
        _ => account.update(id, contents).map(|_| true),
    }
}

fn create(
    account: &FakeAccount,
    object: &str,
    mut contents: Value,
    allowed: Allowed,
    rng: &mut Rng,
) -> Result<bool, FakeError> {
    if object == "subscription" {
        let Some(customer) = pick(&account.ids("customer"), rng).cloned() else {
            return Ok(false);
        };
        contents["customer"] = customer.into();
    }
    if object == "subscription_item" {
        let Some(subscription) = pick(&account.ids("subscription"), rng).cloned() else {
            return Ok(false);
        };
        if rng.bool() {
            // As old as the subscription: perhaps not among the ten that it shows.
            contents["created"] = account.get(&subscription).unwrap_or_default()["created"].take();
        }
        contents["subscription"] = subscription.into();
    }
    let made = if object == "price" && allowed.unlisted && rng.u8(0..4) == 0 {
        account.create_unlisted(object, contents)?
    } else {
        account.create(object, contents)?
    };
    // Gone, or changed, in the second in which it came.
    let id = made["id"].as_str().unwrap_or_default();
    match (object, rng.u8(0..6)) {
        ("product" | "coupon" | "invoice" | "subscription_item", 0) => drop(account.delete(id)?),
        (_, 1) => drop(account.update(id, self::contents(object, rng))?),
        _ => {}
    }
    Ok(true)
}

/// Changes objects in answer to requests for their own list, so that every change comes before the last page of it is
/// answered, and its event before the events are asked for: for the last time, where these lead to a list again. Answers
/// the number of changes as it grows.
pub(crate) fn while_lists_are_read(
    fake: &Arc<FakeStripe>,
    seed: u64,
    allowed: Allowed,
) -> Arc<AtomicUsize> {
    let total = Arc::new(AtomicUsize::new(0));
    let made = Arc::new(Mutex::new(BTreeMap::<&str, usize>::new()));
    let looks = Arc::new(AtomicUsize::new(0));
    for phase in [Phase::Before, Phase::After] {
        // The fake holds its scripts: they must not hold the fake.
        let weak = Arc::downgrade(fake);
        let (total, made) = (Arc::clone(&total), Arc::clone(&made));
        let looks = Arc::clone(&looks);
        fake.on_request(phase, move |request: &RequestView| {
            if request.endpoint() == "/v1/events" && phase == Phase::Before {
                looks.fetch_add(1, Ordering::Relaxed);
            }
            let mut resources = RESOURCES.iter();
            let Some(resource) = resources.find(|of| of.list == request.endpoint()) else {
                return;
            };
            if resource.object == "subscription_item" && looks.load(Ordering::Relaxed) > LOOKS {
                return;
            }
            // Each request draws for itself, whichever is answered first.
            let place = request.nth() * 2 + u64::from(phase == Phase::After);
            let mut rng = Rng::with_seed(
                seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .wrapping_add(place)
                    .wrapping_add((resource.object.len() as u64) << 32),
            );
            if rng.u8(0..2) == 0 {
                return;
            }
            let near: Vec<String> = request.ids().map(str::to_owned).collect();
            for _ in 0..rng.usize(1..6) {
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                let made = made.entry(resource.object).or_default();
                if *made >= MOST {
                    return;
                }
                let changed = change(request.account(), resource.object, &near, allowed, &mut rng);
                match changed {
                    Ok(true) => {
                        *made += 1;
                        total.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(false) => {}
                    Err(error) => panic!("a change that Stripe knows: {error}"),
                }
            }
            if rng.u8(0..3) == 0
                && let Some(fake) = weak.upgrade()
            {
                fake.advance(Duration::from_secs([1, 40, allowed.pause][rng.usize(0..3)]));
            }
        });
    }
    total
}
