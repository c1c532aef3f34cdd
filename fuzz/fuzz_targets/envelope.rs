//! Deliveries of events: whatever bytes come, and events with whatever id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use stripe_sync::webhook::{Envelope, Event, EventError};

/// Fewer bytes than any event has. So many events are the most that a body holds.
const SHORTEST_EVENT: usize = 60;

fuzz_target!(|input: &[u8]| {
    let parsed = Event::parse(input.to_vec());
    let opened = Envelope::parse(input.to_vec());
    if let Ok(event) = &parsed {
        check(event);
        match &opened {
            Ok(Envelope::Events(events)) => assert_eq!(events[0].id(), event.id()),
            // A member twice that only an envelope has.
            Err(EventError::Json(_)) => {}
            other => panic!("{event:?} is {other:?}"),
        }
    }
    match opened {
        Ok(Envelope::Events(events)) => {
            assert!(!events.is_empty() && events.len() <= input.len() / SHORTEST_EVENT);
            events.iter().for_each(check);
        }
        Ok(Envelope::Validation(validation)) => {
            let answer: Value = serde_json::from_str(&validation.answer()).expect("JSON");
            assert_eq!(answer["validationResponse"], validation.code());
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => assert!(error.to_string().len() < 1_000),
    }
    any_id(&String::from_utf8_lossy(input));
});

/// What was read of an event is what another reader finds in it.
fn check(event: &Event) {
    let json = event.payload();
    let again = Event::parse(json.clone()).expect("an event");
    assert_eq!(again.id(), event.id());
    assert!(format!("{event:?}").len() < 40_000);
    if let Some(object) = event.data_object() {
        // A slice of the payload, not a copy.
        assert!(json.as_ptr_range().contains(&object.as_ptr()));
    }
    // `serde_json` refuses deep nesting and great numbers here, which are passed over in an event.
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    assert_eq!(value["id"], event.id());
    assert_eq!(value["type"], event.kind());
    assert_eq!(value["livemode"], event.livemode());
    if let Some(object) = event.data_object() {
        let object: Value = serde_json::from_slice(object).expect("JSON");
        assert_eq!(object, value["data"]["object"]);
        assert_eq!(object["id"].as_str(), event.object_id());
        assert_eq!(object["object"].as_str(), event.object());
    }
    // The same event in an envelope.
    let text = std::str::from_utf8(json).expect("UTF-8");
    let delivery =
        format!(r#"{{"detail":{text},"detail-type":"x","source":"aws.partner/stripe.com"}}"#);
    match Envelope::parse(delivery) {
        Ok(Envelope::Events(events)) => assert_eq!(events[0].payload(), json.trim_ascii()),
        other => panic!("{event:?} in EventBridge's envelope is {other:?}"),
    }
}

/// An id comes out as it went in, or is refused for what it is.
fn any_id(id: &str) {
    let event = json!({
        "id": id, "object": "event", "type": "x", "created": 1, "livemode": true,
        "data": {"object": {"id": id}}
    });
    let fits = !id.is_empty() && !id.contains('\0') && id.chars().count() <= 255;
    match Event::parse(event.to_string()) {
        Ok(event) => {
            assert!(fits);
            assert_eq!((event.id(), event.object_id()), (id, Some(id)));
        }
        Err(error) => assert!(!fits, "{error}"),
    }
}
