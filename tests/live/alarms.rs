//! Each alarm is raised once by what it is for, told when it is over, and silent in an ordinary storm.

mod deliveries;
mod lists;
mod numbers;
mod reads;
mod storm;

pub(crate) use deliveries::*;
pub(crate) use lists::*;
pub(crate) use numbers::*;
pub(crate) use reads::*;
pub(crate) use storm::*;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use stripe_sync::live::{Alarm, AlarmLimits, Live, LiveBuilder};
use stripe_sync::testing::CannedAnswer;

use crate::service::Service;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// What the function for alarms was told, as `drift customers raised`.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    /// A service that tells this of its alarms.
    pub(crate) fn of(&self, builder: LiveBuilder) -> Live {
        let told = self.clone();
        let on_alarm = move |update: &stripe_sync::live::AlarmUpdate| {
            let key_and_state = format!("{} {}", update.alarm.key(), update.state);
            told.0.lock().unwrap().push(key_and_state);
        };
        builder.on_alarm(on_alarm).build().unwrap()
    }

    /// What was told since this was asked last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Looks for alarms. What is told, and nothing twice.
    pub(crate) async fn after_check(&self, live: &Live) -> Vec<String> {
        live.check_alarms().await.unwrap();
        let told = self.take();
        live.check_alarms().await.unwrap();
        assert_eq!(self.take(), [""; 0], "after {told:?}");
        told
    }
}

/// The one alarm that holds.
async fn only(live: &Live) -> Alarm {
    let mut alarms = live.check_alarms().await.unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    alarms.remove(0)
}

/// Stripe's refusal of a key that lacks a permission.
fn lacks(permission: &str) -> CannedAnswer {
    let message = format!(
        "The provided key 'rk_test_*********abcd' does not have the required permissions for this endpoint on account 'acct_1'. \
         Having the '{permission}' permission would allow this request to continue."
    );
    let body = serde_json::json!({"error": {
        "type": "invalid_request_error",
        "code": "more_permissions_required",
        "message": message,
    }});
    CannedAnswer::new(403, body.to_string())
}

/// A service whose function for alarms panics each time tells of each alarm nevertheless, and goes on.
pub(crate) async fn a_function_that_panics_stops_nothing(service: &Service) {
    let told = Told::default();
    let tell = told.clone();
    let limits = AlarmLimits::default()
        .check_every(Duration::from_millis(1))
        .repeat_every(Duration::ZERO);
    let live = service
        .builder()
        .max_attempts(1)
        .alarm_limits(limits)
        .on_alarm(move |update| {
            tell.0.lock().unwrap().push(update.state.to_string());
            panic!("of {}", update.alarm);
        })
        .build()
        .unwrap();
    numbers::dead_letter(service, &live).await;
    let running = tokio::spawn(live.clone().run());
    // It is told again and again, as the limits say.
    let all = ["raised", "lasting", "lasting"].map(str::to_owned);
    while told.0.lock().unwrap().len() < all.len() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.abort();
    let _ = running.await;
    assert_eq!(told.take()[..all.len()], all);
}
