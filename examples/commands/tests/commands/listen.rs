//! `listen`: events to a local service, whatever goes down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use stripe_sync::testing::{Faults, Mode};
use stripe_sync::webhook::{SIGNATURE_HEADER, WebhookSecret, WebhookVerifier};
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::oneshot;

use crate::on_each_database;
use crate::stage::{Stage, records};

on_each_database! {
    events_are_forwarded_signed,
    what_happens_while_something_is_down_arrives,
    a_second_time_only_between_answer_and_note,
}

/// How often something that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A local service, and what it was sent.
#[derive(Clone)]
struct Service {
    address: SocketAddr,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    /// Whether answers are held back for ever.
    mute: Arc<Mutex<bool>>,
}

impl Service {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            got: Arc::default(),
            mute: Arc::default(),
        }
    }

    /// Serves until the answer is dropped.
    async fn start(&self) -> oneshot::Sender<()> {
        let service = self.clone();
        let handler = move |headers: HeaderMap, body: Bytes| async move {
            service.got.lock().unwrap().push((headers, body));
            let mute = *service.mute.lock().unwrap();
            if mute {
                std::future::pending::<()>().await;
            }
            StatusCode::OK
        };
        let router = Router::new().route("/hook", post(handler));
        let listener = loop {
            // The port may be in use for a moment yet.
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            tokio::select! {
                served = async { axum::serve(listener, router).await } => served.unwrap(),
                _ = stopped => {}
            }
        });
        stop
    }

    fn target(&self) -> String {
        format!("{}/hook", self.address)
    }

    /// How often each event came.
    fn events(&self) -> BTreeMap<String, usize> {
        let mut events = BTreeMap::new();
        for (_, body) in self.got.lock().unwrap().iter() {
            let event: serde_json::Value = serde_json::from_slice(body).unwrap();
            *events
                .entry(event["id"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        events
    }

    async fn has(&self, count: usize) {
        while self.events().len() < count {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn change(stage: &Stage, name: &str) -> String {
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    let id = account.ids("customer").remove(0);
    account
        .update(&id, serde_json::json!({ "name": name }))
        .unwrap();
    let events = account.events();
    let is_of = |event: &&serde_json::Value| event["data"]["object"]["name"] == name;
    events.iter().find(is_of).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Starts it, and waits until it follows.
async fn listening(stage: &Stage, arguments: &[&str]) -> Child {
    let asked = || {
        stage
            .fake
            .requests()
            .iter()
            .filter(|request| request.path == "/v1/events")
            .count()
    };
    let before = asked();
    let child = stage.start(&[&["listen"], arguments].concat());
    // The first request finds the place, or goes on from it; the second follows.
    let mut child = child;
    while asked() < before + 2 {
        if let Some(ended) = child.try_wait().unwrap() {
            panic!("{ended}: {:?}", stage.ended(child).await);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    child
}

async fn events_are_forwarded_signed(stage: Stage) -> Stage {
    let secret = stage.succeed(&["listen", "--print-secret"]).await;
    let service = Service::new().await;
    let _serving = service.start().await;
    let header = "X-Tenant: a";
    let child = listening(
        &stage,
        &[
            "-f",
            &service.target(),
            "-e",
            "customer.*",
            "-H",
            header,
            "--format",
            "json",
        ],
    )
    .await;
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    let product = account.ids("product").remove(0);
    account
        .update(&product, serde_json::json!({ "name": "other" }))
        .unwrap();
    let event = change(&stage, "Ada");
    service.has(1).await;
    let (headers, body) = service.got.lock().unwrap()[0].clone();
    let verifier = WebhookVerifier::new(WebhookSecret::new(secret.trim()).unwrap());
    let signature = headers[SIGNATURE_HEADER].to_str().unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    verifier
        .verify(signature, &body, now.as_secs().try_into().unwrap())
        .unwrap();
    assert_eq!(headers["x-tenant"], "a");
    assert_eq!(service.events(), BTreeMap::from([(event.clone(), 1)]));
    crate::stopping::signal(&child, "INT");
    let ended = stage.ended(child).await;
    assert_eq!(ended.code, 130, "{ended:?}");
    let lines = records(&ended.out);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (&lines[0]["id"], &lines[0]["status"]),
        (&event.as_str().into(), &200.into())
    );
    // Without a service they are printed.
    let printing = listening(&stage, &["--latest"]).await;
    let printed = change(&stage, "Grace");
    noted(&stage, std::slice::from_ref(&printed)).await;
    crate::stopping::signal(&printing, "TERM");
    let ended = stage.ended(printing).await;
    assert_eq!(ended.code, 143, "{ended:?}");
    assert!(
        ended
            .out
            .contains(&format!("--> customer.updated [{printed}]")),
        "{ended:?}"
    );
    assert!(ended.err.contains("> Ready!"), "{ended:?}");
    for wrong in [
        &["listen", "-f", "not a url"][..],
        &["listen", "-f", "localhost:1", "-H", "nonsense"],
        &["listen", "--latest", "--since", "1h"],
    ] {
        assert_eq!(stage.call(wrong).await.code, 2, "{wrong:?}");
    }
    stage
}

/// Waits until it is noted that these events were forwarded.
async fn noted(stage: &Stage, events: &[String]) {
    let noted = "SELECT id FROM stripe_sync_forwarded";
    loop {
        let ids = stage.database.texts(noted).await;
        if events.iter().all(|event| ids.contains(event)) {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn what_happens_while_something_is_down_arrives(stage: Stage) -> Stage {
    let service = Service::new().await;
    let target = service.target();
    let serving = service.start().await;
    let child = listening(&stage, &["-f", &target]).await;
    let mut expected = vec![change(&stage, "first")];
    service.has(1).await;

    // The service is down.
    drop(serving);
    expected.push(change(&stage, "service down 1"));
    expected.push(change(&stage, "service down 2"));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let _serving = service.start().await;
    service.has(3).await;

    // Stripe is down.
    stage.fake.faults(Faults::new(1).rate_500(1.0));
    expected.push(change(&stage, "stripe down"));
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.fake.faults(None);
    service.has(4).await;

    // The process is killed, and something happens before it is started again.
    noted(&stage, &expected).await;
    crate::stopping::signal(&child, "KILL");
    assert_eq!(stage.ended(child).await.code, 137);
    expected.push(change(&stage, "process down"));
    let child = listening(&stage, &["-f", &target]).await;
    service.has(5).await;
    noted(&stage, &expected).await;
    crate::stopping::signal(&child, "TERM");
    assert_eq!(stage.ended(child).await.code, 143);
    let once = expected
        .into_iter()
        .map(|event| (event, 1))
        .collect::<BTreeMap<_, _>>();
    assert_eq!(service.events(), once);
    stage
}

async fn a_second_time_only_between_answer_and_note(stage: Stage) -> Stage {
    let service = Service::new().await;
    let target = service.target();
    let _serving = service.start().await;
    let child = listening(&stage, &["-f", &target]).await;
    // The service has it, and the process never hears so.
    *service.mute.lock().unwrap() = true;
    let event = change(&stage, "twice");
    service.has(1).await;
    crate::stopping::signal(&child, "KILL");
    stage.ended(child).await;
    *service.mute.lock().unwrap() = false;
    let child = listening(&stage, &["-f", &target]).await;
    let other = change(&stage, "once");
    service.has(2).await;
    crate::stopping::signal(&child, "INT");
    stage.ended(child).await;
    assert_eq!(service.events(), BTreeMap::from([(event, 2), (other, 1)]));
    stage
}
