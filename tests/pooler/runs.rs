//! Runs of two clients at once.

use serde_json::json;
use stripe_sync::StripeSync as _;

use super::bouncer::Setup;
use super::service::{Customer, Service, Subscription};

/// Fewer connections of the server than the clients use at once, so that their statements interleave on each of them.
pub(crate) const FEW: Setup = Setup {
    connections: 3,
    ignores_parameters: true,
};

/// Some pages of customers.
const CUSTOMERS: usize = 450;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clients_equal_stripe() {
    let service = Service::start(FEW).await;
    let mut ids = Vec::new();
    for number in 0..CUSTOMERS {
        let email = format!("{number}@example.com");
        let made = service
            .fake
            .create("customer", json!({"email": email}))
            .unwrap();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    for customer in &ids[..50] {
        let new = json!({"customer": customer, "status": "active"});
        service.fake.create("subscription", new).unwrap();
    }
    let (first, second) = (service.syncer().await, service.syncer().await);
    let made = tokio::join!(
        first.ensure_table::<Customer>(),
        second.ensure_table::<Subscription>()
    );
    made.0.unwrap();
    made.1.unwrap();

    for round in 0..3 {
        let (customers, subscriptions, by_ids) = tokio::join!(
            first.sync_all::<Customer>(),
            second.sync_all::<Subscription>(),
            second.sync_by_ids::<Customer>(ids.iter().take(150).cloned()),
        );
        assert_eq!(customers.unwrap().failed, 0, "round {round}");
        assert_eq!(subscriptions.unwrap().failed, 0, "round {round}");
        by_ids.unwrap();
        service.assert_truth::<Customer>().await;
        service.assert_truth::<Subscription>().await;
        assert!(first.check_table::<Customer>().await.unwrap().is_empty());
        assert!(
            second
                .check_table::<Subscription>()
                .await
                .unwrap()
                .is_empty()
        );

        // What the next round finds changed, gone and new.
        for id in ids.drain(..20) {
            service.fake.delete(&id).unwrap();
        }
        for id in &ids[..40] {
            let changes = json!({"email": format!("round{round}@example.com")});
            service.fake.update(id, changes).unwrap();
        }
        service.fake.create("customer", json!({})).unwrap();
    }
    let left = service.number("SELECT count(*) FROM customers WHERE stripe_deleted_at IS NOT NULL");
    assert_eq!(
        left.await,
        40,
        "rows of {} that were deleted",
        Customer::MODEL.object()
    );
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_fails_is_named() {
    let service = Service::start(FEW).await;
    let syncer = service.syncer().await;
    syncer.ensure_table::<Customer>().await.unwrap();
    let made = service
        .fake
        .create("customer", json!({"email": "a\u{0}b@example.com"}))
        .unwrap();
    service
        .fake
        .create("customer", json!({"email": "c@example.com"}))
        .unwrap();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    let failed: Vec<&str> = report
        .failures
        .iter()
        .map(|failure| failure.id.as_str())
        .collect();
    assert_eq!(failed, [made["id"].as_str().unwrap()], "{report}");
    assert_eq!(service.number("SELECT count(*) FROM customers").await, 1);
    service.end().await;
}
