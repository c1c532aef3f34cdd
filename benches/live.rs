//! Webhooks into PostgreSQL over HTTP: how many are accepted, how soon each is answered, how soon its row is written, and
//! how many reads a burst and each of the policies cost.
//!
//! The sender, the service and the fake Stripe share this process and its processors.

use std::time::Duration;

use stripe_sync::live::EventPolicy;
use stripe_sync_benches::customers::Failed;
use stripe_sync_benches::live::{APART, Service, percentile};
use stripe_sync_benches::rounds::{setting, verdict};

/// Connections that deliver at once.
const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// Between two deliveries when the time to the row is measured: a hundred a second, which leaves the workers idle between.
const PACE: Duration = Duration::from_millis(10);
/// Deliveries of a burst, and the objects that they are about.
const BURST: (usize, usize) = (5_000, 50);
/// The most reads that the burst may cost.
const READS_GOAL: usize = 100;

/// Customers that change one after the other, and how often each, when the policies are compared.
const CHANGES: (usize, usize) = (500, 4);

#[tokio::main]
async fn main() -> Result<(), Failed> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    println!("Webhooks over HTTP, each committed to PostgreSQL before it is answered 200\n");
    println!("connections   accepted/s   answer p50   answer p99");
    for connections in CONNECTIONS {
        accepted(connections).await?;
    }
    println!(
        "\nFrom the delivery to the commit of the row, at 100 deliveries/s, each about another object\n"
    );
    println!("connections      row p50      row p99      longest");
    for connections in CONNECTIONS {
        rows(connections).await?;
    }
    burst().await?;
    policies().await
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// As fast as they are answered, with nobody who processes them.
async fn accepted(connections: usize) -> Result<(), Failed> {
    let count = setting("BENCH_DELIVERIES", 4_000)?;
    let service = Service::start(count, EventPolicy::Refetch).await?;
    let deliveries = service.change(count)?;
    let sent = service.send(deliveries, connections, None).await?;
    println!(
        "{connections:>11} {:>12.0} {:>12} {:>12}",
        count as f64 / sent.time.as_secs_f64(),
        millis(percentile(&sent.answers, 0.5)),
        millis(percentile(&sent.answers, 0.99)),
    );
    service.end().await
}

/// At a pace that is kept, while the workers run.
async fn rows(connections: usize) -> Result<(), Failed> {
    let count = setting("BENCH_ROWS", 1_000)?;
    let mut service = Service::start(count, EventPolicy::Refetch).await?;
    service.work();
    let deliveries = service.change(count)?;
    let sent = service.send(deliveries, connections, Some(PACE)).await?;
    service.rest().await?;
    let rows = service.to_the_row(&sent).await?;
    println!(
        "{connections:>11} {:>12} {:>12} {:>12}",
        millis(percentile(&rows, 0.5)),
        millis(percentile(&rows, 0.99)),
        millis(percentile(&rows, 1.0)),
    );
    service.end().await
}

/// A burst about few objects, over the most connections, while the workers run.
async fn burst() -> Result<(), Failed> {
    let (count, objects) = BURST;
    let mut service = Service::start(objects, EventPolicy::Refetch).await?;
    service.work();
    let deliveries = service.change(count)?;
    let sent = service.send(deliveries, CONNECTIONS[2], None).await?;
    service.rest().await?;
    let rows = service.to_the_row(&sent).await?;
    let reads = service.reads();
    println!(
        "\nA burst of {count} events about {objects} objects, in {:.1} s: {reads} reads (goal {READS_GOAL})   {}\n\
         from the delivery to the row: p50 {}, p99 {}",
        sent.time.as_secs_f64(),
        verdict(reads <= READS_GOAL),
        millis(percentile(&rows, 0.5)),
        millis(percentile(&rows, 0.99)),
    );
    service.end().await
}

/// Each customer changes once, a minute later each once more, while the workers run.
async fn policies() -> Result<(), Failed> {
    let (objects, times) = CHANGES;
    println!(
        "\n{objects} objects in the table, each of which changes {times} times, a minute apart\n"
    );
    println!("  policy   events    reads   reads/event");
    for policy in [EventPolicy::Refetch, EventPolicy::Snapshot] {
        let mut service = Service::start(objects, policy).await?;
        service.work();
        let mut events = 0;
        for _ in 0..times {
            service.fake.advance(APART);
            let deliveries = service.change(objects)?;
            events += deliveries.len();
            service.send(deliveries, CONNECTIONS[1], None).await?;
            service.rest().await?;
        }
        let reads = service.reads();
        println!(
            "{:>8} {events:>8} {reads:>8} {:>13.2}",
            format!("{policy:?}"),
            reads as f64 / events as f64
        );
        service.end().await?;
    }
    Ok(())
}
