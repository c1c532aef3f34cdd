//! The control API, as a program in another language calls it.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{Program, accept, request};

const KEY: &str = "sk_test_any";

/// The body of a call that must succeed.
fn ok(program: &Program, method: &str, target: &str, body: Value) -> Value {
    let text = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let (status, answer) = program.call(method, target, &text);
    assert_eq!(status, 200, "{method} {target}: {answer}");
    answer
}

/// The message of a call that must be refused with this status.
fn refused(program: &Program, (method, target, body): (&str, &str, &str), wanted: u16) -> String {
    let (status, answer) = program.call(method, target, body);
    assert_eq!(status, wanted, "{method} {target}: {answer}");
    answer["error"]["message"].as_str().unwrap().to_owned()
}

fn length(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

#[test]
fn objects_are_created_changed_and_deleted() {
    let program = Program::start(&[]);
    let email = json!({ "email": "jenny@example.com" });
    let customer = ok(&program, "POST", "/_fake/objects/customer", email);
    let id = customer["id"].as_str().unwrap();
    let path = format!("/_fake/objects/{id}");
    assert_eq!(ok(&program, "GET", &path, Value::Null), customer);
    let changed = ok(&program, "PATCH", &path, json!({ "name": "Jenny" }));
    assert_eq!(
        (&changed["name"], &changed["email"]),
        (&"Jenny".into(), &"jenny@example.com".into())
    );
    let (status, read) = program.get(&format!("/v1/customers/{id}"), KEY);
    assert_eq!((status, &read["name"]), (200, &"Jenny".into()));
    let truth = ok(&program, "GET", "/_fake/truth/customer", Value::Null);
    assert_eq!(length(&truth["data"]), 1);
    ok(&program, "DELETE", &path, Value::Null);
    let truth = ok(&program, "GET", "/_fake/truth/customer", Value::Null);
    assert_eq!(length(&truth["data"]), 0);
    let (_, events) = program.get("/v1/events", KEY);
    let events = events["data"].as_array().unwrap();
    let mut kinds: Vec<_> = events.iter().map(|event| &event["type"]).collect();
    kinds.sort_by_key(|kind| kind.to_string());
    assert_eq!(
        kinds,
        ["customer.created", "customer.deleted", "customer.updated"]
    );
    let made = ok(
        &program,
        "POST",
        "/_fake/generate/product?count=7",
        Value::Null,
    );
    assert_eq!(length(&made["ids"]), 7);
}

#[test]
fn accounts_modes_and_what_is_not_checked() {
    let program = Program::start(&[]);
    let live = "/_fake/objects/customer?livemode=true";
    assert_eq!(ok(&program, "POST", live, Value::Null)["livemode"], true);
    let (_, page) = program.get("/v1/customers", KEY);
    assert_eq!(length(&page["data"]), 0);

    let account = ok(&program, "POST", "/_fake/objects/account", Value::Null);
    let id = account["id"].as_str().unwrap();
    let of_account = format!("/_fake/objects/customer?account={id}");
    ok(&program, "POST", &of_account, Value::Null);
    let header = format!("Stripe-Account: {id}\r\n");
    let (_, page) = program.get_with("/v1/customers", KEY, &header);
    assert_eq!(length(&page["data"]), 1);
    let accounts = ok(&program, "GET", "/_fake/accounts", Value::Null);
    assert_eq!(length(&accounts["data"]), 2);

    let odd = r#"{"brand_new": 1}"#;
    let target = "/_fake/objects/customer";
    let message = refused(&program, ("POST", target, odd), 400);
    assert!(message.contains("no member `brand_new`"), "{message}");
    let unchecked = format!("{target}?checked=false");
    let odd = ok(&program, "POST", &unchecked, json!({ "brand_new": 1 }));
    assert_eq!(odd["brand_new"], 1);

    let price = ok(
        &program,
        "POST",
        "/_fake/objects/price?unlisted=true",
        Value::Null,
    );
    let (_, prices) = program.get("/v1/prices", KEY);
    assert!(!prices.to_string().contains(price["id"].as_str().unwrap()));
}

#[test]
fn trouble_is_set_and_ended() {
    let program = Program::start(&[]);
    let status = |limit: u8| program.get(&format!("/v1/customers?limit={limit}"), KEY).0;
    let faults = json!({ "seed": 7, "rate_500": 1, "latency": [1, 2], "only": "/v1/customers" });
    ok(&program, "POST", "/_fake/faults", faults);
    assert_eq!(status(1), 500);
    assert_eq!(program.get("/v1/products", KEY).0, 200);
    let requests = ok(&program, "GET", "/_fake/requests", Value::Null);
    let first = &requests["data"][0];
    assert_eq!(
        (&first["endpoint"], &first["status"], &first["fault"]),
        (&"/v1/customers".into(), &500.into(), &"rate_500".into())
    );
    ok(&program, "POST", "/_fake/faults", json!({}));
    assert_eq!(status(2), 200);
    ok(
        &program,
        "POST",
        "/_fake/limits",
        json!({ "endpoint_per_second": 0.01 }),
    );
    assert_eq!([status(3), status(4)], [200, 429]);
    ok(&program, "POST", "/_fake/limits", json!({ "like": "none" }));
    assert_eq!(status(5), 200);
    ok(&program, "DELETE", "/_fake/requests", Value::Null);
    let requests = ok(&program, "GET", "/_fake/requests", Value::Null);
    assert_eq!(length(&requests["data"]), 0);
}

#[test]
fn the_clock_is_moved_and_goes_on() {
    let program = Program::start(&["--now", "1793491200"]);
    let now = || ok(&program, "GET", "/_fake/clock", Value::Null)["now"].clone();
    assert_eq!(now(), 1_793_491_200);
    let advance = json!({ "advance": 60 });
    ok(&program, "POST", "/_fake/clock", advance);
    assert_eq!(now(), 1_793_491_260);
    ok(
        &program,
        "POST",
        "/_fake/clock",
        json!({ "now": 1_793_500_000 }),
    );
    assert_eq!(now(), 1_793_500_000);

    let program = Program::start(&[]);
    let now = || {
        let answer = ok(&program, "GET", "/_fake/clock", Value::Null);
        answer["now"].as_i64().unwrap()
    };
    let set = 2_000_000_000;
    ok(&program, "POST", "/_fake/clock", json!({ "now": set }));
    std::thread::sleep(Duration::from_millis(2_500));
    let gone = now() - set;
    assert!((1..60).contains(&gone), "{gone} seconds in 2.5");
}

#[test]
fn webhooks_wait_until_they_are_asked_for() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let arguments = ["--webhook", &url, "--hold-webhooks", "--now", "1793491200"];
    let program = Program::start(&arguments);
    ok(&program, "POST", "/_fake/objects/product", Value::Null);
    let deliveries = || ok(&program, "GET", "/_fake/deliveries", Value::Null);
    let before = deliveries();
    assert_eq!(
        (length(&before["data"]), length(&before["waiting"])),
        (0, 1)
    );
    assert_eq!(before["waiting"][0]["type"], "product.created");

    let answers = std::thread::spawn(move || {
        for status in ["500 Oops", "200 OK"] {
            let mut stream = accept(&receiver);
            request(&mut stream);
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let deliver = || ok(&program, "POST", "/_fake/deliver", Value::Null);
    assert_eq!(deliver(), json!({ "delivered": 0, "failed": 1 }));
    assert_eq!(
        deliver(),
        json!({ "delivered": 0, "failed": 0 }),
        "not due yet"
    );
    let later = json!({ "advance": 3_600 });
    ok(&program, "POST", "/_fake/clock", later);
    assert_eq!(deliver(), json!({ "delivered": 1, "failed": 0 }));
    answers.join().unwrap();
    let after = deliveries();
    assert_eq!(length(&after["waiting"]), 0);
    let outcomes = [&after["data"][0], &after["data"][1]].map(|attempt| {
        (
            attempt["outcome"].as_str().unwrap().to_owned(),
            attempt["status"].as_u64(),
        )
    });
    let wanted = [("failed", Some(500)), ("delivered", Some(200))];
    assert_eq!(
        outcomes,
        wanted.map(|(word, status)| (word.to_owned(), status))
    );
}

#[test]
fn a_reset_goes_back_to_the_start() {
    let program = Program::start(&["customer=3", "--any-version"]);
    let truth = || ok(&program, "GET", "/_fake/truth/customer", Value::Null);
    let start = truth();
    let id = start["data"][0]["id"].as_str().unwrap();
    ok(
        &program,
        "DELETE",
        &format!("/_fake/objects/{id}"),
        Value::Null,
    );
    ok(
        &program,
        "POST",
        "/_fake/generate/customer?count=2",
        Value::Null,
    );
    ok(&program, "POST", "/_fake/faults", json!({ "rate_500": 1 }));
    ok(
        &program,
        "POST",
        "/_fake/clock",
        json!({ "advance": 86_400 }),
    );
    let old = "Stripe-Version: 2024-06-20\r\n";
    assert_eq!(program.get_with("/v1/customers", KEY, old).0, 500);
    std::thread::sleep(Duration::from_millis(2_500));
    let warnings = || ok(&program, "GET", "/_fake/warnings", Value::Null);
    assert_eq!(length(&warnings()["data"]), 1);
    let moved = ok(&program, "GET", "/_fake/clock", Value::Null);
    let back = ok(&program, "POST", "/_fake/reset", Value::Null);
    let unix = |clock: &Value| clock["now"].as_i64().unwrap();
    let by = unix(&moved) - unix(&back);
    assert!((86_300..=86_400).contains(&by), "{by}");
    let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let behind = i64::try_from(machine.as_secs()).unwrap() - unix(&back);
    assert!((0..=1).contains(&behind), "{behind}");
    assert_eq!(truth(), start);
    assert_eq!(length(&warnings()["data"]), 0);
    let requests = ok(&program, "GET", "/_fake/requests", Value::Null);
    assert_eq!(length(&requests["data"]), 0);
    assert_eq!(program.get("/v1/customers", KEY).0, 200);
}

#[test]
fn refusals_are_json() {
    let program = Program::start(&[]);
    let routes = ok(&program, "GET", "/_fake", Value::Null);
    assert!(length(&routes["data"]) >= 17);
    for ((method, target, body), status, words) in [
        (("GET", "/_fake/objcts", ""), 404, "GET /_fake lists"),
        (
            ("PUT", "/_fake/clock", ""),
            405,
            "takes GET or POST, got PUT",
        ),
        (
            ("GET", "/_fake/truth/custmer", ""),
            404,
            "did you mean `customer`?",
        ),
        (
            ("POST", "/_fake/objects/custmer", ""),
            404,
            "did you mean `customer`?",
        ),
        (
            ("PATCH", "/_fake/objects/cus_none", "{}"),
            404,
            "no object with the id `cus_none`",
        ),
        (
            ("GET", "/_fake/objects/cus_none", ""),
            404,
            "no object with the id `cus_none`",
        ),
        (
            ("GET", "/_fake/truth/customer?account=acct_no", ""),
            404,
            "no account `acct_no`",
        ),
        (
            ("GET", "/_fake/truth/customer?livemode=yes", ""),
            400,
            "expected true or false, got `yes`",
        ),
        (
            ("GET", "/_fake/truth/customer?cont=1", ""),
            400,
            "known here: account, livemode",
        ),
        (
            ("POST", "/_fake/generate/customer?count=many", ""),
            400,
            "got `many`",
        ),
        (
            ("POST", "/_fake/objects/customer", "{"),
            400,
            "the body is not JSON",
        ),
        (
            ("POST", "/_fake/objects/customer", "[]"),
            400,
            "got an array",
        ),
        (
            ("POST", "/_fake/faults", r#"{"rate_501": 1}"#),
            400,
            "unknown member `rate_501`",
        ),
        (
            ("POST", "/_fake/faults", r#"{"hang": 2}"#),
            400,
            "from 0 to 1, got 2",
        ),
        (
            ("POST", "/_fake/faults", r#"{"hang": 0.6, "reset": 0.6}"#),
            400,
            "add up to 1.2",
        ),
        (
            ("POST", "/_fake/limits", r#"{"like": "lve"}"#),
            400,
            r#"got "lve""#,
        ),
        (("POST", "/_fake/clock", "{}"), 400, "expected {\"now\""),
    ] {
        let message = refused(&program, (method, target, body), status);
        assert!(message.contains(words), "{method} {target}: {message}");
    }
    let coupon = json!({ "id": "cus_1" });
    ok(&program, "POST", "/_fake/objects/customer", coupon);
    refused(
        &program,
        ("POST", "/_fake/objects/customer", r#"{"id": "cus_1"}"#),
        409,
    );
}

#[test]
fn without_it_the_path_is_one_that_stripe_does_not_have() {
    let program = Program::start(&["--no-control"]);
    let (status, body) = program.get("/_fake/clock", KEY);
    let message = body["error"]["message"].as_str().unwrap();
    assert_eq!(status, 404);
    assert!(message.starts_with("Unrecognized request URL"), "{message}");
}
