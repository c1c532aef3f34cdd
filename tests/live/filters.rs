//! Events and tables with a filter: rows leave and come back, and an event about what never matched is simply done.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::live::{ChangeKind, EventPolicy, Live, LiveError};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync, SyncError};

use super::changes::{next, short};
use super::service::{Service, chrono_now, deliver_all, process};

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "active", filter(status = "active"))]
pub(crate) struct Active {
    id: String,
    status: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "active_hard",
    filter(status = "active"),
    on_delete = hard
)]
pub(crate) struct Hard {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "active", filter(status = "unpaid"))]
struct Unpaid {
    id: String,
    status: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Only its list says which are in it.
#[derive(StripeSync)]
#[stripe(object = "price", table = "gold", filter(lookup_keys = ["gold"]))]
pub(crate) struct Gold {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

async fn start(service: &Service, policy: EventPolicy) -> Live {
    let syncer = &service.syncer;
    syncer.ensure_table::<Active>().await.unwrap();
    syncer.ensure_table::<Hard>().await.unwrap();
    syncer.ensure_table::<Gold>().await.unwrap();
    if policy == EventPolicy::Snapshot {
        // An old event's copy is not taken.
        service.fake.set_now(chrono_now() - 200);
    }
    Live::builder(syncer.clone())
        .model_with::<Active>(policy)
        .model_with::<Hard>(policy)
        .model_with::<Gold>(policy)
        .record_changes(true)
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap()
}

async fn bring(service: &Service, live: &Live) {
    deliver_all(service, live).await;
    process(live).await;
    // Of two changes in one second the copy is not taken.
    service.fake.advance(std::time::Duration::from_secs(1));
}

async fn assert_filtered(service: &Service) {
    let truth = service.fake.truth("subscription").into_iter();
    let active = truth.filter(|object| object["status"] == "active");
    let active: BTreeMap<String, Value> = active
        .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
        .collect();
    assert_eq!(service.rows("active").await, active);
    assert_eq!(service.rows("active_hard").await, active);
}

async fn rows_follow_the_filter(service: &Service, policy: EventPolicy) {
    let live = start(service, policy).await;
    let mut changes = live.changes(None).await.unwrap();
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    for (id, status) in [
        ("sub_1", "active"),
        ("sub_2", "past_due"),
        ("sub_3", "active"),
    ] {
        let new = json!({"id": id, "status": status, "customer": "cus_1"});
        fake.create("subscription", new).unwrap();
        bring(service, &live).await;
        assert_filtered(service).await;
    }
    // What never matched leaves nothing behind.
    let remarks = "SELECT COUNT(*) FROM stripe_sync_objects";
    assert_eq!(service.number(remarks).await, 0);
    for (id, status) in [
        ("sub_1", "past_due"),
        ("sub_2", "unpaid"),
        ("sub_2", "active"),
        ("sub_1", "active"),
        ("sub_3", "unpaid"),
    ] {
        fake.update(id, json!({"status": status})).unwrap();
        bring(service, &live).await;
        assert_filtered(service).await;
    }
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (0, 0), "{counts:?}");
    assert!(
        service
            .syncer
            .failed_rows::<Active>()
            .await
            .unwrap()
            .is_empty()
    );

    let told = next(&mut changes, 12).await;
    let of = |table: &str| {
        let told = short(&told);
        let of_table = told.iter().filter(|change| change.0 == table);
        of_table
            .map(|change| (change.1.to_owned(), change.2))
            .collect::<Vec<_>>()
    };
    let [inserted, left, updated] = [
        ChangeKind::Inserted,
        ChangeKind::LeftFilter,
        ChangeKind::Updated,
    ];
    let expected = |back| {
        [
            ("sub_1", inserted),
            ("sub_3", inserted),
            ("sub_1", left),
            ("sub_2", inserted),
            ("sub_1", back),
            ("sub_3", left),
        ]
        .map(|(id, kind)| (id.to_owned(), kind))
    };
    assert_eq!(of("active"), expected(updated));
    assert_eq!(of("active_hard"), expected(inserted));
}

pub(crate) async fn rows_leave_and_come_back(service: &Service) {
    rows_follow_the_filter(service, EventPolicy::Refetch).await;
}

pub(crate) async fn an_events_own_copy_says_so_too(service: &Service) {
    rows_follow_the_filter(service, EventPolicy::Snapshot).await;
}

pub(crate) async fn only_the_list_brings_rows_in(service: &Service) {
    for policy in [EventPolicy::Refetch, EventPolicy::Snapshot] {
        let live = start(service, policy).await;
        let fake = &service.fake;
        let id = |name: &str| format!("price_{name}_{policy:?}");
        let key = json!({"id": id("old"), "lookup_key": "gold", "active": true});
        fake.create("price", key).unwrap();
        service.syncer.sync_all::<Gold>().await.unwrap();
        deliver_all(service, &live).await;
        process(&live).await;
        let before = service.rows("gold").await.len();

        let new = json!({"id": id("new"), "lookup_key": "gold", "active": true});
        fake.create("price", new).unwrap();
        fake.update(&id("old"), json!({"nickname": "n"})).unwrap();
        bring(service, &live).await;
        let rows = service.rows("gold").await;
        assert_eq!(rows.len(), before, "a live event brought a row in");
        assert_eq!(rows[&id("old")]["nickname"], "n");
        let counts = live.counts().await.unwrap();
        assert_eq!((counts.pending, counts.dead), (0, 0), "{counts:?}");
        service.syncer.sync_all::<Gold>().await.unwrap();
        assert_eq!(service.rows("gold").await.len(), before + 1);
    }
}

pub(crate) async fn a_service_with_another_filter_is_refused(service: &Service) {
    let live = start(service, EventPolicy::Refetch).await;
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    let new = json!({"id": "sub_1", "status": "active", "customer": "cus_1"});
    fake.create("subscription", new).unwrap();
    bring(service, &live).await;

    let both = Live::builder(service.syncer.clone())
        .model::<Active>()
        .model::<Unpaid>()
        .build();
    let LiveError::Models(error) = both.unwrap_err() else {
        panic!("expected the models to be refused");
    };
    assert!(matches!(*error, SyncError::FiltersDiffer { .. }), "{error}");

    let other = Live::builder(service.syncer.clone())
        .model::<Unpaid>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap();
    fake.update("sub_1", json!({"status": "unpaid"})).unwrap();
    deliver_all(service, &other).await;
    let processed = other.drain().await.unwrap();
    assert_eq!(
        (processed.objects, processed.retried),
        (0, 1),
        "{processed:?}"
    );
    assert_eq!(service.rows("active").await.len(), 1);

    // Once a run takes the other filter, the service that was there is the one that is refused.
    let change = stripe_sync::SyncAllOptions::default().change_filter(true);
    let changed = service.syncer.sync_all_with::<Unpaid>(change).await;
    assert_eq!(changed.unwrap().written(), 1);
    fake.update("sub_1", json!({"status": "active"})).unwrap();
    deliver_all(service, &live).await;
    service.run("UPDATE stripe_sync_work SET due_at = 0").await;
    let processed = live.drain().await.unwrap();
    assert_eq!(processed.objects, 0, "{processed:?}");
    assert!(processed.retried > 0, "{processed:?}");
    assert_eq!(service.rows("active").await["sub_1"]["status"], "unpaid");
}
