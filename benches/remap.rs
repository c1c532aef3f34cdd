//! A changed mapping that is filled from the stored objects: rows a second, memory, requests, and whether the rows are those
//! of a fresh run.

use std::time::Instant;

use chrono::{DateTime, Utc};
use stripe_sync::client::{Mode, RateBudget, StripeBuilder};
use stripe_sync::reexport::sqlx::types::Json;
use stripe_sync::{Registry, Store, StripeSync, Syncer, TableName};
use stripe_sync_benches::backfill::numbered::Numbered;
use stripe_sync_benches::customers::{COLUMNS, Failed, WideCustomer};
use stripe_sync_benches::database::{Database, Maria, Postgres, Sqlite};
use stripe_sync_benches::rounds::{setting, verdict};

#[global_allocator]
static HELD: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// The mapping before: fourteen columns fewer.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Narrow {
    id: String,
    created: DateTime<Utc>,
    #[stripe(raw)]
    object: Json<serde_json::Value>,
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let rows = setting("BENCH_ROWS", 100_000)?;
    let only = std::env::var("BENCH_DATABASES").unwrap_or_else(|_| "sqlite,postgres".to_owned());
    println!("{rows} customers of 1.2 kB get 14 columns more");
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
    let database = D::create().await?;
    let result = remap(&database, rows).await;
    database.remove().await?;
    result
}

async fn remap<D: Database>(database: &D, rows: usize) -> Result<(), Failed> {
    let list = Numbered::new(rows.try_into()?)?;
    let old = syncer(database.store(), &list, Registry::new().model::<Narrow>())?;
    old.ensure_table::<Narrow>().await?;
    old.sync_all::<Narrow>().await?;

    let wide = Registry::new().model::<WideCustomer>();
    let new = syncer(database.store(), &list, wide)?;
    new.ensure_table::<WideCustomer>().await?;
    let requests = list.requests();
    HELD.reset_peak_usage();
    let (held, began) = (HELD.current_usage_as_mb(), Instant::now());
    let report = new.remap::<WideCustomer>().await?;
    let (seconds, peak) = (
        began.elapsed().as_secs_f64(),
        HELD.peak_usage_as_mb() - held,
    );
    let requests = list.requests() - requests;

    let place = TableName::new("fresh");
    let fresh = Registry::new().model_at::<WideCustomer>(place);
    let fresh = syncer(database.store(), &list, fresh)?;
    fresh.ensure_table::<WideCustomer>().await?;
    let began = Instant::now();
    fresh.sync_all::<WideCustomer>().await?;
    let fresh_seconds = began.elapsed().as_secs_f64();
    // The hash is of all columns, the whole object among them.
    let columns = COLUMNS.join(", ");
    let columns = columns.replace(", object", ", stripe_hash");
    let same = format!(
        "SELECT COUNT(*) FROM (SELECT {columns} FROM customers INTERSECT SELECT {columns} FROM fresh) AS same"
    );
    let same = database.number(&same).await?;

    println!("\n{}: {report}", D::NAME);
    println!(
        "{:>12.0} rows/s, {:.1} times as fast as a fresh run from memory",
        rows as f64 / seconds,
        fresh_seconds / seconds
    );
    println!("{peak:>12.1} MB held at the most");
    println!("{requests:>12} requests: {}", verdict(requests == 0));
    println!(
        "{same:>12} rows as in a fresh run: {}",
        verdict(usize::try_from(same) == Ok(rows))
    );
    Ok(())
}

fn syncer(store: Store, list: &Numbered, registry: Registry) -> Result<Syncer, Failed> {
    let stripe = StripeBuilder::over(list.clone(), Some(Mode::Test))
        .budget(RateBudget::unlimited())
        .build()?;
    Ok(Syncer::builder(stripe, store).registry(registry).build())
}
