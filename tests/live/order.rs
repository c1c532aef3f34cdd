//! The order in which handlers and hooks are told of one object, when one of them fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{HandlerError, Live, LiveBuilder};
use stripe_sync::webhook::{Event, WebhookSecret};
use stripe_sync::{Change, Context, StripeSync, Syncer};

use super::service::{Service, deliver, process};

/// What was told: the type of an event and the object's id, or `row` and that of a change.
#[derive(Default)]
struct Told {
    calls: Mutex<Vec<(String, String)>>,
    /// How many more calls about this object fail.
    failing: Mutex<(String, u32)>,
}

impl Told {
    fn take(&self, what: &str, id: &str) -> Result<(), HandlerError> {
        let mut failing = self.failing.lock().unwrap();
        if failing.0 == id && failing.1 > 0 {
            failing.1 -= 1;
            return Err("not now".into());
        }
        let call = (what.to_owned(), id.to_owned());
        self.calls.lock().unwrap().push(call);
        Ok(())
    }

    fn of(&self, id: &str) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        let of = calls.iter().filter(|(_, of)| of == id);
        of.map(|(what, _)| what.clone()).collect()
    }
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "told_customers", after_commit = told)]
struct Hooked {
    id: String,
    name: Option<String>,
}

fn told(change: Change<Hooked>, context: &Context) -> Result<(), HandlerError> {
    let row = change.after().or(change.before());
    let id = row.ok_or("no row")?.id.clone();
    let told = context.state::<Arc<Told>>().ok_or("no state")?;
    told.take("row", &id)
}

/// A handler of all events, and of products' too, which no model mirrors.
fn handling(service: &Service, builder: LiveBuilder, told: &Arc<Told>) -> Live {
    let told = Arc::clone(told);
    let builder = builder.on("*", move |event: Event| {
        let told = Arc::clone(&told);
        async move { told.take(event.kind(), event.object_id().unwrap_or_default()) }
    });
    let secret = WebhookSecret::new(&service.endpoint.secret).unwrap();
    builder.secret(secret).build().unwrap()
}

/// Makes, changes and deletes an object, each in a second of its own.
fn live_and_die(service: &Service, object: &str) -> String {
    let made = service.fake.create(object, json!({"name": "a"})).unwrap();
    let id = made["id"].as_str().unwrap();
    for name in ["b", "c"] {
        service.fake.advance(Duration::from_secs(1));
        service.fake.update(id, json!({"name": name})).unwrap();
    }
    service.fake.advance(Duration::from_secs(1));
    service.fake.delete(id).unwrap();
    id.to_owned()
}

fn kinds(object: &str) -> Vec<String> {
    ["created", "updated", "updated", "deleted"]
        .map(|what| format!("{object}.{what}"))
        .to_vec()
}

async fn make_due(service: &Service) {
    service
        .run("UPDATE stripe_sync_outbox SET due_at = 0")
        .await;
}

/// A call that failed too often is given up: it is counted, kept, and told when somebody asks for it.
pub(crate) async fn what_failed_for_the_last_time_holds_nothing_back(service: &Service) {
    let told = Arc::<Told>::default();
    let live = handling(service, service.builder().max_attempts(2), &told);
    drop(service.fake.take_deliveries());
    let id = live_and_die(service, "customer");
    // The first call and its repetition.
    *told.failing.lock().unwrap() = (id.clone(), 2);
    for delivery in service.fake.take_deliveries() {
        assert_eq!(deliver(&live, &delivery).await, 200);
    }
    assert_eq!(process(&live).await.redelivered, 1);
    assert_eq!(told.of(&id), [""; 0]);
    make_due(service).await;
    let processed = process(&live).await;
    assert_eq!((processed.never_delivered, processed.redelivered), (1, 0));
    assert_eq!(told.of(&id), kinds("customer")[1..]);
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.undelivered, counts.never_delivered), (0, 1));
    assert_eq!(live.redeliver().await.unwrap(), 1);
    process(&live).await;
    assert_eq!(told.of(&id)[3..], kinds("customer")[..1]);
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.undelivered, counts.never_delivered), (0, 0));
}

async fn a_failure_holds_back(service: &Service, object: &str) {
    let told = Arc::<Told>::default();
    let live = handling(service, service.builder(), &told);
    drop(service.fake.take_deliveries());
    let (failing, other) = (live_and_die(service, object), live_and_die(service, object));
    *told.failing.lock().unwrap() = (failing.clone(), 2);
    let mut deliveries = service.fake.take_deliveries();
    deliveries.reverse();
    for delivery in &deliveries {
        assert_eq!(deliver(&live, delivery).await, 200);
    }
    for _ in 0..2 {
        process(&live).await;
        assert_eq!(told.of(&failing), [""; 0]);
        // Only what is of the same object waits.
        assert_eq!(told.of(&other), kinds(object));
        make_due(service).await;
    }
    process(&live).await;
    assert_eq!(told.of(&failing), kinds(object));
    assert_eq!(live.counts().await.unwrap().undelivered, 0);
}

pub(crate) async fn a_handler_that_fails_gets_its_object_in_order(service: &Service) {
    a_failure_holds_back(service, "customer").await;
}

pub(crate) async fn so_is_one_of_an_object_that_nobody_mirrors(service: &Service) {
    a_failure_holds_back(service, "product").await;
}

pub(crate) async fn hooks_and_handlers_of_one_object_are_in_one_order(service: &Service) {
    let told = Arc::<Told>::default();
    let syncer = Syncer::builder(service.syncer.stripe().clone(), service.database.store());
    let syncer = syncer.state(Arc::clone(&told)).build();
    syncer.ensure_table::<Hooked>().await.unwrap();
    let live = handling(service, Live::builder(syncer).model::<Hooked>(), &told);
    let made = service.fake.create("customer", json!({})).unwrap();
    let id = made["id"].as_str().unwrap();
    *told.failing.lock().unwrap() = (id.to_owned(), 1);
    for name in ["a", "b"] {
        for delivery in service.fake.take_deliveries() {
            assert_eq!(deliver(&live, &delivery).await, 200);
        }
        process(&live).await;
        assert_eq!(
            told.of(id),
            [""; 0],
            "the hook's call waits, and all behind it"
        );
        service.fake.update(id, json!({"name": name})).unwrap();
    }
    make_due(service).await;
    process(&live).await;
    let expected = ["row", "customer.created", "row", "customer.updated"];
    assert_eq!(told.of(id), expected);
}

pub(crate) async fn what_a_process_cannot_deliver_holds_nothing_back(service: &Service) {
    let told = Arc::<Told>::default();
    // The version before had a handler that nobody has any more.
    let old = service.builder().on("customer.created", |_| async {
        let error: HandlerError = "it is about to go".into();
        Err(error)
    });
    let old = old.build().unwrap();
    let made = service.fake.create("customer", json!({})).unwrap();
    let id = made["id"].as_str().unwrap();
    for delivery in service.fake.take_deliveries() {
        assert_eq!(deliver(&old, &delivery).await, 200);
    }
    process(&old).await;
    let new = Arc::clone(&told);
    let new = service.builder().on("customer.updated", move |event| {
        let told = Arc::clone(&new);
        async move { told.take(event.kind(), event.object_id().unwrap_or_default()) }
    });
    let new = new.build().unwrap();
    service.fake.update(id, json!({"name": "b"})).unwrap();
    for delivery in service.fake.take_deliveries() {
        assert_eq!(deliver(&new, &delivery).await, 200);
    }
    process(&new).await;
    assert_eq!(told.of(id), ["customer.updated"]);
    assert_eq!(new.counts().await.unwrap().undelivered, 1);
}
