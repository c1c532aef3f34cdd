//! A verification: rows a second beside a second sync, memory at a tenth of the rows and at all of them, and requests.

use std::time::{Duration, Instant};

use stripe_sync::client::{Mode, RateBudget, StripeBuilder};
use stripe_sync::{Syncer, VerifyOptions};
use stripe_sync_benches::backfill::numbered::Numbered;
use stripe_sync_benches::customers::{Failed, WideCustomer};
use stripe_sync_benches::database::{Database, Maria, Postgres, Sqlite};
use stripe_sync_benches::rounds::{setting, verdict};

#[global_allocator]
static HELD: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What is spoiled: rows that differ, that are missing, and that are too many.
const SPOILED: [(&str, u64); 3] = [
    (
        "UPDATE customers SET email = 'spoiled' WHERE id LIKE 'cus_00000001_'",
        10,
    ),
    ("DELETE FROM customers WHERE id LIKE 'cus_00000002_'", 10),
    (
        "UPDATE customers SET id = 'gone_1' WHERE id = 'cus_000000030'",
        2,
    ),
];
/// Requests beside the pages: the lists of test clocks.
const BESIDE: u64 = 1;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let rows = setting("BENCH_ROWS", 100_000)?;
    let only = std::env::var("BENCH_DATABASES").unwrap_or_else(|_| "sqlite,postgres".to_owned());
    println!("a table of {rows} customers of 1.2 kB is verified");
    if only.contains("sqlite") {
        measure::<Sqlite>(rows).await?;
    }
    if only.contains("mysql") {
        measure::<Maria>(rows).await?;
    }
    if only.contains("postgres") {
        measure::<Postgres>(rows).await?;
    }
    Ok(())
}

async fn measure<D: Database>(rows: usize) -> Result<(), Failed> {
    let mut peaks = [0.0; 2];
    for (peak, rows) in peaks.iter_mut().zip([rows / 10, rows]) {
        let database = D::create().await?;
        let measured = verify(&database, rows).await;
        database.remove().await?;
        *peak = measured?;
    }
    let [small, large] = peaks;
    println!(
        "{:>12.2} times the memory of a table with a tenth of the rows: {}",
        large / small,
        verdict(large / small < 2.0)
    );
    Ok(())
}

/// Returns the megabytes that were held at the most.
async fn verify<D: Database>(database: &D, rows: usize) -> Result<f32, Failed> {
    let list = Numbered::new(rows.try_into()?)?;
    let stripe = StripeBuilder::over(list.clone(), Some(Mode::Test))
        .budget(RateBudget::unlimited())
        .build()?;
    let syncer = Syncer::new(stripe, database.store());
    syncer.ensure_table::<WideCustomer>().await?;
    syncer.sync_all::<WideCustomer>().await?;
    let began = Instant::now();
    syncer.sync_all::<WideCustomer>().await?;
    let second_sync = began.elapsed().as_secs_f64();

    for (spoil, _) in SPOILED {
        database.run(spoil).await?;
    }
    let spoiled: u64 = SPOILED.iter().map(|(_, drifts)| drifts).sum();
    let requests = list.requests();
    HELD.reset_peak_usage();
    let (held, began) = (HELD.current_usage_as_mb(), Instant::now());
    let options = VerifyOptions::default().grace(Duration::ZERO);
    let found = syncer.verify_with::<WideCustomer>(options).await?;
    let seconds = began.elapsed().as_secs_f64();
    let peak = HELD.peak_usage_as_mb() - held;
    let requests = list.requests() - requests;

    println!("\n{}, {rows} rows: {}", D::NAME, found.counts);
    println!(
        "{:>12.0} rows/s, {:.2} times as long as a second sync",
        rows as f64 / seconds,
        seconds / second_sync
    );
    println!("{peak:>12.1} MB held at the most");
    let bound = rows.div_ceil(100) as u64 + BESIDE + spoiled;
    println!(
        "{requests:>12} requests, {bound} are the pages and what differs: {}",
        verdict(requests <= bound)
    );
    println!(
        "{:>12} of {spoiled} drifts found: {}",
        found.counts.drifted(),
        verdict(found.counts.drifted() == spoiled)
    );
    Ok(peak)
}
