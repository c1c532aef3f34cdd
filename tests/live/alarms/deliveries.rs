//! Stripe has events, and none was delivered.

use serde_json::json;
use stripe_sync::live::{Alarm, AlarmLimits, Live};

use crate::platform::Platform;
use crate::service::{Coupon, Customer, Service, deliver, deliver_all};

use super::{DAY, HOUR, MINUTE, Told};

const RAISED: &str = "nothing_received raised";
const CLEARED: &str = "nothing_received cleared";
const NOTHING: [&str; 0] = [];

/// An event of a customer, whose delivery nobody takes.
fn lose_one(service: &Service) {
    service.fake.create("customer", json!({})).unwrap();
    drop(service.fake.take_deliveries());
}

/// So much later, when the list was followed until then.
async fn later(service: &Service, live: &Live, by: std::time::Duration) {
    service.fake.advance(by);
    live.catch_up().await.unwrap();
}

pub(crate) async fn events_that_nobody_delivers_are_an_alarm(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    later(service, &live, MINUTE).await;
    service.fake.advance(MINUTE);
    let since = service.fake.now();
    lose_one(service);
    later(service, &live, HOUR).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    later(service, &live, MINUTE).await;
    assert_eq!(told.after_check(&live).await, [RAISED]);
    let alarm = super::only(&live).await;
    let Alarm::NothingReceived {
        account,
        connected,
        accounts,
        since: first,
        ..
    } = &alarm
    else {
        panic!("expected no delivery, got {alarm}");
    };
    assert_eq!((&**account, *accounts), (service.fake.id(), 1));
    assert_eq!((first.timestamp(), *connected), (since, false));
    // It lasts, whatever else is listed.
    lose_one(service);
    later(service, &live, DAY).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    // One delivery, and it is over.
    service.fake.create("coupon", json!({})).unwrap();
    deliver_all(service, &live).await;
    assert_eq!(told.after_check(&live).await, [CLEARED]);
    // Another time it is raised again.
    later(service, &live, HOUR).await;
    lose_one(service);
    later(service, &live, 2 * HOUR).await;
    assert_eq!(told.after_check(&live).await, [RAISED]);
}

pub(crate) async fn a_service_without_deliveries_is_silent(service: &Service) {
    let told = Told::default();
    let polls = stripe_sync::live::Live::builder(service.syncer.clone());
    let polls = told.of(polls.model::<Customer>().model::<Coupon>());
    let limits = AlarmLimits::default().received_within(None);
    let unasked = told.of(service.builder().alarm_limits(limits));
    for live in [&polls, &unasked] {
        later(service, live, MINUTE).await;
        for _ in 0..3 {
            service.fake.advance(MINUTE);
            lose_one(service);
            later(service, live, DAY).await;
            assert_eq!(told.after_check(live).await, NOTHING);
        }
    }
    // As soon as something is delivered, to whatever process, deliveries are expected.
    lose_one(service);
    let receives = service.live();
    service.fake.create("coupon", json!({})).unwrap();
    deliver_all(service, &receives).await;
    assert_eq!(told.after_check(&polls).await, NOTHING);
    // When the last one was is known to a minute.
    later(service, &polls, 2 * MINUTE).await;
    lose_one(service);
    later(service, &polls, 2 * HOUR).await;
    assert_eq!(told.after_check(&polls).await, [RAISED]);
}

pub(crate) async fn events_that_nobody_needs_are_not_waited_for(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    later(service, &live, MINUTE).await;
    service.fake.advance(MINUTE);
    service.fake.create("product", json!({})).unwrap();
    drop(service.fake.take_deliveries());
    later(service, &live, DAY).await;
    assert_eq!(told.after_check(&live).await, NOTHING);
    // A handler needs them.
    let handles = service.builder().on("product.*", |_| async { Ok(()) });
    let handles = told.of(handles);
    later(service, &handles, MINUTE).await;
    service.fake.advance(MINUTE);
    service.fake.create("product", json!({})).unwrap();
    drop(service.fake.take_deliveries());
    later(service, &handles, DAY).await;
    assert_eq!(told.after_check(&handles).await, [RAISED]);
}

pub(crate) async fn what_happened_while_no_process_ran_is_silent(service: &Service) {
    let told = Told::default();
    let live = told.of(service.builder());
    later(service, &live, MINUTE).await;
    lose_one(service);
    deliver_all(service, &live).await;
    // Stripe could deliver to nobody.
    for _ in 0..3 {
        service.fake.advance(DAY);
        lose_one(service);
    }
    let live = told.of(service.builder());
    for _ in 0..3 {
        later(service, &live, DAY).await;
        assert_eq!(told.after_check(&live).await, NOTHING);
    }
    // The same after a restart as before it.
    service.fake.advance(MINUTE);
    lose_one(service);
    later(service, &live, 2 * HOUR).await;
    assert_eq!(told.after_check(&live).await, [RAISED]);
}

pub(crate) async fn connected_accounts_have_an_alarm_of_their_own(service: &Service) {
    let platform = Platform::start(service).await;
    let told = Told::default();
    let live = told.of(platform.builder().accounts(["acct_b"]));
    // Of one of them something was delivered, of the other nothing ever.
    platform.a.create("customer", json!({})).unwrap();
    platform.deliver(&live).await;
    later(service, &live, MINUTE).await;
    service.fake.advance(2 * MINUTE);
    let since = service.fake.now();
    for account in platform.all() {
        account.create("customer", json!({})).unwrap();
    }
    drop(service.fake.take_deliveries());
    later(service, &live, 2 * HOUR).await;
    let connected = ["nothing_received connected raised"];
    assert_eq!(told.after_check(&live).await, connected);
    let alarm = super::only(&live).await;
    let Alarm::NothingReceived {
        account,
        accounts,
        since: first,
        ..
    } = &alarm
    else {
        panic!("expected no delivery, got {alarm}");
    };
    assert_eq!((&**account, *accounts), ("acct_a", 1));
    assert_eq!(first.timestamp(), since);
    // A delivery of the platform's own event says nothing of its accounts'.
    // What Stripe tries again is lost, too.
    drop(service.fake.take_deliveries());
    service.fake.create("customer", json!({})).unwrap();
    for delivery in service.fake.take_deliveries() {
        assert_eq!(deliver(&live, &delivery).await, 200);
    }
    assert_eq!(told.after_check(&live).await, NOTHING);
    platform.a.create("coupon", json!({})).unwrap();
    platform.deliver(&live).await;
    let cleared = ["nothing_received connected cleared"];
    assert_eq!(told.after_check(&live).await, cleared);
}
