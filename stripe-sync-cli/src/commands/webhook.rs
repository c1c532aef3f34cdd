//! `webhook list`, `create`, `rotate` and `delete`.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use stripe_sync::client::{Mode, Stripe};
use stripe_sync::webhook::{
    EndpointSecret, EndpointStatus, WebhookEndpoint, WebhookEndpoints, event_types,
};

use crate::arguments::{Create, Delete, Rotate, WebhookCommand};
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Align::{Left, Right};
use crate::program::Call;

/// An endpoint as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    url: String,
    status: String,
    livemode: bool,
    api_version: Option<String>,
    event_types: Vec<String>,
    /// Types that the models need and it does not get.
    missing: Vec<String>,
    /// Types that it gets and no model needs.
    superfluous: Vec<String>,
}

pub(super) async fn run(call: &Call, command: WebhookCommand) -> Result<Exit, Failure> {
    let stripe = connect::stripe(call, None)?;
    match command {
        WebhookCommand::List => list(call, &stripe).await,
        WebhookCommand::Create(arguments) => create(call, &stripe, arguments).await,
        WebhookCommand::Rotate(arguments) => rotate(call, &stripe, arguments).await,
        WebhookCommand::Delete(arguments) => delete(call, &stripe, arguments).await,
    }
}

/// The types that the models need.
fn needed(call: &Call) -> Vec<&'static str> {
    let models: Vec<_> = call.program.models.models().collect();
    event_types(&models)
}

fn shown(call: &Call, endpoint: WebhookEndpoint) -> Shown {
    let needed: BTreeSet<&str> = needed(call).into_iter().collect();
    let given: BTreeSet<&str> = endpoint.enabled_events.iter().map(String::as_str).collect();
    let all = given.contains("*");
    let owned = |types: Vec<&&str>| types.into_iter().map(|kind| (*kind).to_owned()).collect();
    Shown {
        missing: match all {
            true => Vec::new(),
            false => owned(needed.difference(&given).collect()),
        },
        superfluous: owned(
            given
                .difference(&needed)
                .filter(|kind| **kind != "*")
                .collect(),
        ),
        status: match endpoint.status {
            EndpointStatus::Enabled => "enabled".to_owned(),
            EndpointStatus::Disabled => "disabled".to_owned(),
            EndpointStatus::Other(ref other) => other.clone(),
            _ => "unknown".to_owned(),
        },
        id: endpoint.id,
        url: endpoint.url,
        livemode: endpoint.livemode,
        api_version: endpoint.api_version,
        event_types: endpoint.enabled_events,
    }
}

async fn list(call: &Call, stripe: &Stripe) -> Result<Exit, Failure> {
    let endpoints = WebhookEndpoints::new(stripe).list().await?;
    let shown: Vec<Shown> = endpoints.into_iter().map(|one| shown(call, one)).collect();
    for endpoint in &shown {
        call.output.record("endpoint", endpoint)?;
    }
    call.output
        .record("summary", &serde_json::json!({ "endpoints": shown.len() }))?;
    if shown.is_empty() {
        call.output.line(
            "the account has no webhook endpoint in this mode: `webhook create URL` makes one",
        )?;
        return Ok(Exit::Done);
    }
    call.output.table(
        [
            ("id", Left),
            ("status", Left),
            ("types", Right),
            ("missing", Right),
            ("superfluous", Right),
            ("url", Left),
        ],
        shown.iter().map(|one| {
            let count = |types: &Vec<String>| types.len().to_string();
            let types = match one.event_types.iter().any(|kind| kind == "*") {
                true => "all".to_owned(),
                false => count(&one.event_types),
            };
            [
                one.id.clone(),
                one.status.clone(),
                types,
                count(&one.missing),
                count(&one.superfluous),
                one.url.clone(),
            ]
        }),
    )?;
    for one in &shown {
        for (what, types) in [("missing", &one.missing), ("superfluous", &one.superfluous)] {
            if !types.is_empty() {
                call.output
                    .line(format!("{}: {what}: {}", one.id, types.join(", ")))?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Keeps live endpoints from a slip.
fn guard(stripe: &Stripe, live: bool) -> Result<(), Failure> {
    match stripe.mode() {
        Some(Mode::Live) if !live => Err(Failure::usage(
            "the key is of live mode, and nothing was changed",
        )
        .next("add `--live` to change endpoints of live mode, or use a key of a sandbox")),
        _ => Ok(()),
    }
}

async fn create(call: &Call, stripe: &Stripe, arguments: Create) -> Result<Exit, Failure> {
    guard(stripe, arguments.guard.live)?;
    let url = checked_url(&arguments.url)?;
    let mut file = writable(arguments.secret.write_secret_to.as_deref())?;
    let endpoint = WebhookEndpoints::new(stripe)
        .ensure(url, &needed(call))
        .await?;
    let secret = endpoint.secret.clone();
    let (id, is_new) = (endpoint.id.clone(), secret.is_some());
    let said = match is_new {
        true => format!("{id} was created for {url}"),
        false => format!(
            "{id} was there for {url}, and gets the {} types that the models need",
            needed(call).len()
        ),
    };
    finish(call, endpoint, &said)?;
    match secret {
        Some(secret) => give(call, &secret, &id, &mut file)?,
        None => call
            .output
            .line("Stripe shows a secret only once: `webhook rotate` makes a new one")?,
    }
    Ok(Exit::Done)
}

async fn rotate(call: &Call, stripe: &Stripe, arguments: Rotate) -> Result<Exit, Failure> {
    guard(stripe, arguments.guard.live)?;
    let endpoints = WebhookEndpoints::new(stripe);
    let all = endpoints.list().await?;
    let named =
        |one: &&WebhookEndpoint| one.id == arguments.endpoint || one.url == arguments.endpoint;
    let Some(old) = all.iter().find(named) else {
        return Err(missing(&arguments.endpoint));
    };
    let mut file = writable(arguments.secret.write_secret_to.as_deref())?;
    let new = endpoints.create_beside(old, &needed(call)).await?;
    let secret = new.secret.clone();
    let id = new.id.clone();
    let said = format!(
        "{id} was created beside {}: until the old one is deleted, each event is delivered by both, and stored once",
        old.id
    );
    finish(call, new, &said)?;
    if let Some(secret) = secret {
        give(call, &secret, &id, &mut file)?;
    }
    call.output.line(format!(
        "next: give the service the new secret, beside the old one, then `webhook delete {}`",
        old.id
    ))?;
    Ok(Exit::Done)
}

async fn delete(call: &Call, stripe: &Stripe, arguments: Delete) -> Result<Exit, Failure> {
    guard(stripe, arguments.guard.live)?;
    let removed = WebhookEndpoints::new(stripe)
        .remove(&arguments.endpoint)
        .await?;
    if removed.is_empty() {
        return Err(missing(&arguments.endpoint));
    }
    for id in &removed {
        call.output
            .record("deleted", &serde_json::json!({ "id": id }))?;
        call.output.line(format!("{id} was deleted"))?;
    }
    call.output
        .record("summary", &serde_json::json!({ "deleted": removed.len() }))?;
    Ok(Exit::Done)
}

fn missing(endpoint: &str) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("the account has no endpoint {endpoint} in this mode"),
    )
    .next("`webhook list` shows which there are")
}

fn checked_url(url: &str) -> Result<&str, Failure> {
    let parsed = url.parse::<http::Uri>().ok();
    let is_url = parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    match is_url {
        true => Ok(url),
        false => Err(Failure::usage(format!(
            "expected an address such as https://example.com/stripe/webhook, got {url}"
        ))
        .next("give the address under which Stripe reaches the service")),
    }
}

/// Opens the file before Stripe is asked: a secret that cannot be written is lost.
fn writable(path: Option<&Path>) -> Result<Option<std::fs::File>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let mut options = OpenOptions::new();
    // What is in it stays until there is a new secret.
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        /// Its owner reads and writes it, and nobody else.
        const PRIVATE: u32 = 0o600;
        options.mode(PRIVATE);
        if path.exists() {
            let private = std::fs::Permissions::from_mode(PRIVATE);
            std::fs::set_permissions(path, private).map_err(|error| unwritable(path, &error))?;
        }
    }
    options
        .open(path)
        .map(Some)
        .map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!(
            "{} cannot be written: {error}; nothing was changed",
            path.display()
        ),
    )
    .next("name a file that can be written with `--write-secret-to`")
}

fn finish(call: &Call, mut endpoint: WebhookEndpoint, said: &str) -> Result<(), Failure> {
    endpoint.secret = None;
    call.output.record("endpoint", &shown(call, endpoint))?;
    call.output.line(said)
}

/// Hands the secret over, to the file or to standard output: nowhere else.
fn give(
    call: &Call,
    secret: &EndpointSecret,
    id: &str,
    file: &mut Option<std::fs::File>,
) -> Result<(), Failure> {
    match file {
        Some(file) => {
            let written = file
                .set_len(0)
                .and_then(|()| writeln!(file, "{}", secret.expose()))
                .and_then(|()| file.sync_all());
            written.map_err(|error| {
                Failure::new(
                    Exit::Failed,
                    format!("{id} was created, and its secret cannot be written: {error}"),
                )
                .next(format!("`webhook delete {id}`, then call again"))
            })
        }
        None => {
            call.output.record(
                "secret",
                &serde_json::json!({ "endpoint": id, "secret": secret.expose() }),
            )?;
            call.output
                .line(format!("STRIPE_WEBHOOK_SECRET={}", secret.expose()))
        }
    }
}
