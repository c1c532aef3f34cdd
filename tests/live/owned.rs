//! A table belongs to one resource and one account; events change nothing of another one's.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState, Live, LiveBuilder, LiveError};
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, Registry, Stripe, StripeSync, SyncError, Syncer};

use super::service::{Customer, Service, deliver, deliver_all, process};

/// A copy of the struct, with the table's name left as it was.
#[derive(StripeSync)]
#[stripe(object = "product", table = "customers")]
struct Product {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A token of a counter that went far.
const TOKEN: i64 = 5_000_000;

/// The service of another process.
fn service_of(service: &Service, syncer: Syncer) -> LiveBuilder {
    Live::builder(syncer).secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
}

fn stripe(service: &Service, key: &str) -> Stripe {
    let stripe = Stripe::builder(key.to_owned()).base_url(service.fake.base_url());
    stripe.max_retries(0).build().unwrap()
}

/// Customers in their table.
async fn mirrored(service: &Service) -> BTreeMap<String, Value> {
    service.fake.generate("customer", 20).unwrap();
    service.syncer.sync_all::<Customer>().await.unwrap();
    service.rows("customers").await
}

pub(crate) async fn events_of_a_second_resource_change_nothing(service: &Service) {
    let before = mirrored(service).await;
    let syncer = || Syncer::new(service.fake.stripe().unwrap(), service.database.store());
    let live = service_of(service, syncer())
        .model::<Product>()
        .max_attempts(1);
    let live = live.build().unwrap();
    service
        .fake
        .create("product", json!({"id": "prod_1"}))
        .unwrap();
    service
        .fake
        .create("product", json!({"id": "prod_2"}))
        .unwrap();
    service.fake.delete("prod_2").unwrap();
    deliver_all(service, &live).await;
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.objects, processed.dead), (0, 2), "{processed:?}");
    assert_eq!(service.requests("/v1/products/{id}"), 0);
    let dead = EventFilter::new().state(EventState::Dead);
    let dead = live.events(&dead).await.unwrap();
    let reason = dead[0].reason.as_deref().unwrap_or_default();
    assert!(
        reason.contains("customers") && reason.contains("`product`"),
        "{reason}"
    );
    assert_eq!(service.rows("customers").await, before);

    // Both in one process are no service at all, however they are named.
    let both = Registry::new().model::<Customer>().model::<Product>();
    let registry = service_of(service, syncer()).models(&both);
    let models = service_of(service, syncer()).model::<Customer>();
    for builder in [registry, models.model::<Product>()] {
        let LiveError::Models(error) = builder.build().unwrap_err() else {
            panic!("expected the models to be refused");
        };
        assert!(matches!(*error, SyncError::SharedTable { .. }), "{error:?}");
    }
    assert_eq!(service.rows("customers").await, before);
}

pub(crate) async fn events_of_another_accounts_key_change_nothing(service: &Service) {
    let before = mirrored(service).await;
    let key = service.fake.add_account("acct_B", service.fake.mode());
    let b = service.fake.account("acct_B", service.fake.mode()).unwrap();
    let own = service.fake.id().to_owned();
    let syncer = Syncer::builder(stripe(service, &key), service.database.store());
    let syncer = syncer.account(&own, false).build();
    let wrong = service_of(service, syncer)
        .model::<Customer>()
        .build()
        .unwrap();
    // To its own key these are of `acct_B`, and to this service of the account that it claims.
    let made = b.create("customer", json!({"id": "cus_b"})).unwrap();
    service
        .fake
        .record_event("customer.created", &made)
        .unwrap();
    let gone = before.keys().next().unwrap();
    service
        .fake
        .update(gone, json!({"name": "changed"}))
        .unwrap();
    let deliveries = service.fake.take_deliveries();
    assert_eq!(deliveries.len(), 2);
    for delivery in &deliveries {
        assert_eq!(deliver(&wrong, delivery).await, 500);
    }
    for error in [
        wrong.drain().await.unwrap_err(),
        wrong.catch_up().await.unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(matches!(error, SyncError::WrongClaim { .. }), "{error:?}");
        assert!(text.contains(&own) && text.contains("acct_B"), "{text}");
    }
    assert_eq!(service.rows("customers").await, before);
    // Stripe sends them again, and the right service takes them.
    let right = Syncer::builder(service.fake.stripe().unwrap(), service.database.store());
    let right = right.account(&own, false).build();
    let right = service_of(service, right)
        .model::<Customer>()
        .build()
        .unwrap();
    for delivery in &deliveries {
        assert_eq!(deliver(&right, delivery).await, 200);
    }
    process(&right).await;
    service.assert_truth::<Customer>().await;
}

/// Rows of a dump: what events tell of them is written, and so is what they tell of as gone.
pub(crate) async fn rows_of_a_dump_are_written_by_events(service: &Service) {
    let before = mirrored(service).await;
    let raise = format!("UPDATE customers SET stripe_observed_at = {TOKEN}");
    service.run(&raise).await;
    service.database.lose_bookkeeping().await;
    let syncer = Syncer::new(service.fake.stripe().unwrap(), service.database.store());
    let live = service_of(service, syncer)
        .model::<Customer>()
        .build()
        .unwrap();
    let mut ids = before.keys();
    let (changed, gone) = (ids.next().unwrap(), ids.next().unwrap());
    service
        .fake
        .update(changed, json!({"name": "changed"}))
        .unwrap();
    service.fake.delete(gone).unwrap();
    service.fake.reset_requests();
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<Customer>().await;
    assert_eq!(service.requests("/v1/customers/{id}"), 2);
}
