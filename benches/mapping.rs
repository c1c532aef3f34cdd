//! Mapping one object: the derived struct's cells, against async-stripe's typed object and `serde_json::Value`.

use std::error::Error;
use std::hint::black_box;

use miniserde::Deserialize;
use stripe_sync::__private_0_1_0::map_json;
use stripe_sync::{Context, Origin, StripeSync};
use stripe_sync_benches::models::{Customer, Invoice, Subscription};
use stripe_sync_benches::objects::{CUSTOMER, INVOICE, SUBSCRIPTION, compact, distinct};
use stripe_sync_benches::rounds::{setting, take_turns, verdict};

/// How many times as fast as async-stripe's typed deserialization the mapping is to be.
const TYPED_GOAL: f64 = 2.0;
/// How many times as fast as `serde_json::Value` the mapping is to be.
const VALUE_GOAL: f64 = 4.0;
/// Objects of a page of Stripe's lists.
const PAGE: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    println!("Mapping of one object. Goals: {TYPED_GOAL} x typed, {VALUE_GOAL} x Value\n");
    println!(
        "{:<24} {:>6}  {:>9} {:>9} {:>9}   {:>7} {:>7}",
        "object", "bytes", "mapped", "typed", "Value", "x typed", "x Value"
    );
    compare::<Customer, stripe_shared::Customer>("customer", CUSTOMER)?;
    compare::<Subscription, stripe_shared::Subscription>("subscription", SUBSCRIPTION)?;
    compare::<Invoice, stripe_shared::Invoice>("invoice", INVOICE)
}

/// Both forms of an object: as Stripe sends it, and without the white space.
fn compare<M: StripeSync, T: Deserialize>(name: &str, sent: &str) -> Result<(), Box<dyn Error>> {
    take_turns_on::<M, T>(name, sent)?;
    take_turns_on::<M, T>(&format!("{name}, no spaces"), &compact(sent)?)
}

fn take_turns_on<M: StripeSync, T: Deserialize>(
    name: &str,
    json: &str,
) -> Result<(), Box<dyn Error>> {
    let context = Context::new(Origin::Backfill);
    // Each contestant must really read the object before it is timed.
    map_json(M::MODEL, json, &context)?;
    miniserde::json::from_str::<T>(json)
        .map_err(|_| format!("async-stripe does not read the {name}"))?;

    let objects = distinct(json, PAGE);
    let passes = setting("BENCH_PASSES", 20)?;
    let [mapped, typed, value] = take_turns(
        setting("BENCH_ROUNDS", 21)?,
        [
            &mut || pages(passes, &objects, |json| map_json(M::MODEL, json, &context)),
            &mut || pages(passes, &objects, miniserde::json::from_str::<T>),
            &mut || pages(passes, &objects, serde_json::from_str::<serde_json::Value>),
        ],
    );
    let (over_typed, over_value) = (mapped.faster_than(&typed), mapped.faster_than(&value));
    let micros = |seconds: f64| seconds * 1e6 / (passes * PAGE) as f64;
    println!(
        "{name:<24} {:>6}  {:>6.2} µs {:>6.2} µs {:>6.2} µs   {over_typed:>7.2} {over_value:>7.2}   {}",
        json.len(),
        micros(mapped.median()),
        micros(typed.median()),
        micros(value.median()),
        verdict(over_typed >= TYPED_GOAL && over_value >= VALUE_GOAL),
    );
    Ok(())
}

/// Reads each object of a page, and keeps what came of it until the page is done, as a batch of rows is kept.
fn pages<'o, T>(passes: usize, objects: &'o [String], read: impl Fn(&'o str) -> T) {
    for _ in 0..passes {
        let page: Vec<T> = objects.iter().map(|json| read(black_box(json))).collect();
        black_box(&page);
    }
}
