use serde_json::{Value, json};

use crate::webhook::event::*;

fn snapshot_json() -> Value {
    json!({
        "id": "evt_1", "object": "event", "type": "customer.updated", "created": 1_790_000_000,
        "livemode": true, "api_version": "2026-10-28.endive", "pending_webhooks": 1,
        "request": {"id": "req_1", "idempotency_key": null},
        "data": {
            "object": {"id": "cus_1", "object": "customer", "email": "zoë@example.com"},
            "previous_attributes": {"email": null}
        }
    })
}

fn thin_json() -> Value {
    json!({
        "id": "evt_2", "object": "v2.core.event", "type": "v1.customer.created",
        "created": "2026-09-21T13:33:20.999Z", "livemode": false, "context": null, "reason": null,
        "snapshot_event": "evt_1",
        "related_object": {"id": "cus_1", "type": "customer", "url": "/v1/customers/cus_1"}
    })
}

fn parse(json: &Value) -> Result<Event, EventError> {
    Event::parse(json.to_string())
}

/// The event with one member set, at a path with points.
fn with(mut event: Value, path: &str, value: Value) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[key] = value;
    event
}

fn without(mut event: Value, path: &str) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap();
    assert!(parent.as_object_mut().unwrap().remove(key).is_some());
    event
}

/// The member of which an error speaks.
fn field(json: &Value) -> (&'static str, &'static str) {
    match parse(json) {
        Err(EventError::Field { field, found, .. }) => (field, found),
        other => panic!("{json} is {other:?}"),
    }
}

#[test]
fn a_snapshot_says_what_changed_where_and_when() {
    let body = snapshot_json().to_string();
    let event = Event::parse(body.clone()).unwrap();
    assert_eq!(event.id(), "evt_1");
    assert_eq!(event.kind(), "customer.updated");
    assert_eq!(event.snapshot_kind(), "customer.updated");
    assert_eq!(event.form(), EventForm::Snapshot);
    assert_eq!(event.created().timestamp(), 1_790_000_000);
    assert!(event.livemode());
    assert_eq!((event.account(), event.context()), (None, None));
    assert_eq!(event.api_version(), Some("2026-10-28.endive"));
    assert_eq!(event.object(), Some("customer"));
    assert_eq!(event.object_id(), Some("cus_1"));
    assert_eq!((event.object_url(), event.snapshot_event()), (None, None));
    assert_eq!(event.payload(), body.as_bytes());
}

#[test]
fn the_object_is_a_slice_of_the_payload_byte_for_byte() {
    let object =
        "{ \"object\":\"customer\",\n  \"id\":\"cus_1\", \"n\": 1.50e1, \"name\":\"Zo\\u00eb ☂\" }";
    let previous = "{\"name\" :  \"é\"}";
    let body = Bytes::from(format!(
        "\n {{\"data\": {{\"previous_attributes\":{previous} , \"object\" : {object}\t}}, \"livemode\":true,\
         \"type\":\"customer.updated\",\"created\":5,\"object\":\"event\",\"id\":\"evt_1\"}}\r\n"
    ));
    let event = Event::parse(body.clone()).unwrap();
    assert_eq!(event.data_object().unwrap(), object.as_bytes());
    assert_eq!(event.previous_attributes().unwrap(), previous.as_bytes());
    assert_eq!(event.payload().as_ptr(), body.as_ptr());
    let memory = body.as_ptr_range();
    assert!(memory.contains(&event.data_object().unwrap().as_ptr()));
    assert_eq!(event.object_id(), Some("cus_1"));
}

#[test]
fn a_thin_event_names_the_object() {
    let event = parse(&thin_json()).unwrap();
    assert_eq!(event.form(), EventForm::Thin);
    assert_eq!(event.kind(), "v1.customer.created");
    assert_eq!(event.snapshot_kind(), "customer.created");
    assert_eq!(event.created().timestamp(), 1_789_997_600);
    assert!(!event.livemode());
    assert_eq!(event.object(), Some("customer"));
    assert_eq!(event.object_id(), Some("cus_1"));
    assert_eq!(event.object_url(), Some("/v1/customers/cus_1"));
    assert_eq!(event.snapshot_event(), Some("evt_1"));
    assert_eq!((event.account(), event.api_version()), (None, None));
    assert!(event.data_object().is_none() && event.previous_attributes().is_none());

    let v2 = with(thin_json(), "type", "v2.core.account.updated".into());
    assert_eq!(
        parse(&v2).unwrap().snapshot_kind(),
        "v2.core.account.updated"
    );
    // A singleton has no id; an event without an object has nothing.
    let singleton = parse(&without(thin_json(), "related_object.id")).unwrap();
    assert_eq!(
        (singleton.object(), singleton.object_id()),
        (Some("customer"), None)
    );
    for event in [
        with(thin_json(), "related_object", Value::Null),
        without(thin_json(), "related_object"),
    ] {
        assert_eq!(parse(&event).unwrap().object(), None);
    }
}

#[test]
fn the_account_is_the_connected_one_or_that_of_the_context() {
    let account = |event: Value| parse(&event).unwrap().account().map(str::to_owned);
    let connected = with(snapshot_json(), "account", "acct_1".into());
    assert_eq!(account(connected.clone()).as_deref(), Some("acct_1"));
    let both = with(connected, "context", "org_1/acct_2".into());
    assert_eq!(account(both).as_deref(), Some("acct_1"));
    for (context, expected) in [
        ("acct_2", Some("acct_2")),
        ("org_1/acct_2", Some("acct_2")),
        ("org_1", None),
        ("acct_2/other", None),
        ("", None),
    ] {
        for form in [snapshot_json(), thin_json()] {
            let event = parse(&with(form, "context", context.into())).unwrap();
            assert_eq!(event.account(), expected, "{context}");
            assert_eq!(event.context(), Some(context).filter(|c| !c.is_empty()));
        }
    }
}

#[test]
fn a_deauthorized_application_is_not_the_account() {
    let mut event = with(
        snapshot_json(),
        "type",
        "account.application.deauthorized".into(),
    );
    event["account"] = "acct_gone".into();
    event["data"] = json!({"object": {"id": "ca_1", "object": "application", "name": "App"}});
    let event = parse(&event).unwrap();
    assert_eq!(event.account(), Some("acct_gone"));
    assert_eq!(
        (event.object(), event.object_id()),
        (Some("application"), Some("ca_1"))
    );
    assert!(event.previous_attributes().is_none());
}

#[test]
fn an_upcoming_invoice_may_lack_an_id() {
    let upcoming = with(
        snapshot_json(),
        "data",
        json!({"object": {"object": "invoice"}}),
    );
    let null = with(upcoming.clone(), "data.object.id", Value::Null);
    for event in [upcoming, null] {
        let event = parse(&event).unwrap();
        assert_eq!((event.object(), event.object_id()), (Some("invoice"), None));
        assert!(event.data_object().is_some());
    }
}

#[test]
fn what_stripe_adds_one_day_is_no_error() {
    let mut event = with(snapshot_json(), "type", "foo.bar.created".into());
    event["detail"] = json!({"object": "event"});
    event["new"] = json!([{"id": 1}, null, 1.5]);
    event["data"]["more"] = json!("\u{0}");
    event["api_version"] = Value::Null;
    event["data"]["object"]["object"] = "foo.bar".into();
    let long = "é".repeat(255);
    event["id"] = long.clone().into();
    event["data"]["object"]["id"] = long.clone().into();
    let event = parse(&event).unwrap();
    assert_eq!((event.id(), event.object_id()), (&*long, Some(&*long)));
    assert_eq!(event.object(), Some("foo.bar"));
}

#[test]
fn an_escaped_key_or_name_is_read() {
    let body = r#"{"\u0069d":"evt\u005f1","object":"\u0065vent","type":"x","created":-1,"livemode":false,
        "data":{"object":{"\u0069d":"cus_\u00e9"}}}"#;
    let event = Event::parse(body).unwrap();
    assert_eq!((event.id(), event.object_id()), ("evt_1", Some("cus_é")));
    assert_eq!((event.created().timestamp(), event.object()), (-1, None));
}

#[test]
fn what_every_event_has_must_be_there() {
    for path in ["id", "type", "created", "livemode"] {
        for event in [snapshot_json(), thin_json()] {
            assert_eq!(field(&without(event.clone(), path)), (path, "nothing"));
            assert_eq!(field(&with(event.clone(), path, Value::Null)).0, path);
            assert_eq!(field(&with(event, path, json!([1]))), (path, "an array"));
        }
    }
    assert_eq!(field(&without(snapshot_json(), "data")).0, "data");
    assert_eq!(
        field(&without(snapshot_json(), "data.object")).0,
        "data.object"
    );
}

#[test]
fn a_member_of_the_wrong_type_is_named() {
    for (path, value, found) in [
        ("id", json!(7), "a number"),
        ("created", json!("2026-09-21T13:33:20Z"), "a text"),
        ("created", json!(1.5), "a number"),
        ("created", json!(u64::MAX), "a number"),
        ("livemode", json!("true"), "a text"),
        ("account", json!({}), "an object"),
        ("context", json!(true), "true or false"),
        ("api_version", json!(""), "an empty text"),
        ("data", json!([{"id": "cus_1"}]), "an array"),
        ("data.object", json!("cus_1"), "a text"),
        ("data.object.id", json!(7), "a number"),
        ("data.object.object", json!("a\u{0}"), "a text with NUL"),
        ("data.previous_attributes", json!([]), "an array"),
    ] {
        assert_eq!(
            field(&with(snapshot_json(), path, value.clone())),
            (path, found),
            "{value}"
        );
    }
    for (path, value, found) in [
        ("created", json!(1_790_000_000), "a number"),
        ("created", json!("yesterday"), "a text"),
        ("related_object", json!("cus_1"), "a text"),
        ("related_object.id", json!(["cus_1"]), "an array"),
        ("related_object.type", json!(""), "an empty text"),
        (
            "related_object.url",
            json!("https://example.com/v1"),
            "a text",
        ),
        ("related_object.url", json!("//example.com/v1"), "a text"),
        ("related_object.url", json!(1), "a number"),
    ] {
        assert_eq!(
            field(&with(thin_json(), path, value.clone())),
            (path, found),
            "{value}"
        );
    }
}

#[test]
fn ids_that_no_column_holds_are_refused() {
    for path in ["id", "type", "account", "data.object.id"] {
        for (value, found) in [
            ("x".repeat(256), "a longer text"),
            ("cus_\u{0}1".into(), "a text with NUL"),
            (String::new(), "an empty text"),
        ] {
            let event = with(snapshot_json(), path, value.into());
            assert_eq!(field(&event), (path, found));
        }
    }
    let half = snapshot_json().to_string().replace("evt_1", r"evt_\ud800");
    let error = Event::parse(half).unwrap_err();
    assert!(error.to_string().contains("surrogate"), "{error}");
}

#[test]
fn what_is_not_an_event_says_what_it_is() {
    let found = |body: &str| match Event::parse(body.to_owned()) {
        Err(EventError::NotAnEvent { found }) => found,
        other => panic!("{body} is {other:?}"),
    };
    assert_eq!(
        found(r#"{"object":"customer","id":"cus_1"}"#),
        "a `customer`"
    );
    assert_eq!(found("{}"), "an object without it");
    assert_eq!(
        found(r#"{"object":"A secret."}"#),
        "an object in which it is a text"
    );
    assert_eq!(
        found(r#"{"object":["event"]}"#),
        "an object in which it is an array"
    );
    assert_eq!(found("null"), "null");
    assert_eq!(found(" \"event\""), "a text");
    // `serde` would take these for the members in their order.
    assert_eq!(found(r#"["event","evt_1","x",1,true]"#), "an array");
}

#[test]
fn what_is_not_json_is_an_error() {
    let body = snapshot_json().to_string();
    for broken in [
        String::new(),
        "  ".into(),
        "id=evt_1".into(),
        body[..body.len() - 1].into(),
        format!("{body}{body}"),
        format!("\u{feff}{body}"),
        body.replacen("evt_1", "evt\n1", 1),
        body.replacen("\"id\"", "\"id\":\"evt_0\",\"id\"", 1),
    ] {
        let error = Event::parse(broken.clone()).unwrap_err();
        assert!(matches!(error, EventError::Json(_)), "{broken}: {error:?}");
    }
    let mut bytes = body.into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'@').unwrap();
    bytes[at] = 0xff;
    let error = Event::parse(bytes).unwrap_err();
    assert!(matches!(error, EventError::Encoding(_)), "{error:?}");
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = snapshot_json().to_string().replace(
        r#""pending_webhooks":1"#,
        &format!(r#""pending_webhooks":{deep}"#),
    );
    assert_eq!(Event::parse(body).unwrap().id(), "evt_1");
}

#[test]
fn nothing_personal_is_printed() {
    let event = parse(&snapshot_json()).unwrap();
    let printed = format!("{event:?} {event:#?}");
    assert!(printed.contains("cus_1") && printed.contains("evt_1"));
    assert!(!printed.contains("zoë"), "{printed}");

    let wrong = with(snapshot_json(), "livemode", "zoë@example.com".into());
    let error = parse(&wrong).unwrap_err();
    assert_eq!(
        error.to_string(),
        "event evt_1: expected `livemode` to be true or false, got a text"
    );
    assert!(!format!("{error:?}").contains("zoë"));
}

#[test]
fn an_event_of_an_accounts_own_list_is_that_accounts() {
    let unnamed = with(snapshot_json(), "account", serde_json::Value::Null);
    let mut missing = snapshot_json();
    missing.as_object_mut().unwrap().remove("account");
    for listed in [unnamed, missing] {
        let event = parse(&listed).unwrap();
        assert_eq!(event.account(), None);
        let event = event.listed_by("acct_c").unwrap();
        assert_eq!(event.account(), Some("acct_c"));
        // What is kept says so too, and says everything else as it did.
        let kept: serde_json::Value = serde_json::from_slice(event.payload()).unwrap();
        assert_eq!(with(listed, "account", "acct_c".into()), kept);
        assert_eq!(
            Event::parse(event.payload().clone()).unwrap().account(),
            Some("acct_c")
        );
    }
    let named = with(snapshot_json(), "account", "acct_b".into());
    let event = parse(&named).unwrap();
    let same = event.clone().listed_by("acct_c").unwrap();
    assert_eq!(
        (same.account(), same.payload()),
        (Some("acct_b"), event.payload())
    );
}
