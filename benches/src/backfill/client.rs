//! The client's process: it mirrors what its task says, and tells what that cost.

use std::time::Instant;

use serde::Deserialize;
use serde_json::value::RawValue;
use stripe_sync::client::{Meter, Mode, RateBudget, Request, Stripe, StripeBuilder};
use stripe_sync::{Report, SyncError, Syncer};
use tokio::task::JoinSet;

use super::{Outcome, Resource, Source, Task};
use crate::customers::{Failed, WideCustomer};
use crate::database::{Database as _, Postgres};
use crate::list::Listed;
use crate::process::{cpu_time, peak_memory};
use crate::resources::{Coupon, Product, Refund};

/// Does a task.
///
/// # Errors
/// When Stripe or the database fail, or an object is not in its table.
pub async fn mirror(task: &Task) -> Result<Outcome, Failed> {
    let database = Postgres::open(&task.database).await?;
    let syncer = syncer(task, &database).await?;
    for resource in &task.resources {
        make_table(&syncer, *resource).await?;
    }
    if task.resources.contains(&Resource::Customer) {
        let index = "CREATE INDEX customers_email ON customers (email)";
        database.run(index).await?;
    }

    let own_cpu = || cpu_time(std::process::id()).ok_or("the system does not say the CPU time");
    let cpu = own_cpu()?;
    let database_cpu = database.cpu_time().await?;
    let start = Instant::now();
    let mut runs = JoinSet::new();
    for resource in &task.resources {
        runs.spawn(sync(syncer.clone(), *resource));
    }
    let reports = runs.join_all().await;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = own_cpu()?.saturating_sub(cpu).as_secs_f64();
    let peak_kib = peak_memory()?;
    // The connections of the pool are still open, so that their processes still have their times.
    let database_cpu = database
        .cpu_time()
        .await?
        .zip(database_cpu)
        .map(|(after, before)| after.saturating_sub(before).as_secs_f64());

    for report in reports {
        let report = report?;
        if !report.is_complete() {
            return Err(format!("not every object is in its table: {report}").into());
        }
    }
    let mut rows = 0;
    for resource in &task.resources {
        rows += database.count(resource.table()).await?;
    }
    Ok(Outcome {
        seconds,
        rows,
        cpu,
        database_cpu,
        peak_kib,
        held_kib: 0,
    })
}

async fn syncer(task: &Task, database: &Postgres) -> Result<Syncer, Failed> {
    let budget = match task.source {
        // Nobody else uses the account: no headroom.
        Source::AtTheLimit => RateBudget::default().headroom(0.0),
        Source::Unlimited | Source::Memory => RateBudget::unlimited(),
    };
    let stripe = Stripe::builder(task.key.as_str())
        .base_url(task.url.as_str())
        .budget(budget)
        .build()?;
    if task.source != Source::Memory {
        return Ok(Syncer::new(stripe, database.store()));
    }
    let mode = stripe.mode().unwrap_or(Mode::Live);
    let listed = Listed::new(&customers(&stripe).await?)?;
    let stripe = StripeBuilder::over(listed, Some(mode))
        .budget(RateBudget::unlimited())
        .build()?;
    Ok(Syncer::builder(stripe, database.store())
        .account("acct_1032D82eZvKYlo2C", mode.livemode())
        .build())
}

/// All customers, page by page.
async fn customers(stripe: &Stripe) -> Result<Vec<String>, Failed> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
        has_more: bool,
    }
    #[derive(Deserialize)]
    struct Key {
        id: String,
    }

    let meter = Meter::new();
    let mut customers: Vec<String> = Vec::new();
    loop {
        let mut request = Request::get("/v1/customers").query("limit", super::PAGE.to_string());
        if let Some(last) = customers.last() {
            let last: Key = serde_json::from_str(last)?;
            request = request.query("starting_after", last.id);
        }
        let response = stripe.get(request, &meter).await?;
        let page: Page<'_> = serde_json::from_slice(&response.body)?;
        customers.extend(page.data.iter().map(|object| object.get().to_owned()));
        if !page.has_more {
            return Ok(customers);
        }
    }
}

async fn make_table(syncer: &Syncer, resource: Resource) -> Result<(), SyncError> {
    match resource {
        Resource::Customer => syncer.ensure_table::<WideCustomer>().await,
        Resource::Product => syncer.ensure_table::<Product>().await,
        Resource::Refund => syncer.ensure_table::<Refund>().await,
        Resource::Coupon => syncer.ensure_table::<Coupon>().await,
    }
}

async fn sync(syncer: Syncer, resource: Resource) -> Result<Report, SyncError> {
    match resource {
        Resource::Customer => syncer.sync_all::<WideCustomer>().await,
        Resource::Product => syncer.sync_all::<Product>().await,
        Resource::Refund => syncer.sync_all::<Refund>().await,
        Resource::Coupon => syncer.sync_all::<Coupon>().await,
    }
}
