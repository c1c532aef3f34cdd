//! Signals in the middle of a `sync`.

use std::sync::Arc;

use stripe_sync::testing::{Faults, Mode, Phase};
use tokio::process::Child;
use tokio::sync::Notify;

use crate::on_each_database;
use crate::stage::Stage;

on_each_database! { a_sync_that_was_stopped_goes_on }

/// Sends a signal to a program.
pub(crate) fn signal(child: &Child, name: &str) {
    let id = child.id().expect("it has ended").to_string();
    let kill = std::process::Command::new("kill")
        .args([&format!("-{name}"), &id])
        .status();
    assert!(kill.unwrap().success());
}

async fn a_sync_that_was_stopped_goes_on(stage: Stage) -> Stage {
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    account.generate("customer", 1_500).unwrap();
    for (name, code) in [("INT", 130), ("TERM", 143), ("KILL", 137)] {
        let reached = Arc::new(Notify::new());
        let notify = Arc::clone(&reached);
        // Behind a page or two, and with answers that take their time.
        stage.fake.faults(
            Faults::new(1).latency(
                std::time::Duration::from_millis(30)..std::time::Duration::from_millis(60),
            ),
        );
        stage.fake.on_request(Phase::After, move |request| {
            if request.path() == "/v1/customers" && request.nth() % 2 == 0 {
                notify.notify_one();
            }
        });
        let child = stage.start(&["sync"]);
        reached.notified().await;
        signal(&child, name);
        let ended = stage.ended(child).await;
        stage.fake.clear_request_hooks();
        assert_eq!(ended.code, code, "{name}: {ended:?}");
        if name != "KILL" {
            assert!(ended.err.contains("goes on from there"), "{ended:?}");
        }
        // Meanwhile things change.
        let id = account.ids("customer").remove(3);
        account.delete(&id).unwrap();
        account.create("customer", serde_json::json!({})).unwrap();
    }
    stage.fake.faults(None);
    stage.succeed(&["sync"]).await;
    stage.assert_equal().await;
    stage
}
