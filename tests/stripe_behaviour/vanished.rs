//! Trap 12: objects that were deleted when nobody looked. Their events are gone, and lists are silent.

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::client::RateBudget;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, Faults, Mode, Phase};
use stripe_sync::{Json, Stripe, StripeSync, Syncer};

use super::mirror::{Mirror, syncer};
use super::models::{Coupon, Customer, Price};

const DAY: u64 = 86_400;

/// A product answers 404 once it is deleted, a customer a stub.
#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "hard_coupons", on_delete = hard)]
struct HardCoupon {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

async fn marked(mirror: &Mirror, table: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT count(*) FROM {table} WHERE stripe_deleted_at IS NOT NULL"
    )))
    .fetch_one(&mirror.pool)
    .await
    .unwrap()
}

async fn count(mirror: &Mirror, table: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
        .fetch_one(&mirror.pool)
        .await
        .unwrap()
}

/// Deletes some of 230 objects and lets their events expire; the next run knows, and the one after asks nothing.
async fn deleted_long_ago<M: StripeSync>(seed: u64, retrieve: &str) -> Mirror {
    let mirror = Mirror::start(seed).await;
    let ids = mirror.fake.generate(M::MODEL.object(), 230).unwrap();
    assert_eq!(mirror.sync_all::<M>().await.inserted, 230);
    for id in ids.iter().step_by(20) {
        mirror.fake.delete(id).unwrap();
    }
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    let report = mirror.sync_all::<M>().await;
    assert_eq!(report.deleted, 12, "{report}");
    mirror.assert_truth::<M>().await;

    let before = mirror.requests(retrieve);
    assert!(before >= 12, "deletions are confirmed by a read each");
    let report = mirror.sync_all::<M>().await;
    assert_eq!((report.deleted, mirror.requests(retrieve)), (0, before));
    mirror
}

#[tokio::test]
async fn a_stub_is_a_deletion() {
    let mirror = deleted_long_ago::<Customer>(60, "/v1/customers/{id}").await;
    assert_eq!(marked(&mirror, "customers").await, 12);
    assert_eq!(count(&mirror, "customers").await, 230);
}

#[tokio::test]
async fn an_id_that_stripe_does_not_know_is_a_deletion() {
    let mirror = deleted_long_ago::<Product>(61, "/v1/products/{id}").await;
    assert_eq!(marked(&mirror, "products").await, 12);
    assert_eq!(count(&mirror, "products").await, 230);
}

#[tokio::test]
async fn a_hard_deletion_removes_the_row() {
    let mirror = deleted_long_ago::<HardCoupon>(62, "/v1/coupons/{id}").await;
    assert_eq!(count(&mirror, "hard_coupons").await, 218);
}

/// As many objects are deleted after a list showed them as were deleted long ago: their numbers say nothing.
async fn deleted_long_ago_and_just_now<M: StripeSync>(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    let ids = mirror.fake.generate(M::MODEL.object(), 230).unwrap();
    mirror.sync_all::<M>().await;
    let (long_ago, just_now) = (ids[3].clone(), ids[200].clone());
    mirror.fake.delete(&long_ago).unwrap();
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    mirror.fake.on_request(Phase::Before, move |request| {
        if request.endpoint() == "/v1/events" && request.account().get(&just_now).is_some() {
            request.account().delete(&just_now).unwrap();
        }
    });
    let report = mirror.sync_all::<M>().await;
    assert_eq!(report.deleted, 2, "{report}");
    mirror.assert_truth::<M>().await;
    mirror
}

#[tokio::test]
async fn a_deletion_that_an_event_told_of_hides_no_other() {
    let mirror = deleted_long_ago_and_just_now::<Customer>(66).await;
    assert_eq!(marked(&mirror, "customers").await, 2);
    let mirror = deleted_long_ago_and_just_now::<HardCoupon>(67).await;
    assert_eq!(count(&mirror, "hard_coupons").await, 228);
}

/// An account that is empty all of a sudden looks like a fault, or like another account's key: nothing is asked for and
/// nothing removed, and the report says so. The ids can be asked for.
#[tokio::test]
async fn an_empty_list_removes_nothing() {
    let mirror = Mirror::start(63).await;
    let ids = mirror.fake.generate("product", 20).unwrap();
    mirror.sync_all::<Product>().await;
    for id in &ids {
        mirror.fake.delete(id).unwrap();
    }
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    let report = mirror.sync_all::<Product>().await;
    assert_eq!((report.deleted, report.unconfirmed), (0, 20), "{report}");
    assert!(report.to_string().contains("showed nothing"), "{report}");
    assert_eq!(marked(&mirror, "products").await, 0);
    assert_eq!(mirror.requests("/v1/products/{id}"), 0);
    mirror.syncer.sync_by_ids::<Product>(ids).await.unwrap();
    assert_eq!(marked(&mirror, "products").await, 20);
}

/// Objects that no list shows are alive all the same: an empty list removes nothing.
#[tokio::test]
async fn what_no_list_shows_is_kept() {
    let mirror = Mirror::start(64).await;
    mirror.syncer.ensure_table::<Price>().await.unwrap();
    for n in 0..7 {
        let inline = json!({"id": format!("price_inline_{n}")});
        mirror.fake.create_unlisted("price", inline).unwrap();
    }
    let ids = mirror.fake.ids("price");
    mirror.syncer.sync_by_ids::<Price>(ids).await.unwrap();
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    for _ in 0..2 {
        let report = mirror.sync_all::<Price>().await;
        assert_eq!((report.seen, report.deleted), (0, 0), "{report}");
        assert_eq!(mirror.rows("prices").await.len(), 7);
    }
}

/// A walk that broke off says nothing about what it did not reach.
#[tokio::test]
async fn a_partial_list_removes_nothing() {
    let mirror = Mirror::start(65).await;
    let ids = mirror.fake.generate("customer", 900).unwrap();
    mirror.sync_all::<Customer>().await;
    for id in ids.iter().step_by(10) {
        mirror.fake.delete(id).unwrap();
    }
    mirror.fake.advance(Duration::from_secs(40 * DAY));
    // Lists fail, and reads of one object do not.
    mirror
        .fake
        .faults(Faults::new(65).rate_500(0.4).only("/v1/customers?"));
    let impatient = Stripe::builder(mirror.fake.secret_key().to_owned())
        .base_url(mirror.fake.base_url())
        .budget(RateBudget::unlimited())
        .max_retries(0)
        .build()
        .unwrap();
    let error = Syncer::new(impatient, mirror.pool.clone())
        .sync_all::<Customer>()
        .await
        .unwrap_err();
    assert!(error.report().is_some(), "{error}");
    assert_eq!(marked(&mirror, "customers").await, 0);

    mirror.fake.faults(None);
    assert_eq!(mirror.sync_all::<Customer>().await.deleted, 90);
    mirror.assert_truth::<Customer>().await;
}

/// One table for several accounts: the key of an empty one, or of the other mode, removes nothing of the first.
#[tokio::test]
async fn another_account_removes_nothing() {
    let fake = FakeStripe::builder().seed(66).account("acct_1");
    let fake = fake.start().await.unwrap();
    fake.generate("coupon", 30).unwrap();
    let full = fake.secret_key().to_owned();
    let empty = [
        fake.add_account("acct_2", Mode::Test),
        fake.add_account("acct_1", Mode::Live),
    ];
    let mirror = Mirror::with_key(fake, &full).await;
    mirror.sync_all::<Coupon>().await;
    for key in &empty {
        let other = syncer(&mirror.fake, key, &mirror.pool);
        let report = other.sync_all::<Coupon>().await.unwrap();
        assert_eq!((report.seen, report.deleted), (0, 0), "{report}");
    }
    assert_eq!(marked(&mirror, "coupons").await, 0);
    mirror.assert_truth::<Coupon>().await;
}

/// A mark that was wrong goes away when a list shows the object.
#[tokio::test]
async fn a_row_that_reappears_loses_its_mark() {
    let mirror = Mirror::start(67).await;
    mirror.fake.generate("customer", 130).unwrap();
    mirror.sync_all::<Customer>().await;
    sqlx::query("UPDATE customers SET stripe_deleted_at = stripe_observed_at WHERE id IN (SELECT id FROM customers LIMIT 9)")
        .execute(&mirror.pool)
        .await
        .unwrap();
    assert_eq!(marked(&mirror, "customers").await, 9);
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.unchanged, 121, "{report}");
    assert_eq!(marked(&mirror, "customers").await, 0);
    mirror.assert_truth::<Customer>().await;
}
