//! A service whose bookkeeping holds rows already, and what it does in a round: events are delivered, their objects are read and
//! written, and a handler is told of each.

mod filling;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use stripe_sync::Syncer;
use stripe_sync::client::{RateBudget, Stripe};
use stripe_sync::live::Live;
use stripe_sync::testing::{Delivery, FakeEndpoint, FakeStripe};
use stripe_sync::webhook::WebhookSecret;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub use filling::{Bulk, Filling};

use crate::customers::Failed;
use crate::live::Customer;
use crate::strange::strange;

/// Deliveries that are under way at once.
const AT_ONCE: usize = 8;
/// A service forgets what is old when it starts, which no round is to pay for.
const SETTLE: Duration = Duration::from_secs(3);
/// A round that has not come to its end by then hangs.
const LONGEST: Duration = Duration::from_secs(600);
const URL: &str = "https://example.com/stripe";
const CHANGED: &str = "customer.updated";

/// A fake Stripe with customers, a database, and the service between them.
#[derive(Debug)]
pub struct Service<D> {
    fake: FakeStripe,
    ids: Vec<String>,
    live: Live,
    database: D,
    endpoint: FakeEndpoint,
    /// How many events the handler was told of.
    told: watch::Receiver<usize>,
    worker: JoinHandle<()>,
    rounds: usize,
}

impl<D: Bulk> Service<D> {
    /// Starts a service with so many customers in its table, whose bookkeeping is filled.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start(customers: usize, filling: Filling) -> Result<Self, Failed> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let fake = FakeStripe::builder()
            .seed(4)
            .nasty(strange())
            .now(i64::try_from(now)?)
            .start()
            .await?;
        let database = D::create().await?;
        let stripe = Stripe::builder(fake.secret_key().to_owned())
            .base_url(fake.base_url())
            .budget(RateBudget::unlimited())
            .build()?;
        let syncer = Syncer::new(stripe, database.store());
        syncer.ensure_table::<Customer>().await?;
        let ids = fake.generate("customer", customers)?;
        syncer.sync_all::<Customer>().await?;
        let endpoint = fake.webhook_endpoint(URL).events([CHANGED]).create()?;
        let (tell, told) = watch::channel(0);
        let tell = Arc::new(tell);
        let live = Live::builder(syncer)
            .model::<Customer>()
            .secret(WebhookSecret::new(&endpoint.secret)?)
            .catch_up_every(None)
            .on(CHANGED, move |_| {
                let tell = Arc::clone(&tell);
                async move {
                    tell.send_modify(|told| *told += 1);
                    Ok(())
                }
            })
            .build()?;
        // The tables of events are made with the first question for them.
        live.counts().await?;
        filling.fill(&database, fake.id(), customers).await?;
        let worker = tokio::spawn(live.clone().run());
        tokio::time::sleep(SETTLE).await;
        Ok(Self {
            fake,
            ids,
            live,
            database,
            endpoint,
            told,
            worker,
            rounds: 0,
        })
    }

    /// Each customer changes once. Returns the time from the first delivery until the handler was told of all.
    ///
    /// # Errors
    /// When a delivery is not taken, when it takes too long, or when messages that were to wait came due: a run of more than half an
    /// hour has too many rounds.
    pub async fn round(&mut self) -> Result<Duration, Failed> {
        self.rounds += 1;
        for id in &self.ids {
            // What changes nothing has no event.
            let name = serde_json::json!({"name": format!("round {}", self.rounds)});
            self.fake.update(id, name)?;
        }
        let deliveries = self.fake.take_deliveries();
        let all = self.rounds * self.ids.len();
        let signed: Result<Vec<_>, Failed> = deliveries.into_iter().map(signed).collect();
        let mut waiting = signed?.into_iter();
        let (mut under_way, began) = (JoinSet::new(), Instant::now());
        loop {
            while under_way.len() < AT_ONCE
                && let Some((headers, delivery)) = waiting.next()
            {
                let live = self.live.clone();
                under_way
                    .spawn(async move { live.receive(&headers, delivery.body).await.status() });
            }
            match under_way.join_next().await {
                None => break,
                Some(status) => {
                    let status = status?;
                    if status != 200 {
                        return Err(format!("a delivery was answered with {status}").into());
                    }
                }
            }
        }
        let told = self.told.wait_for(|told| *told >= all);
        let told = *tokio::time::timeout(LONGEST, told).await??;
        let time = began.elapsed();
        if told > all {
            return Err(format!("the handler was told {told} times, expected {all}: messages that were to wait came due").into());
        }
        Ok(time)
    }

    /// Stops the service and removes the database.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn end(self) -> Result<(), Failed> {
        self.worker.abort();
        drop((self.live, self.endpoint));
        self.database.remove().await
    }
}

/// Signs a delivery: that is Stripe's work and not the receiver's.
fn signed(delivery: Delivery) -> Result<(HeaderMap, Delivery), Failed> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut headers = HeaderMap::new();
    for (name, value) in delivery.headers(i64::try_from(now)?) {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok((headers, delivery))
}
