//! What goes wrong with answers.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::Syncer;
use stripe_sync::testing::{CannedAnswer, FakeStripe, Faults, Quirks};

use super::database::Database;
use super::models::Resource;
use super::truth;

pub(crate) fn faults(seed: u64, rng: &mut Rng) -> Faults {
    // Each costs the delay before its repetition.
    let most = [0, 0, 1, 2, 3][rng.usize(0..5)];
    Faults::new(seed)
        .rate_429(0.04)
        .rate_500(0.03)
        .rate_502(0.02)
        .reset(0.04)
        .cut_body(0.04)
        .latency(Duration::ZERO..Duration::from_millis(rng.u64(1..8)))
        .at_most(most)
}

pub(crate) fn quirks(rng: &mut Rng) -> Quirks {
    Quirks::new()
        .short_pages([0.0, 0.0, 0.2][rng.usize(0..3)])
        .empty_page_for_foreign_cursor(rng.bool())
        .empty_page_for_inner_cursor(rng.bool())
        .empty_page_for_vanished_cursor(rng.bool())
        .overlapping_pages([false, false, true][rng.usize(0..3)])
        .duplicate_events([0.0, 0.3][rng.usize(0..2)])
}

/// Reads of objects that are there, which a gateway answers, or which are answered with another object: no row is marked,
/// and none takes another's content. Answers how many there were.
pub(crate) async fn wrong_answers(
    fake: &FakeStripe,
    syncer: &Syncer,
    database: &Database,
    resource: &Resource,
    rng: &mut Rng,
) -> Result<usize, String> {
    let before = truth::alive(database, resource).await;
    let there: Vec<&String> = before.iter().filter(|id| fake.get(id).is_some()).collect();
    let [asked, other] = rng.choose_multiple(there.iter().copied(), 2)[..] else {
        return Ok(0);
    };
    let answer = match rng.u8(0..4) {
        0 => CannedAnswer::new(404, "<h1>404 Not Found</h1>").content_type("text/html"),
        1 => {
            let error: Value = json!({"type": "invalid_request_error", "message": "no route"});
            CannedAnswer::new(404, json!({ "error": error }).to_string())
        }
        2 => CannedAnswer::new(200, fake.get(other).unwrap_or_default().to_string()),
        _ => {
            let stub = json!({"id": other, "object": resource.object, "deleted": true});
            CannedAnswer::new(200, stub.to_string())
        }
    };
    fake.answer_with(format!("{}/{asked}", resource.list), 1, answer.clone());
    let report = (resource.sync_by_ids)(syncer, vec![asked.clone()]).await;
    fake.clear_answers();
    let report = report.map_err(|error| format!("a wrong answer: {error}"))?;
    let after = truth::alive(database, resource).await;
    if report.report.failed != 1 || after != before {
        let lost = before.difference(&after);
        return Err(format!(
            "{}: a wrong answer was believed, {:?} are gone: {answer:?} {report:?}",
            resource.table,
            lost.collect::<Vec<_>>()
        ));
    }
    Ok(1)
}
