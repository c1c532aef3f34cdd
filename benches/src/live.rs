//! The service that receives webhooks, on PostgreSQL and behind HTTP, and a sender with a number of connections.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use stripe_sync::client::{RateBudget, Stripe};
use stripe_sync::live::{EventPolicy, Live};
use stripe_sync::testing::{Delivery, FakeEndpoint, FakeStripe};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync, Syncer};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

use crate::customers::Failed;
use crate::database::{Database as _, Postgres};
use crate::strange::strange;

/// The path of the route.
const PATH: &str = "/stripe/webhook";
/// How often it is looked whether everything is processed.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How far Stripe's clock is behind this one's, so that it can be advanced and stays in the past.
const SECONDS_BEHIND: i64 = 250;
/// So long after a read Stripe's clock may differ from the one that dated it: a snapshot of sooner is not taken.
pub const APART: Duration = Duration::from_secs(61);

/// A customer, as an application would keep it.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    /// The key.
    pub id: String,
    /// The address that invoices go to.
    pub email: Option<String>,
    /// What the changes of this benchmark change.
    pub name: Option<String>,
    /// The object as Stripe sent it.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

/// A fake Stripe with customers, a database, and the service between them behind HTTP.
#[derive(Debug)]
pub struct Service {
    /// Stripe.
    pub fake: FakeStripe,
    /// The customers' ids.
    pub ids: Vec<String>,
    live: Live,
    database: Postgres,
    url: String,
    server: JoinHandle<Result<(), std::io::Error>>,
    workers: Option<JoinHandle<()>>,
    _endpoint: FakeEndpoint,
}

/// What a sender saw.
#[derive(Debug)]
pub struct Sent {
    /// From the first delivery to the last answer.
    pub time: Duration,
    /// How long each answer took.
    pub answers: Vec<Duration>,
    /// When each event was sent, in milliseconds since 1970.
    at: HashMap<String, i64>,
}

impl Service {
    /// Starts everything but the workers, with customers that are in the table already.
    ///
    /// # Errors
    /// When the database or a socket refuses.
    pub async fn start(customers: usize, policy: EventPolicy) -> Result<Self, Failed> {
        // The senders' client asks for one, though nothing here is encrypted. The second service finds it installed.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        // Of now, because an old event's copy is not taken.
        let fake = FakeStripe::builder()
            .seed(4)
            .nasty(strange())
            .now(now_millis() / 1_000 - SECONDS_BEHIND)
            .start()
            .await?;
        let database = Postgres::create().await?;
        let stripe = Stripe::builder(fake.secret_key().to_owned())
            .base_url(fake.base_url())
            .budget(RateBudget::unlimited())
            .build()?;
        let syncer = Syncer::new(stripe, database.store());
        syncer.ensure_table::<Customer>().await?;
        let ids = fake.generate("customer", customers)?;
        syncer.sync_all::<Customer>().await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}{PATH}", listener.local_addr()?);
        let endpoint = fake
            .webhook_endpoint(&url)
            .events(["customer.updated"])
            .create()?;
        let live = Live::builder(syncer)
            .model_with::<Customer>(policy)
            .secret(WebhookSecret::new(&endpoint.secret)?)
            .catch_up_every(None)
            .build()?;
        let router = live.router(PATH);
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            fake,
            ids,
            live,
            database,
            url,
            server,
            workers: None,
            _endpoint: endpoint,
        })
    }

    /// Starts the workers of one process.
    pub fn work(&mut self) {
        self.workers = Some(tokio::spawn(self.live.clone().run()));
    }

    /// Stops everything and removes the database.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn end(self) -> Result<(), Failed> {
        self.server.abort();
        if let Some(workers) = self.workers {
            workers.abort();
        }
        self.database.remove().await
    }

    /// Changes customers, one after the other, and takes the deliveries of that.
    ///
    /// # Errors
    /// When Stripe refuses.
    pub fn change(&self, changes: usize) -> Result<Vec<Delivery>, Failed> {
        let now = self.fake.now();
        for (number, id) in self.ids.iter().cycle().take(changes).enumerate() {
            // Another name each time: what changes nothing has no event.
            let name = serde_json::json!({"name": format!("change {number} at {now}")});
            self.fake.update(id, name)?;
        }
        Ok(self.fake.take_deliveries())
    }

    /// Sends deliveries over a number of connections, each its next when the last is answered; with a `pace`, one of all
    /// begins at each tick of it.
    ///
    /// # Errors
    /// When an answer is not 200.
    pub async fn send(
        &self,
        deliveries: Vec<Delivery>,
        connections: usize,
        pace: Option<Duration>,
    ) -> Result<Sent, Failed> {
        let ready: Result<Vec<Ready>, Failed> = deliveries.iter().map(Ready::new).collect();
        let waiting = Arc::new(Mutex::new(ready?.into_iter()));
        let mut senders = JoinSet::new();
        let began = Instant::now();
        let ticks = pace.map(tokio::time::interval);
        let ticks = Arc::new(Mutex::new(ticks));
        for _ in 0..connections {
            // A client of its own has a connection of its own.
            let client = reqwest::Client::new();
            let (waiting, ticks) = (Arc::clone(&waiting), Arc::clone(&ticks));
            let url = self.url.clone();
            senders.spawn(async move {
                let mut seen = Vec::new();
                loop {
                    if let Some(ticks) = ticks.lock().await.as_mut() {
                        ticks.tick().await;
                    }
                    let Some(ready) = waiting.lock().await.next() else {
                        return Ok::<_, String>(seen);
                    };
                    let (at, sent) = (now_millis(), Instant::now());
                    let request = client.post(&url).headers(ready.headers).body(ready.body);
                    let answer = request.send().await.map_err(|error| error.to_string())?;
                    let status = answer.status();
                    answer.bytes().await.map_err(|error| error.to_string())?;
                    if status != 200 {
                        return Err(format!("{} was answered {status}", ready.event));
                    }
                    seen.push((ready.event, at, sent.elapsed()));
                }
            });
        }
        let mut sent = Sent {
            time: Duration::ZERO,
            answers: Vec::new(),
            at: HashMap::new(),
        };
        while let Some(seen) = senders.join_next().await {
            for (event, at, answer) in seen?? {
                sent.answers.push(answer);
                sent.at.insert(event, at);
            }
        }
        sent.time = began.elapsed();
        Ok(sent)
    }

    /// Waits until everything is processed.
    ///
    /// # Errors
    /// When an event failed for the last time, or the database fails.
    pub async fn rest(&self) -> Result<(), Failed> {
        loop {
            let counts = self.live.counts().await?;
            if counts.dead > 0 {
                return Err(format!("events failed: {counts:?}").into());
            }
            if counts.pending == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// How long each of the sent events took from its sending to the commit of its row.
    ///
    /// # Errors
    /// When one of them is not done, or the database fails.
    pub async fn to_the_row(&self, sent: &Sent) -> Result<Vec<Duration>, Failed> {
        let done: HashMap<String, i64> = self.database.events_done().await?.into_iter().collect();
        sent.at
            .iter()
            .map(|(event, at)| {
                let done = done
                    .get(event)
                    .ok_or_else(|| format!("{event} is not done"))?;
                Ok(Duration::from_millis(u64::try_from(done - at).unwrap_or(0)))
            })
            .collect()
    }

    /// How many single customers were read.
    pub fn reads(&self) -> usize {
        let requests = self.fake.requests();
        let reads = requests
            .iter()
            .filter(|request| request.endpoint == "/v1/customers/{id}");
        reads.count()
    }
}

/// A delivery that is signed already: that is Stripe's work and not the receiver's.
struct Ready {
    event: String,
    headers: HeaderMap,
    body: reqwest::Body,
}

impl Ready {
    fn new(delivery: &Delivery) -> Result<Self, Failed> {
        let mut headers = HeaderMap::new();
        for (name, value) in delivery.headers(now_millis() / 1_000) {
            headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        Ok(Self {
            event: delivery.event_id.clone(),
            headers,
            body: delivery.body.clone().into(),
        })
    }
}

fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// The time that this share of the times does not exceed.
pub fn percentile(times: &[Duration], share: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let place = (times.len() as f64 * share).ceil() as usize;
    let last = times.len().saturating_sub(1);
    times
        .get(place.saturating_sub(1).min(last))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 0.99), Duration::from_millis(198));
        assert_eq!(percentile(&times, 0.5), Duration::from_millis(100));
        assert_eq!(percentile(&times[..1], 0.99), Duration::from_millis(200));
    }
}
