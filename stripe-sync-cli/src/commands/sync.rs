//! `sync`.

use serde::Serialize;
use stripe_sync::client::Request;
use stripe_sync::{IdOutcome, Model, ModelResult, Report, SyncAllOptions, SyncError};

use crate::arguments::Sync;
use crate::connect::Session;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::models::Targets;
use crate::output::Align::{Left, Right};
use crate::program::Call;
use crate::signals::Signals;

/// A request like any other, for the account's rate.
const ANY: &str = "/v1/customers";

/// What all runs did together.
#[derive(Debug, Default, Serialize)]
struct Summary {
    seen: u64,
    written: u64,
    deleted: u64,
    failed: u64,
    requests: u64,
    stopped: bool,
    complete: bool,
}

pub(super) async fn run(call: &Call, arguments: Sync) -> Result<Exit, Failure> {
    // Before anything is opened: a wrong word does nothing.
    let targets = Targets::of(&arguments.targets, &call.program.models)?;
    if call.program.models.models().len() == 0 {
        return Err(Failure::usage("this program has no models")
            .next("add some to the registry that its `main` passes"));
    }
    let session = Session::open(call, arguments.rate).await?;
    let any = session.syncer.stripe().pressure(&Request::get(ANY));
    call.bars.set_rate(any.account.rate_target);
    let signals = Signals::watch();
    let done = match arguments.dry_run {
        true => plan(call, &session, &targets).await,
        false => sync(call, &session, &targets, &arguments, &signals).await,
    };
    session.close().await;
    let exit = done?;
    Ok(signals.received().unwrap_or(exit))
}

/// Says what it would cost.
async fn plan(call: &Call, session: &Session, targets: &Targets) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut plans = Vec::new();
    let registry = session.syncer.registry().only(&targets.models);
    for (model, plan) in session.syncer.plan_models(registry).await {
        match plan {
            Ok(plan) => {
                call.output.record("plan", &plan)?;
                plans.push((model, plan));
            }
            Err(error) => exit = exit.or(tell(call, model, error)?),
        }
    }
    let ids: u64 = targets.ids.iter().map(|(_, ids)| ids.len() as u64).sum();
    let (objects, requests) = plans
        .iter()
        .fold((ids, ids), |(objects, requests), (_, plan)| {
            (objects + plan.objects, requests + plan.requests)
        });
    call.output.record(
        "summary",
        &serde_json::json!({ "objects": objects, "requests": requests }),
    )?;
    let about = |exact: bool, number: u64| match exact {
        true => number.to_string(),
        false => format!("~{number}"),
    };
    call.output.table(
        [
            ("resource", Left),
            ("objects", Right),
            ("requests", Right),
            ("time", Right),
        ],
        plans.iter().map(|(model, plan)| {
            [
                model.object().to_owned(),
                about(plan.exact, plan.objects),
                about(plan.exact, plan.requests),
                crate::moment::spoken(plan.duration),
            ]
        }),
    )?;
    for (model, plan) in &plans {
        for child in &plan.children {
            let (child, parent) = (object_of(call, child), model.object());
            call.output.line(format!(
                "{child}: comes with {parent}, for no request of its own"
            ))?;
        }
    }
    if ids > 0 {
        call.output
            .line(format!("{ids} objects by their ids, one request each"))?;
    }
    Ok(exit)
}

async fn sync(
    call: &Call,
    session: &Session,
    targets: &Targets,
    arguments: &Sync,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let with_ids = targets.ids.iter().map(|(model, _)| *model);
    let models: Vec<&'static Model> = targets.models.iter().copied().chain(with_ids).collect();
    let registry = session.syncer.registry().only(&models);
    if !arguments.no_migrate {
        for (model, made) in session.syncer.ensure_models(registry).await {
            if let Err(error) = made {
                exit = exit.or(tell(call, model, error)?);
            }
        }
    }
    let mut summary = Summary {
        complete: true,
        ..Summary::default()
    };
    let mut reports = Vec::new();
    if !targets.models.is_empty() && exit == Exit::Done {
        let mut options = SyncAllOptions::default()
            .rewrite_unchanged(arguments.rewrite)
            .restart(arguments.restart)
            .change_filter(arguments.change_filter);
        if let Some(since) = arguments.since {
            options = options.since(since);
        }
        let registry = session.syncer.registry().only(&targets.models);
        let stopped = signals.stopped();
        let stopped = async move {
            let _: Exit = stopped.await;
        };
        let results = session
            .syncer
            .sync_models_until(registry, options, stopped)
            .await;
        exit = exit.or(runs(call, results, &mut reports, &mut summary)?);
    }
    for (model, ids) in &targets.ids {
        if signals.received().is_some() || exit == Exit::NoAccess {
            summary.complete = false;
            break;
        }
        let report = session.syncer.sync_model_by_ids(model, ids.iter().cloned());
        let report = tokio::select! {
            report = report => report,
            _ = signals.stopped() => {
                summary.complete = false;
                summary.stopped = true;
                break;
            }
        };
        match report {
            Ok(report) => {
                for (id, outcome) in &report.outcomes {
                    let record =
                        serde_json::json!({ "model": model.name(), "id": id, "outcome": outcome });
                    call.output.record("object", &record)?;
                    if matches!(outcome, IdOutcome::Missing) {
                        tracing::error!(
                            "{}: neither Stripe nor the table knows {id}",
                            model.object()
                        );
                        exit = exit.or(Exit::Failed);
                    }
                }
                reports.push((*model, report.report.clone()));
            }
            Err(error) => exit = exit.or(tell(call, model, error)?),
        }
    }
    for (_, report) in &reports {
        summary.seen += report.seen;
        summary.written += report.written();
        summary.deleted += report.deleted;
        summary.failed += report.failed;
        summary.requests += report.requests;
        summary.stopped |= report.stopped;
        summary.complete &= report.is_complete();
        for child in &report.children {
            summary.written += child.written();
            summary.deleted += child.deleted;
            summary.failed += child.failed;
        }
    }
    summary.complete &= exit == Exit::Done;
    call.bars.clear();
    show(call, &reports)?;
    call.output.record("summary", &summary)?;
    if summary.failed > 0 {
        exit = exit.or(Exit::Failed);
    }
    if let Some(stopped) = signals.received() {
        tracing::warn!("stopped: what is written stays, and the same call goes on from there");
        return Ok(stopped);
    }
    Ok(exit)
}

/// Takes in what became of the runs.
fn runs(
    call: &Call,
    results: Vec<ModelResult>,
    reports: &mut Vec<(&'static Model, Report)>,
    summary: &mut Summary,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for (model, result) in results {
        match result {
            Ok(report) => {
                call.output.record("report", &report)?;
                reports.push((model, report));
            }
            Err(error) => {
                summary.complete = false;
                if let Some(report) = error.report() {
                    call.output.record("report", report)?;
                    reports.push((model, report.clone()));
                }
                exit = exit.or(tell(call, model, error)?);
            }
        }
    }
    Ok(exit)
}

/// Says why one model failed; the others go on.
fn tell(call: &Call, model: &'static Model, error: SyncError) -> Result<Exit, Failure> {
    let failure = Failure::from(error);
    let record = serde_json::json!({
        "model": model.name(), "message": failure.message(), "next": failure.advice(),
    });
    call.output.record("error", &record)?;
    call.bars.above(|| {
        let failure = Failure::new(
            failure.exit(),
            format!("{}: {}", model.object(), failure.message()),
        )
        .next(failure.advice().unwrap_or_default());
        crate::output::tell(&failure, crate::arguments::Format::Human);
    });
    Ok(failure.exit())
}

fn show(call: &Call, reports: &[(&'static Model, Report)]) -> Result<(), Failure> {
    call.output.table(
        [
            ("resource", Left),
            ("table", Left),
            ("seen", Right),
            ("inserted", Right),
            ("updated", Right),
            ("unchanged", Right),
            ("deleted", Right),
            ("failed", Right),
            ("requests", Right),
        ],
        reports.iter().flat_map(|(model, report)| {
            let deleted = report.deleted + report.left;
            let of_model = row(
                model.object(),
                &report.table,
                Some(report.seen),
                [report.inserted, report.updated, report.unchanged],
                [deleted, report.failed],
                Some(report.requests),
            );
            // They are seen in the objects of their parents, which were requested.
            let of_children = report.children.iter().map(|child| {
                row(
                    object_of(call, &child.model),
                    &child.table,
                    None,
                    [child.inserted, child.updated, child.unchanged],
                    [child.deleted, child.failed],
                    None,
                )
            });
            std::iter::once(of_model)
                .chain(of_children)
                .collect::<Vec<_>>()
        }),
    )?;
    for (model, report) in reports {
        for failure in &report.failures {
            call.output.line(format!("{}: {failure}", model.object()))?;
        }
        for child in &report.children {
            let object = object_of(call, &child.model);
            for failure in &child.failures {
                call.output.line(format!("{object}: {failure}"))?;
            }
        }
        for warning in &report.warnings {
            tracing::warn!("{}: {warning}", model.object());
        }
    }
    Ok(())
}

/// A line of the table of reports.
fn row(
    object: &str,
    table: &str,
    seen: Option<u64>,
    written: [u64; 3],
    [deleted, failed]: [u64; 2],
    requests: Option<u64>,
) -> [String; 9] {
    let [inserted, updated, unchanged] = written.map(|number| number.to_string());
    let given = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    [
        object.to_owned(),
        table.to_owned(),
        given(seen),
        inserted,
        updated,
        unchanged,
        deleted.to_string(),
        failed.to_string(),
        given(requests),
    ]
}

/// Stripe's name of what the struct of this name mirrors.
fn object_of<'c>(call: &'c Call, model: &'c str) -> &'c str {
    let mut models = call.program.models.models();
    let found = models.find(|known| known.name() == model);
    found.map_or(model, |model| model.object())
}
