//! What happens now and then, and mends itself.

use fastrand::Rng;
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::testing::{Delivery, Faults};

use crate::service::{Coupon, Customer, Service, chrono_now, deliver, process};

use super::{DAY, HOUR, MINUTE, Told};

/// Changes of each customer that a burst makes.
const CHANGES: usize = 9;
/// Customers of the largest burst, with two thousand events, and of the others.
const MANY: usize = 200;
const FEW: usize = 5;
/// Bursts, ten minutes apart: two of each weather.
const ROUNDS: usize = 6;
/// Deliveries that are under way at once.
const AT_ONCE: usize = 8;
const SILENCE: [&str; 0] = [];

/// The weather that a service is in.
struct Storm<'s> {
    service: &'s Service,
    told: Told,
    rng: Rng,
    /// What Stripe delivers later.
    late: Vec<Delivery>,
}

impl Storm<'_> {
    /// A process starts.
    fn start(&self) -> Live {
        self.told.of(self.service.builder())
    }

    fn burst(&self, customers: usize) {
        let fake = &self.service.fake;
        for _ in 0..customers {
            let made = fake.create("customer", json!({})).unwrap();
            let id = made["id"].as_str().unwrap();
            for change in 0..CHANGES {
                fake.update(id, json!({"name": change.to_string()}))
                    .unwrap();
            }
        }
        fake.create("coupon", json!({})).unwrap();
    }

    /// Stripe delivers in any order, some twice, some later, and of so many all but one never.
    async fn deliver(&mut self, live: &Live, lost: usize) {
        let mut due = std::mem::take(&mut self.late);
        for (number, delivery) in self.service.fake.take_deliveries().into_iter().enumerate() {
            match self.rng.u8(0..50) {
                // Stripe takes it for failed, and tries again.
                0 => {}
                // The list brings what is lost for good.
                _ if number % lost != 0 => delivery.succeeded(),
                1..5 => self.late.push(delivery),
                5..10 => due.extend([delivery.clone(), delivery]),
                _ => due.push(delivery),
            }
        }
        self.rng.shuffle(&mut due);
        let delivered = due.into_iter().map(async |delivery| {
            assert_eq!(deliver(live, &delivery).await, 200);
            delivery.succeeded();
        });
        let delivered = stream::iter(delivered).buffer_unordered(AT_ONCE);
        delivered.collect::<()>().await;
    }

    /// What waits is tried, and the list is followed, whatever comes of it.
    async fn work(&self, live: &Live) {
        let due = "UPDATE stripe_sync_work SET due_at = 0";
        self.service.run(due).await;
        let caught_up = live.catch_up().await;
        drop(caught_up);
        live.drain().await.unwrap();
    }

    async fn assert_silent(&self, live: &Live) {
        let alarms = live.check_alarms().await.unwrap();
        assert_eq!(alarms, [], "{:?}", self.told.take());
        assert_eq!(self.told.take(), SILENCE);
    }

    fn advance(&self, by: std::time::Duration) {
        self.service.fake.advance(by);
    }
}

pub(crate) async fn an_ordinary_storm_is_silent(service: &Service) {
    // Early enough that the clock of this machine is not reached.
    service.fake.set_now(chrono_now() - 10 * 86_400);
    let mut storm = Storm {
        service,
        told: Told::default(),
        rng: Rng::with_seed(20),
        late: Vec::new(),
    };
    let mut live = storm.start();
    live.catch_up().await.unwrap();
    storm.assert_silent(&live).await;
    for round in 0..ROUNDS {
        storm.burst(if round == 0 { MANY } else { FEW });
        // Rate limits, answers that break off, and an outage.
        let faults = Faults::new(round as u64);
        service.fake.faults(match round % 3 {
            0 => faults.rate_429(0.2),
            1 => faults.rate_500(0.1).rate_502(0.1).reset(0.1),
            _ => faults.rate_500(1.0),
        });
        storm.deliver(&live, if round == 0 { 20 } else { 1 }).await;
        storm.work(&live).await;
        storm.assert_silent(&live).await;
        service.fake.faults(None);
        storm.advance(10 * MINUTE);
        if round % 2 == 0 {
            live = storm.start();
        }
        storm.work(&live).await;
        storm.assert_silent(&live).await;
    }

    // The list is faster than the delivery, and for almost an hour Stripe delivers nothing.
    storm.burst(FEW);
    for _ in 0..5 {
        storm.work(&live).await;
        storm.assert_silent(&live).await;
        storm.advance(10 * MINUTE);
    }
    storm.deliver(&live, 1).await;
    storm.work(&live).await;
    storm.assert_silent(&live).await;

    // A quiet night.
    for _ in 0..8 {
        storm.advance(HOUR);
        storm.work(&live).await;
        storm.assert_silent(&live).await;
    }

    // No process for two days, and what Stripe tries to deliver then comes later.
    drop(live);
    for _ in 0..2 {
        storm.burst(FEW);
        storm.advance(DAY);
    }
    let held = service.fake.take_deliveries();
    let live = storm.start();
    storm.assert_silent(&live).await;
    for _ in 0..3 {
        storm.work(&live).await;
        storm.assert_silent(&live).await;
        storm.advance(HOUR);
    }
    storm.late.extend(held);
    storm.deliver(&live, 1).await;
    storm.work(&live).await;
    storm.assert_silent(&live).await;

    process(&live).await;
    live.catch_up().await.unwrap();
    process(&live).await;
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Coupon>().await;
    let health = live.health().await.unwrap();
    assert!(
        health.alarms.is_empty() && health.refused == 0,
        "{health:?}"
    );
    assert!(health.since_delivery.is_some(), "{health:?}");
    let gauges = health.gauges();
    let followed = gauges.iter().find(|gauge| gauge.label.is_some());
    assert_eq!(
        followed.unwrap().label.as_ref().unwrap().1,
        service.fake.id()
    );
}
