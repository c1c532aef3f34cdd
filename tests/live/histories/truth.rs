//! What the tables, the handlers' effects and the events are to be at the end of a history.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use stripe_sync::live::{EventFilter, InboxEvent, Live};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::{StripeSync, VerifyOptions};

use super::parents;
use crate::child::Order;
use crate::database::Pool;
use crate::filters::Gold;
use crate::service::{Coupon, Customer, Service, Subscription};

/// The prices that a list had when it was read, and how often it had been asked for.
pub(crate) struct Listed {
    ids: Vec<String>,
    asked: usize,
}

impl Listed {
    pub(crate) fn now(service: &Service) -> Self {
        Self {
            ids: gold_prices(service).into_keys().collect(),
            asked: service.requests("/v1/prices"),
        }
    }
}

/// Holds the tables against Stripe. `gold` are the prices that the list had when it was last read.
pub(crate) async fn check(service: &Service, live: &Live, order: &Order, gold: Listed) {
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Coupon>().await;
    service.assert_truth::<Subscription>().await;
    parents::check(service).await;
    check_filters(service, gold).await;
    verified::<Customer>(service).await;
    verified::<Coupon>(service).await;
    verified::<Subscription>(service).await;
    verified::<parents::Subscribed>(service).await;
    verified::<parents::Billed>(service).await;
    verified::<parents::Wallet>(service).await;
    find_what_is_spoiled(service).await;
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (0, 0), "{counts:?}");
    let events = events(live).await;
    let (effects, told) = (seen(service, "effects").await, seen(service, "told").await);
    // A type of these that comes in both forms is followed in one.
    let is_followed = |kind: &str| {
        // Of these Stripe knows no thin form.
        kind.starts_with("customer.source.") || kind.starts_with("v1.") == order.follows_thin
    };
    let followed = events.iter().filter(|event| is_followed(&event.kind));
    assert_eq!(effects.len(), followed.count());
    let reads = ["customers", "coupons", "subscriptions"];
    let reads = reads.map(|list| service.requests(&format!("/v1/{list}/{{id}}")));
    println!("{} events, {reads:?} reads", events.len());
    for event in &events {
        assert_ne!(event.id, "evt_forged");
        if !is_followed(&event.kind) {
            assert!(!told.contains_key(&event.id), "{}", event.kind);
            continue;
        }
        assert_eq!(
            effects.get(&event.id),
            Some(&1),
            "{}: {}",
            event.kind,
            event.id
        );
        assert!(told.contains_key(&event.id), "{}: {}", event.kind, event.id);
    }
}

/// Nothing changes any more, so the second read of an object need not wait.
fn at_once() -> VerifyOptions {
    VerifyOptions::default().grace(Duration::ZERO)
}

/// A verification says that a table equals Stripe.
async fn verified<M: StripeSync>(service: &Service) {
    let verification = service.syncer.verify_with::<M>(at_once()).await.unwrap();
    assert!(verification.is_equal(), "{verification}");
    assert_eq!(verification.counts.unsettled, 0, "{verification}");
}

/// A verification finds the one cell that is not as Stripe has it, and mends it.
async fn find_what_is_spoiled(service: &Service) {
    let Some(id) = service.rows("customers").await.into_keys().last() else {
        return;
    };
    let spoil = format!("UPDATE customers SET email = 'spoiled' WHERE id = '{id}'");
    service.run(&spoil).await;
    let found = service.syncer.verify_with::<Customer>(at_once().fix(true));
    let found = found.await.unwrap();
    let [drift] = &found.drifts[..] else {
        panic!("{found}");
    };
    assert_eq!(
        (&drift.id, &drift.columns[..]),
        (&id, &["email".to_owned()][..])
    );
    assert!(drift.fixed, "{found}");
}

/// All events of the inbox, page after page.
async fn events(live: &Live) -> Vec<InboxEvent> {
    let mut events = live.events(&EventFilter::new()).await.unwrap();
    let mut last = events.last().cloned();
    while let Some(before) = last {
        let page = EventFilter::new().behind(&before);
        let page = live.events(&page).await.unwrap();
        last = page.last().cloned();
        events.extend(page);
    }
    events
}

/// The objects of Stripe's whose member has a value.
fn truth(service: &Service, object: &str, member: &str, value: &str) -> BTreeMap<String, Value> {
    let truth = service.fake.truth(object).into_iter();
    let through = truth.filter(|object| object[member] == value);
    through
        .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
        .collect()
}

fn gold_prices(service: &Service) -> BTreeMap<String, Value> {
    truth(service, "price", "lookup_key", "gold")
}

/// The tables of filtered models are the filtered lists; that of the one about which only the list decides, after it was read.
async fn check_filters(service: &Service, listed: Listed) {
    let active = truth(service, "subscription", "status", "active");
    assert_eq!(service.rows("active").await, active);
    assert_eq!(service.rows("active_hard").await, active);
    // None came in, none left, and each is as Stripe has it. After a gap a worker has read the list.
    let rows = service.rows("gold").await;
    if listed.asked == service.requests("/v1/prices") {
        assert_eq!(
            rows.keys().collect::<Vec<_>>(),
            listed.ids.iter().collect::<Vec<_>>()
        );
    }
    for (id, row) in rows {
        assert_eq!(Some(row), service.fake.get(&id));
    }
    let report = service.syncer.sync_all::<Gold>().await.unwrap();
    if report.resumed {
        // A worker was killed while it mirrored anew: what came into the filter since its pages is in the next walk.
        service.syncer.sync_all::<Gold>().await.unwrap();
    }
    // Of lists that show nothing, the first rows say that they are the account's.
    assert_eq!(service.rows("gold").await, gold_prices(service));
}

/// How often each event stands in a table of the handlers.
async fn seen(service: &Service, table: &str) -> BTreeMap<String, usize> {
    let sql = AssertSqlSafe(format!("SELECT event FROM {table}"));
    let events: Vec<String> = match &service.database.pool {
        Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
    }
    .unwrap();
    let mut seen = BTreeMap::new();
    for event in events {
        *seen.entry(event).or_default() += 1;
    }
    seen
}
