//! Trap 18, and keys of another account or mode.

use serde_json::json;
use stripe_sync::testing::{CannedAnswer, FakeStripe, Mode};
use stripe_sync::{IdOutcome, StoreError, SyncError, reexport::sqlx};

use super::mirror::{Mirror, syncer};
use super::models::{Coupon, Customer, OwnCoupon};

/// Trap 18: ids that differ only in case are two objects.
#[tokio::test]
async fn ids_that_differ_in_case_are_two() {
    let mirror = Mirror::start(40).await;
    mirror
        .fake
        .create("coupon", json!({"id": "Spring"}))
        .unwrap();
    mirror
        .fake
        .create("coupon", json!({"id": "SPRING"}))
        .unwrap();
    assert_eq!(mirror.sync_all::<OwnCoupon>().await.inserted, 2);
    mirror.assert_truth::<OwnCoupon>().await;
}

/// Trap 18: the same coupon id in two accounts, and in test and live.
#[tokio::test]
async fn the_same_id_in_accounts_and_modes_is_kept_apart() {
    let fake = FakeStripe::builder()
        .seed(41)
        .account("acct_1")
        .start()
        .await
        .unwrap();
    let keys = [
        fake.secret_key().to_owned(),
        fake.add_account("acct_1", Mode::Live),
        fake.add_account("acct_2", Mode::Test),
    ];
    let places = [
        ("acct_1", Mode::Test),
        ("acct_1", Mode::Live),
        ("acct_2", Mode::Test),
    ];
    for (account, mode) in places {
        fake.account(account, mode)
            .unwrap()
            .create(
                "coupon",
                json!({"id": "SPRING", "name": format!("{account} {mode:?}")}),
            )
            .unwrap();
    }
    let mirror = Mirror::with_key(fake, &keys[0]).await;
    mirror.syncer.ensure_table::<Coupon>().await.unwrap();
    for key in &keys {
        let report = syncer(&mirror.fake, key, &mirror.pool)
            .sync_all::<Coupon>()
            .await
            .unwrap();
        assert_eq!(report.inserted, 1);
    }
    let rows: Vec<(String, bool, String)> =
        sqlx::query_as("SELECT account, live, name FROM coupons ORDER BY account, live")
            .fetch_all(&mirror.pool)
            .await
            .unwrap();
    assert_eq!(
        rows,
        [
            ("acct_1".to_owned(), false, "acct_1 Test".to_owned()),
            ("acct_1".to_owned(), true, "acct_1 Live".to_owned()),
            ("acct_2".to_owned(), false, "acct_2 Test".to_owned()),
        ]
    );

    // A deletion in one of them speaks of that one.
    mirror.fake.delete("SPRING").unwrap();
    let report = mirror
        .syncer
        .sync_by_ids::<Coupon>(["SPRING"])
        .await
        .unwrap();
    assert_eq!(report.outcome("SPRING"), Some(&IdOutcome::Deleted));
    let marked: Vec<(String, bool)> =
        sqlx::query_as("SELECT account, live FROM coupons WHERE stripe_deleted_at IS NOT NULL")
            .fetch_all(&mirror.pool)
            .await
            .unwrap();
    assert_eq!(marked, [("acct_1".to_owned(), false)]);
}

/// A key of another account, or of another mode, changes nothing and says why.
#[tokio::test]
async fn a_wrong_key_changes_nothing() {
    let fake = FakeStripe::builder()
        .seed(42)
        .account("acct_right")
        .start()
        .await
        .unwrap();
    fake.generate("customer", 30).unwrap();
    let right = fake.secret_key().to_owned();
    let mirror = Mirror::with_key(fake, &right).await;
    mirror.sync_all::<Customer>().await;
    let before = mirror.rows("customers").await;
    let id = before.keys().next().unwrap().clone();

    let wrong = [
        mirror.fake.add_account("acct_wrong", Mode::Test),
        mirror.fake.add_account("acct_right", Mode::Live),
    ];
    for key in wrong {
        let other = syncer(&mirror.fake, &key, &mirror.pool);
        for error in [
            other.sync_all::<Customer>().await.unwrap_err(),
            other
                .sync_by_ids::<Customer>([id.as_str()])
                .await
                .unwrap_err(),
        ] {
            assert!(
                matches!(error, SyncError::Store(StoreError::WrongAccount { .. })),
                "{error}"
            );
            let text = error.to_string();
            assert!(text.contains("acct_right"), "{text}");
            assert!(!text.contains(&key), "{text}");
        }
    }
    assert_eq!(mirror.rows("customers").await, before);
}

/// An answer that is not the account, from whoever stands between: nothing is written as its.
#[tokio::test]
async fn another_object_is_not_taken_for_the_account() {
    let fake = FakeStripe::builder()
        .seed(44)
        .account("acct_right")
        .start()
        .await
        .unwrap();
    let ids = fake.generate("customer", 1).unwrap();
    let customer = fake.get(&ids[0]).unwrap();
    let key = fake.secret_key().to_owned();
    let mirror = Mirror::with_key(fake, &key).await;
    mirror.syncer.ensure_table::<Customer>().await.unwrap();

    let another = CannedAnswer::new(200, customer.to_string());
    let fresh = syncer(&mirror.fake, &key, &mirror.pool);
    mirror.fake.answer_with("/v1/account", 1, another);
    let error = fresh.sync_all::<Customer>().await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::UnknownAccount { .. }),
        "{error}"
    );
    assert!(!error.to_string().contains(&ids[0]), "{error}");
    assert_eq!(fresh.sync_all::<Customer>().await.unwrap().inserted, 1);
    mirror.assert_truth::<Customer>().await;
}

/// A key that Stripe does not know, and one that may not read the resource.
#[tokio::test]
async fn a_refused_key_changes_nothing() {
    let mirror = Mirror::start(43).await;
    mirror.fake.generate("customer", 3).unwrap();
    mirror.sync_all::<Customer>().await;
    let restricted = mirror
        .fake
        .add_restricted_key(["account", "price"])
        .unwrap();
    let other = syncer(&mirror.fake, &restricted, &mirror.pool);
    let error = other.sync_all::<Customer>().await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::Stripe(e) if e.is_permission()),
        "{error}"
    );

    let unknown = syncer(&mirror.fake, "sk_test_unknown0000", &mirror.pool);
    let error = unknown.sync_all::<Customer>().await.unwrap_err();
    assert!(
        matches!(error.root(), SyncError::Stripe(e) if e.is_unauthorized()),
        "{error}"
    );
    mirror.assert_truth::<Customer>().await;
}
