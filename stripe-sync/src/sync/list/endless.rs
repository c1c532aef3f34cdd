//! Lists that would be read for ever: a cursor that comes again, or answers without an element that promise more.

use crate::sync::error::SyncError;

/// Notices that a list does not end, however long it is, in the room of one cursor.
///
/// Stripe's lists end. What stands before it, a proxy or a cache, may answer one page again and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Endless {
    /// The cursor that later ones are compared with. Another one is kept after 1, 2, 4, 8, ... of them: so a circle of any
    /// length is noticed before it was gone through four times (Brent's algorithm).
    kept: Option<String>,
    /// Cursors since it was kept.
    since: u64,
    /// After how many the next one is kept.
    lasts: u64,
    /// Whether the last answer had no element, and promised more.
    empty: bool,
}

impl Endless {
    /// Takes in the cursor that a page ends with. Returns whether it was the cursor before.
    pub(crate) fn comes_again(&mut self, cursor: &str) -> bool {
        self.empty = false;
        if self.kept.as_deref() == Some(cursor) {
            return true;
        }
        self.since += 1;
        if self.since >= self.lasts {
            self.kept = Some(cursor.to_owned());
            self.since = 0;
            self.lasts = self.lasts.saturating_mul(2).max(2);
        }
        false
    }

    /// Takes in an answer without an element that promises more. Returns whether it is the second in a row.
    pub(crate) fn is_empty_again(&mut self) -> bool {
        std::mem::replace(&mut self.empty, true)
    }

    /// The list is asked otherwise, so that cursors of before may come once more.
    pub(crate) fn forget_cursors(&mut self) {
        *self = Self {
            empty: self.empty,
            ..Self::default()
        };
    }
}

/// The error of a list that answers a cursor that it was asked with before.
pub(crate) fn repeated(path: &str, cursor: &str) -> SyncError {
    SyncError::EndlessList {
        path: path.to_owned(),
        reason: format!("it leads to {cursor} again, from where it was read on before"),
    }
}

/// The error of a list that promises more and shows nothing.
pub(crate) fn empty(path: &str) -> SyncError {
    SyncError::EndlessList {
        path: path.to_owned(),
        reason: "two answers in a row have no object and say that more follow".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many cursors a circle of so many is noticed, if as many others come before it.
    fn noticed(before: usize, circle: usize) -> usize {
        let mut endless = Endless::default();
        (0_usize..)
            .find(|number| {
                let number = match number.checked_sub(before) {
                    Some(inside) => before + inside % circle,
                    None => *number,
                };
                endless.comes_again(&format!("cus_{number}"))
            })
            .unwrap()
    }

    #[test]
    fn a_circle_of_any_length_is_noticed() {
        assert_eq!(noticed(0, 1), 1, "a page that repeats");
        for before in [0, 1, 7, 100, 1_000] {
            for circle in [1, 2, 3, 8, 9, 1_000] {
                let after = noticed(before, circle);
                assert!(
                    after >= before + circle && after <= 4 * (before + circle),
                    "{before} {circle}: {after}"
                );
            }
        }
    }

    #[test]
    fn a_list_of_other_cursors_is_none() {
        let mut endless = Endless::default();
        assert!((0..100_000).all(|number| !endless.comes_again(&format!("cus_{number}"))));
    }

    #[test]
    fn two_promises_are_in_a_row_unless_an_element_comes_between() {
        let mut endless = Endless::default();
        assert!(!endless.is_empty_again());
        endless.forget_cursors();
        assert!(endless.is_empty_again());
        endless.comes_again("cus_1");
        assert!(!endless.is_empty_again());
    }
}
