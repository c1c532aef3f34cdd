//! What Stripe's lists of events show, beside what was delivered.
//!
//! All moments are unix seconds of Stripe's clock. Of deliveries only the second of the newest event that was delivered is
//! known, to a minute: whatever happened before it may have been delivered too, and so nothing is said of it.

use std::collections::{BTreeSet, HashMap};

use crate::sync::error::SyncError;

/// How often it is noted that an account's events are delivered: with events of so many seconds later.
const NOTED_EVERY: i64 = 60;

/// The lists of this process's accounts.
#[derive(Debug, Default)]
pub(crate) struct EventLists {
    lists: HashMap<String, EventList>,
    /// Of each account the newest event of which the database knows that it was delivered.
    noted: HashMap<String, i64>,
}

#[derive(Debug, Default)]
struct EventList {
    /// How the last look at it ended.
    state: Followed,
    /// From when on and until when this process followed it.
    followed: Option<(i64, i64)>,
    /// How much later it is by Stripe's clock than by this machine's.
    ahead: i64,
    /// The seconds of the first and the last event since then that was needed, and that may not have been delivered.
    needed: Option<(i64, i64)>,
    /// Until when events may have been delivered, as far as this process has looked.
    answered: Option<i64>,
}

/// How the last look at a list ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Followed {
    #[default]
    Yes,
    /// It will be tried again.
    Failed,
    /// The account is not connected any more: there is nothing to follow.
    NoAccess,
}

impl EventLists {
    /// Takes in that a list was followed until a moment; `here` is this machine's clock then.
    pub(crate) fn followed(&mut self, account: &str, until: Option<i64>, here: i64) {
        let list = self.lists.entry(account.to_owned()).or_default();
        list.state = Followed::Yes;
        if let Some(until) = until {
            let since = list.followed.map_or(until, |(since, _)| since);
            list.followed = Some((since, until));
            list.ahead = until - here;
        }
    }

    /// Takes in that a list could not be followed.
    pub(crate) fn failed(&mut self, account: &str, error: &SyncError) {
        let list = self.lists.entry(account.to_owned()).or_default();
        let lacks_access = matches!(error.root(), SyncError::Stripe(error) if error.lacks_access());
        list.state = match lacks_access {
            true => Followed::NoAccess,
            false => Followed::Failed,
        };
    }

    /// Takes in that a list shows an event that a model or handler needs. What happened before this process followed the list may
    /// have happened while nobody was there to take a delivery.
    pub(crate) fn shows(&mut self, account: &str, created: i64) {
        let Some(list) = self.lists.get_mut(account) else {
            return;
        };
        let is_new = |since: i64| created > since.max(list.answered.unwrap_or(since));
        if list.followed.is_some_and(|(since, _)| is_new(since)) {
            let (first, last) = list.needed.unwrap_or((created, created));
            list.needed = Some((first.min(created), last.max(created)));
        }
    }

    /// Whether it is to be noted that an event was delivered.
    pub(crate) fn is_to_be_noted(&self, account: &str, created: i64) -> bool {
        let noted = self.noted.get(account);
        noted.is_none_or(|noted| created >= noted + NOTED_EVERY)
    }

    /// Takes in that the database knows of a delivery.
    pub(crate) fn noted(&mut self, account: &str, created: i64) {
        let noted = self.noted.entry(account.to_owned()).or_insert(created);
        *noted = created.max(*noted);
    }

    /// The accounts of which events are needed that may not have been delivered.
    pub(crate) fn needing(&self) -> BTreeSet<String> {
        self.those(|list| list.needed.is_some())
    }

    /// Since when events were needed and not delivered, if that is longer than so many seconds ago.
    pub(crate) fn not_received(
        &mut self,
        account: &str,
        delivered: Option<i64>,
        within: i64,
    ) -> Option<i64> {
        let list = self.lists.get_mut(account)?;
        let (first, last) = list.needed?;
        list.answered = delivered.map(|delivered| delivered.saturating_add(NOTED_EVERY));
        if let Some(until) = list.answered.filter(|until| first <= *until) {
            list.needed = (last > until).then_some((last, last));
        }
        let (first, _) = list.needed?;
        let (_, followed) = list.followed?;
        (followed - first > within).then_some(first)
    }

    /// What time it is by Stripe's clock, as far as an account's list has told it.
    pub(crate) fn now(&self, account: &str, here: i64) -> i64 {
        here + self.lists.get(account).map_or(0, |list| list.ahead)
    }

    /// The accounts whose lists could not be followed and still are to be.
    pub(crate) fn failing(&self) -> BTreeSet<String> {
        self.those(|list| list.state == Followed::Failed)
    }

    /// The accounts that are not connected any more.
    pub(crate) fn lost(&self) -> BTreeSet<String> {
        self.those(|list| list.state == Followed::NoAccess)
    }

    fn those(&self, are: impl Fn(&EventList) -> bool) -> BTreeSet<String> {
        let lists = self.lists.iter().filter(|(_, list)| are(list));
        lists.map(|(account, _)| account.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: i64 = 3_600;
    const BEGUN: i64 = 1_000_000;

    /// The list of an account that is followed since [`BEGUN`], and shows these events.
    fn lists(shown: &[i64]) -> EventLists {
        let mut lists = EventLists::default();
        lists.followed("a", Some(BEGUN), BEGUN);
        shown
            .iter()
            .for_each(|after| lists.shows("a", BEGUN + after));
        lists
    }

    fn not_received(lists: &mut EventLists, delivered: Option<i64>, after: i64) -> Option<i64> {
        lists.followed("a", Some(BEGUN + after), BEGUN);
        let delivered = delivered.map(|after| BEGUN + after);
        let first = lists.not_received("a", delivered, WITHIN);
        first.map(|first| first - BEGUN)
    }

    #[test]
    fn events_that_nobody_delivers_are_found_after_a_while() {
        let mut events = lists(&[100, 50, 300]);
        assert_eq!(not_received(&mut events, None, 50 + WITHIN), None);
        assert_eq!(not_received(&mut events, None, 51 + WITHIN), Some(50));
        // They are shown until one is delivered.
        assert_eq!(not_received(&mut events, Some(-11), 9_000), Some(50));
        assert_eq!(not_received(&mut events, Some(300), 9_000), None);
        assert!(events.needing().is_empty());
    }

    #[test]
    fn a_later_event_that_was_delivered_answers_for_those_before_it() {
        let mut events = lists(&[50, 9_000]);
        // The one at its end may be under way.
        assert_eq!(not_received(&mut events, Some(60), 9_001), None);
        let late = 9_001 + WITHIN;
        assert_eq!(not_received(&mut events, Some(60), late), Some(9_000));
        assert_eq!(not_received(&mut events, Some(8_000), late), Some(9_000));
        // Those before it, which the list shows once more, change nothing.
        events.shows("a", BEGUN + 200);
        assert_eq!(not_received(&mut events, Some(8_000), late), Some(9_000));
        // It is known to a minute only.
        assert_eq!(not_received(&mut events, Some(8_940), late), None);
    }

    #[test]
    fn what_happened_while_nobody_was_there_is_not_missed() {
        let mut events = lists(&[-1, 0]);
        assert_eq!(not_received(&mut events, None, 90_000), None);
        events.shows("b", BEGUN + 1);
        assert!(events.needing().is_empty());
    }

    #[test]
    fn a_delivery_is_noted_once_a_minute() {
        let mut lists = EventLists::default();
        assert!(lists.is_to_be_noted("a", BEGUN));
        lists.noted("a", BEGUN);
        for (after, noted) in [(-500, false), (0, false), (59, false), (60, true)] {
            assert_eq!(lists.is_to_be_noted("a", BEGUN + after), noted, "{after}");
        }
        assert!(lists.is_to_be_noted("b", BEGUN));
        lists.noted("a", BEGUN - 5_000);
        assert!(!lists.is_to_be_noted("a", BEGUN));
    }
}
