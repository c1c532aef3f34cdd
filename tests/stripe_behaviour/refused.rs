//! Keys that Stripe refuses, wholly or in part: nothing is deleted, the error says why, and the rest is done.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::{Model, StripeSync, SyncAllOptions, SyncError};

use super::mirror::Mirror;
use super::models::{Customer, OwnCoupon, Price};

/// Longer than events last, so that only lists can tell what happened.
const AWAY: Duration = Duration::from_secs(40 * 86_400);

static MODELS: [&Model; 3] = [Price::MODEL, OwnCoupon::MODEL, Customer::MODEL];

/// A mirror of three resources, in each of which something changed since.
async fn changed(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    let fake = &mirror.fake;
    for object in ["customer", "price", "coupon"] {
        fake.generate(object, 130).unwrap();
    }
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    mirror.syncer.ensure_table::<Price>().await.unwrap();
    mirror.syncer.ensure_table::<OwnCoupon>().await.unwrap();
    for (model, result) in mirror
        .syncer
        .sync_models(&MODELS, SyncAllOptions::default())
        .await
    {
        assert_eq!(result.unwrap().inserted, 130, "{}", model.name());
    }
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
    let key = mirror.restricted_key(["test_helpers.test_clock", "customer", "price"]);
    let restricted = mirror.with_other_key(&key);

    let error = restricted.sync_all::<OwnCoupon>().await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::Stripe(e) if e.is_permission()),
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

/// The same of three models at once: the one that is refused says so, keeps its rows, and the other two are done.
#[tokio::test]
async fn one_of_three_models_is_refused() {
    let mirror = changed(89).await;
    let before = rows::<OwnCoupon>(&mirror).await;
    let key = mirror.restricted_key(["test_helpers.test_clock", "customer", "price"]);
    let restricted = mirror.with_other_key(&key);
    let results = restricted
        .sync_models(&MODELS, SyncAllOptions::default())
        .await;
    let names: Vec<_> = results.iter().map(|(model, _)| model.name()).collect();
    assert_eq!(names, ["Price", "OwnCoupon", "Customer"]);
    let prices = results[0].1.as_ref().unwrap();
    assert_eq!((prices.updated, prices.unchanged), (10, 120), "{prices}");
    let error = results[1].1.as_ref().unwrap_err();
    assert!(
        matches!(error.root(), SyncError::Stripe(e) if e.is_permission()),
        "{error}"
    );
    let customers = results[2].1.as_ref().unwrap();
    assert_eq!(
        (customers.inserted, customers.deleted),
        (1, 10),
        "{customers}"
    );
    assert_eq!(rows::<OwnCoupon>(&mirror).await, before);
    mirror.assert_truth::<Customer>().await;
    mirror.assert_truth::<Price>().await;
}

/// Each of several models says so, and no row is touched.
#[tokio::test]
async fn every_model_is_refused() {
    let mirror = changed(90).await;
    let customers = rows::<Customer>(&mirror).await;
    let prices = rows::<Price>(&mirror).await;
    let unknown = mirror.with_other_key("sk_test_unknown0000");
    let results = unknown
        .sync_models(&MODELS, SyncAllOptions::default())
        .await;
    assert_eq!(results.len(), 3);
    for (model, result) in results {
        let error = result.unwrap_err();
        assert!(
            matches!(error.root(), SyncError::Stripe(e) if e.is_unauthorized()),
            "{}: {error}",
            model.name()
        );
    }
    // Rows that are marked are not among these.
    assert_eq!(rows::<Customer>(&mirror).await, customers);
    assert_eq!(rows::<Price>(&mirror).await, prices);
    assert_eq!((customers.len(), prices.len()), (130, 130));
}

/// A key that Stripe does not know, or not any more.
#[tokio::test]
async fn an_unknown_key_deletes_nothing() {
    let mirror = changed(71).await;
    let before = rows::<Customer>(&mirror).await;
    let unknown = mirror.with_other_key("sk_test_unknown0000");
    let error = unknown.sync_all::<Customer>().await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::Stripe(e) if e.is_unauthorized()),
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
    let restricted = mirror.with_other_key(&key);
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
    let restricted = mirror.with_other_key(&key);
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
