//! What goes wrong in a history besides kills and faults, each in some of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::testing::{CannedAnswer, FakeAccount, Phase, Quirks};

use crate::service::Service;

/// 2100-01-01, and the second day of Unix.
const WRONG: [i64; 2] = [4_102_444_800, 86_400];
/// How far the clock of answers may be behind and be right: less than the skew that is tolerated, by the seconds in which
/// such an answer is of now.
const BEHIND: i64 = 40;

/// The ids of events that were delivered.
pub(super) type Delivered = Arc<Mutex<HashSet<String>>>;

/// What a history has.
#[derive(Debug, Clone)]
pub(super) struct Troubles {
    /// The account sends each event in both forms.
    pub(super) both_forms: bool,
    /// Of these, handlers follow thin events.
    pub(super) follows_thin: bool,
    /// Some workers are of the version before, for a while.
    pub(super) rollout: bool,
    /// Answers have another `Date` for a while.
    pub(super) wrong_dates: bool,
    /// Answers of a gateway, about other objects, and about objects that cannot be read for a moment.
    wrong_answers: bool,
    /// Stripe forgets events that stand at the end of a page.
    forgets: bool,
    /// The ids that were not found for a moment. Twice is not a moment.
    missed: HashSet<String>,
    quirks: Quirks,
}

impl Troubles {
    pub(super) fn of(rng: &mut Rng) -> Self {
        Self {
            both_forms: rng.bool(),
            follows_thin: rng.bool(),
            rollout: rng.bool(),
            wrong_dates: rng.u8(0..3) == 0,
            wrong_answers: rng.bool(),
            forgets: rng.bool(),
            missed: HashSet::new(),
            quirks: Quirks::new()
                .short_pages([0.0, 0.3, 0.8][rng.usize(0..3)])
                .empty_page_for_foreign_cursor(rng.bool())
                .empty_page_for_inner_cursor(rng.bool())
                .empty_page_for_vanished_cursor(rng.bool())
                .overlapping_pages(rng.bool()),
        }
    }

    /// From here on lists are as this history has them.
    pub(super) fn begin(&self, service: &Service, delivered: &Delivered, is_lossy: bool) {
        service.fake.quirks(self.quirks.clone());
        // With the inbox goes what was delivered, and the list alone would have it.
        if !self.forgets || is_lossy {
            return;
        }
        let delivered = Arc::clone(delivered);
        service.fake.on_request(Phase::After, move |view| {
            let Some(last) = view.ids().next_back() else {
                return;
            };
            // One that nobody has would be lost.
            let known = delivered.lock().unwrap_or_else(PoisonError::into_inner);
            if view.endpoint() == "/v1/events" && view.nth() % 3 == 0 && known.contains(last) {
                // Somebody else's page may have shown it too.
                let _ = view.account().forget_event(last);
            }
        });
    }

    /// For a while, answers have another `Date`; how many depends on the history.
    pub(super) fn another_date(&self, service: &Service, rng: &mut Rng) {
        if !self.wrong_dates {
            return;
        }
        let wrong = WRONG[rng.usize(0..WRONG.len())];
        let (answers, moment) = match rng.u8(0..4) {
            0 => (0, wrong),
            1 => (rng.u32(1..4), wrong),
            2 => (rng.u32(10..60), wrong),
            _ => (rng.u32(10..60), service.fake.now() - BEHIND),
        };
        let quirks = self.quirks.clone();
        service.fake.quirks(quirks.wrong_dates(answers, moment));
    }

    /// The `Date` of answers is right again.
    pub(super) fn right_date(&self, service: &Service) {
        service.fake.quirks(self.quirks.clone());
    }

    /// An object changes, and the next read of it is answered wrongly.
    pub(super) fn wrong_answer(&mut self, service: &Service, rng: &mut Rng) {
        if !self.wrong_answers {
            return;
        }
        let object = ["customer", "coupon"][rng.usize(0..2)];
        let ids = service.fake.ids(object);
        let mut chosen: Vec<&String> = ids.iter().filter(|id| id.starts_with("chosen_")).collect();
        if chosen.is_empty() || rng.bool() {
            chosen = ids.iter().collect();
        }
        let (Some(id), Some(other)) = (rng.choice(chosen), rng.choice(&ids)) else {
            return;
        };
        if id == other {
            return;
        }
        // No run reads coupons but those after a gap: it takes one read for what it is.
        let may_be_missing = object == "coupon" && !self.wrong_dates;
        let answer = match rng.u8(0..4) {
            0 | 1 if may_be_missing && self.missed.insert(id.clone()) => missing(),
            0 => CannedAnswer::new(404, "<h1>404</h1>").content_type("text/html"),
            1 | 2 => CannedAnswer::new(200, of(&service.fake, other)),
            _ => {
                let stub = json!({"id": other, "object": object, "deleted": true});
                CannedAnswer::new(200, stub.to_string())
            }
        };
        let path = format!("/v1/{object}s/{id}");
        if id.starts_with("chosen_") {
            // It is told of as deleted, and as new.
            service.fake.delete(id).unwrap();
            service.fake.create("coupon", json!({"id": id})).unwrap();
        } else {
            let name = json!({"name": rng.choice(["d", "e", "f"])});
            service.fake.update(id, name).unwrap();
        }
        service.fake.answer_with(path, 1, answer);
    }
}

fn of(account: &FakeAccount, id: &str) -> String {
    account
        .get(id)
        .as_ref()
        .map(Value::to_string)
        .unwrap_or_default()
}

/// What Stripe says of an object that it does not know.
fn missing() -> CannedAnswer {
    let error = json!({"type": "invalid_request_error", "code": "resource_missing", "param": "id"});
    CannedAnswer::new(404, json!({ "error": error }).to_string())
}
