//! Deliveries of webhooks, received and then processed. The HTTP server around them is the application's and not here.

use std::io::Write as _;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use stripe_sync::live::Live;
use stripe_sync::webhook::WebhookSecret;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::Failed;
use crate::backfill::{sync, syncer};
use crate::customers::WideCustomer;
use crate::database::Database;
use crate::meter::Meter;
use crate::task::{Deliveries, READY, Signed, Task};

/// Deliveries that are received at once, as from a web server.
const AT_ONCE: usize = 8;

pub(crate) async fn measure(
    task: &Task,
    database: &Database,
    meter: &mut Meter<'_>,
) -> Result<(), Failed> {
    let syncer = syncer(task, database)?;
    syncer.ensure_table::<WideCustomer>().await?;
    database.finish_customers().await?;
    sync::<WideCustomer>(&syncer).await?;
    let given = changes()?;
    let live = Live::builder(syncer)
        .model::<WideCustomer>()
        .secret(WebhookSecret::new(&given.secret)?)
        .build()?;
    let ready: Result<Vec<Ready>, Failed> = given.deliveries.into_iter().map(Ready::new).collect();
    let ready = ready?;
    let events = ready.len() as u64;

    meter.part("deliver", deliver(&live, ready)).await?;
    meter
        .part("process", async {
            let processed = live.drain().await?;
            if processed.events != events {
                return Err(format!("{} of {events} events are done", processed.events).into());
            }
            Ok(())
        })
        .await?;

    let stale = "SELECT count(*) FROM customers WHERE name IS NULL OR name NOT LIKE 'change %'";
    match database.number(stale).await? {
        0 => Ok(()),
        rows => Err(format!("{rows} rows are not as Stripe has them").into()),
    }
}

/// Says that the table is filled, and waits for what changes after that.
fn changes() -> Result<Deliveries, Failed> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{READY}")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// A request as a web server hands it on.
struct Ready {
    headers: HeaderMap,
    body: String,
}

impl Ready {
    fn new(signed: Signed) -> Result<Self, Failed> {
        let mut headers = HeaderMap::new();
        for (name, value) in signed.headers {
            headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        let body = signed.body;
        Ok(Self { headers, body })
    }
}

async fn deliver(live: &Live, ready: Vec<Ready>) -> Result<(), Failed> {
    let waiting = Arc::new(Mutex::new(ready.into_iter()));
    let mut senders = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (live, waiting) = (live.clone(), Arc::clone(&waiting));
        senders.spawn(async move {
            loop {
                let Some(ready) = waiting.lock().await.next() else {
                    return Ok(());
                };
                let answer = live.receive(&ready.headers, ready.body).await;
                if answer.status() != StatusCode::OK {
                    return Err(format!("a delivery was answered {answer:?}"));
                }
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    Ok(())
}
