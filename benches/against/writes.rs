//! Syncs of customers from a list in memory: mapping, comparing and writing, without HTTP.

use stripe_sync::client::{Mode, RateBudget, StripeBuilder};
use stripe_sync::{Report, Syncer};

use crate::Failed;
use crate::customers::{Customers, WideCustomer};
use crate::database::Database;
use crate::list::Listed;
use crate::meter::Meter;

/// Customers in the list. A first sync of them is a sample of more than 0.3 CPU seconds.
const ROWS: usize = 20_000;
/// Of how many customers one changes.
const CHANGED_OF: usize = 10;
/// Syncs in a sample without changes, and in one with them: they are faster than a first one.
const UNCHANGED_TIMES: usize = 2;
const CHANGED_TIMES: usize = 2;

pub(crate) async fn measure(database: &Database, meter: &mut Meter<'_>) -> Result<(), Failed> {
    let customers = Customers::new(ROWS);
    let mixed: Vec<String> = customers
        .first
        .iter()
        .zip(customers.changed)
        .enumerate()
        .map(|(number, (first, changed))| match number % CHANGED_OF {
            0 => changed,
            _ => first.clone(),
        })
        .collect();
    let first = syncer(&customers.first, database)?;
    let mixed = syncer(&mixed, database)?;
    first.ensure_table::<WideCustomer>().await?;
    database.finish_customers().await?;

    let rows = ROWS as u64;
    let few = rows / CHANGED_OF as u64;
    meter
        .part("first", async {
            sync(&first, |report| report.inserted, rows).await
        })
        .await?;
    meter
        .part("no change", async {
            for _ in 0..UNCHANGED_TIMES {
                sync(&first, |report| report.unchanged, rows).await?;
            }
            Ok(())
        })
        .await?;
    meter
        .part("a tenth changed", async {
            // To the changed balance and back.
            for syncer in [&mixed, &first].into_iter().cycle().take(CHANGED_TIMES) {
                sync(syncer, |report| report.updated, few).await?;
            }
            Ok(())
        })
        .await
}

/// One run, in which so many rows must have met with this fate.
async fn sync(syncer: &Syncer, fate: fn(&Report) -> u64, expected: u64) -> Result<(), Failed> {
    let report = syncer.sync_all::<WideCustomer>().await?;
    if report.seen != ROWS as u64 || fate(&report) != expected {
        return Err(format!("not the run that was to be measured: {report}").into());
    }
    Ok(())
}

fn syncer(objects: &[String], database: &Database) -> Result<Syncer, Failed> {
    let stripe = StripeBuilder::over(Listed::new(objects)?, Some(Mode::Test))
        .budget(RateBudget::unlimited())
        .build()?;
    Ok(Syncer::builder(stripe, database.store())
        .account("acct_1032D82eZvKYlo2C", false)
        .build())
}
