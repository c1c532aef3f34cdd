//! A service over the same database, as an application has it.

use std::sync::{Arc, Mutex};

use stripe_sync::Syncer;
use stripe_sync::live::{Live, LiveBuilder};
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::webhook::Event;

use crate::models::{self, Customer};
use crate::stage::Stage;

/// The events that a handler was told of.
pub(crate) type Told = Arc<Mutex<Vec<String>>>;

async fn builder(stage: &Stage) -> LiveBuilder {
    let store = stage.database.store().await;
    let syncer = Syncer::builder(stage.fake.stripe().unwrap(), store)
        .registry(models::all())
        .build();
    Live::builder(syncer).model::<Customer>()
}

/// A service without a handler.
pub(crate) async fn without_handlers(stage: &Stage) -> Live {
    builder(stage).await.build().unwrap()
}

/// A service with a handler.
pub(crate) async fn service(stage: &Stage) -> (Live, Told) {
    let told = Told::default();
    let heard = Arc::clone(&told);
    let live = builder(stage)
        .await
        .on("customer.*", move |event: Event| {
            heard.lock().unwrap().push(event.id().to_owned());
            async { Ok(()) }
        })
        .build()
        .unwrap();
    (live, told)
}

/// Processes all that waits.
pub(crate) async fn process(live: &Live) {
    loop {
        let processed = live.drain().await.unwrap();
        assert_eq!(processed.retried + processed.dead, 0, "{processed:?}");
        let counts = live.counts().await.unwrap();
        if counts.pending == 0 && counts.undelivered == 0 {
            return;
        }
        // What came in a burst waits for a moment.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A change whose event is stored and not processed.
pub(crate) async fn deliver_nothing_and_fetch(stage: &Stage) -> String {
    let account = stage
        .fake
        .account("acct_1FakeStripe", stripe_sync::testing::Mode::Test)
        .unwrap();
    let id = account.ids("customer").remove(0);
    account
        .update(&id, serde_json::json!({ "name": "Ada" }))
        .unwrap();
    let events = account.events();
    let event = events
        .iter()
        .filter(|event| event["data"]["object"]["id"] == id.as_str());
    let event = event.max_by_key(|event| event["created"].as_i64()).unwrap();
    let event = event["id"].as_str().unwrap().to_owned();
    stage.succeed(&["events", "fetch", "--ids", &event]).await;
    event
}
