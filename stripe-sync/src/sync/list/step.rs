//! How a list goes on behind a page, and where its cursor is no place in it any more.

use crate::sync::error::SyncError;
use crate::sync::list::pager::RESTARTS;
use crate::sync::list::{Pager, endless};

/// An empty page that came where more was promised. It is believed only if the list says it twice: Stripe may answer an
/// empty page to a cursor that it does not take for one of this window.
#[derive(Debug, Clone)]
pub(crate) struct Doubt {
    /// The ids that were seen last before.
    known: Vec<String>,
    /// `created` of the last object before, where the list is cut by it.
    last: Option<i64>,
    /// Whether the list was asked otherwise since, and showed nothing new.
    again: bool,
}

impl Doubt {
    /// Whether a page shows more than was read before the empty one.
    fn is_answered_by(&self, ids: &[String], last: Option<i64>) -> bool {
        match (self.last, last) {
            (Some(before), Some(now)) => now < before,
            _ => ids.iter().any(|id| !self.known.contains(id)),
        }
    }
}

impl Pager {
    /// Takes in a page: the ids of its objects, and `created` of the last one where the list is cut by it. Returns whether
    /// the list ends with it.
    ///
    /// # Errors
    /// When the list does not end, or was begun again too often.
    pub(crate) fn turn(
        &mut self,
        ids: Vec<String>,
        last: Option<i64>,
        has_more: bool,
    ) -> Result<bool, SyncError> {
        let Some(cursor) = ids.last().cloned() else {
            return self.nothing(has_more);
        };
        let last = last.filter(|_| self.created.is_some());
        if let Some(doubt) = &mut self.doubt {
            if doubt.is_answered_by(&ids, last) {
                self.doubt = None;
            } else {
                doubt.again = true;
            }
        }
        self.last = last.or(self.last);
        if !has_more {
            return Ok(true);
        }
        self.pages += 1;
        self.advance(ids);
        if !self.endless.comes_again(&cursor) {
            return Ok(false);
        }
        if !std::mem::take(&mut self.stepped) {
            return Err(endless::repeated(&self.path, &cursor));
        }
        // Behind an earlier id it may come once more; behind one after another it would do so for ever.
        self.endless.forget_cursors();
        self.restarts += 1;
        self.check().map(|()| false)
    }

    /// The cursor's object vanished: a list that is cut by time begins a new window, others go on from an earlier id.
    ///
    /// # Errors
    /// When the list was begun again too often.
    pub(crate) fn vanished(&mut self) -> Result<(), SyncError> {
        tracing::info!(name: "stripe_sync.cursor_vanished", path = self.path, "cursor vanished");
        self.go_back()
    }

    /// Takes in a page without any object that could be a cursor. Returns whether the list ends with it.
    fn nothing(&mut self, has_more: bool) -> Result<bool, SyncError> {
        if has_more {
            if self.endless.is_empty_again() {
                return Err(endless::empty(&self.path));
            }
        } else {
            // Without a cursor it is what the list has. A cursor stands only behind a page that promised more.
            let is_told_twice = self.doubt.as_ref().is_some_and(|doubt| doubt.again);
            if self.is_at_the_beginning() || is_told_twice {
                return Ok(true);
            }
            tracing::info!(name: "stripe_sync.empty_page", path = self.path, "empty page where more was promised");
            self.doubt.get_or_insert_with(|| Doubt {
                known: self.cursors.clone(),
                last: self.last,
                again: false,
            });
        }
        self.go_back().map(|()| false)
    }

    fn go_back(&mut self) -> Result<(), SyncError> {
        match (self.created, self.last) {
            (Some(_), Some(last)) if !self.is_at_the_beginning() => {
                self.begin_before(last.saturating_add(1));
            }
            _ => self.step_back(),
        }
        self.check()
    }

    /// Begins a window of its own at objects that are older than a moment. No cursor of another window is used in it: Stripe
    /// may answer an empty page to one. Only a window that is read no further than the last time counts as begun again.
    fn begin_before(&mut self, until: i64) {
        let until = self.until.map_or(until, |before| before.min(until));
        if self.until == Some(until) {
            let is_further = self.pages > self.reach;
            self.restarts = if is_further { 0 } else { self.restarts + 1 };
            self.reach = self.reach.max(self.pages);
        } else {
            (self.restarts, self.reach) = (0, 0);
        }
        self.pages = 0;
        self.until = Some(until);
        self.cursors.clear();
        self.step = 1;
        self.endless.forget_cursors();
    }

    /// Falls back to an id that was seen before the cursor, twice as far at each try. Objects are then seen twice, which is
    /// harmless. Without any id left the list begins again.
    pub(crate) fn step_back(&mut self) {
        self.stepped = true;
        self.cursors
            .truncate(self.cursors.len().saturating_sub(self.step));
        self.step *= 2;
        if self.is_at_the_beginning() {
            self.restarts += 1;
            self.step = 1;
        }
    }

    /// Checks that the list was not begun again too often.
    fn check(&self) -> Result<(), SyncError> {
        if self.restarts > RESTARTS {
            return Err(SyncError::CursorLost {
                path: self.path.clone(),
                times: RESTARTS,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::list::pager::{ListTarget, Query};

    fn pager(created: Option<&'static str>) -> Pager {
        let mut pager = Pager::new(("/v1/customers", true), Query::new(), ListTarget::Rows);
        pager.created = created;
        pager
    }

    fn ids(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn cursor(pager: &Pager) -> Option<&str> {
        pager.cursors.last().map(String::as_str)
    }

    #[test]
    fn an_empty_page_is_believed_if_the_list_says_it_twice() {
        let mut by_id = pager(None);
        assert!(!by_id.turn(ids(&["a", "b", "c"]), None, true).unwrap());
        assert!(!by_id.turn(Vec::new(), None, false).unwrap());
        assert_eq!(cursor(&by_id), Some("b"));
        assert!(!by_id.turn(ids(&["c"]), None, true).unwrap());
        assert!(by_id.turn(Vec::new(), None, false).unwrap());

        let mut by_time = pager(Some("created"));
        assert!(!by_time.turn(ids(&["a", "b"]), Some(10), true).unwrap());
        assert!(!by_time.turn(Vec::new(), None, false).unwrap());
        assert_eq!((by_time.until, cursor(&by_time)), (Some(11), None));
        assert!(!by_time.turn(ids(&["b"]), Some(10), true).unwrap());
        assert!(by_time.turn(Vec::new(), None, false).unwrap());
    }

    #[test]
    fn an_empty_page_after_more_was_shown_is_another_one() {
        let mut pager = pager(Some("created"));
        pager.turn(ids(&["a"]), Some(10), true).unwrap();
        pager.turn(Vec::new(), None, false).unwrap();
        pager.turn(ids(&["a", "b"]), Some(9), true).unwrap();
        assert!(!pager.turn(Vec::new(), None, false).unwrap());
        assert_eq!(pager.until, Some(10));
    }

    /// The same page behind each earlier id, or behind each new window: the cursor vanishes for ever.
    #[test]
    fn vanishing_without_an_end_is_an_error() {
        for created in [None, Some("created")] {
            let mut pager = pager(created);
            pager.turn(ids(&["a", "b", "c"]), Some(10), true).unwrap();
            let end = (0..100).find_map(|_| {
                let gone = pager.vanished();
                gone.and_then(|()| pager.turn(ids(&["c"]), Some(10), true))
                    .err()
            });
            assert!(
                matches!(end, Some(SyncError::CursorLost { .. })),
                "{created:?}: {end:?}"
            );
        }
    }

    /// Many objects of one second: a window that is read further than before is no restart.
    #[test]
    fn a_window_that_gets_further_is_not_begun_again() {
        let mut pager = pager(Some("created"));
        for pages in 1..50 {
            for page in 0..pages {
                let id = format!("{pages} {page}");
                assert!(!pager.turn(vec![id], Some(10), true).unwrap());
            }
            pager.vanished().unwrap();
            assert_eq!(pager.until, Some(11));
        }
    }
}
