//! What happened: requests, deliveries, warnings.

use serde_json::{Value, json};

use crate::chaos::faults::Fault;
use crate::control::call::Call;
use crate::control::errors::ControlError;
use crate::state::log::RequestRecord;
use crate::webhooks::attempts::{Attempt, Outcome};

pub(crate) fn requests(call: &Call) -> Result<Value, ControlError> {
    let state = call.shared.lock();
    let requests = state.log.iter().map(request);
    Ok(json!({ "data": requests.collect::<Vec<_>>() }))
}

pub(crate) fn forget_requests(call: &Call) -> Result<Value, ControlError> {
    call.shared.lock().forget_requests();
    Ok(json!({ "data": [] }))
}

pub(crate) fn warnings(call: &Call) -> Result<Value, ControlError> {
    Ok(json!({ "data": call.shared.lock().warnings }))
}

pub(crate) fn accounts(call: &Call) -> Result<Value, ControlError> {
    let state = call.shared.lock();
    let mut accounts: Vec<_> = state.accounts.iter().collect();
    accounts.sort_unstable_by_key(|(id, _)| *id);
    let accounts = accounts.into_iter().map(|(id, account)| {
        json!({ "id": id, "first": *id == state.first.account, "platform": account.platform })
    });
    Ok(json!({ "data": accounts.collect::<Vec<_>>() }))
}

pub(crate) fn deliveries(call: &Call) -> Result<Value, ControlError> {
    let state = call.shared.lock();
    let posted = state.webhooks.attempts.iter().map(attempt);
    let waiting = state.webhooks.queue.waiting().map(|(at, due)| {
        json!({
            "endpoint": due.endpoint,
            "event": due.event,
            "type": due.kind,
            "attempts": due.attempts,
            "due_at": at,
        })
    });
    Ok(json!({
        "data": posted.collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
    }))
}

fn attempt(attempt: &Attempt) -> Value {
    let (outcome, status, error) = match &attempt.outcome {
        Outcome::UnderWay => ("under_way", None, None),
        Outcome::Answered(status) if attempt.outcome.is_success() => {
            ("delivered", Some(status), None)
        }
        Outcome::Answered(status) => ("failed", Some(status), None),
        Outcome::Failed(error) => ("failed", None, Some(error)),
    };
    json!({
        "endpoint": attempt.endpoint,
        "url": attempt.url,
        "event": attempt.event,
        "type": attempt.kind,
        "attempt": attempt.nth,
        "at": attempt.at,
        "outcome": outcome,
        "status": status,
        "error": error,
    })
}

fn request(request: &RequestRecord) -> Value {
    json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "endpoint": request.endpoint,
        "account": request.account,
        "livemode": request.mode.map(|mode| mode.livemode()),
        "status": request.status,
        "fault": request.fault.as_ref().map(fault),
        "at": request.at,
    })
}

/// The name of the setting that plays it.
fn fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::TooManyRequests(_) => "rate_429",
        Fault::ServerError => "rate_500",
        Fault::BadGateway => "rate_502",
        Fault::Reset => "reset",
        Fault::CutBody => "cut_body",
        Fault::Hang => "hang",
    }
}
