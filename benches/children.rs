//! Invoices and their lines as rows: the lines from the pages of the invoices, against one list for each invoice.
//!
//! Both write to the same database, in tables of their own, and take turns. The fake Stripe is a process of its own.

use std::path::Path;
use std::time::Instant;

use stripe_sync::client::{RateBudget, Stripe};
use stripe_sync::{Report, Syncer};
use stripe_sync_benches::backfill::fake::Fake;
use stripe_sync_benches::children::contestants::{
    Invoice, InvoiceAlone, LineAlone, OF_INVOICES, OF_LINES,
};
use stripe_sync_benches::children::invoices::{least_requests, lines};
use stripe_sync_benches::customers::Failed;
use stripe_sync_benches::database::{Database, Maria, Postgres, Sqlite};
use stripe_sync_benches::rounds::{Times, setting, verdict};

/// Requests of a run besides its pages and the rests of long lists: test clocks, events, and pages where a list was cut.
const FEW_REQUESTS: u64 = 10;

/// How the fake answers, and how often the client asks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// At once, and as often as it is asked.
    AtOnce,
    /// After 100 ms, at the limits of a live account.
    LikeStripe,
}

/// What both ways took, round by round.
#[derive(Default)]
struct Figures {
    with_parents: Times,
    alone: Times,
    requests: [u64; 2],
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let invoices = u64::try_from(setting("BENCH_OBJECTS", 2_000)?)?;
    let rounds = setting("BENCH_ROUNDS", 3)?.max(1);
    let scenarios =
        std::env::var("BENCH_SCENARIOS").unwrap_or_else(|_| "unlimited,limits".to_owned());
    let only =
        std::env::var("BENCH_DATABASES").unwrap_or_else(|_| "sqlite,mysql,postgres".to_owned());
    println!("{invoices} invoices with {} lines", lines(invoices));
    if scenarios.contains("unlimited") {
        println!("\nno latency, no limits, {rounds} rounds");
        let manner = Manner::AtOnce;
        if only.contains("sqlite") {
            measure::<Sqlite>(invoices, rounds, manner).await?;
        }
        if only.contains("mysql") {
            measure::<Maria>(invoices, rounds, manner).await?;
        }
        if only.contains("postgres") {
            measure::<Postgres>(invoices, rounds, manner).await?;
        }
    }
    if scenarios.contains("limits") && only.contains("postgres") {
        println!("\n100 ms, 25 requests/s of an endpoint and 100/s in all, 1 round");
        measure::<Postgres>(invoices, 1, Manner::LikeStripe).await?;
    }
    Ok(())
}

async fn measure<D: Database>(invoices: u64, rounds: usize, manner: Manner) -> Result<(), Failed> {
    let mut arguments = vec![format!("--invoices-with-lines={invoices}")];
    if manner == Manner::LikeStripe {
        arguments.extend(["--latency-ms=100", "--limits=live"].map(str::to_owned));
    }
    let program = Path::new(env!("CARGO_BIN_EXE_fake_stripe"));
    let fake = Fake::start_with(program, &arguments)?;
    let mut figures = Figures::default();
    // The first round of several warms the caches.
    let warm = usize::from(manner == Manner::AtOnce);
    for round in 0..rounds + warm {
        let database = D::create().await?;
        let result = one_round(&database, &fake, manner, invoices, round % 2 == 1).await;
        database.remove().await?;
        let times = result?;
        if round >= warm {
            figures.with_parents.append(times.with_parents);
            figures.alone.append(times.alone);
            figures.requests = times.requests;
        }
    }
    print(D::NAME, &figures, invoices);
    Ok(())
}

/// Both ways into an empty database, in an order that changes.
async fn one_round<D: Database>(
    database: &D,
    fake: &Fake,
    manner: Manner,
    invoices: u64,
    alone_first: bool,
) -> Result<Figures, Failed> {
    let budget = match manner {
        Manner::AtOnce => RateBudget::unlimited(),
        Manner::LikeStripe => RateBudget::default().headroom(0.0),
    };
    let stripe = Stripe::builder(fake.key.as_str())
        .base_url(fake.url.as_str())
        .budget(budget)
        .build()?;
    let syncer = Syncer::new(stripe, database.store());
    syncer.ensure_table::<Invoice>().await?;
    syncer.ensure_table::<InvoiceAlone>().await?;
    syncer.ensure_table::<LineAlone>().await?;
    let mut figures = Figures::default();
    for turn in [alone_first, !alone_first] {
        let began = Instant::now();
        if turn {
            let invoices = syncer.sync_all::<InvoiceAlone>().await?;
            let lines = syncer.sync_all::<LineAlone>().await?;
            figures.alone.push(began.elapsed());
            figures.requests[1] = invoices.requests + lines.requests;
            complete(&[invoices, lines])?;
        } else {
            let report = syncer.sync_all::<Invoice>().await?;
            figures.with_parents.push(began.elapsed());
            figures.requests[0] = report.requests;
            complete(&[report])?;
        }
    }
    same(
        database,
        ["invoices", "invoices_alone"],
        OF_INVOICES,
        invoices,
    )
    .await?;
    same(
        database,
        ["lines", "lines_alone"],
        OF_LINES,
        lines(invoices),
    )
    .await?;
    Ok(figures)
}

fn complete(reports: &[Report]) -> Result<(), Failed> {
    match reports.iter().find(|report| !report.is_complete()) {
        Some(report) => Err(format!("not every object is in its table: {report}").into()),
        None => Ok(()),
    }
}

/// Fails if the tables do not hold the same rows, and as many as there are objects.
async fn same<D: Database>(
    database: &D,
    [one, other]: [&str; 2],
    columns: &str,
    objects: u64,
) -> Result<(), Failed> {
    let same = format!(
        "SELECT COUNT(*) FROM (SELECT {columns} FROM {one} INTERSECT SELECT {columns} FROM {other}) AS same"
    );
    for question in [
        format!("SELECT COUNT(*) FROM {one}"),
        format!("SELECT COUNT(*) FROM {other}"),
        same,
    ] {
        let rows = database.number(&question).await?;
        if u64::try_from(rows) != Ok(objects) {
            return Err(format!("expected {objects} rows, got {rows}: {question}").into());
        }
    }
    Ok(())
}

fn print(name: &str, figures: &Figures, invoices: u64) {
    let rows = (invoices + lines(invoices)) as f64;
    let [with_parents, alone] = figures.requests;
    println!(
        "\n{name:<32} {:>8} {:>8} {:>9}",
        "seconds", "rows/s", "requests"
    );
    let line = |what: &str, times: &Times, requests: u64| {
        let seconds = times.median();
        let speed = rows / seconds;
        println!("{what:<32} {seconds:>8.2} {speed:>8.0} {requests:>9}");
    };
    line(
        "lines with their invoices",
        &figures.with_parents,
        with_parents,
    );
    line("one list for each invoice", &figures.alone, alone);
    println!(
        "with the invoices: {:.1} times as fast, 1/{:.0} of the requests, and the same rows",
        figures.with_parents.faster_than(&figures.alone),
        alone as f64 / with_parents as f64
    );
    let most = least_requests(invoices) + FEW_REQUESTS;
    println!(
        "requests, of at most {most}: {}",
        verdict(with_parents <= most)
    );
}
