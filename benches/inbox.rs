//! What a service does in a second when its bookkeeping holds many rows, as a share of what it does when that is empty.

use stripe_sync_benches::customers::Failed;
use stripe_sync_benches::database::{Maria, Postgres, Sqlite};
use stripe_sync_benches::inbox::{Bulk, Filling, Service};
use stripe_sync_benches::rounds::{Times, setting, verdict};

/// The contestants, the empty one first.
const FILLINGS: [(Filling, &str); 4] = [
    (Filling::Empty, "nothing"),
    (Filling::Done(100_000), "100,000 events that are done"),
    (Filling::Done(1_000_000), "1,000,000 events that are done"),
    (Filling::Waiting(200_000), "200,000 messages that wait"),
];

#[tokio::main]
async fn main() -> Result<(), Failed> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let customers = setting("BENCH_ROWS", 1_000)?;
    let rounds = setting("BENCH_ROUNDS", 5)?;
    println!(
        "Events/s from the delivery until the row is written and a handler was told; {customers} customers change in each \
         of {rounds} rounds"
    );
    let only =
        std::env::var("BENCH_DATABASES").unwrap_or_else(|_| "sqlite,mysql,postgres".to_owned());
    if only.contains("sqlite") {
        compare::<Sqlite>(customers, rounds).await?;
    }
    if only.contains("mysql") {
        compare::<Maria>(customers, rounds).await?;
    }
    if only.contains("postgres") {
        compare::<Postgres>(customers, rounds).await?;
    }
    Ok(())
}

/// All services are there at once and take turns.
async fn compare<D: Bulk>(customers: usize, rounds: usize) -> Result<(), Failed> {
    let mut services = Vec::new();
    for (filling, _) in FILLINGS {
        services.push(Service::<D>::start(customers, filling).await?);
    }
    let mut times = vec![Times::default(); services.len()];
    let result = take_turns(&mut services, &mut times, rounds).await;
    for service in services {
        service.end().await?;
    }
    result?;
    print::<D>(customers, &times);
    Ok(())
}

async fn take_turns<D: Bulk>(
    services: &mut [Service<D>],
    times: &mut [Times],
    rounds: usize,
) -> Result<(), Failed> {
    for round in 0..=rounds {
        for (service, times) in services.iter_mut().zip(times.iter_mut()) {
            let time = service.round().await?;
            // The first round warms the caches.
            if round > 0 {
                times.push(time);
            }
        }
    }
    Ok(())
}

fn print<D: Bulk>(customers: usize, times: &[Times]) {
    println!("\n{}\n", D::NAME);
    println!(
        "{:<32} {:>9} {:>9}",
        "the bookkeeping holds", "events/s", "share"
    );
    let Some(empty) = times.first() else { return };
    for (times, (filling, name)) in times.iter().zip(FILLINGS) {
        let share = times.faster_than(empty);
        let goal = match filling {
            Filling::Empty => String::new(),
            _ => format!(
                "   goal {:.0} %: {}",
                D::GOAL * 100.0,
                verdict(share >= D::GOAL)
            ),
        };
        println!(
            "{name:<32} {:>9.0} {:>7.0} %{goal}",
            customers as f64 / times.median(),
            share * 100.0
        );
    }
}
