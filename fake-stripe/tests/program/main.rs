//! The program `fake-stripe`: what it prints, serves, posts and refuses.
#![allow(missing_docs)]

mod control;
mod https;
mod past;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fake_stripe::webhook_signature;
use serde_json::Value;

/// A running program; it is killed when this is dropped.
struct Program {
    child: Child,
    lines: Vec<String>,
    _stdout: BufReader<ChildStdout>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-stripe"));
    command.args(arguments);
    command
}

impl Program {
    /// Starts it on a free port and reads what it says until it is ready.
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let length = stdout.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "it ended after {lines:?}");
            if line.starts_with("Ctrl-C") {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        Self {
            child,
            lines,
            _stdout: stdout,
        }
    }

    fn said(&self, what: &str) -> &str {
        let line = self.lines.iter().find_map(|line| line.strip_prefix(what));
        line.unwrap_or_else(|| panic!("no {what} in {:?}", self.lines))
            .trim()
    }

    /// Status and body of a call without a key; `body` is sent unless it is empty.
    fn call(&self, method: &str, target: &str, body: &str) -> (u16, Value) {
        self.send(method, target, "", body)
    }

    /// Status and body of a GET with this key.
    fn get(&self, target: &str, key: &str) -> (u16, Value) {
        self.get_with(target, key, "")
    }

    /// As [`Self::get`], with more headers, each with its line end.
    fn get_with(&self, target: &str, key: &str, headers: &str) -> (u16, Value) {
        let headers = format!("Authorization: Bearer {key}\r\n{headers}");
        self.send("GET", target, &headers, "")
    }

    fn send(&self, method: &str, target: &str, headers: &str, body: &str) -> (u16, Value) {
        let address = self.said("Address:").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }
}

#[test]
fn it_serves_what_the_arguments_ask_for() {
    let program = Program::start(&["customer=25", "invoice=2", "--seed", "42"]);
    assert_eq!(program.said("Objects:"), "25 customer, 2 invoice");
    let key = program.said("Secret key:");
    assert!(key.starts_with("sk_test_"), "{key}");
    let (status, page) = program.get("/v1/customers?limit=3", key);
    assert_eq!(status, 200);
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert_eq!(page["has_more"], true);
    let created = page["data"][0]["created"].as_i64().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let age = i64::try_from(now.as_secs()).unwrap() - created;
    assert!((0..400 * 86_400).contains(&age), "the newest of 25: {age}");
    assert_eq!(program.get("/v1/custmers", key).0, 404);
}

#[test]
fn a_given_key_says_the_mode_and_the_clock_can_stand() {
    let key = "sk_live_x";
    let program = Program::start(&["customer=1", "--key", key, "--now", "1793491200"]);
    assert_eq!(program.said("Secret key:"), key);
    let (status, page) = program.get("/v1/customers", key);
    assert_eq!((status, &page["data"][0]["livemode"]), (200, &true.into()));
    assert!(page["data"][0]["created"].as_i64().unwrap() <= 1_793_491_200);
}

#[test]
fn another_version_is_refused_or_answered_with_a_warning() {
    let old = "Stripe-Version: 2024-06-20\r\n";
    let mut program = Program::start(&["--key", "sk_test_x"]);
    let mut stderr = program.child.stderr.take().unwrap();
    for _ in 0..2 {
        let (status, body) = program.get_with("/v1/customers", "sk_test_x", old);
        assert_eq!(
            (status, &body["error"]["code"]),
            (400, &"not_simulated".into())
        );
    }
    // Warnings are looked for every 200 ms.
    std::thread::sleep(Duration::from_secs(1));
    drop(program);
    let mut text = String::new();
    stderr.read_to_string(&mut text).unwrap();
    assert_eq!(
        text.matches("warning: fake-stripe simulates").count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("this request has Stripe-Version: 2024-06-20"),
        "{text}"
    );
    let mut program = Program::start(&["--key", "sk_test_x", "--any-version"]);
    let mut lines = BufReader::new(program.child.stderr.take().unwrap()).lines();
    let (status, _) = program.get_with("/v1/customers", "sk_test_x", old);
    assert_eq!(status, 200);
    let line = lines.next().unwrap().unwrap();
    let wanted = "warning: GET /v1/customers asked for version 2024-06-20";
    assert!(line.starts_with(wanted), "{line}");
}

#[test]
fn any_key_of_test_mode_or_the_given_one() {
    let statuses = |arguments: &[&str]| {
        let program = Program::start(arguments);
        let keys = [
            program.said("Secret key:"),
            "sk_test_123",
            "rk_test_123",
            "sk_test_",
            "sk_live_123",
            "123",
        ];
        keys.map(|key| program.get("/v1/customers", key).0)
    };
    assert_eq!(statuses(&[]), [200, 200, 200, 401, 401, 401]);
    let given = ["--key", "sk_test_mine"];
    assert_eq!(statuses(&given), [200, 401, 401, 401, 401, 401]);
    let both = ["--key", "sk_test_mine", "--any-key"];
    assert_eq!(statuses(&both), [200, 200, 200, 401, 401, 401]);
    assert_eq!(statuses(&["--any-key=false"])[..2], [200, 401]);
}

#[test]
fn errors_by_share() {
    let program = Program::start(&["--errors", "1"]);
    let key = program.said("Secret key:");
    let failures = (0..8).filter(|nth| {
        let target = format!("/v1/customers?limit={}", nth + 1);
        let answer = std::panic::catch_unwind(|| program.get(&target, key));
        !matches!(answer, Ok((200, _)))
    });
    assert_eq!(failures.count(), 8);
}

#[test]
fn changes_are_posted_and_signed() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let program = Program::start(&["customer=5", "--webhook", &url, "--changes", "20"]);
    let said = program.said("Webhook secret:");
    let secret = said.strip_suffix(&format!(" for {url}")).unwrap();
    let mut stream = accept(&receiver);
    let (head, body) = request(&mut stream);
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    let event: Value = serde_json::from_slice(&body).unwrap();
    let kind = event["type"].as_str().unwrap();
    assert!(kind.starts_with("customer."), "{kind}");
    let signature = head
        .lines()
        .find_map(|line| line.strip_prefix("stripe-signature: "))
        .unwrap();
    let (time, rest) = signature
        .strip_prefix("t=")
        .unwrap()
        .split_once(',')
        .unwrap();
    let signed = webhook_signature(secret, time.parse().unwrap(), &body);
    assert!(rest.starts_with(&format!("v1={signed}")), "{signature}");
}

#[test]
fn a_secret_of_ones_own() {
    let url = "http://127.0.0.1:9/";
    let program = Program::start(&["--webhook", url, "--webhook-secret", "whsec_mine"]);
    assert_eq!(
        program.said("Webhook secret:"),
        format!("whsec_mine for {url}")
    );
}

/// The first connection, which has to come soon.
fn accept(receiver: &TcpListener) -> TcpStream {
    const LONGEST: Duration = Duration::from_secs(30);
    receiver.set_nonblocking(true).unwrap();
    let start = Instant::now();
    loop {
        match receiver.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                stream.set_read_timeout(Some(LONGEST)).unwrap();
                return stream;
            }
            Err(error) => assert!(start.elapsed() < LONGEST, "no webhook came: {error}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Head and body of a request.
fn request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    const END: &[u8] = b"\r\n\r\n";
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "the request ended early");
        read.extend_from_slice(&buffer[..length]);
        let Some(end) = read.windows(END.len()).position(|bytes| bytes == END) else {
            continue;
        };
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        let whole = end + END.len() + length.parse::<usize>().unwrap();
        if read.len() >= whole {
            return (head, read[end + END.len()..whole].to_vec());
        }
    }
}

fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn wrong_arguments_get_one_clear_line() {
    for (arguments, line) in [
        (
            &["custmer=10"][..],
            "error: Stripe lists no object named `custmer`; did you mean `customer`?\n",
        ),
        (
            &["=abc"],
            "error: expected OBJECT=COUNT such as customer=100, got `=abc`\n",
        ),
        (
            &["customer=abc"],
            "error: expected a number of objects after `customer=`, got `abc`\n",
        ),
        (
            &["--changes", "1"],
            "error: --changes needs objects with metadata, such as customer=10\n",
        ),
        (
            &["--webhook", "example.com", "--port", "0"],
            "error: --webhook example.com: Stripe refuses that: Invalid URL: An explicit scheme (such as https) must be provided.\n",
        ),
    ] {
        assert_eq!(ended(arguments), (Some(2), line.to_owned()));
    }
    let (code, stderr) = ended(&["--errors", "2"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("expected a number from 0 to 1"), "{stderr}");
}

#[test]
fn a_port_in_use_is_one_line_and_another_code() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let port = address.port().to_string();
    let line = format!("error: {address} is in use; another --port, or --port 0 for a free one\n");
    assert_eq!(ended(&["--port", &port]), (Some(1), line));
}

#[cfg(unix)]
#[test]
fn signals_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&[]);
        let id = program.child.id().to_string();
        // The signals are waited for once it says that it is ready.
        std::thread::sleep(Duration::from_millis(200));
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn help_names_every_option_and_the_commands_of_the_readme_run() {
    let Output { stdout, .. } = command(&["--help"]).output().unwrap();
    let help = String::from_utf8(stdout).unwrap();
    for words in [
        "OBJECT=COUNT",
        "--port",
        "--host",
        "--key",
        "--any-key",
        "--any-version",
        "--no-control",
        "--tls",
        "--tls-cert",
        "--tls-name",
        "--hold-webhooks",
        "--live",
        "--seed",
        "--now",
        "--changes",
        "--webhook",
        "--webhook-secret",
        "--limits",
        "--latency",
        "--errors",
        "Exit codes",
    ] {
        assert!(help.contains(words), "{words}");
    }
    let readme = include_str!("../../README.md");
    let commands = readme
        .lines()
        .chain(help.lines().map(str::trim_start))
        .filter_map(|line| line.strip_prefix("fake-stripe "));
    let mut count = 0;
    // `fake-stripe = "0.1"` is a dependency.
    for command in commands.filter(|line| !line.starts_with('=')) {
        let words: Vec<&str> = command.split_whitespace().collect();
        Program::start(&words);
        count += 1;
    }
    assert!(count >= 4, "{count} commands");
}
