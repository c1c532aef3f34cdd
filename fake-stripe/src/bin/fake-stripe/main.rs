//! The fake Stripe as a program: for everyone who calls Stripe, in whichever language.

mod arguments;
mod objects;

use std::collections::HashSet;
use std::error::Error;
use std::future::pending;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser as _;
use fake_stripe::{FakeError, FakeStripe, Faults, Mode, Nasty, Versions};
use tokio::time::{Interval, interval};

use crate::arguments::Arguments;
use crate::objects::{Amount, Changes};

/// How often the fake's clock is moved, and new warnings are printed.
const TICK: Duration = Duration::from_millis(200);
const USAGE: u8 = 2;
/// Requests that the control API shows.
const REQUESTS: usize = 10_000;

/// Why the program ends, and its exit code.
#[derive(Debug)]
enum Failure {
    /// The arguments are wrong.
    Usage(String),
    /// Something is wrong outside.
    Failed(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<FakeError> for Failure {
    fn from(error: FakeError) -> Self {
        let cause = error.source().map(|cause| format!(": {cause}"));
        Self::Failed(format!("{error}{}", cause.unwrap_or_default()))
    }
}

fn main() -> ExitCode {
    let ended = start(Arguments::parse());
    let (message, code) = match ended {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => (message, ExitCode::from(USAGE)),
        Err(Failure::Failed(message)) => (message, ExitCode::FAILURE),
    };
    // Nobody reads a closed standard error.
    let _ = writeln!(io::stderr(), "error: {message}");
    code
}

fn start(arguments: Arguments) -> Result<(), Failure> {
    let amounts = arguments.objects.iter().map(|text| Amount::parse(text));
    let amounts = amounts
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::Usage)?;
    let changes = match arguments.changes {
        Some(rate) => {
            let changes = Changes::new(&amounts, arguments.seed).map_err(Failure::Usage)?;
            Some((changes, Duration::from_secs_f64(1.0 / rate)))
        }
        None => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(arguments, &amounts, changes))
}

async fn serve(
    arguments: Arguments,
    amounts: &[Amount],
    changes: Option<(Changes, Duration)>,
) -> Result<(), Failure> {
    let started = now();
    let fake = listen(&arguments, started).await?;
    let follow = || {
        if arguments.now.is_none() {
            fake.follow_clock(now());
        }
    };
    if arguments.now.is_none() {
        fake.follow_clock(started);
    }
    fake.limits(arguments.limits.into());
    fake.faults(faults(&arguments));
    for amount in amounts {
        fake.generate(amount.resource.object, amount.count)?;
    }
    let secrets = webhooks(&fake, &arguments)?;
    // Endpoints that are created over HTTP are posted to as well.
    let pump = (!arguments.hold_webhooks).then(|| fake.deliver_webhooks());
    let _pump = pump.transpose()?;
    // It took its time to make the objects. What is made from here on is new, and announced to the webhooks.
    follow();
    fake.save_start();
    write_certificate(&fake, &arguments)?;
    announce(&fake, &arguments, amounts, &secrets)?;

    let (mut changes, period) = changes.unzip();
    let mut change = period.map(interval);
    let mut look = interval(TICK);
    let mut warned = HashSet::new();
    let stopped = stop();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            _ = look.tick() => {
                follow();
                warn(&fake, &mut warned);
            }
            () = tick(change.as_mut()) => {
                if let Some(changes) = &mut changes {
                    changes.one(&fake)?;
                }
            }
            stopped = &mut stopped => return Ok(stopped?),
        }
    }
}

async fn listen(arguments: &Arguments, started: i64) -> Result<FakeStripe, Failure> {
    let address = SocketAddr::new(arguments.host, arguments.port);
    let mut builder = FakeStripe::builder()
        .address(address)
        .record_last_requests(if arguments.no_control { 0 } else { REQUESTS })
        .control(!arguments.no_control)
        .any_test_key(arguments.takes_any_key())
        .seed(arguments.seed)
        .past_events(arguments.past_events)
        .nasty(Nasty::new(arguments.nasty))
        .now(arguments.now.unwrap_or(started));
    let mut is_live = arguments.live;
    if let Some(key) = &arguments.key {
        is_live = ["sk_live_", "rk_live_"]
            .iter()
            .any(|prefix| key.starts_with(prefix));
        builder = builder.secret_key(key);
    }
    if is_live {
        builder = builder.mode(Mode::Live);
    }
    if arguments.any_version {
        builder = builder.versions(Versions::AnswerNewest);
    }
    if arguments.tls {
        builder = builder.tls(arguments.tls_name.iter().map(String::as_str));
    }
    builder.start().await.map_err(|error| match error {
        FakeError::Listen(cause) if cause.kind() == io::ErrorKind::AddrInUse => Failure::Failed(
            format!("{address} is in use; another --port, or --port 0 for a free one"),
        ),
        FakeError::Listen(cause) => Failure::Failed(format!("cannot listen on {address}: {cause}")),
        other => other.into(),
    })
}

fn faults(arguments: &Arguments) -> Faults {
    let latency = Duration::from_millis(arguments.latency);
    let share = arguments.errors / 4.0;
    Faults::new(arguments.seed)
        .latency(latency..latency)
        .rate_429(share)
        .rate_500(share)
        .reset(share)
        .cut_body(share)
}

/// Opens the endpoints, and returns their URLs with their secrets.
fn webhooks(fake: &FakeStripe, arguments: &Arguments) -> Result<Vec<(String, String)>, Failure> {
    let mut secrets = Vec::new();
    for url in &arguments.webhook {
        let mut endpoint = fake.webhook_endpoint(url);
        if let Some(secret) = &arguments.webhook_secret {
            endpoint = endpoint.secret(secret);
        }
        let endpoint = endpoint
            .create()
            .map_err(|error| Failure::Usage(format!("--webhook {url}: {error}")))?;
        secrets.push((endpoint.url, endpoint.secret));
    }
    Ok(secrets)
}

fn write_certificate(fake: &FakeStripe, arguments: &Arguments) -> Result<(), Failure> {
    if let (Some(path), Some(certificate)) = (&arguments.tls_cert, fake.certificate()) {
        std::fs::write(path, certificate).map_err(|error| {
            Failure::Failed(format!("cannot write {}: {error}", path.display()))
        })?;
    }
    Ok(())
}

fn announce(
    fake: &FakeStripe,
    arguments: &Arguments,
    amounts: &[Amount],
    secrets: &[(String, String)],
) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "Address:        {}", fake.base_url())?;
    writeln!(out, "Secret key:     {}", fake.secret_key())?;
    if arguments.takes_any_key() {
        writeln!(
            out,
            "                or any that begins with sk_test_ or rk_test_"
        )?;
    }
    if !arguments.no_control {
        writeln!(out, "Control API:    {}/_fake", fake.base_url())?;
    }
    if let Some(path) = &arguments.tls_cert {
        writeln!(out, "Certificate:    {}", path.display())?;
    }
    for (url, secret) in secrets {
        writeln!(out, "Webhook secret: {secret} for {url}")?;
    }
    let amounts: Vec<String> = amounts
        .iter()
        .map(|amount| format!("{} {}", amount.count, amount.resource.object))
        .collect();
    if !amounts.is_empty() {
        writeln!(out, "Objects:        {}", amounts.join(", "))?;
    }
    writeln!(out, "Ctrl-C stops it.")?;
    out.flush()?;
    Ok(())
}

/// Prints the warnings that were not printed before.
fn warn(fake: &FakeStripe, printed: &mut HashSet<String>) {
    for warning in fake.warnings() {
        if !printed.contains(&warning) {
            // Nobody reads a closed standard error.
            let _ = writeln!(io::stderr(), "warning: {warning}");
            printed.insert(warning);
        }
    }
}

/// The next tick; never without an interval.
async fn tick(interval: Option<&mut Interval>) {
    match interval {
        Some(interval) => {
            interval.tick().await;
        }
        None => pending().await,
    }
}

/// Waits for Ctrl-C or, where there is one, SIGTERM.
async fn stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
