//! `status`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use stripe_sync::live::{InboxCounts, Live};
use stripe_sync::{BackfillPhase, ModelStatus, Registry};

use crate::arguments::Status;
use crate::connect::Session;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment::spoken;
use crate::output::Align::{Left, Right};
use crate::program::Call;
use crate::signals::Signals;

/// How often it is shown again.
const EVERY: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Summary<'s> {
    healthy: bool,
    failed_objects: u64,
    events: &'s InboxCounts,
}

pub(super) async fn run(call: &Call, arguments: Status) -> Result<Exit, Failure> {
    let session = Session::open(call, None).await?;
    let live = Live::builder(session.syncer.clone())
        .models(session.models().clone())
        .build()?;
    let signals = Signals::watch();
    let exit = loop {
        let exit = show(call, &session, &live, &arguments).await?;
        if !arguments.watch {
            break exit;
        }
        tokio::select! {
            stopped = signals.stopped() => break stopped,
            () = tokio::time::sleep(EVERY) => call.output.line("")?,
        }
    };
    session.close().await;
    Ok(exit)
}

async fn show(
    call: &Call,
    session: &Session,
    live: &Live,
    arguments: &Status,
) -> Result<Exit, Failure> {
    let mut tables = Vec::new();
    for (model, status) in session.syncer.status(session.models().clone()).await {
        tables.push(status.map_err(|error| {
            let failure = Failure::from(error);
            let message = format!("{}: {}", model.name(), failure.message());
            let told = Failure::new(failure.exit(), message);
            match failure.advice() {
                Some(next) => told.next(next),
                None => told,
            }
        })?);
    }
    let events = live.counts().await?;
    let failed_objects = tables.iter().map(|table| table.failed).sum();
    let late = arguments.max_lag.is_some_and(|most| events.lag > most);
    let healthy = !late && events.dead == 0;
    for table in &tables {
        call.output.record("table", table)?;
    }
    call.output.record(
        "summary",
        &Summary {
            healthy,
            failed_objects,
            events: &events,
        },
    )?;
    call.output.table(
        [
            ("resource", Left),
            ("table", Left),
            ("rows", Right),
            ("deleted", Right),
            ("failed", Right),
            ("last full run", Left),
            ("verified", Left),
            ("now", Left),
        ],
        tables.iter().map(|table| {
            let parents = parents_of(table, &tables, session.models());
            [
                table.object.clone(),
                table.table.clone(),
                table.rows.to_string(),
                table.deleted.to_string(),
                table.failed.to_string(),
                last_run(table, &parents),
                verified(table, &parents),
                now(table, &parents),
            ]
        }),
    )?;
    call.output.line(format!(
        "events: {} waiting for {}, {} done, {} dead, {} ignored; messages: {} waiting, {} dead",
        events.pending,
        spoken(events.lag),
        events.done,
        events.dead,
        events.ignored,
        events.undelivered,
        events.never_delivered,
    ))?;
    if late {
        let most = arguments.max_lag.unwrap_or_default();
        tracing::warn!(
            "an event waits for {}, longer than {}: does the service run?",
            spoken(events.lag),
            spoken(most)
        );
    }
    if events.dead > 0 {
        tracing::warn!(
            "{} events are dead letters: `events list --state dead` shows why",
            events.dead
        );
    }
    Ok(match healthy {
        true => Exit::Done,
        // Whether that is a failure, only the one knows who set a bound.
        false if arguments.max_lag.is_some() => Exit::Unhealthy,
        false => Exit::Done,
    })
}

/// The tables of those whose runs write the rows of this one, which has none of its own.
fn parents_of<'t>(
    table: &ModelStatus,
    tables: &'t [ModelStatus],
    models: &Registry,
) -> Vec<&'t ModelStatus> {
    if table.run.is_some() {
        return Vec::new();
    }
    let mut children = models.models();
    let Some(child) = children.find(|model| model.name() == table.model) else {
        return Vec::new();
    };
    let parents = crate::models::parents(child, models);
    let is_parent = |other: &&ModelStatus| parents.iter().any(|model| model.name() == other.model);
    tables.iter().filter(is_parent).collect()
}

/// The rows of children are as old as the oldest run of a parent.
fn last_run(table: &ModelStatus, parents: &[&ModelStatus]) -> String {
    let finished = |table: &ModelStatus| table.run.as_ref().and_then(|run| run.finished);
    let finished = match parents {
        [] => finished(table),
        parents => parents
            .iter()
            .map(|parent| finished(parent))
            .min()
            .flatten(),
    };
    finished.map_or_else(|| "never".to_owned(), ago)
}

/// When the table was last verified, and whether it was equal. Rows of children are verified with those of their parents.
fn verified(table: &ModelStatus, parents: &[&ModelStatus]) -> String {
    let verified = match (&table.verified, parents) {
        (None, [_, ..]) => {
            let each = parents.iter().map(|parent| parent.verified.as_ref());
            let each: Option<Vec<_>> = each.collect();
            each.and_then(|each| each.into_iter().min_by_key(|verified| verified.ended_at))
        }
        (verified, _) => verified.as_ref(),
    };
    match verified {
        None => "never".to_owned(),
        Some(verified) => {
            let equal = if verified.is_equal {
                "equal"
            } else {
                "not equal"
            };
            format!("{equal}, {}", ago(verified.ended_at))
        }
    }
}

/// What a run does now, or would do next.
fn now(table: &ModelStatus, parents: &[&ModelStatus]) -> String {
    match &table.run {
        None if !parents.is_empty() => {
            let parents: Vec<&str> = parents.iter().map(|parent| &*parent.object).collect();
            format!("with {}", parents.join(", "))
        }
        None => "never synced".to_owned(),
        Some(run) => match run.phase {
            BackfillPhase::Lists => format!(
                "lists, {} of {} parts, {} objects",
                run.slices_done, run.slices, run.objects
            ),
            BackfillPhase::Changes => "changes since the lists".to_owned(),
            BackfillPhase::Sweep => "looks for deletions".to_owned(),
            _ => "at rest".to_owned(),
        },
    }
}

fn ago(moment: DateTime<Utc>) -> String {
    let since = Utc::now().signed_duration_since(moment).to_std();
    format!("{} ago", spoken(since.unwrap_or_default()))
}
