//! Deliveries that are due now or later, and Stripe's times for trying again.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use stripe_sync_schema::Mode;

use crate::data::partition::Scope;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Live mode: Stripe tries for up to three days, at intervals that grow exponentially and are not published.
const LIVE_RETRIES_END: i64 = 72 * HOUR;
/// The fake's own choice of the first interval, which then doubles.
const FIRST_LIVE_GAP: i64 = 5 * MINUTE;
/// The fake's own choice of the longest interval.
const LONGEST_LIVE_GAP: i64 = 12 * HOUR;
/// A sandbox: three more attempts over a few hours; how the hours are divided is the fake's own choice.
const SANDBOX_GAPS: [i64; 3] = [10 * MINUTE, HOUR, 3 * HOUR];

/// An event on its way to an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) endpoint: String,
    /// The endpoint's mode, which decides how long is tried.
    pub(crate) mode: Mode,
    /// Where the event is from.
    pub(crate) scope: Scope,
    pub(crate) event: String,
    pub(crate) kind: String,
    pub(crate) thin: bool,
    /// As it was when the event was made.
    pub(crate) body: Bytes,
    /// Attempts so far.
    pub(crate) attempts: u32,
    /// The second of the next attempt; `None` if there will be none.
    next: Option<i64>,
    succeeded: bool,
    /// Sent again by hand: the delivery that it repeats.
    repeats: Option<u64>,
}

impl Due {
    /// A delivery that is due at this second.
    pub(crate) fn new(
        endpoint: &str,
        mode: Mode,
        scope: &Scope,
        event: (&str, &str),
        thin: bool,
        body: Bytes,
    ) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            mode,
            scope: scope.clone(),
            event: event.0.to_owned(),
            kind: event.1.to_owned(),
            thin,
            body,
            attempts: 0,
            next: None,
            succeeded: false,
            repeats: None,
        }
    }
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    last: u64,
    all: BTreeMap<u64, Due>,
    /// What will be tried, by its second.
    schedule: BTreeSet<(i64, u64)>,
}

impl Queue {
    /// Adds a delivery that is due at `now`.
    pub(crate) fn push(&mut self, due: Due, now: i64) {
        self.last += 1;
        self.all.insert(self.last, due);
        self.set_next(self.last, Some(now));
    }

    /// Sends a delivery again, whatever became of it. Its own retries go on.
    pub(crate) fn repeat(&mut self, number: u64, due: Due, now: i64) {
        let repeated = Due {
            attempts: 0,
            next: None,
            succeeded: false,
            repeats: Some(due.repeats.unwrap_or(number)),
            ..due
        };
        self.push(repeated, now);
    }

    /// Everything that is due, oldest first. It is an attempt: what is not marked as a success is due again later.
    pub(crate) fn take(&mut self, now: i64) -> Vec<(u64, Due)> {
        let mut taken = Vec::new();
        while let Some((at, number)) = self.schedule.first().copied() {
            if at > now {
                break;
            }
            let Some(due) = self.all.get_mut(&number) else {
                self.schedule.pop_first();
                continue;
            };
            due.attempts += 1;
            taken.push((number, due.clone()));
            let next = gap(due.mode, due.attempts).map(|gap| now.saturating_add(gap));
            self.set_next(number, next);
        }
        taken.sort_by_key(|(number, _)| *number);
        taken
    }

    /// Ends the retries of what is due by now at endpoints that are not open.
    pub(crate) fn stop(&mut self, now: i64, is_open: impl Fn(&str) -> bool) {
        let due: Vec<u64> = self
            .schedule
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|(_, number)| *number)
            .filter(|number| {
                self.all
                    .get(number)
                    .is_some_and(|due| !is_open(&due.endpoint))
            })
            .collect();
        for number in due {
            self.set_next(number, None);
        }
    }

    /// Notes a success. Returns the snapshot event that is delivered to this endpoint now and was not before.
    pub(crate) fn succeed(&mut self, number: u64) -> Option<(Scope, String)> {
        let original = self.all.get(&number)?.repeats;
        self.set_next(number, None);
        if original.is_some() {
            self.all.remove(&number);
        }
        let first = original.unwrap_or(number);
        let due = self.all.get_mut(&first)?;
        let is_news = !due.succeeded;
        due.succeeded = true;
        let delivered = (is_news && !due.thin).then(|| (due.scope.clone(), due.event.clone()));
        if due.next.is_none() {
            self.all.remove(&first);
        }
        delivered
    }

    /// What will be tried, with its second, in the order of the seconds.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (i64, &Due)> {
        let numbers = self.schedule.iter();
        numbers.filter_map(|(at, number)| Some((*at, self.all.get(number)?)))
    }

    /// Forgets all, and gives no number that another gave.
    pub(crate) fn skip_to(&mut self, other: &Self) {
        *self = Self {
            last: other.last,
            ..Self::default()
        };
    }

    /// Whether nothing is due at this second.
    pub(crate) fn is_idle(&self, now: i64) -> bool {
        self.schedule.first().is_none_or(|(at, _)| *at > now)
    }

    fn set_next(&mut self, number: u64, next: Option<i64>) {
        let Some(due) = self.all.get_mut(&number) else {
            return;
        };
        if let Some(at) = due.next {
            self.schedule.remove(&(at, number));
        }
        due.next = next;
        if let Some(at) = next {
            self.schedule.insert((at, number));
        }
    }
}

/// Seconds from a failed attempt to the next; `None` after the last.
fn gap(mode: Mode, attempts: u32) -> Option<i64> {
    let nth = usize::try_from(attempts).ok()?.checked_sub(1)?;
    match mode {
        Mode::Test => SANDBOX_GAPS.get(nth).copied(),
        Mode::Live => {
            let mut total = 0;
            let gaps = (0..).map(|nth| {
                // Beyond this power every interval is the longest.
                (FIRST_LIVE_GAP << nth.min(16)).min(LONGEST_LIVE_GAP)
            });
            let mut gaps = gaps.take_while(|gap| {
                total += gap;
                total <= LIVE_RETRIES_END
            });
            gaps.nth(nth)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(mode: Mode) -> Due {
        let scope = Scope {
            account: "acct_1".to_owned(),
            mode,
        };
        Due::new("we_1", mode, &scope, ("evt_1", "a"), false, Bytes::new())
    }

    /// The seconds after the first attempt at which a delivery that always fails is tried again.
    fn retries(mode: Mode) -> Vec<i64> {
        let mut queue = Queue::default();
        queue.push(due(mode), 0);
        let mut at = Vec::new();
        for minute in 0..10_000 {
            if !queue.take(minute * MINUTE).is_empty() {
                at.push(minute * MINUTE);
            }
        }
        at.split_off(1)
    }

    #[test]
    fn a_sandbox_gets_three_more_attempts_in_a_few_hours() {
        assert_eq!(retries(Mode::Test), [600, 4_200, 15_000]);
    }

    #[test]
    fn live_mode_gets_three_days_of_growing_intervals() {
        let retries = retries(Mode::Live);
        assert_eq!(retries[..3], [300, 900, 2_100]);
        let last = *retries.last().unwrap();
        assert!((60 * HOUR..=72 * HOUR).contains(&last), "{last}");
        let gaps: Vec<i64> = retries.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.is_sorted(), "{gaps:?}");
    }

    #[test]
    fn a_success_counts_once_and_a_repeat_does_not_end_the_retries() {
        let mut queue = Queue::default();
        queue.push(due(Mode::Test), 0);
        let (number, first) = queue.take(0).pop().unwrap();
        queue.repeat(number, first, 1);
        let (again, _) = queue.take(1).pop().unwrap();
        assert_eq!(queue.succeed(again).unwrap().1, "evt_1");
        assert_eq!(queue.take(600).len(), 1, "Stripe's own retry");
        assert!(queue.succeed(number).is_none(), "was a success already");
        assert!(queue.take(i64::MAX / 2).is_empty());
    }
}
