//! Events' own copies: taken where they are newer than the row, and only there.

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::StripeSync;
use stripe_sync::live::{EventFilter, EventPolicy, EventState, Live};
use stripe_sync::testing::{Delivery, Quirks};
use stripe_sync::webhook::WebhookSecret;

use super::service::{
    Customer, Service, Subscription, URL, chrono_now, deliver, deliver_all, process,
};

/// One read of a customer.
const READ: &str = "/v1/customers/{id}";

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers_by_name")]
struct Named {
    id: String,
    name: Option<String>,
}

/// The service whose customers and subscriptions take copies, at a fake Stripe of these minutes: a copy has an age.
fn live(service: &Service) -> Live {
    service.fake.set_now(chrono_now() - 200);
    Live::builder(service.syncer.clone())
        .model_with::<Customer>(EventPolicy::Snapshot)
        .model_with::<Subscription>(EventPolicy::Snapshot)
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap()
}

fn second_later(service: &Service) {
    service.fake.advance(Duration::from_secs(1));
}

/// Longer than clocks may differ.
fn minute_later(service: &Service) {
    service.fake.advance(Duration::from_secs(61));
}

fn create(service: &Service, object: &str, body: Value) -> String {
    let made = service.fake.create(object, body).unwrap();
    made["id"].as_str().unwrap().to_owned()
}

fn rename(service: &Service, id: &str, name: &str) {
    let name = json!({"name": name});
    service.fake.update(id, name).unwrap();
}

/// Delivers and processes; answers how many rows are copies and how many requests it took.
async fn bring(live: &Live, deliveries: &[Delivery]) -> (u64, u64) {
    for delivery in deliveries {
        assert_eq!(deliver(live, delivery).await, 200);
    }
    let processed = process(live).await;
    (processed.copied, processed.requests)
}

async fn bring_all(service: &Service, live: &Live) -> (u64, u64) {
    bring(live, &service.fake.take_deliveries()).await
}

pub(crate) async fn changes_of_later_seconds_cost_no_read(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "a"}));
    assert_eq!(bring_all(service, &live).await, (1, 0));
    service.assert_truth::<Customer>().await;
    for name in ["b", "c", "d"] {
        second_later(service);
        rename(service, &id, name);
        assert_eq!(bring_all(service, &live).await, (1, 0));
        service.assert_truth::<Customer>().await;
    }
    // Several at once: the last of them is how the object is.
    for name in ["e", "f", "g"] {
        second_later(service);
        rename(service, &id, name);
    }
    let mut deliveries = service.fake.take_deliveries();
    deliveries.reverse();
    assert_eq!(bring(&live, &deliveries).await, (1, 0));
    service.assert_truth::<Customer>().await;
    assert_eq!(service.requests(READ), 0);
    let totals = live.totals();
    assert_eq!((totals.copied, totals.events, totals.requests), (5, 7, 0));
}

pub(crate) async fn what_may_be_older_than_the_row_is_read(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "a"}));
    bring_all(service, &live).await;
    // In the second of the copy that was taken.
    rename(service, &id, "b");
    assert_eq!(bring_all(service, &live).await, (0, 1));
    // In the second of that read.
    rename(service, &id, "c");
    assert_eq!(bring_all(service, &live).await, (0, 1));
    // Two in one later second, in whatever order they come.
    second_later(service);
    rename(service, &id, "d");
    rename(service, &id, "e");
    let mut deliveries = service.fake.take_deliveries();
    deliveries.reverse();
    assert_eq!(bring(&live, &deliveries).await, (0, 1));
    service.assert_truth::<Customer>().await;

    // One that is late.
    minute_later(service);
    rename(service, &id, "late");
    let late = service.fake.take_deliveries();
    second_later(service);
    rename(service, &id, "last");
    assert_eq!(bring_all(service, &live).await, (1, 0));
    assert_eq!(bring(&live, &late).await, (0, 1));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn an_event_of_a_clock_that_is_ahead_is_read(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "old"}));
    let late = service.fake.take_deliveries().remove(0);
    for ahead in [0, 2, 59, 60] {
        rename(service, &id, "between");
        rename(service, &id, &format!("newest {ahead}"));
        // Two of one second: a read, which finds the newest state.
        assert_eq!(bring_all(service, &live).await, (0, 1));
        // The event of an older change, from a machine whose clock is ahead of that which answered the read.
        let mut late = late.clone();
        let mut event = late.event();
        event["id"] = format!("evt_late_{ahead}").into();
        event["created"] = (service.fake.now() + ahead).into();
        late.body = event.to_string().into();
        assert_eq!(bring(&live, &[late]).await, (0, 1), "{ahead}");
        service.assert_truth::<Customer>().await;
        second_later(service);
    }
    minute_later(service);
    rename(service, &id, "later");
    assert_eq!(bring_all(service, &live).await, (1, 0));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_date_that_cannot_be_is_not_compared(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "old"}));
    let late = service.fake.take_deliveries();
    rename(service, &id, "newer");
    rename(service, &id, "newest");
    // The answer is dated in 1970, and so is the row by it.
    service.fake.quirks(Quirks::new().wrong_dates(u32::MAX, 0));
    assert_eq!(bring_all(service, &live).await, (0, 1));
    service.fake.quirks(Quirks::new());
    assert_eq!(bring(&live, &late).await, (0, 1));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_row_that_others_wrote_is_read(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "a"}));
    bring_all(service, &live).await;
    second_later(service);
    rename(service, &id, "b");
    let late = service.fake.take_deliveries();
    second_later(service);
    rename(service, &id, "c");
    // It reads `c`, of which no event has come.
    service.syncer.sync_by_ids::<Customer>([&id]).await.unwrap();
    assert_eq!(bring(&live, &late).await, (0, 1));
    service.assert_truth::<Customer>().await;
    assert_eq!(bring_all(service, &live).await, (0, 1));

    // A walk that found the row as it is says as much.
    second_later(service);
    rename(service, &id, "d");
    let late = service.fake.take_deliveries();
    second_later(service);
    rename(service, &id, "c");
    service.syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(bring(&live, &late).await, (0, 1));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_copy_of_what_was_deleted_is_not_written(service: &Service) {
    let live = live(service);
    // One with a row, and one that was never seen.
    for seen in [true, false] {
        let id = create(service, "customer", json!({"name": "a"}));
        let created = service.fake.take_deliveries();
        if seen {
            assert_eq!(bring(&live, &created).await, (1, 0));
        }
        second_later(service);
        rename(service, &id, "b");
        let late = service.fake.take_deliveries();
        second_later(service);
        service.fake.delete(&id).unwrap();
        assert_eq!(bring_all(service, &live).await, (0, 1));
        for late in [late, created] {
            let (copied, _) = bring(&live, &late).await;
            assert_eq!(copied, 0);
            service.assert_truth::<Customer>().await;
        }
    }
}

pub(crate) async fn a_copy_that_is_not_whole_or_of_another_form_is_read(service: &Service) {
    let live = live(service);
    // More items than an event shows, of a subscription that was never seen.
    let customer = create(service, "customer", json!({}));
    let subscription = create(service, "subscription", json!({"customer": customer}));
    for _ in 0..12 {
        let item = service
            .fake
            .create_child(&subscription, "subscription_item", json!({}));
        item.unwrap();
    }
    for lost in service.fake.take_deliveries() {
        lost.succeeded();
    }
    second_later(service);
    let metadata = json!({"metadata": {"a": "b"}});
    service.fake.update(&subscription, metadata).unwrap();
    let (copied, requests) = bring_all(service, &live).await;
    assert!(copied == 0 && requests >= 2, "{requests}");
    let rows = service.rows("subscriptions").await;
    let row = &rows[&subscription];
    let items = service.fake.count("subscription_item");
    assert_eq!(row["items"]["data"].as_array().unwrap().len(), items);
    assert_eq!(row["metadata"]["a"], "b");

    // Of a test clock, which may stand in any year.
    let clock = create(service, "test_helpers.test_clock", json!({}));
    create(service, "customer", json!({"test_clock": clock}));
    let (copied, requests) = bring_all(service, &live).await;
    assert_eq!((copied, requests), (0, 1));
    service.assert_truth::<Customer>().await;

    // Of long ago, though nothing newer is known.
    create(service, "customer", json!({"name": "old"}));
    let created = service.fake.take_deliveries();
    service.fake.set_now(chrono_now() - 4_000);
    create(service, "customer", json!({"name": "older"}));
    assert_eq!(bring(&live, &created).await, (1, 0));
    assert_eq!(bring_all(service, &live).await, (0, 1));
    // And of a time that has not come.
    service.fake.set_now(chrono_now() + 4_000);
    create(service, "customer", json!({"name": "later"}));
    assert_eq!(bring_all(service, &live).await, (0, 1));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_copy_in_another_version_or_without_the_object_is_read(service: &Service) {
    service.fake.set_now(chrono_now() - 200);
    service.fake.remove_endpoint(&service.endpoint.id).unwrap();
    let endpoint = || service.fake.webhook_endpoint(URL).events(["*"]);
    let old = endpoint().api_version("2024-06-20").create().unwrap();
    let thin = endpoint().thin().create().unwrap();
    let live = Live::builder(service.syncer.clone())
        .model_with::<Customer>(EventPolicy::Snapshot)
        .secret(WebhookSecret::new(&old.secret).unwrap())
        .secret(WebhookSecret::new(&thin.secret).unwrap())
        .build()
        .unwrap();
    let id = create(service, "customer", json!({"name": "a"}));
    for name in ["b", "c"] {
        let mut deliveries = service.fake.take_deliveries();
        assert_eq!(deliveries.len(), 2, "one of each endpoint");
        // Whichever is first: the second is of the second of the first one's read.
        if name == "c" {
            deliveries.reverse();
        }
        for delivery in &deliveries {
            assert_eq!(bring(&live, std::slice::from_ref(delivery)).await, (0, 1));
        }
        service.assert_truth::<Customer>().await;
        second_later(service);
        rename(service, &id, name);
    }
}

pub(crate) async fn a_replay_reads_the_object(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "a"}));
    assert_eq!(bring_all(service, &live).await, (1, 0));
    // Of a later second than the copy, and with no other notice, but perhaps of long ago.
    second_later(service);
    rename(service, &id, "b");
    let events = service.fake.take_deliveries();
    assert_eq!(deliver(&live, &events[0]).await, 200);
    let pending = EventFilter::new().state(EventState::Pending);
    assert_eq!(live.replay(&pending).await.unwrap(), 1);
    let processed = process(&live).await;
    assert_eq!((processed.copied, processed.requests), (0, 1));
    // Into an empty table, which nothing keeps from taking what an event carries.
    for table in ["customers", "stripe_sync_content_times"] {
        service.run(&format!("DELETE FROM {table}")).await;
    }
    let first = EventFilter::new().kind("customer.created");
    assert_eq!(live.replay(&first).await.unwrap(), 1);
    let processed = process(&live).await;
    assert_eq!((processed.copied, processed.requests), (0, 1));
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_copy_that_lay_in_the_inbox_for_long_is_not_taken(service: &Service) {
    let live = live(service);
    create(service, "customer", json!({"name": "a"}));
    deliver_all(service, &live).await;
    // The time that passes until somebody processes it, told from the other end.
    let earlier = "UPDATE stripe_sync_inbox SET created = created - 3600, received_at = received_at - 3600000";
    service.run(earlier).await;
    let processed = process(&live).await;
    assert_eq!((processed.copied, processed.requests), (0, 1));
}

pub(crate) async fn who_waits_for_an_object_gets_a_read(service: &Service) {
    let live = live(service);
    let id = create(service, "customer", json!({"name": "a"}));
    deliver_all(service, &live).await;
    // Its copy is how the object was before the call.
    let work = async {
        let both = "SELECT COALESCE(MAX(notices), 0) FROM stripe_sync_work";
        while service.number(both).await < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        process(&live).await
    };
    let limit = Duration::from_secs(60);
    let wait = live.wait_for_object::<Customer>(&id, limit);
    let (awaited, processed) = tokio::join!(wait, work);
    assert!(awaited.unwrap().is_read());
    assert_eq!((processed.copied, processed.requests), (0, 1));
}

pub(crate) async fn models_of_one_resource_share_a_read(service: &Service) {
    service.fake.set_now(chrono_now() - 200);
    service.syncer.ensure_table::<Named>().await.unwrap();
    let names = "SELECT COUNT(*) FROM customers_by_name WHERE name = 'b'";
    let builder = || {
        let secret = WebhookSecret::new(&service.endpoint.secret).unwrap();
        Live::builder(service.syncer.clone()).secret(secret)
    };
    let live = builder()
        .model::<Customer>()
        .model::<Named>()
        .build()
        .unwrap();
    let id = create(service, "customer", json!({"name": "a"}));
    rename(service, &id, "b");
    assert_eq!(bring_all(service, &live).await, (0, 1));
    service.assert_truth::<Customer>().await;
    assert_eq!(service.number(names).await, 1);

    // A read that one of them needs is there for the other, whichever comes first.
    let live = builder()
        .model_with::<Customer>(EventPolicy::Snapshot)
        .model::<Named>()
        .build()
        .unwrap();
    for (name, copied) in [("a", 0), ("b", 1)] {
        minute_later(service);
        rename(service, &id, name);
        // The first has no date to compare with: the reads before were of a model that needs none.
        assert_eq!(bring_all(service, &live).await, (copied, 1));
        service.assert_truth::<Customer>().await;
    }
    assert_eq!(service.number(names).await, 1);
}
