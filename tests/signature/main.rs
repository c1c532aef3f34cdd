//! Signatures and envelopes are judged as Stripe's own Python package judges them. Needs Python and PyPI, and fails without
//! them.

mod official;

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::webhook::{Envelope, SignatureError, WebhookSecret, WebhookVerifier};

/// An hour in 2026.
const NOW: i64 = 1_790_000_000;

const KEY: &str = "whsec_n3wEndpoint+/=";
const OLD_KEY: &str = "whsec_oldEndpoint";

fn secret(key: &str) -> WebhookSecret {
    WebhookSecret::new(key).unwrap()
}

/// A short body, a pretty one, one that is not ASCII, one with odd white space, a long one.
fn bodies() -> Vec<String> {
    let event = json!({
        "id": "evt_1", "object": "event", "type": "customer.updated", "created": NOW, "livemode": false,
        "data": {"object": {"id": "cus_1", "object": "customer", "name": "Zoë ☂ 𝒮 \u{0}\u{7f}\u{2028}"}}
    });
    let mut long = event.clone();
    long["data"]["object"]["description"] = "é".repeat(20_000).into();
    vec![
        r#"{"id":"evt_1","object":"event"}"#.to_owned(),
        format!("{event:#}"),
        event.to_string(),
        format!("\r\n\t {event}\r\n\r\n"),
        event.to_string().replace("ë", "\\u00eb"),
        long.to_string(),
    ]
}

/// The hexadecimal digits that sign a body.
fn v1(key: &str, time: i64, body: &str) -> String {
    let header = secret(key).sign(time, body.as_bytes());
    header.split_once(",v1=").unwrap().1.to_owned()
}

/// The package's words for what an error says.
fn words(error: &SignatureError) -> &'static str {
    match error {
        SignatureError::Missing => "No Stripe-Signature header value was provided",
        SignatureError::Malformed { .. } => "Unable to extract timestamp and signatures",
        SignatureError::NoV1 => "No signatures found with expected scheme",
        SignatureError::NoMatch { .. } => "No signatures found matching",
        SignatureError::TooOld { .. } => "Timestamp outside the tolerance zone",
        other => panic!("no words for {other:?}"),
    }
}

#[test]
fn the_package_is_the_one_that_is_named() {
    let answers = official::ask(&[json!({"ask": "version"})]);
    assert_eq!(answers, [official::VERSION]);
}

#[test]
fn what_the_package_signs_verifies() {
    let bodies = bodies();
    let questions: Vec<_> = bodies
        .iter()
        .map(|body| json!({"ask": "sign", "body": body, "secret": KEY, "now": NOW}))
        .collect();
    let verifier = WebhookVerifier::new(secret(OLD_KEY)).or(secret(KEY));
    for (body, header) in bodies.iter().zip(official::ask(&questions)) {
        let header = header.as_str().unwrap();
        verifier.verify(header, body.as_bytes(), NOW).unwrap();
        assert_eq!(header, secret(KEY).sign(NOW, body.as_bytes()));
    }
}

#[test]
fn the_package_accepts_what_is_signed_here() {
    let questions: Vec<_> = bodies()
        .into_iter()
        .map(|body| {
            let header = secret(KEY).sign(NOW, body.as_bytes());
            json!({
                "ask": "verify", "body": body, "header": header, "secret": KEY, "now": NOW + 300, "tolerance": 300
            })
        })
        .collect();
    for answer in official::ask(&questions) {
        assert_eq!(answer, json!({"event": "evt_1"}));
    }
}

/// Headers for a body, with the age at which they come.
fn variants(body: &str) -> Vec<(String, i64)> {
    let new = v1(KEY, NOW, body);
    let old = v1(OLD_KEY, NOW, body);
    let headers = [
        format!("t={NOW},v1={new}"),
        format!("t={NOW},v1={old},v1={new}"),
        format!("t={NOW},v1={new},v1={old}"),
        format!("v1={new},t={NOW}"),
        format!("t={NOW},v1={new},v0={old},scheme"),
        format!("t={NOW},v0={new}"),
        format!("t={NOW},v1={old}"),
        format!("t={NOW},v1={}", new.to_uppercase()),
        format!("t={NOW},v1={}", &new[1..]),
        format!("t={NOW},v1={new}0"),
        format!("t={NOW},v1={new} "),
        format!("t={NOW},v1="),
        format!("t={NOW},v1"),
        format!("t={NOW}, v1={new}"),
        format!("t={NOW}"),
        format!("t={NOW},t=5,v1={new}"),
        format!("t=5,t={NOW},v1={new}"),
        format!("t={NOW},v1={new},t"),
        format!("t=+{NOW},v1={new}"),
        format!("t=00{NOW},v1={new}"),
        format!("t={},v1={new}", NOW + 1),
        format!("t=-5,v1={}", v1(KEY, -5, body)),
        format!("t=now,v1={new}"),
        format!("t=,v1={new}"),
        format!("t,v1={new}"),
        format!("T={NOW},v1={new}"),
        format!("v1={new}"),
        ",".to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ];
    let mut variants: Vec<_> = headers.into_iter().map(|header| (header, 0)).collect();
    for age in [-86_400, -1, 299, 300, 301, 86_400] {
        variants.push((format!("t={NOW},v1={new}"), age));
        // What is wrong and old is wrong.
        variants.push((format!("t={NOW},v1={old}"), age));
    }
    variants
}

#[test]
fn both_judge_every_header_alike() {
    let mut questions = Vec::new();
    let mut ours = Vec::new();
    for signed in bodies() {
        // The body that was signed, and others.
        let changed = signed.replacen("evt_1", "evt_2", 1);
        let written_again = serde_json::from_str::<Value>(&signed).unwrap().to_string();
        for body in [&signed, &changed, &written_again] {
            for (header, age) in variants(&signed) {
                for tolerance in [300, 0] {
                    let now = NOW + age;
                    let verifier =
                        WebhookVerifier::new(secret(KEY)).tolerance(Duration::from_secs(tolerance));
                    ours.push(verifier.verify(&header, body.as_bytes(), now));
                    questions.push(json!({
                        "ask": "verify", "body": body, "header": header, "secret": KEY, "now": now,
                        "tolerance": tolerance
                    }));
                }
            }
        }
    }
    let mut kinds = std::collections::BTreeMap::new();
    for ((ours, theirs), question) in ours.iter().zip(official::ask(&questions)).zip(&questions) {
        let (header, now) = (&question["header"], &question["now"]);
        match ours {
            Ok(()) => assert!(theirs["event"].is_string(), "{header} at {now}: {theirs}"),
            Err(error) => {
                let refused = theirs["refused"].as_str().unwrap_or_default();
                assert!(
                    refused.starts_with(words(error)),
                    "{header} at {now}: {error}; {theirs}"
                );
            }
        }
        let kind = ours.as_ref().map_or_else(words, |()| "accepted");
        *kinds.entry(kind).or_insert(0) += 1;
    }
    // Each judgement was passed.
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

#[test]
fn both_take_the_same_event_out_of_an_envelope() {
    let event = json!({
        "id": "evt_1", "object": "event", "type": "customer.created", "created": NOW, "livemode": false,
        "data": {"object": {"id": "cus_1", "object": "customer"}}
    });
    let deliveries = [
        event.clone(),
        json!({
            "version": "0", "id": "c2a7ce3c", "account": "123456789012", "region": "us-east-1",
            "detail-type": "customer.created", "source": "aws.partner/stripe.com/ed_1", "detail": event
        }),
        json!({"specversion": "1.0", "id": "7f0b", "type": "customer.created", "source": "/", "data": event}),
    ]
    .map(|delivery| delivery.to_string());
    let questions = deliveries
        .each_ref()
        .map(|body| json!({"ask": "unpack", "body": body}));
    for (body, theirs) in deliveries.into_iter().zip(official::ask(&questions)) {
        let Ok(Envelope::Events(ours)) = Envelope::parse(body) else {
            panic!("an event");
        };
        let ours =
            json!({"id": ours[0].id(), "type": ours[0].kind(), "object": ours[0].object_id()});
        assert_eq!(ours, theirs);
    }
}
