//! The database's clock is set back: what it said before is in the future now.

use serde_json::json;

use super::service::{Customer, Service, deliver_all, process};

/// What the clock is set back by, in milliseconds: hours.
const HOURS: i64 = 5 * 3_600_000;

async fn later(service: &Service, table: &str, column: &str) {
    let sql = format!("UPDATE {table} SET {column} = {column} + {HOURS} WHERE {column} > 0");
    service.run(&sql).await;
}

pub(crate) async fn work_of_a_clock_that_was_set_back_is_done(service: &Service) {
    let live = service.live();
    for column in ["due_at", "expires_at"] {
        service.fake.create("customer", json!({})).unwrap();
        deliver_all(service, &live).await;
        // It failed before, so it waits for its moment; and another process has claimed it.
        let failed = "UPDATE stripe_sync_work SET attempts = 1, expires_at = due_at";
        service.run(failed).await;
        later(service, "stripe_sync_work", column).await;
        assert_eq!(process(&live).await.objects, 1, "{column}");
        service.assert_truth::<Customer>().await;
    }
}

pub(crate) async fn pauses_and_claims_that_can_be_are_kept(service: &Service) {
    let live = service.live();
    service.fake.create("customer", json!({})).unwrap();
    deliver_all(service, &live).await;
    // A pause of half an hour has just begun, or a claim of a minute.
    for set in [
        "attempts = 1, due_at = due_at + 1790000",
        "attempts = 0, expires_at = due_at + 55000",
    ] {
        service
            .run(&format!("UPDATE stripe_sync_work SET {set}"))
            .await;
        assert_eq!(process(&live).await.objects, 0, "{set}");
        service
            .run("UPDATE stripe_sync_work SET attempts = 0, expires_at = 0, due_at = due_at - 1790000")
            .await;
    }
}

pub(crate) async fn a_message_of_a_clock_that_was_set_back_is_delivered(service: &Service) {
    let live = service.builder().on("customer.*", |_| async { Ok(()) });
    let live = live.build().unwrap();
    for column in ["due_at", "expires_at"] {
        let insert = format!(
            "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, due_at, expires_at) \
             SELECT '{}', FALSE, 'customer.created', id, '', received_at, received_at FROM stripe_sync_inbox",
            service.fake.id()
        );
        live.counts().await.unwrap();
        service.run("DELETE FROM stripe_sync_inbox").await;
        service.fake.create("customer", json!({})).unwrap();
        deliver_all(service, &live).await;
        process(&live).await;
        service.run(&insert).await;
        later(service, "stripe_sync_outbox", column).await;
        assert_eq!(process(&live).await.delivered, 1, "{column}");
        assert_eq!(live.counts().await.unwrap().undelivered, 0);
    }
}
