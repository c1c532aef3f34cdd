//! A contestant of `scripts/bench-against`: does one task with the stripe-sync that it is built with, and prints what that
//! cost.
//!
//! The script builds this source, of this tree, with the library of this tree and with that of a revision. So it uses of the
//! library only what users do.

#[path = "../src/customers.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    unreachable_pub,
    reason = "the benchmark of writes uses more of it"
)]
mod customers;
#[path = "../src/list.rs"]
#[allow(
    unreachable_pub,
    reason = "it is a module of the benchmarks' library too"
)]
mod list;
#[path = "../src/objects.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the benchmark of mapping uses more of it"
)]
mod objects;
#[path = "../src/resources.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "rows are written here and never read"
)]
mod resources;
#[path = "../src/against/task.rs"]
#[allow(dead_code, unreachable_pub, reason = "the referee uses more of it")]
mod task;

mod backfill;
mod clock;
mod database;
mod live;
mod meter;
mod statements;
mod writes;

use std::time::Duration;

use crate::database::Database;
use crate::meter::Meter;
use crate::task::{Figure, Task, Work};

/// The error of a contestant: none is handled.
type Failed = Box<dyn std::error::Error>;

/// Longer than any run: the time of a thread that ended is not known.
const THREADS_STAY: Duration = Duration::from_secs(3_600);

fn main() -> Result<(), Failed> {
    let argument = std::env::args().nth(1).ok_or("expected a task, got none")?;
    let task: Task = serde_json::from_str(&argument)?;
    if task.counts_statements {
        statements::count()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_keep_alive(THREADS_STAY)
        .enable_all()
        .build()?;
    let figures = runtime.block_on(work(&task))?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

async fn work(task: &Task) -> Result<Vec<Figure>, Failed> {
    let engine = match task.work {
        Work::Writes(engine) | Work::Backfill(engine) | Work::Live(engine) => engine,
        Work::Mapping => return Err("mapping has a program of its own".into()),
    };
    let database = Database::create(engine).await?;
    let mut meter = Meter::new(&database, task.counts_statements);
    let result = match task.work {
        Work::Writes(_) => writes::measure(&database, &mut meter).await,
        Work::Backfill(_) => backfill::measure(task, &database, &mut meter).await,
        Work::Live(_) => live::measure(task, &database, &mut meter).await,
        Work::Mapping => Ok(()),
    };
    let figures = meter.figures();
    database.remove().await?;
    result.map(|()| figures)
}
