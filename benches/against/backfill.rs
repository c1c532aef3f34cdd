//! Four resources at once from the fake Stripe, over HTTP, into an empty database.

use stripe_sync::client::{RateBudget, Stripe};
use stripe_sync::{StripeSync, Syncer};

use crate::Failed;
use crate::customers::WideCustomer;
use crate::database::Database;
use crate::meter::Meter;
use crate::resources::{Coupon, Product, Refund};
use crate::task::Task;

pub(crate) async fn measure(
    task: &Task,
    database: &Database,
    meter: &mut Meter<'_>,
) -> Result<(), Failed> {
    let syncer = syncer(task, database)?;
    syncer.ensure_table::<WideCustomer>().await?;
    syncer.ensure_table::<Product>().await?;
    syncer.ensure_table::<Refund>().await?;
    syncer.ensure_table::<Coupon>().await?;
    database.finish_customers().await?;
    meter
        .part("", async {
            tokio::try_join!(
                sync::<WideCustomer>(&syncer),
                sync::<Product>(&syncer),
                sync::<Refund>(&syncer),
                sync::<Coupon>(&syncer),
            )
            .map(drop)
        })
        .await
}

/// A syncer without a limit of its own: the fake has none.
pub(crate) fn syncer(task: &Task, database: &Database) -> Result<Syncer, Failed> {
    let stripe = Stripe::builder(task.key.as_str())
        .base_url(task.url.as_str())
        .budget(RateBudget::unlimited())
        .build()?;
    Ok(Syncer::new(stripe, database.store()))
}

/// All objects of a model, each of which must be new.
pub(crate) async fn sync<M: StripeSync>(syncer: &Syncer) -> Result<(), Failed> {
    let report = syncer.sync_all::<M>().await?;
    if report.seen == 0 || report.inserted != report.seen || !report.is_complete() {
        return Err(format!("not the run that was to be measured: {report}").into());
    }
    Ok(())
}
