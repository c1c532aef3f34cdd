//! Random changes: legal ones of a developer's test, which have to work, and illegal ones, which have to be refused.

mod billing;
mod illegal;
mod legal;

use std::collections::HashSet;

use fake_stripe::{FakeError, FakeStripe};
use serde_json::Value;

use crate::account::text;
use crate::tally::Tally;

/// How a change ended.
pub(crate) enum Done {
    /// There was nothing to which it could be done.
    NotPossible,
    /// As it has to.
    Well,
    Wrong(String),
}

/// A kind of change.
pub(crate) struct Change {
    pub(crate) name: &'static str,
    /// How often it is drawn.
    pub(crate) weight: usize,
    pub(crate) run: fn(&mut Run<'_>) -> Done,
}

/// A run of changes over one fake.
pub(crate) struct Run<'a> {
    pub(crate) fake: &'a FakeStripe,
    pub(crate) rng: fastrand::Rng,
    /// The ids of what was deleted.
    pub(crate) gone: HashSet<String>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(fake: &'a FakeStripe, seed: u64) -> Self {
        Self {
            fake,
            rng: fastrand::Rng::with_seed(seed),
            gone: HashSet::new(),
        }
    }

    /// A random object that fits, of a few that are drawn.
    fn pick(&mut self, object: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        const DRAWN: usize = 15;
        let ids = self.fake.ids(object);
        (0..DRAWN).find_map(|_| {
            let id = self.rng.choice(&ids)?;
            self.fake.get(id).filter(|value| fits(value))
        })
    }

    /// A random object that fits and is of no deleted customer: Stripe charges nobody who is gone.
    fn pick_alive(&mut self, object: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let fake = self.fake;
        self.pick(object, |value| {
            let customer = value["customer"].as_str();
            fits(value) && customer.is_none_or(|customer| fake.get(customer).is_some())
        })
    }

    fn delete(&mut self, id: &str) -> Result<Value, FakeError> {
        let deleted = self.fake.delete(id)?;
        self.gone.insert(id.to_owned());
        for line in crate::account::rows(&deleted["lines"], "data") {
            self.gone.insert(text(line, "id").to_owned());
        }
        Ok(deleted)
    }

    /// Does a change that Stripe refuses; it must change neither this object nor the events.
    fn refused(
        &mut self,
        object: &Value,
        change: impl FnOnce(&mut Self) -> Result<Value, FakeError>,
    ) -> Done {
        let id = text(object, "id");
        let (before, events) = (self.fake.get(id), self.fake.count("event"));
        match change(self) {
            Ok(_) => Done::Wrong(format!(
                "{} {id} ({}): accepted",
                object["object"], object["status"]
            )),
            Err(_) if self.fake.get(id) != before || self.fake.count("event") != events => {
                Done::Wrong(format!("{} {id}: refused, but changed", object["object"]))
            }
            Err(_) => Done::Well,
        }
    }

    /// Does so many changes. Each is counted by its name.
    pub(crate) fn go(&mut self, count: usize, seed: u64, tally: &mut Tally) {
        let kinds = kinds();
        let weights: usize = kinds.iter().map(|(_, change)| change.weight).sum();
        let mut done = 0;
        // Some kinds find nothing to change; none may keep the others waiting for ever.
        for _ in 0..count * 10 {
            if done == count {
                break;
            }
            let mut at = self.rng.usize(..weights);
            let drawn = kinds.iter().find(|(_, change)| {
                let here = at < change.weight;
                at = at.saturating_sub(change.weight);
                here
            });
            let Some((group, change)) = drawn else {
                continue;
            };
            let wrong = match (change.run)(self) {
                Done::NotPossible => continue,
                Done::Well => None,
                Done::Wrong(message) => Some(message),
            };
            done += 1;
            tally.note(group, change.name, wrong.is_none(), || {
                format!("seed {seed}, change {done}: {}", wrong.unwrap_or_default())
            });
        }
        tally.note(
            "legal change",
            "there are enough to draw from",
            done == count,
            || format!("seed {seed}: {done} of {count}"),
        );
    }
}

/// A legal change has to work, and its answer has to fit.
fn legal(on: &Value, result: Result<Value, FakeError>, fits: impl FnOnce(&Value) -> bool) -> Done {
    let on = format!("{} {} ({})", on["object"], on["id"], on["status"]);
    match result {
        Ok(answer) if fits(&answer) => Done::Well,
        Ok(answer) => {
            let mut answer = answer.to_string();
            answer.truncate(
                answer
                    .char_indices()
                    .nth(300)
                    .map_or(answer.len(), |(at, _)| at),
            );
            Done::Wrong(format!("on {on}: the answer does not show it: {answer}"))
        }
        Err(error) => Done::Wrong(format!("on {on}: {error}")),
    }
}

/// All kinds of changes with their groups.
fn kinds() -> Vec<(&'static str, &'static Change)> {
    let legal = legal::CHANGES.iter().chain(billing::CHANGES);
    let legal = legal.map(|change| ("legal change", change));
    let illegal = illegal::CHANGES.iter();
    legal
        .chain(illegal.map(|change| ("illegal change", change)))
        .collect()
}

/// The names of all changes with their groups.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    kinds()
        .into_iter()
        .map(|(group, change)| (group, change.name))
}
