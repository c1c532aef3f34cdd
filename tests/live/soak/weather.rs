//! What goes wrong at the Stripe of a soak: spells of slow, lost, refused and garbled answers.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use stripe_sync::testing::{CannedAnswer, FakeStripe, Fault, Faults, Quirks};

use crate::service::Service;

/// Spells of weather.
const SPELLS: usize = 6;
const RESOURCES: [&str; 3] = ["customer", "coupon", "subscription"];

/// From here on it is as this says.
pub(super) fn change(fake: &FakeStripe, rng: &mut Rng) {
    let millis = |most| Duration::ZERO..Duration::from_millis(most);
    let faults = Faults::new(rng.u64(..));
    fake.faults(match rng.usize(0..SPELLS) {
        0 => faults.latency(millis(5)),
        1 => faults.rate_429(0.6),
        2 => faults.hang(0.1),
        3 => faults.latency(millis(400)),
        4 => faults.rate_500(0.15).rate_502(0.1).reset(0.1).cut_body(0.1),
        _ => faults
            .rate_429(0.05)
            .rate_500(0.03)
            .reset(0.03)
            .cut_body(0.03)
            .hang(0.01)
            .latency(millis(20)),
    });
    fake.quirks(
        Quirks::new()
            .short_pages([0.0, 0.3, 0.8][rng.usize(0..3)])
            .overlapping_pages(rng.bool()),
    );
}

/// The next read of an object, of the list of events or of the account is answered with garbage.
pub(super) fn garble(service: &Service, rng: &mut Rng) {
    let object = RESOURCES[rng.usize(0..RESOURCES.len())];
    let ids = service.fake.ids(object);
    let (id, other) = (rng.choice(&ids), rng.choice(&ids));
    let path = match (rng.u8(0..4), id) {
        (0, _) | (_, None) => "/v1/events".to_owned(),
        (1, _) => "/v1/account".to_owned(),
        (_, Some(id)) => format!("/v1/{object}s/{id}"),
    };
    let garbage = match (rng.u8(0..6), other) {
        (0, _) => "{}".to_owned(),
        (1, _) => "[]".to_owned(),
        (2, _) => r#"{"id": "#.to_owned(),
        (3, _) => "[".repeat(10_000),
        (4, Some(other)) if id != Some(other) => {
            let other = service.fake.get(other).unwrap_or_default();
            other.to_string()
        }
        _ => json!({"object": "list"}).to_string(),
    };
    let answer = match rng.u8(0..4) {
        0 => CannedAnswer::new(404, "<h1>404 Not Found</h1>").content_type("text/html"),
        1 => CannedAnswer::new(200, "<h1>200 OK</h1>").content_type("text/html"),
        _ => CannedAnswer::new(200, garbage),
    };
    service.fake.answer_with(path, 1, answer);
}

/// It is as usual again.
pub(super) fn clear_up(fake: &FakeStripe) {
    fake.faults(None);
    fake.clear_answers();
    fake.quirks(Quirks::new());
}

/// Which faults there were.
pub(super) fn faults(fake: &FakeStripe) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for fault in fake
        .requests()
        .iter()
        .filter_map(|request| request.fault.clone())
    {
        let name = match fault {
            Fault::TooManyRequests(_) => "429",
            Fault::ServerError => "500",
            Fault::BadGateway => "502",
            Fault::Reset => "reset",
            Fault::CutBody => "cut",
            Fault::Hang => "hang",
            _ => "other",
        };
        *counts.entry(name).or_default() += 1;
    }
    counts
}
