//! Keys that Stripe refuses, wholly or in part: nothing is deleted, the error says why, and the rest is done.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::{StripeSync, SyncError};

use super::mirror::{Mirror, syncer};
use super::models::{Customer, OwnCoupon, Price};

/// Longer than events last, so that only lists can tell what happened.
const AWAY: Duration = Duration::from_secs(40 * 86_400);

/// A mirror of three resources, in each of which something changed since.
async fn changed(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    let fake = &mirror.fake;
    for object in ["customer", "price", "coupon"] {
        fake.generate(object, 130).unwrap();
    }
    mirror.sync_all::<Customer>().await;
    mirror.sync_all::<Price>().await;
    mirror.sync_all::<OwnCoupon>().await;
    for object in ["customer", "coupon"] {
        for id in fake.ids(object).iter().step_by(13) {
            fake.delete(id).unwrap();
        }
        fake.create(object, json!({})).unwrap();
    }
    for id in fake.ids("price").iter().step_by(13) {
        fake.update(id, json!({"nickname": "changed"})).unwrap();
    }
    fake.advance(AWAY);
    mirror
}

async fn rows<M: StripeSync>(mirror: &Mirror) -> BTreeMap<String, Value> {
    mirror.rows(&M::MODEL.table()).await
}

/// A restricted key that may not read one of three resources.
#[tokio::test]
async fn what_may_not_be_read_stays_and_the_rest_is_done() {
    let mirror = changed(70).await;
    let before = rows::<OwnCoupon>(&mirror).await;
    assert_eq!(before.len(), 130);
    let key = mirror
        .fake
        .add_restricted_key([
            "account",
            "event",
            "test_helpers.test_clock",
            "customer",
            "price",
        ])
        .unwrap();
    let restricted = syncer(&mirror.fake, &key, &mirror.pool);

    let error = restricted.sync_all::<OwnCoupon>().await.unwrap_err();
    assert!(
        matches!(error.reason(), SyncError::Stripe(e) if e.is_permission()),
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains("permission"), "{text}");
    assert!(!text.contains(&key), "{text}");
    assert_eq!(rows::<OwnCoupon>(&mirror).await, before);

    restricted.sync_all::<Customer>().await.unwrap();
    restricted.sync_all::<Price>().await.unwrap();
    mirror.assert_truth::<Customer>().await;
    mirror.assert_truth::<Price>().await;

    // With the full key again, nothing is in the way of the third.
    assert_eq!(mirror.sync_all::<OwnCoupon>().await.deleted, 10);
    mirror.assert_truth::<OwnCoupon>().await;
}

/// A key that Stripe does not know, or not any more.
#[tokio::test]
async fn an_unknown_key_deletes_nothing() {
    let mirror = changed(71).await;
    let before = rows::<Customer>(&mirror).await;
    let unknown = syncer(&mirror.fake, "sk_test_unknown0000", &mirror.pool);
    let error = unknown.sync_all::<Customer>().await.unwrap_err();
    assert!(
        matches!(error.reason(), SyncError::Stripe(e) if e.is_unauthorized()),
        "{error}"
    );
    assert!(!error.to_string().contains("unknown0000"), "{error}");
    assert_eq!(rows::<Customer>(&mirror).await, before);
    mirror.sync_all::<Customer>().await;
    mirror.assert_truth::<Customer>().await;
}

/// A key that may list a resource and not read its account's id says so, instead of binding the table to nobody.
#[tokio::test]
async fn a_key_that_may_not_say_whose_it_is_deletes_nothing() {
    let mirror = changed(72).await;
    let before = rows::<Customer>(&mirror).await;
    let key = mirror.fake.add_restricted_key(["customer"]).unwrap();
    let restricted = syncer(&mirror.fake, &key, &mirror.pool);
    let error = restricted.sync_all::<Customer>().await.unwrap_err();
    assert!(matches!(error, SyncError::UnknownAccount { .. }), "{error}");
    assert_eq!(rows::<Customer>(&mirror).await, before);
}

/// A key that may not read events: the lists and the reads by id tell all the same what changed, and what is gone, before
/// the run. The report says what the run could not do.
#[tokio::test]
async fn without_events_the_lists_are_read_and_the_report_says_so() {
    let mirror = changed(73).await;
    let key = mirror
        .fake
        .add_restricted_key(["account", "customer", "test_helpers.test_clock"])
        .unwrap();
    let restricted = syncer(&mirror.fake, &key, &mirror.pool);
    let report = restricted.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.deleted), (1, 10), "{report}");
    let [warning] = report.warnings.as_slice() else {
        panic!("{report}");
    };
    assert!(warning.contains("may not read events"), "{warning}");
    assert!(warning.contains("rak_event_read"), "{warning}");
    assert!(!warning.contains(&key), "{warning}");
    mirror.assert_truth::<Customer>().await;
    // With all permissions there is nothing to warn of.
    assert_eq!(mirror.sync_all::<Customer>().await.warnings, [""; 0]);
}
