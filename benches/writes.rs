//! A first sync, one where every row changed and one where none did, against one row at a time and against COPY.

use std::error::Error;
use std::time::{Duration, Instant};

use stripe_sync::client::{Mode, RateBudget, StripeBuilder};
use stripe_sync::{Report, Store, Syncer};
use stripe_sync_benches::customers::{Customers, Values, WideCustomer, values};
use stripe_sync_benches::database::{Database, Maria, Postgres, Sqlite, per_row};
use stripe_sync_benches::list::Listed;
use stripe_sync_benches::rounds::{Times, setting, verdict};

/// The least share of COPY's rows a second that a first sync is to reach.
const COPY_GOAL: f64 = 0.5;
/// How many times the rows a second of a rewrite a sync without changes is to reach.
const UNCHANGED_GOAL: f64 = 4.0;
/// The most bytes of WAL a row that a sync without changes is to write.
const WAL_GOAL: f64 = 10.0;
/// Rows in a transaction of the program that writes one row at a time: a page.
const PAGE: usize = 100;
/// Autocommit waits for the disk at each row, so a part of the rows is enough.
const AUTOCOMMIT_SHARE: usize = 10;

/// What is written, made before the clock runs.
struct Work {
    customers: Customers,
    first: Vec<Values>,
    changed: Vec<Values>,
    rounds: usize,
}

/// The times of the contestants for one row.
#[derive(Default)]
struct Figures {
    first: Times,
    changed: Times,
    unchanged: Times,
    autocommit: Times,
    transactions: Times,
    rewrite: Times,
    copy: Times,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let rows = setting("BENCH_ROWS", 20_000)?;
    let customers = Customers::new(rows);
    let work = Work {
        first: values(&customers.first)?,
        changed: values(&customers.changed)?,
        customers,
        rounds: setting("BENCH_ROUNDS", 5)?,
    };
    println!(
        "{rows} customers of 17 columns, one index, 1.2 kB of JSON; {} rounds",
        work.rounds
    );

    let only =
        std::env::var("BENCH_DATABASES").unwrap_or_else(|_| "sqlite,mysql,postgres".to_owned());
    if only.contains("sqlite") {
        let sqlite = Sqlite::create().await?;
        let result = compare(&sqlite, &work).await;
        sqlite.remove().await?;
        print(Sqlite::NAME, &result?);
    }
    if only.contains("mysql") {
        let maria = Maria::create().await?;
        let result = compare(&maria, &work).await;
        maria.remove().await?;
        print(Maria::NAME, &result?);
    }
    if only.contains("postgres") {
        let mut postgres = Postgres::create().await?;
        let result = postgres_and_its_ceiling(&mut postgres, &work).await;
        postgres.remove().await?;
        result?;
    }
    Ok(())
}

async fn compare<D: Database>(database: &D, work: &Work) -> Result<Figures, Box<dyn Error>> {
    let mut figures = Figures::default();
    for round in 0..=work.rounds {
        let mut times = Figures::default();
        one_round(database, work, &mut times).await?;
        // The first round warms the caches.
        if round > 0 {
            figures.append(times);
        }
    }
    Ok(figures)
}

async fn one_round<D: Database>(
    database: &D,
    work: &Work,
    times: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let few = &work.first[..work.first.len().div_ceil(AUTOCOMMIT_SHARE)];
    database.make_plain_table().await?;
    times
        .autocommit
        .push(database.time_one_by_one(few, 1).await?);
    database.make_plain_table().await?;
    times
        .transactions
        .push(database.time_one_by_one(&work.first, PAGE).await?);
    times
        .rewrite
        .push(database.time_one_by_one(&work.changed, PAGE).await?);

    database.run("DROP TABLE IF EXISTS customers").await?;
    let syncer = syncer(&work.customers.first, database.store())?;
    syncer.ensure_table::<WideCustomer>().await?;
    database.run(D::FINISH_TABLE).await?;
    times
        .first
        .push(sync(&syncer, |report| report.inserted).await?);
    times
        .unchanged
        .push(sync(&syncer, |report| report.unchanged).await?);
    let syncer = self::syncer(&work.customers.changed, database.store())?;
    times
        .changed
        .push(sync(&syncer, |report| report.updated).await?);
    Ok(())
}

/// One run, whose rows must all have met with the same fate. The time for one row.
async fn sync(syncer: &Syncer, fate: fn(&Report) -> u64) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let report = syncer.sync_all::<WideCustomer>().await?;
    let time = start.elapsed();
    if report.seen == 0 || fate(&report) != report.seen {
        return Err(format!("not the run that was to be measured: {report}").into());
    }
    Ok(per_row(time, usize::try_from(report.seen)?))
}

fn syncer(objects: &[String], store: Store) -> Result<Syncer, Box<dyn Error>> {
    let stripe = StripeBuilder::over(Listed::new(objects)?, Some(Mode::Test))
        .budget(RateBudget::unlimited())
        .build()?;
    Ok(Syncer::builder(stripe, store)
        .account("acct_1032D82eZvKYlo2C", false)
        .build())
}

impl Figures {
    fn append(&mut self, other: Self) {
        self.first.append(other.first);
        self.changed.append(other.changed);
        self.unchanged.append(other.unchanged);
        self.autocommit.append(other.autocommit);
        self.transactions.append(other.transactions);
        self.rewrite.append(other.rewrite);
        self.copy.append(other.copy);
    }
}

fn print(name: &str, figures: &Figures) {
    println!("\n{name:<44} {:>8}   times as fast as", "rows/s");
    println!(
        "{:<44} {:>8}   {:>10} {:>10}",
        "", "", "autocommit", "100 a tx"
    );
    let line = |what: &str, times: &Times, before: &Times| {
        println!(
            "{what:<44} {:>8.0}   {:>10.2} {:>10.2}",
            1.0 / times.median(),
            times.faster_than(&figures.autocommit),
            times.faster_than(before),
        );
    };
    line(
        "one row at a time, autocommit",
        &figures.autocommit,
        &figures.transactions,
    );
    line(
        "one row at a time, 100 a transaction",
        &figures.transactions,
        &figures.transactions,
    );
    line(
        "the same again, every row changed",
        &figures.rewrite,
        &figures.rewrite,
    );
    line("first sync", &figures.first, &figures.transactions);
    line("every row changed", &figures.changed, &figures.rewrite);
    line("no row changed", &figures.unchanged, &figures.rewrite);
    let over_rewrite = figures.unchanged.faster_than(&figures.changed);
    println!(
        "no change over a rewrite: {over_rewrite:.2} x   {} (goal {UNCHANGED_GOAL})",
        verdict(over_rewrite >= UNCHANGED_GOAL)
    );
}

async fn postgres_and_its_ceiling(
    postgres: &mut Postgres,
    work: &Work,
) -> Result<(), Box<dyn Error>> {
    let mut figures = Figures::default();
    for round in 0..=work.rounds {
        let mut times = Figures::default();
        times.copy.push(postgres.time_copy(&work.first).await?);
        one_round(postgres, work, &mut times).await?;
        if round > 0 {
            figures.append(times);
        }
    }
    print(Postgres::NAME, &figures);
    let share = figures.first.faster_than(&figures.copy);
    println!(
        "first sync over COPY ({:.0} rows/s): {share:.2}   {} (goal {COPY_GOAL})",
        1.0 / figures.copy.median(),
        verdict(share >= COPY_GOAL)
    );

    // The table holds the changed rows now.
    let mark = postgres.mark().await?;
    let quiet = syncer(&work.customers.changed, postgres.store())?;
    sync(&quiet, |report| report.unchanged).await?;
    drop(quiet);
    let wal = postgres.wal_since(&mark).await?;
    let bytes = wal.bytes as f64 / work.first.len() as f64;
    println!(
        "no row changed: {bytes:.1} bytes of WAL a row ({:.1} more of full-page images), {} rows updated, {} dead   {} (goal {WAL_GOAL})",
        wal.page_images as f64 / work.first.len() as f64,
        wal.updated,
        wal.dead,
        verdict(bytes < WAL_GOAL && wal.updated == 0 && wal.dead == 0)
    );
    Ok(())
}
