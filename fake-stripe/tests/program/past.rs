//! Objects of the past that are not as usual.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Program;

#[test]
fn the_past_has_events_and_strange_objects_if_it_is_asked_for() {
    let program = Program::start(&["customer=40", "--past-events", "--nasty", "1"]);
    let key = program.said("Secret key:");
    let (_, events) = program.get("/v1/events?type=customer.created&limit=100", key);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let month_ago = i64::try_from(now.as_secs()).unwrap() - 30 * 86_400;
    for event in events["data"].as_array().unwrap() {
        assert_eq!(event["created"], event["data"]["object"]["created"]);
        assert!(event["created"].as_i64().unwrap() >= month_ago, "{event}");
    }
    let (_, customers) = program.get("/v1/customers?limit=100", key);
    let all = customers["data"].as_array().unwrap();
    let young = all
        .iter()
        .filter(|customer| customer["created"].as_i64().unwrap() > month_ago + 60);
    assert!(events["data"].as_array().unwrap().len() >= young.count());
    let strange = all
        .iter()
        .filter(|customer| !customer.to_string().is_ascii());
    assert!(strange.count() > 0, "{customers}");
}
