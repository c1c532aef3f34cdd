//! `events list`, `show`, `fetch` and `replay`, and `process-events`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use stripe_sync::live::{CatchUpReport, EventFilter, EventState, InboxEvent, Live};
use stripe_sync::webhook::ListedEvents;

use crate::arguments::{EventsCommand, Fetch, List, ProcessEvents, Replay, Show};
use crate::connect::Session;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Align::Left;
use crate::output::write;
use crate::program::Call;

/// What a command did with events.
#[derive(Debug, Default, Serialize)]
struct Summary {
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<u64>,
}

pub(super) async fn run(call: &Call, command: EventsCommand) -> Result<Exit, Failure> {
    let session = Session::open(call, None).await?;
    let live = live(&session)?;
    let done = match command {
        EventsCommand::List(arguments) => list(call, &live, arguments).await,
        EventsCommand::Show(arguments) => show(call, &live, arguments).await,
        EventsCommand::Fetch(arguments) => fetch(call, &live, arguments).await,
        EventsCommand::Replay(arguments) => replay(call, &live, filter_of(&arguments)).await,
    };
    session.close().await;
    done
}

/// What dj-stripe's command of this name does: it has one for all.
pub(super) async fn process(call: &Call, arguments: ProcessEvents) -> Result<Exit, Failure> {
    let session = Session::open(call, None).await?;
    let live = live(&session)?;
    let done = match arguments.stored {
        true => {
            let mut replayed = 0;
            for state in [EventState::Pending, EventState::Dead] {
                let mut filter = EventFilter::new().state(state);
                if let Some(since) = arguments.since {
                    filter = filter.received_since(since);
                }
                replayed += live.replay(&filter).await?;
            }
            report(call, replayed)
        }
        false => {
            let fetch = Fetch {
                ids: arguments.ids,
                types: arguments.types,
                failed: arguments.failed,
                since: arguments.since,
            };
            self::fetch(call, &live, fetch).await
        }
    };
    session.close().await;
    done
}

fn live(session: &Session) -> Result<Live, Failure> {
    let builder = Live::builder(session.syncer.clone()).models(session.models().clone());
    Ok(builder.build()?)
}

fn filter(
    ids: &[String],
    types: &[String],
    state: Option<EventState>,
    since: Option<DateTime<Utc>>,
) -> EventFilter {
    let mut filter = EventFilter::new();
    if !ids.is_empty() {
        filter = filter.ids(ids.iter().cloned());
    }
    for kind in types {
        filter = filter.kind(kind);
    }
    if let Some(state) = state {
        filter = filter.state(state);
    }
    if let Some(since) = since {
        filter = filter.received_since(since);
    }
    filter
}

fn filter_of(arguments: &Replay) -> EventFilter {
    let state = arguments.state.map(EventState::from);
    filter(&arguments.ids, &arguments.types, state, arguments.since)
}

fn state(state: EventState) -> &'static str {
    match state {
        EventState::Pending => "pending",
        EventState::Done => "done",
        EventState::Dead => "dead",
        EventState::Ignored => "ignored",
        _ => "unknown",
    }
}

fn time(moment: Option<DateTime<Utc>>) -> String {
    moment.map_or_else(String::new, |moment| {
        moment.format("%Y-%m-%d %H:%M:%S").to_string()
    })
}

async fn list(call: &Call, live: &Live, arguments: List) -> Result<Exit, Failure> {
    let wanted = filter(
        &arguments.ids,
        &arguments.types,
        arguments.state.map(EventState::from),
        arguments.since,
    );
    let found = live.events(&wanted).await?;
    let more = found.len().saturating_sub(arguments.limit);
    let shown: Vec<InboxEvent> = found.into_iter().take(arguments.limit).collect();
    for event in &shown {
        call.output.record("event", event)?;
    }
    call.output.record(
        "summary",
        &Summary {
            events: Some(shown.len()),
            ..Summary::default()
        },
    )?;
    call.output.table(
        [
            ("event", Left),
            ("type", Left),
            ("created", Left),
            ("state", Left),
            ("reason", Left),
        ],
        shown.iter().map(|event| {
            [
                event.id.clone(),
                event.kind.clone(),
                time(Some(event.created)),
                state(event.state).to_owned(),
                event.reason.clone().unwrap_or_default(),
            ]
        }),
    )?;
    if more > 0 {
        tracing::warn!(
            "{more} more fit: narrow it with `--type`, `--state` or `--since`, or raise `--limit`"
        );
    }
    Ok(Exit::Done)
}

async fn show(call: &Call, live: &Live, arguments: Show) -> Result<Exit, Failure> {
    let found = live
        .events(&EventFilter::new().ids([&arguments.id]))
        .await?;
    let Some(event) = found.first() else {
        return Err(
            Failure::new(Exit::Failed, format!("no event {} is stored", arguments.id)).next(
                format!(
                    "`events fetch --ids {}` fetches it from Stripe",
                    arguments.id
                ),
            ),
        );
    };
    let payload = String::from_utf8_lossy(&event.payload);
    match serde_json::from_str::<serde_json::Value>(&payload) {
        Ok(json) if call.output.is_json() => write(&json.to_string())?,
        Ok(json) => write(&format!("{json:#}"))?,
        // What cannot be read is a dead letter, and shown as it was received.
        Err(_) => write(&payload)?,
    }
    Ok(Exit::Done)
}

async fn fetch(call: &Call, live: &Live, arguments: Fetch) -> Result<Exit, Failure> {
    let (listed, new) = match arguments.ids.is_empty() {
        false => {
            let listed = u64::try_from(arguments.ids.len()).unwrap_or(u64::MAX);
            (listed, live.fetch_events(&arguments.ids).await?)
        }
        true => {
            let mut wanted = ListedEvents::new().only_undelivered(arguments.failed);
            if let Some(kind) = arguments.types {
                wanted = wanted.kind(kind);
            }
            if let Some(since) = arguments.since {
                wanted = wanted.since(since);
            }
            let CatchUpReport { listed, new, .. } = live.fetch_listed(&wanted).await?;
            (listed, new)
        }
    };
    call.output.record(
        "summary",
        &Summary {
            listed: Some(listed),
            new: Some(new),
            ..Summary::default()
        },
    )?;
    call.output.line(format!("{listed} events, {new} of them new: the service that runs over this database processes them"))?;
    Ok(Exit::Done)
}

async fn replay(call: &Call, live: &Live, filter: EventFilter) -> Result<Exit, Failure> {
    let replayed = live.replay(&filter).await?;
    report(call, replayed)
}

fn report(call: &Call, replayed: u64) -> Result<Exit, Failure> {
    call.output.record(
        "summary",
        &Summary {
            replayed: Some(replayed),
            ..Summary::default()
        },
    )?;
    call.output.line(format!(
        "{replayed} events were put back: the service that runs over this database processes them"
    ))?;
    Ok(Exit::Done)
}
