//! `events` and `process-events`.
//!
//! ```sh
//! STRIPE_SYNC_EVENTS=10000 cargo nextest run --release -p commands -E 'test(sqlite::many_events)'
//! ```

use stripe_sync::live::EventFilter;
use stripe_sync::testing::Mode;

use crate::following;
use crate::on_each_database;
use crate::snapshot;
use crate::stage::{Stage, summary};

on_each_database! {
    what_an_endpoint_did_not_take_is_fetched,
    stored_events_are_shown_and_put_back,
    many_events_are_replayed_in_order,
}

async fn what_an_endpoint_did_not_take_is_fetched(stage: Stage) -> Stage {
    stage.succeed(&["sync"]).await;
    let (live, told) = following::service(&stage).await;
    // Nobody is behind it.
    stage
        .succeed(&["webhook", "create", "http://127.0.0.1:9/stripe/webhook"])
        .await;
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    let id = account.ids("customer").remove(0);
    account
        .update(&id, serde_json::json!({ "email": "ada@example.com" }))
        .unwrap();

    let fetched = stage.records(&["events", "fetch", "--failed"]).await;
    let new = summary(&fetched)["new"].as_u64().unwrap();
    assert!(new >= 1, "{fetched:?}");
    let again = stage.records(&["process-events", "--failed"]).await;
    assert_eq!(summary(&again)["new"], 0);
    following::process(&live).await;
    assert!(!told.lock().unwrap().is_empty());
    let email = format!("SELECT email FROM customers WHERE id = '{id}'");
    assert_eq!(stage.database.texts(&email).await, ["ada@example.com"]);

    let of_type = stage
        .records(&["events", "fetch", "--type", "customer.*", "--since", "1h"])
        .await;
    assert!(summary(&of_type)["listed"].as_u64().unwrap() >= 1);
    let unknown = stage
        .call(&["events", "fetch", "--ids", "evt_nobody"])
        .await;
    assert_eq!(unknown.code, 1, "{unknown:?}");
    stage
}

async fn stored_events_are_shown_and_put_back(stage: Stage) -> Stage {
    stage.succeed(&["sync"]).await;
    let event = following::deliver_nothing_and_fetch(&stage).await;
    let listed = stage.succeed(&["events", "list"]).await;
    snapshot::assert(&stage, "events_list", &listed.replace(&event, "evt_1"));
    let none = stage.records(&["events", "list", "--state", "dead"]).await;
    assert_eq!(summary(&none)["events"], 0);
    let shown = stage.succeed(&["events", "show", &event]).await;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["id"], event.as_str());
    let missing = stage.call(&["events", "show", "evt_nobody"]).await;
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(
        missing.err.contains("events fetch --ids evt_nobody"),
        "{missing:?}"
    );

    let (live, told) = following::service(&stage).await;
    following::process(&live).await;
    assert_eq!(*told.lock().unwrap(), [event.as_str()]);
    for arguments in [
        &["events", "replay", "--ids", &event][..],
        &["events", "replay", "--type", "customer.*"],
    ] {
        let replayed = stage.records(arguments).await;
        assert_eq!(summary(&replayed)["replayed"], 1, "{arguments:?}");
        following::process(&live).await;
    }
    assert_eq!(*told.lock().unwrap(), [event.as_str(); 3]);
    let stored = stage.records(&["process-events", "--stored"]).await;
    assert_eq!(summary(&stored)["replayed"], 0);
    stage
}

async fn many_events_are_replayed_in_order(stage: Stage) -> Stage {
    // As many as are asked for; each is told by a transaction of its own, which takes its time.
    let events = std::env::var("STRIPE_SYNC_EVENTS").map_or(300, |events| events.parse().unwrap());
    stage.succeed(&["sync", "customers"]).await;
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    let ids = account.ids("customer");
    for number in 0..events {
        let id = &ids[number % ids.len()];
        let name = serde_json::json!({ "name": number.to_string() });
        account.update(id, name).unwrap();
    }
    stage
        .succeed(&["events", "fetch", "--type", "customer.updated"])
        .await;
    // Done once by a service that has no handlers yet.
    following::process(&following::without_handlers(&stage).await).await;
    let done = stage
        .records(&["events", "list", "--state", "done", "--limit", "1"])
        .await;
    assert_eq!(summary(&done)["events"], 1);
    let (live, told) = following::service(&stage).await;

    let replayed = stage.records(&["events", "replay", "--all"]).await;
    assert_eq!(summary(&replayed)["replayed"], events);
    assert_eq!(
        live.events(&EventFilter::new()).await.unwrap().len(),
        events
    );
    following::process(&live).await;
    let again = std::mem::take(&mut *told.lock().unwrap());
    let once: std::collections::HashSet<&String> = again.iter().collect();
    assert_eq!((again.len(), once.len()), (events, events));
    // Of each object in the order in which they happened.
    let order: std::collections::HashMap<String, (String, i64)> = account
        .events()
        .iter()
        .map(|event| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let id = text(&event["data"]["object"]["id"]);
            (text(&event["id"]), (id, event["created"].as_i64().unwrap()))
        })
        .collect();
    let mut last = std::collections::HashMap::new();
    for event in &again {
        let (id, created) = &order[event];
        let before = last.insert(id.clone(), *created).unwrap_or(i64::MIN);
        assert!(before <= *created, "{event} of {id} came after a later one");
    }
    stage
}
