//! What a derive costs: the CPU time of compiling 25 structs of 17 fields, five of them with children, against serde's
//! `Deserialize` on the same.

use std::error::Error;
use std::path::Path;

use stripe_sync_benches::generated::{Crate, Derive, Structs};
use stripe_sync_benches::rounds::{Times, setting, verdict};

/// How many times serde's time the derive may take.
const GOAL: f64 = 1.3;
/// Structs in the crate.
const STRUCTS: Structs = Structs {
    count: 25,
    with_children: 5,
};

fn main() -> Result<(), Box<dyn Error>> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let databases = std::env::var("BENCH_DATABASES").unwrap_or_else(|_| "sqlite".to_owned());
    let rounds = setting("BENCH_ROUNDS", 5)?;
    let Structs {
        count,
        with_children,
    } = STRUCTS;
    println!(
        "{count} structs of 17 fields, {with_children} with children, dev profile, not incremental; databases: {databases}"
    );

    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_time");
    let crates = [
        Crate::new(&home, Derive::None, STRUCTS, &databases)?,
        Crate::new(&home, Derive::Deserialize, STRUCTS, &databases)?,
        Crate::new(&home, Derive::StripeSync, STRUCTS, &databases)?,
    ];
    let mut times = [(); 3].map(|()| Times::default());
    for round in 0..=rounds {
        for (krate, times) in crates.iter().zip(&mut times) {
            let time = krate.compile()?;
            // The first round warms the file cache.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let [plain, serde, derived] = times;
    println!("{:<36} {:>8}   times serde's", "", "CPU-s");
    for (name, times) in [
        ("no derive", &plain),
        ("serde's Deserialize", &serde),
        ("StripeSync", &derived),
    ] {
        println!(
            "{name:<36} {:>8.2}   {:>8.2}",
            times.median(),
            serde.faster_than(times)
        );
    }
    let ratio = serde.faster_than(&derived);
    println!("{}: {ratio:.2} (goal {GOAL})", verdict(ratio <= GOAL));
    Ok(())
}
