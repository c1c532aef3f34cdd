//! Waiting for an object: it is read at once, by whoever works, and the answer says whether it is in its table.

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::live::{Live, WaitOutcome};
use stripe_sync::testing::Faults;
use stripe_sync::{Json, StripeSync, SyncError};
use tokio::task::JoinHandle;

use super::service::{Coupon, Customer, Service, deliver_all, process};

/// Nothing is waited for longer than this.
const LIMIT: Duration = Duration::from_secs(30);
const READS: &str = "/v1/customers/{id}";

/// A model of another service.
#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Customers of several accounts.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers_of_accounts")]
struct OfAccount {
    #[stripe(account)]
    account: String,
    id: String,
    name: Option<String>,
}

fn wait(live: &Live, id: &str, limit: Duration) -> JoinHandle<WaitOutcome> {
    let (live, id) = (live.clone(), id.to_owned());
    tokio::spawn(async move { live.wait_for_object::<Customer>(&id, limit).await.unwrap() })
}

/// Until so many notices of the one object that there is wait for a read.
async fn until_noticed(service: &Service, notices: i64) {
    let sql = "SELECT COALESCE(MAX(notices), 0) FROM stripe_sync_work";
    let noticed = async {
        while service.number(sql).await != notices {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let noticed = tokio::time::timeout(LIMIT, noticed).await;
    noticed.expect("the notices are kept");
}

/// Until the one object is claimed.
async fn until_claimed(service: &Service) {
    let claimed = "SELECT COUNT(*) FROM stripe_sync_work WHERE expires_at > 0";
    while service.number(claimed).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) async fn an_object_is_in_its_table_after_it_was_waited_for(service: &Service) {
    let live = service.live();
    // In another process.
    let running = tokio::spawn(
        service
            .builder()
            .catch_up_every(None)
            .build()
            .unwrap()
            .run(),
    );
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1", "name": "a"}))
        .unwrap();
    fake.create("coupon", json!({"id": "co_1"})).unwrap();
    let of_customer = || live.wait_for_object::<Customer>("cus_1", LIMIT);
    let of_coupon = || live.wait_for_object::<Coupon>("co_1", LIMIT);
    assert_eq!(of_customer().await.unwrap(), WaitOutcome::Read);
    assert_eq!(of_coupon().await.unwrap(), WaitOutcome::Read);
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Coupon>().await;
    // No event was delivered, and each object was read once.
    assert_eq!(service.requests(READS), 1);
    // Again and again: each time as it is by then.
    for name in ["b", "c"] {
        fake.update("cus_1", json!({"name": name})).unwrap();
        assert!(of_customer().await.unwrap().is_read());
        service.assert_truth::<Customer>().await;
    }
    for id in ["cus_1", "co_1"] {
        fake.delete(id).unwrap();
    }
    assert!(of_customer().await.unwrap().is_read());
    assert!(of_coupon().await.unwrap().is_read());
    service.assert_truth::<Customer>().await;
    assert_eq!(service.number("SELECT COUNT(*) FROM coupons").await, 0);
    running.abort();
}

pub(crate) async fn all_who_wait_share_a_read_with_the_events(service: &Service) {
    let live = service.live();
    service
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    deliver_all(service, &live).await;
    let waiting: Vec<_> = (0..3).map(|_| wait(&live, "cus_1", LIMIT)).collect();
    until_noticed(service, 4).await;
    let processed = process(&live).await;
    assert_eq!((processed.objects, processed.events), (1, 1));
    for one in waiting {
        assert_eq!(one.await.unwrap(), WaitOutcome::Read);
    }
    assert_eq!(service.requests(READS), 1);
}

/// What is told of an object that was just read waits for quiet; one that is waited for does not.
pub(crate) async fn who_waits_does_not_wait_for_quiet(service: &Service) {
    let live = service.live();
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    deliver_all(service, &live).await;
    process(&live).await;
    let due = "SELECT due_at FROM stripe_sync_work";
    fake.update("cus_1", json!({"name": "b"})).unwrap();
    deliver_all(service, &live).await;
    assert!(service.number(due).await > 0, "for quiet");
    let waiting = wait(&live, "cus_1", LIMIT);
    until_noticed(service, 2).await;
    assert_eq!(service.number(due).await, 0);
    // An event that comes now does not put it off.
    fake.update("cus_1", json!({"name": "c"})).unwrap();
    deliver_all(service, &live).await;
    assert_eq!(service.number(due).await, 0);
    process(&live).await;
    assert_eq!(waiting.await.unwrap(), WaitOutcome::Read);
    assert!(service.number(due).await > 0, "it is no longer waited for");
    assert_eq!(service.requests(READS), 2);
    service.assert_truth::<Customer>().await;
}

/// It may have been answered before what the caller has just done.
pub(crate) async fn a_read_that_had_begun_is_not_what_is_waited_for(service: &Service) {
    let live = service.live();
    service
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    deliver_all(service, &live).await;
    let slow = Duration::from_secs(1)..Duration::from_millis(1_001);
    let slow = Faults::new(1).latency(slow).only("/v1/customers/");
    service.fake.faults(slow);
    let working = tokio::spawn({
        let live = live.clone();
        async move { process(&live).await }
    });
    until_claimed(service).await;
    let waiting = wait(&live, "cus_1", LIMIT);
    until_noticed(service, 2).await;
    assert_eq!(service.requests(READS), 0, "the first one is under way");
    // It is due as soon as the read that is under way ends, and not when it is quiet: its next claim finds it so.
    let put_off =
        "SELECT COUNT(*) FROM stripe_sync_work WHERE ended > 0 AND expires_at > 0 AND due_at > 1";
    while !waiting.is_finished() {
        assert_eq!(service.number(put_off).await, 0);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(waiting.await.unwrap(), WaitOutcome::Read);
    assert_eq!(service.requests(READS), 2);
    assert_eq!(working.await.unwrap().objects, 2);
}

pub(crate) async fn a_failure_is_told_to_who_waits(service: &Service) {
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    let live = service.builder().max_attempts(2).build().unwrap();
    let refused = Faults::new(1).rate_500(1.0);
    fake.faults(refused.only("/v1/customers/"));
    // Nobody works.
    let at_once = wait(&live, "cus_1", Duration::ZERO);
    assert_eq!(at_once.await.unwrap(), WaitOutcome::TimedOut);
    // It failed once, and will be tried again.
    assert_eq!(live.drain().await.unwrap().retried, 1);
    let at_once = wait(&live, "cus_1", Duration::ZERO);
    assert_eq!(at_once.await.unwrap(), WaitOutcome::Failed);
    assert!(
        service
            .syncer
            .failed_rows::<Customer>()
            .await
            .unwrap()
            .is_empty()
    );
    // For the last time: who waits is told before his limit.
    let waiting = wait(&live, "cus_1", Duration::from_secs(3_600));
    until_noticed(service, 3).await;
    assert_eq!(live.drain().await.unwrap().dead, 1);
    let answer = tokio::time::timeout(LIMIT, waiting).await;
    assert_eq!(answer.unwrap().unwrap(), WaitOutcome::Failed);
    let failed = service.syncer.failed_rows::<Customer>().await.unwrap();
    assert_eq!(failed[0].id, "cus_1");
    // Nothing of it is left behind.
    fake.faults(None);
    let waiting = wait(&live, "cus_1", LIMIT);
    until_noticed(service, 1).await;
    process(&live).await;
    assert_eq!(waiting.await.unwrap(), WaitOutcome::Read);
    assert!(
        service
            .syncer
            .failed_rows::<Customer>()
            .await
            .unwrap()
            .is_empty()
    );
    service.assert_truth::<Customer>().await;
}

/// What has begun before the call may fail for reasons that are gone.
pub(crate) async fn a_failure_that_had_begun_does_not_put_off_who_waits(service: &Service) {
    let live = service.live();
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    let first = wait(&live, "cus_1", Duration::ZERO);
    assert_eq!(first.await.unwrap(), WaitOutcome::TimedOut);
    let slow = Duration::from_millis(500)..Duration::from_millis(501);
    let refused = Faults::new(1).latency(slow).rate_500(1.0);
    fake.faults(refused.only("/v1/customers/"));
    let working = tokio::spawn({
        let live = live.clone();
        async move { live.drain().await.unwrap() }
    });
    until_claimed(service).await;
    let second = wait(&live, "cus_1", Duration::ZERO);
    assert_eq!(second.await.unwrap(), WaitOutcome::TimedOut);
    assert_eq!(service.requests(READS), 0, "the first one is under way");
    // Without a pause between them.
    assert_eq!(working.await.unwrap().retried, 2);
}

pub(crate) async fn what_cannot_be_waited_for_is_an_error_at_once(service: &Service) {
    let live = service.live();
    let hour = Duration::from_secs(3_600);
    let error = live.wait_for_object::<Product>("prod_1", hour).await;
    let error = error.unwrap_err();
    assert!(matches!(error, SyncError::NotMirrored { .. }), "{error}");
    assert!(error.to_string().contains(".model::<Product>()"), "{error}");
    for id in ["", "cus_\0"] {
        let error = live.wait_for_object::<Customer>(id, hour).await;
        assert!(matches!(error, Err(SyncError::Object { .. })), "{error:?}");
    }
    let error = live.wait_for_object_of::<Customer>("acct_2", "cus_1", hour);
    let bound = live.wait_for_object::<Customer>("cus_1", Duration::ZERO);
    assert_eq!(bound.await.unwrap(), WaitOutcome::TimedOut);
    let error = error.await.unwrap_err();
    assert!(matches!(error, SyncError::NoAccountField { .. }), "{error}");
}

pub(crate) async fn an_object_of_a_connected_account_is_waited_for(service: &Service) {
    service.syncer.ensure_table::<OfAccount>().await.unwrap();
    let connected = service.fake.add_connected_account("acct_2").unwrap();
    let customer = |name: &str| json!({"id": "cus_1", "name": name});
    service.fake.create("customer", customer("own")).unwrap();
    connected.create("customer", customer("theirs")).unwrap();
    let live = Live::builder(service.syncer.clone())
        .model::<OfAccount>()
        .build()
        .unwrap();
    let running = tokio::spawn(live.clone().run());
    let theirs = live.wait_for_object_of::<OfAccount>("acct_2", "cus_1", LIMIT);
    assert_eq!(theirs.await.unwrap(), WaitOutcome::Read);
    let rows = |condition: &str| {
        let sql = format!("SELECT COUNT(*) FROM customers_of_accounts WHERE {condition}");
        async move { service.number(&sql).await }
    };
    assert_eq!(rows("account = 'acct_2' AND name = 'theirs'").await, 1);
    assert_eq!(rows("name = 'own'").await, 0);
    let own = live.wait_for_object_of::<OfAccount>(service.fake.id(), "cus_1", Duration::MAX);
    assert_eq!(own.await.unwrap(), WaitOutcome::Read);
    assert_eq!(rows("name = 'own'").await, 1);
    running.abort();
}
