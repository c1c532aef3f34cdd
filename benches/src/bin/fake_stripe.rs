//! The fake Stripe in a process of its own: what it costs is not in the figures of the client that it serves.
//!
//! ```text
//! fake_stripe customer=100000 product=500 --latency-ms=100 --limits=live --seed=7 --age-days=1000
//! ```
//!
//! It prints one line of JSON when it is ready, `{"url": …, "key": …}`, and serves until its standard input ends. To
//! each line `counts` on it, it answers with the requests of each endpoint, and how many of them it refused with 429. To
//! `change 2` it answers with the deliveries of two changes of each customer, signed now.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use stripe_sync::testing::{Delivery, FakeStripe, Faults, Mode, RateLimits};
use stripe_sync_benches::against::task::{Deliveries, Signed};
use stripe_sync_benches::children::invoices;
use stripe_sync_benches::strange::strange;

const USAGE: &str = "usage: fake_stripe [OBJECT=COUNT]... [--latency-ms=0] [--limits=none|live|sandbox] [--mode=live|test] \
                     [--seed=0] [--age-days=1095] [--now=1793491200] [--invoices-with-lines=0]";
/// Where the deliveries of `change` would go.
const NOWHERE: &str = "http://127.0.0.1:9/";
/// The fake's clock when it starts: 2026-11-01.
const NOW: i64 = 1_793_491_200;
const DAY: i64 = 86_400;
/// What Stripe answers to a request that it has no room for.
const TOO_MANY_REQUESTS: u16 = 429;

/// What the arguments ask for.
struct Arguments {
    objects: Vec<(String, usize)>,
    latency: Duration,
    limits: RateLimits,
    mode: Mode,
    seed: u64,
    age_days: i64,
    now: i64,
    invoices_with_lines: u64,
}

impl Arguments {
    fn parse(given: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self {
            objects: Vec::new(),
            latency: Duration::ZERO,
            limits: RateLimits::none(),
            mode: Mode::Live,
            seed: 0,
            age_days: 3 * 365,
            now: NOW,
            invoices_with_lines: 0,
        };
        for argument in given {
            let (name, value) = argument
                .split_once('=')
                .ok_or_else(|| format!("`{argument}` is not understood\n{USAGE}"))?;
            let unknown = || format!("`{argument}` is not understood\n{USAGE}");
            match name {
                "--latency-ms" => arguments.latency = Duration::from_millis(value.parse()?),
                "--seed" => arguments.seed = value.parse()?,
                "--age-days" => arguments.age_days = value.parse()?,
                "--now" => arguments.now = value.parse()?,
                "--invoices-with-lines" => arguments.invoices_with_lines = value.parse()?,
                "--limits" => {
                    arguments.limits = match value {
                        "none" => RateLimits::none(),
                        "live" => RateLimits::live(),
                        "sandbox" => RateLimits::sandbox(),
                        _ => return Err(unknown().into()),
                    }
                }
                "--mode" => {
                    arguments.mode = match value {
                        "live" => Mode::Live,
                        "test" => Mode::Test,
                        _ => return Err(unknown().into()),
                    }
                }
                _ if name.starts_with('-') => return Err(unknown().into()),
                object => arguments.objects.push((object.to_owned(), value.parse()?)),
            }
        }
        Ok(arguments)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    // One thread serves; this one waits for lines.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let fake = runtime.block_on(
        FakeStripe::builder()
            .seed(arguments.seed)
            .nasty(strange())
            .mode(arguments.mode)
            .now(arguments.now)
            .account_created(arguments.now - arguments.age_days * DAY)
            .start(),
    )?;
    fake.limits(arguments.limits);
    if !arguments.latency.is_zero() {
        let latency = arguments.latency..arguments.latency;
        fake.faults(Faults::new(arguments.seed).latency(latency));
    }
    let start = Instant::now();
    for (object, count) in &arguments.objects {
        fake.generate(object, *count)?;
    }
    if arguments.invoices_with_lines > 0 {
        invoices::make(&fake, arguments.invoices_with_lines)?;
    }
    say(&json!({
        "url": fake.base_url(),
        "key": fake.secret_key(),
        "account": fake.id(),
        "seconds_to_make": start.elapsed().as_secs_f64(),
    }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["counts"] => say(&counts(&fake))?,
            ["change", times] => say(&change(&fake, times.parse()?)?)?,
            _ => {
                let expected = "`counts` or `change TIMES`";
                return Err(format!("expected {expected}, got `{line}`").into());
            }
        }
    }
    Ok(())
}

/// The requests of each endpoint, and those of them that were refused.
fn counts(fake: &FakeStripe) -> serde_json::Value {
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for request in fake.requests() {
        let endpoint = format!("{} {}", request.method, request.endpoint);
        let [requests, refused] = counts.entry(endpoint).or_default();
        *requests += 1;
        *refused += usize::from(request.status == Some(TOO_MANY_REQUESTS));
    }
    counts
        .into_iter()
        .map(|(endpoint, [requests, refused])| {
            let counts = json!({ "requests": requests, "refused": refused });
            (endpoint, counts)
        })
        .collect()
}

/// Changes all customers, and again in a later second.
fn change(fake: &FakeStripe, times: usize) -> Result<serde_json::Value, Box<dyn Error>> {
    let endpoint = fake
        .webhook_endpoint(NOWHERE)
        .events(["customer.updated"])
        .create()?;
    for time in 0..times {
        fake.advance(Duration::from_secs(1));
        for id in fake.ids("customer") {
            fake.update(&id, json!({ "name": format!("change {time}") }))?;
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = i64::try_from(now)?;
    let sign = |delivery: Delivery| -> Result<Signed, Box<dyn Error>> {
        let headers = delivery.headers(now).into_iter();
        Ok(Signed {
            headers: headers
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            body: String::from_utf8(delivery.body.to_vec())?,
        })
    };
    let deliveries: Result<Vec<Signed>, _> = fake.take_deliveries().into_iter().map(sign).collect();
    Ok(serde_json::to_value(Deliveries {
        secret: endpoint.secret,
        deliveries: deliveries?,
    })?)
}

/// A line that the other side has at once.
fn say(value: &serde_json::Value) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}
