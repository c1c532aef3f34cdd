use serde_json::{Value, json};

use crate::webhook::envelope::*;

fn event(id: &str) -> Value {
    json!({
        "id": id, "object": "event", "type": "customer.created", "created": 1_790_000_000,
        "livemode": true, "data": {"object": {"id": "cus_1", "object": "customer"}}
    })
}

fn thin(id: &str) -> Value {
    json!({
        "id": id, "object": "v2.core.event", "type": "v1.customer.created",
        "created": "2026-09-21T13:33:20.000Z", "livemode": true,
        "related_object": {"id": "cus_1", "type": "customer", "url": "/v1/customers/cus_1"}
    })
}

fn eventbridge(event: Value) -> Value {
    json!({
        "version": "0", "id": "c2a7ce3c-1b0e-4c1f-9f5d-2f1f3f5c7d11", "account": "123456789012",
        "detail-type": "customer.created", "source": "aws.partner/stripe.com/ed_test_1",
        "time": "2026-09-21T13:33:20Z", "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1::event-source/aws.partner/stripe.com/ed_test_1"],
        "detail": event
    })
}

fn cloud_event(event: Value) -> Value {
    json!({
        "specversion": "1.0", "id": "7f0b7c6e", "type": "customer.created", "source": "/stripe",
        "subject": "cus_1", "time": "2026-09-21T13:33:20Z", "datacontenttype": "application/json",
        "data": event
    })
}

fn validation() -> Value {
    json!({
        "id": "2d1781af", "topic": "/subscriptions/1/topics/stripe", "subject": "",
        "data": {
            "validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6",
            "validationUrl": "https://rp-eastus2.eventgrid.azure.net:553/validate?id=512d38b6"
        },
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": "2026-09-21T13:33:20Z", "metadataVersion": "1", "dataVersion": "1"
    })
}

fn opened(body: &Value) -> Result<Envelope, EventError> {
    Envelope::parse(body.to_string())
}

/// The ids of the events in a body.
fn ids(body: &Value) -> Vec<String> {
    match opened(body) {
        Ok(Envelope::Events(events)) => events.iter().map(|event| event.id().to_owned()).collect(),
        other => panic!("{body} is {other:?}"),
    }
}

#[test]
fn an_event_is_taken_out_of_each_envelope() {
    for inner in [event("evt_1"), thin("evt_1")] {
        let json = inner.to_string();
        for body in [
            inner.clone(),
            eventbridge(inner.clone()),
            cloud_event(inner.clone()),
            json!([cloud_event(inner.clone())]),
        ] {
            let Ok(Envelope::Events(events)) = opened(&body) else {
                panic!("{body}");
            };
            assert_eq!(events.len(), 1);
            assert_eq!(events[0].payload(), json.as_bytes(), "{body}");
            assert_eq!(events[0].object_id(), Some("cus_1"));
            // EventBridge's `account` is Amazon's.
            assert_eq!(events[0].account(), None);
        }
    }
}

#[test]
fn a_batch_keeps_its_order() {
    let ids_sent: Vec<_> = (0..1_000).map(|n| format!("evt_{n}")).collect();
    let batch = ids_sent.iter().map(|id| cloud_event(event(id))).collect();
    assert_eq!(ids(&Value::Array(batch)), ids_sent);
    let mixed = json!([cloud_event(thin("evt_1")), event("evt_2")]);
    assert_eq!(ids(&mixed), ["evt_1", "evt_2"]);
}

#[test]
fn an_envelope_may_be_pretty_and_padded() {
    let body = format!(
        "\n\t {:#}\r\n",
        json!([cloud_event(event("evt_1")), cloud_event(event("evt_2"))])
    );
    let Ok(Envelope::Events(events)) = Envelope::parse(body) else {
        panic!("two events");
    };
    assert_eq!(events[1].id(), "evt_2");
}

#[test]
fn the_validation_is_answered_with_its_code() {
    let cloud = json!({
        "specversion": "1.0", "type": VALIDATION, "source": "/", "id": "1",
        "data": {"validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}
    });
    for body in [json!([validation()]), validation(), cloud] {
        let Ok(Envelope::Validation(validation)) = opened(&body) else {
            panic!("{body}");
        };
        assert_eq!(validation.code(), "512d38b6-c7b8-40c8-89fe-f46f9e9622b6");
        assert_eq!(
            validation.answer(),
            r#"{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}"#
        );
    }
    let mut quoted = validation();
    quoted["data"]["validationCode"] = r#"a"b"#.into();
    let Ok(Envelope::Validation(validation)) = opened(&quoted) else {
        panic!("a validation");
    };
    let answer: Value = serde_json::from_str(&validation.answer()).unwrap();
    assert_eq!(answer["validationResponse"], r#"a"b"#);
}

#[test]
fn a_validation_without_a_code_is_an_error() {
    for data in [
        json!({}),
        json!(null),
        json!("512d38b6"),
        json!({"validationCode": ""}),
        json!({"validationCode": 5}),
        json!({"validationCode": "x".repeat(256)}),
    ] {
        let mut body = validation();
        body["data"] = data;
        let error = opened(&json!([body])).unwrap_err();
        let EventError::Batch {
            index: 0, error, ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert!(matches!(*error, EventError::Field { .. }), "{error:?}");
    }
}

#[test]
fn a_validation_among_events_is_an_error() {
    for batch in [
        json!([cloud_event(event("evt_1")), validation()]),
        json!([validation(), cloud_event(event("evt_1"))]),
        json!([validation(), validation()]),
    ] {
        assert!(matches!(opened(&batch), Err(EventError::Batch { .. })));
    }
}

#[test]
fn a_batch_with_one_bad_event_is_refused_and_says_which() {
    let mut bad = event("evt_2");
    bad["livemode"] = json!("yes");
    let batch = json!([cloud_event(event("evt_1")), cloud_event(bad)]);
    assert_eq!(
        opened(&batch).unwrap_err().to_string(),
        "event 2 of 2: event evt_2: expected `livemode` to be true or false, got a text"
    );
}

#[test]
fn only_stripe_s_source_of_eventbridge_is_taken() {
    for (source, taken) in [
        ("aws.partner/stripe.com", true),
        ("aws.partner/stripe.com/ed_1", true),
        ("aws.partner/stripe.com.evil/ed_1", false),
        ("aws.partner/other.com/ed_1", false),
        ("my.aws.partner/stripe.com/ed_1", false),
        ("", false),
    ] {
        let mut body = eventbridge(event("evt_1"));
        body["source"] = source.into();
        assert_eq!(opened(&body).is_ok(), taken, "{source}");
    }
    for key in ["source", "detail-type", "detail"] {
        let mut body = eventbridge(event("evt_1"));
        body.as_object_mut().unwrap().remove(key);
        assert!(opened(&body).is_err(), "without {key}");
    }
    let mut body = eventbridge(event("evt_1"));
    body["source"] = json!(["aws.partner/stripe.com"]);
    assert!(opened(&body).is_err());
}

#[test]
fn an_envelope_in_an_envelope_is_nonsense() {
    for inner in [
        eventbridge(event("evt_1")),
        cloud_event(event("evt_1")),
        json!([event("evt_1")]),
        validation(),
        json!(event("evt_1").to_string()),
        json!({"object": "customer", "id": "cus_1"}),
        json!(null),
        json!(7),
    ] {
        for body in [
            eventbridge(inner.clone()),
            cloud_event(inner.clone()),
            json!([cloud_event(inner.clone())]),
            json!([[inner.clone()]]),
        ] {
            assert!(opened(&body).is_err(), "{body}");
        }
    }
}

#[test]
fn an_event_with_an_envelope_s_members_is_an_event() {
    let mut outer = event("evt_outer");
    outer["detail-type"] = "x".into();
    outer["source"] = "aws.partner/stripe.com/ed_1".into();
    outer["detail"] = event("evt_inner");
    outer["specversion"] = "1.0".into();
    assert_eq!(ids(&outer), ["evt_outer"]);
}

#[test]
fn what_is_no_delivery_is_an_error() {
    for body in [
        "",
        " ",
        "[",
        "[]",
        "{}",
        "[{}]",
        "[1]",
        "[null]",
        "null",
        "7",
        "\"\"",
        "[[]]",
        r#"{"specversion":"1.0"}"#,
        r#"{"specversion":"1.0","data_base64":"e30="}"#,
        r#"{"data":{"object":"event"}}"#,
        r#"{"detail":{}}"#,
    ] {
        assert!(Envelope::parse(body).is_err(), "{body}");
    }
    assert!(matches!(
        Envelope::parse(&b"\xff{}"[..]),
        Err(EventError::Encoding(_))
    ));
    // An array that claims many elements costs no more than its bytes.
    let error = Envelope::parse(format!("[{}1]", "1,".repeat(500_000))).unwrap_err();
    let EventError::Batch {
        index: 0, count, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(count, 500_001);
}
