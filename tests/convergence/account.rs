//! What an account holds before the first request.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use stripe_sync::testing::{FakeError, FakeStripe};

use super::elements;
use super::models::RESOURCES;

/// The most objects of one resource: some pages, and not more than a debug build makes in a moment.
const MOST: usize = 450;
/// The most subscriptions whose items are mirrored: a page of them and a few, as each is a list.
const MOST_PARENTS: usize = 110;

/// Resources of which the second shows changes of the first and no event tells: a subscription has its whole price, and what a
/// subscription is charged has no run left that would find it, nor has a customer who got an invoice. In a coherent account only
/// one of them is mirrored.
const REACHING: [(&str, &str); 8] = [
    ("price", "subscription"),
    ("price", "subscription_item"),
    ("tax_rate", "subscription"),
    ("subscription", "invoice"),
    ("subscription_item", "invoice"),
    ("subscription", "customer"),
    ("subscription_item", "customer"),
    ("invoice", "customer"),
];

/// Fills the fake, and answers which resources are to be mirrored.
pub(crate) fn fill(
    fake: &FakeStripe,
    coherent: bool,
    rng: &mut Rng,
) -> Result<Vec<String>, FakeError> {
    let count = rng.usize(1..=3);
    let mut chosen = rng.choose_multiple(0..RESOURCES.len(), count);
    chosen.sort_unstable();
    let is = |at: &usize, object: &str| RESOURCES[*at].object == object;
    if chosen.iter().any(|at| is(at, "subscription_item")) {
        chosen.retain(|at| !is(at, "subscription"));
    }
    for (first, second) in REACHING {
        if coherent && chosen.iter().any(|at| is(at, first)) {
            chosen.retain(|at| !is(at, second));
        }
    }
    for at in &chosen {
        let object = RESOURCES[*at].object;
        if matches!(object, "subscription" | "subscription_item") {
            fake.generate("customer", 5)?;
        }
        if object == "subscription_item" {
            items(fake, rng)?;
            continue;
        }
        let made = fake.generate(object, size(rng))?;
        for id in made {
            // As many inside the filter as outside, and some pages of neither.
            match object {
                "tax_rate" => drop(fake.update(&id, json!({"active": rng.bool()}))?),
                "promotion_code" => {
                    let code = ["SUMMER", "summer", "winter"][rng.usize(0..3)];
                    drop(fake.update(&id, json!({"code": code}))?);
                }
                _ => {}
            }
        }
        if rng.u8(0..3) == 0 {
            // A burst in one second, sometimes the account's first or last.
            let second = match rng.u8(0..4) {
                0 => fake.now() - 3 * 365 * 86_400,
                1 => fake.now(),
                _ => fake.now() - rng.i64(0..1_000 * 86_400),
            };
            fake.generate_between(object, rng.usize(1..130), second..=second)?;
        }
        if matches!(object, "coupon" | "product") && rng.bool() {
            fake.create(object, json!({"id": format!("{object}_0")}))?;
        }
        elements::long_lists(fake, object, rng)?;
        match object {
            "price" => {
                for _ in 0..rng.usize(0..6) {
                    fake.create_unlisted(object, json!({}))?;
                }
            }
            "customer" | "subscription" if rng.u8(0..3) == 0 => on_clock(fake, object, rng)?,
            _ => {}
        }
    }
    // What was made just now would be news to a run that begins now.
    fake.advance(Duration::from_secs(rng.u64(3_600..90_000)));
    Ok(chosen
        .into_iter()
        .map(|at| RESOURCES[at].object.to_owned())
        .collect())
}

/// Subscriptions with their items, one with more of them than an object shows, or a page.
fn items(fake: &FakeStripe, rng: &mut Rng) -> Result<(), FakeError> {
    let count = [1, 3, rng.usize(1..30), rng.usize(30..MOST_PARENTS)][rng.usize(0..4)];
    let parents = fake.generate("subscription", count)?;
    for _ in 0..[0, 11, 102][rng.usize(0..3)] {
        // Of any time, so that the ten that are shown are not always the newest changed.
        let created = fake.now() - rng.i64(0..1_000 * 86_400);
        let child = json!({"subscription": parents[0], "created": created});
        fake.create("subscription_item", child)?;
    }
    if rng.u8(0..3) == 0 {
        on_clock(fake, "subscription", rng)?;
    }
    Ok(())
}

/// Sizes at and around the boundaries of pages, small ones, and all others.
fn size(rng: &mut Rng) -> usize {
    match rng.u8(0..8) {
        0 => rng.usize(0..4),
        1 => [99, 100, 101, 200, 300][rng.usize(0..5)],
        2 => rng.usize(0..100),
        _ => rng.usize(100..=MOST),
    }
}

/// Objects that the usual list hides.
fn on_clock(fake: &FakeStripe, object: &str, rng: &mut Rng) -> Result<(), FakeError> {
    for clock in fake.generate("test_helpers.test_clock", rng.usize(1..3))? {
        for _ in 0..rng.usize(0..4) {
            // A clock's time may lie in the future.
            let created = fake.now() + [0, rng.i64(0..900 * 86_400)][rng.usize(0..2)];
            let new = json!({"test_clock": clock, "created": created});
            let customer = fake.create("customer", new)?;
            if object == "subscription" {
                fake.create(
                    object,
                    json!({"customer": customer["id"], "test_clock": clock, "created": created}),
                )?;
            }
        }
    }
    Ok(())
}
