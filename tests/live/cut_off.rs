//! A connection that is cut at any answer of the database, also at that to a commit: what was done is not done again.

use serde_json::json;
use stripe_sync::Syncer;
use stripe_sync::live::Live;
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::webhook::WebhookSecret;

use super::child;
use super::histories::workers::let_claims_end;
use super::service::{Customer, Service, deliver_all};
use super::silent::behind_proxy;

/// How often work may be cut off in one test: more than one piece of work has answers.
const MOST: i64 = 500;

pub(crate) async fn what_a_lost_answer_had_done_happens_once(service: &Service) {
    let Some((proxy, store)) = behind_proxy(service).await else {
        // There is no line that could be cut.
        return;
    };
    child::make_tables(&service.database.pool).await;
    let syncer = Syncer::new(service.fake.stripe().unwrap(), store);
    let builder = Live::builder(syncer)
        .model::<Customer>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap());
    let live = child::noting(builder, &service.database.pool, None)
        .build()
        .unwrap();
    let mut cuts = 0;
    for answers in 0..MOST {
        let id = format!("cus_{answers}");
        service.fake.create("customer", json!({"id": id})).unwrap();
        deliver_all(service, &live).await;
        let before = proxy.strikes();
        proxy.cut_after(answers);
        live.drain().await.unwrap();
        proxy.behave();
        // What was claimed, without anybody knowing of it, waits for the end of the claim.
        let_claims_end(service).await;
        live.drain().await.unwrap();
        if proxy.strikes() == before {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 0 && cuts < MOST, "{cuts} answers");
    // Another change of each is not missed.
    for id in service.fake.ids("customer") {
        service.fake.update(&id, json!({"name": "b"})).unwrap();
    }
    deliver_all(service, &live).await;
    live.drain().await.unwrap();
    service.assert_truth::<Customer>().await;
    let twice = "SELECT COUNT(*) FROM (SELECT event FROM effects GROUP BY event HAVING COUNT(*) > 1) AS twice";
    assert_eq!(service.number(twice).await, 0);
    let effects = "SELECT COUNT(*) FROM effects";
    let events = i64::try_from(service.fake.count("event")).unwrap();
    assert_eq!(service.number(effects).await, events);
    let wrong = "SELECT COUNT(*) FROM stripe_sync_work WHERE notices < 0";
    assert_eq!(service.number(wrong).await, 0);
}
