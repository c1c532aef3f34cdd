//! Events of both forms about one change: handlers follow one of them, and both lead to reads.

use std::sync::{Arc, Mutex};

use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::testing::FakeEndpoint;
use stripe_sync::webhook::{HandlerForm, WebhookSecret};

use super::handlers::{AUDIT, auditing_of};
use super::service::{Customer, Service, URL, deliver, process};

type Told = Arc<Mutex<Vec<String>>>;

/// A destination of thin events besides the endpoint of snapshots.
fn thin(service: &Service) -> FakeEndpoint {
    let destination = service.fake.webhook_endpoint(URL).events(["*"]).thin();
    destination.create().unwrap()
}

fn live(service: &Service, thin: &FakeEndpoint, form: Option<HandlerForm>) -> (Live, Told) {
    let told = Told::default();
    let seen = Arc::clone(&told);
    let mut builder = service
        .builder()
        .secret(WebhookSecret::new(&thin.secret).unwrap());
    if let Some(form) = form {
        builder = builder.handler_form(form);
    }
    let builder = builder.on("*", move |event| {
        seen.lock().unwrap().push(event.kind().to_owned());
        async { Ok(()) }
    });
    let live = auditing_of("*", service, builder, Arc::default())
        .build()
        .unwrap();
    (live, told)
}

pub(crate) async fn a_change_that_comes_in_both_forms_is_handled_once(service: &Service) {
    service.run(AUDIT).await;
    let thin = thin(service);
    for (form, expected) in [
        (None, "customer.created"),
        (Some(HandlerForm::Snapshot), "customer.created"),
        (Some(HandlerForm::Thin), "v1.customer.created"),
    ] {
        service.run("DELETE FROM audit").await;
        let (live, told) = live(service, &thin, form);
        // Each form alone first, and the other one later.
        for thin_first in [true, false] {
            service.fake.create("customer", json!({})).unwrap();
            // No model mirrors it.
            service
                .fake
                .create("product", json!({"name": "a"}))
                .unwrap();
            let mut deliveries = service.fake.take_deliveries();
            assert_eq!(deliveries.len(), 4);
            deliveries.sort_by_key(|delivery| (delivery.endpoint == thin.id) != thin_first);
            for delivery in &deliveries {
                assert_eq!(deliver(&live, delivery).await, 200);
                process(&live).await;
                if delivery.event()["type"] == "customer.created" || delivery.endpoint == thin.id {
                    service.assert_truth::<Customer>().await;
                }
            }
        }
        let mut told = told.lock().unwrap().clone();
        told.sort();
        let product = expected.replace("customer", "product");
        assert_eq!(told, [expected, expected, &product, &product]);
        assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, 4);
        assert_eq!(live.counts().await.unwrap().other_form, 0);
    }
    // Nothing is asked to find out which two belong together.
    assert_eq!(service.requests("/v1/events/{id}"), 0);
    assert_eq!(service.requests("/v2/core/events/{id}"), 0);
}

pub(crate) async fn a_type_of_one_form_is_delivered_in_it(service: &Service) {
    service.run(AUDIT).await;
    let thin = thin(service);
    let (live, told) = live(service, &thin, Some(HandlerForm::Thin));
    let made = service.fake.create("customer", json!({})).unwrap();
    drop(service.fake.take_deliveries());
    // Stripe has no thin type of it.
    let source = json!({"id": "src_1", "object": "source", "customer": made["id"]});
    let recorded = service
        .fake
        .record_event("customer.source.expiring", &source);
    recorded.unwrap();
    for delivery in service.fake.take_deliveries() {
        if delivery.endpoint != thin.id {
            assert_eq!(deliver(&live, &delivery).await, 200);
        }
    }
    process(&live).await;
    assert_eq!(*told.lock().unwrap(), ["customer.source.expiring"]);
}

pub(crate) async fn events_that_come_in_the_other_form_alone_are_counted(service: &Service) {
    service.run(AUDIT).await;
    let thin = thin(service);
    let (live, told) = live(service, &thin, None);
    service.fake.create("customer", json!({})).unwrap();
    let deliveries = service.fake.take_deliveries();
    let (thin_ones, snapshots): (Vec<_>, Vec<_>) = deliveries
        .iter()
        .partition(|delivery| delivery.endpoint == thin.id);
    for delivery in thin_ones {
        assert_eq!(deliver(&live, delivery).await, 200);
    }
    process(&live).await;
    service.assert_truth::<Customer>().await;
    assert_eq!(told.lock().unwrap().len(), 0);
    assert_eq!(live.counts().await.unwrap().other_form, 1);
    // That of a day ago says nothing of today.
    let snapshot = snapshots[0];
    assert_eq!(deliver(&live, snapshot).await, 200);
    process(&live).await;
    assert_eq!(live.counts().await.unwrap().other_form, 0);
    let day_ago = format!(
        "UPDATE stripe_sync_inbox SET received_at = received_at - 86400001 WHERE id = '{}'",
        snapshot.event_id
    );
    service.run(&day_ago).await;
    assert_eq!(live.counts().await.unwrap().other_form, 1);
}
