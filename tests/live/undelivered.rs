//! What is to be told after a commit where processes with other models and handlers share the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{EventState, HandlerError, Live, Retention};
use stripe_sync::webhook::EventType;
use stripe_sync::{Change, Context, StripeSync};

use super::service::{Service, chrono_now, deliver_all};

/// A model that only the new version of the application has.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "hooked", after_commit = hook)]
struct Hooked {
    id: String,
    name: Option<String>,
}

fn hook(_: Change<Hooked>, _: &Context) -> Result<(), HandlerError> {
    Ok(())
}

/// The new version of the application: a model with a hook, and a handler of all events.
async fn new_version(service: &Service) -> Live {
    service.syncer.ensure_table::<Hooked>().await.unwrap();
    Live::builder(service.syncer.clone())
        .model::<Hooked>()
        .on("*", |_| async { Ok(()) })
        .build()
        .unwrap()
}

/// A message as a process wrote it that is no longer there.
async fn insert(service: &Service, subject: &str, id: &str, body: &str, due: i64) {
    let account = service.fake.id();
    let sql = format!(
        "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, due_at) \
         VALUES ('{account}', FALSE, '{subject}', '{id}', '{body}', {due})"
    );
    service.run(&sql).await;
}

async fn messages(service: &Service) -> i64 {
    let sql = "SELECT COUNT(*) FROM stripe_sync_outbox";
    service.number(sql).await
}

pub(crate) async fn what_a_process_cannot_deliver_is_left_to_those_that_can(service: &Service) {
    // The messages as another process wrote them.
    let new = new_version(service).await;
    new.counts().await.unwrap();
    insert(service, "hooked", "cus_1", "{}", 0).await;
    insert(service, "customer.created", "evt_1", "", 0).await;
    insert(service, "v1.coupon.created", "evt_2", "", 0).await;
    let untouched = "SELECT COUNT(*) FROM stripe_sync_outbox WHERE attempts = 0 AND token = 0";

    // The old version has neither the model nor a handler that fits.
    let other = |event: stripe_sync::webhook::Event| async move {
        Err(format!("told of {}", event.kind()).into())
    };
    let old = service.builder();
    let near = [
        "customer.create",
        "Coupon.*",
        "customer_created",
        "v1.coupon.created",
        "hooked",
    ];
    let old = near
        .into_iter()
        .fold(old, |old, near| old.on(EventType::unchecked(near), other));
    let old = old.build().unwrap();
    let processed = old.drain().await.unwrap();
    assert_eq!(processed.delivered, 0, "{processed:?}");
    assert_eq!(service.number(untouched).await, 3);
    assert_eq!(old.counts().await.unwrap().undelivered, 3);

    // One that has one of the handlers takes the one message.
    let one = service.builder().on("coupon.*", other).build().unwrap();
    assert_eq!(one.drain().await.unwrap().delivered, 1);
    assert_eq!(service.number(untouched).await, 2);
    // The new version takes the rest: each of them fails, as none is about anything.
    assert_eq!(new.drain().await.unwrap().delivered, 2);
    assert_eq!(service.number(untouched).await, 0);
}

pub(crate) async fn what_fails_waits_and_is_counted(service: &Service) {
    let fails = Arc::new(AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let retention = Retention::default()
        .done(Duration::ZERO)
        .dead(Duration::ZERO);
    let live = service.builder().retention(retention);
    let live = live.on("customer.*", move |_| {
        let fails = failing.load(Ordering::Relaxed);
        async move { if fails { Err("not now".into()) } else { Ok(()) } }
    });
    let live = live.build().unwrap();
    service.fake.create("customer", json!({})).unwrap();
    service.fake.create("coupon", json!({})).unwrap();
    deliver_all(service, &live).await;
    assert_eq!(live.drain().await.unwrap().redelivered, 1);
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.undelivered, counts.pending, counts.done), (1, 0, 2));

    // The event is all that the handler has: it is kept though it is old enough to be forgotten.
    service
        .run("UPDATE stripe_sync_inbox SET done_at = 1, received_at = 1")
        .await;
    service
        .run("UPDATE stripe_sync_outbox SET due_at = 1")
        .await;
    assert_eq!(live.purge_expired().await.unwrap(), 1);
    let kept = live.events(&Default::default()).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].kind.as_str(), kept[0].state),
        ("customer.created", EventState::Done)
    );

    fails.store(false, Ordering::Relaxed);
    assert_eq!(live.drain().await.unwrap().delivered, 1);
    assert_eq!(live.counts().await.unwrap().undelivered, 0);
    assert_eq!(live.purge_expired().await.unwrap(), 1);
}

pub(crate) async fn what_nobody_can_deliver_is_purged_with_dead_letters(service: &Service) {
    let new = new_version(service).await;
    new.counts().await.unwrap();
    for age in [89, 91] {
        let due = (chrono_now() - age * 86_400) * 1_000;
        insert(service, "hooked", &format!("cus_{age}"), "{}", due).await;
    }
    // Whoever can tell them keeps them, and tells them.
    assert_eq!(new.purge_expired().await.unwrap(), 0);
    assert_eq!(messages(service).await, 2);
    let old = service.live();
    assert_eq!(old.drain().await.unwrap().delivered, 0);
    assert_eq!(old.purge_expired().await.unwrap(), 1);
    let left = "SELECT COUNT(*) FROM stripe_sync_outbox WHERE object_id = 'cus_89'";
    assert_eq!(
        (messages(service).await, service.number(left).await),
        (1, 1)
    );
    assert_eq!(old.counts().await.unwrap().undelivered, 1);
}
