//! Trap 8, as far as lists go: two equal ids in one batch; and one bad object among three hundred.

use std::time::Duration;

use serde_json::json;
use stripe_sync::IdOutcome;
use stripe_sync::reexport::sqlx;
use stripe_sync::testing::Phase;

use super::mirror::Mirror;
use super::models::Customer;

/// An id that is asked for twice is read once and written once.
#[tokio::test]
async fn an_id_is_asked_for_once() {
    let mirror = Mirror::start(10).await;
    mirror
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let report = mirror
        .syncer
        .sync_by_ids::<Customer>(["cus_1", "cus_1", "cus_1"])
        .await
        .unwrap();
    assert_eq!(report.outcomes, [("cus_1".to_owned(), IdOutcome::Inserted)]);
    assert_eq!(mirror.requests("/v1/customers/{id}"), 1);
    mirror.assert_truth::<Customer>().await;
}

/// All objects are of one second, so the window that begins after a vanished cursor shows the first page again; new heads
/// between the pages are newer than it.
#[tokio::test]
async fn objects_that_are_seen_twice_are_written_once() {
    let mirror = Mirror::start(11).await;
    for _ in 0..250 {
        let of_one_second = json!({"created": 1_700_000_000});
        mirror.fake.create("customer", of_one_second).unwrap();
    }
    // No event tells of them any more.
    mirror.fake.advance(Duration::from_secs(86_400));
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == "/v1/customers" && view.nth() == 1 {
            let ids: Vec<String> = view.ids().map(str::to_owned).collect();
            for id in ids.iter().rev().take(4) {
                view.account().delete(id).unwrap();
            }
            for _ in 0..5 {
                view.account().create("customer", json!({})).unwrap();
            }
        }
    });
    let report = mirror.sync_all::<Customer>().await;
    // Those of the first page that are alive.
    assert_eq!(report.unchanged, 96);
    // The lists showed 250; five were created and four deleted meanwhile, of which events told.
    assert_eq!(
        (report.inserted, report.deleted, report.replayed),
        (255, 4, 9)
    );
    mirror.assert_truth::<Customer>().await;
}

/// One object that does not map: 299 rows, one failure by name, and the run is a success.
#[tokio::test]
async fn one_bad_object_fails_alone() {
    let mirror = Mirror::start(12).await;
    mirror.fake.generate("customer", 299).unwrap();
    mirror
        .fake
        .unchecked()
        .create("customer", json!({"id": "cus_bad", "email": 7}))
        .unwrap();
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!((report.seen, report.inserted, report.failed), (300, 299, 1));
    let failure = &report.failures[0];
    assert_eq!(failure.id, "cus_bad");
    assert_eq!(failure.column.as_deref(), Some("email"));
    assert_eq!(failure.reason, "expected text, Stripe sent an integer");
    assert!(!report.is_complete());
    assert!(
        report
            .to_string()
            .contains("failed cus_bad: email: expected text")
    );

    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM customers")
        .fetch_one(&mirror.pool)
        .await
        .unwrap();
    assert_eq!(count, 299);
    let failed = mirror.syncer.failed_rows::<Customer>().await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].id, "cus_bad");

    // Once it maps it is written, and no failure any more.
    mirror
        .fake
        .update("cus_bad", json!({"email": "a@example.com"}))
        .unwrap();
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(
        (report.inserted, report.unchanged, report.failed),
        (1, 299, 0)
    );
    assert!(
        mirror
            .syncer
            .failed_rows::<Customer>()
            .await
            .unwrap()
            .is_empty()
    );
    mirror.assert_truth::<Customer>().await;
}
