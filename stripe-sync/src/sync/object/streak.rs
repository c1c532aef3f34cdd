//! Objects that the database refuses one after the other: many of them say that the table takes none, and not that each is
//! wrong.

use crate::model::hooks::Outcome;
use crate::sync::error::SyncError;

/// How many refusals with one code end a run, if nothing was written between them.
const MOST: usize = 100;

/// The refusals since a row was written.
#[derive(Debug, Default)]
pub(crate) struct Streak {
    code: String,
    reason: String,
    ids: Vec<String>,
}

impl Streak {
    /// Takes in a refusal, if it was the database's.
    pub(crate) fn refused(&mut self, id: &str, code: Option<String>, reason: &str) {
        let Some(code) = code else { return };
        if self.code != code {
            self.ids.clear();
            self.code = code;
        }
        reason.clone_into(&mut self.reason);
        self.ids.push(id.to_owned());
    }

    /// Takes in a row that was not refused.
    pub(crate) fn done(&mut self, outcome: Outcome) {
        if matches!(outcome, Outcome::Inserted | Outcome::Updated) {
            self.ids.clear();
        }
    }

    /// Returns the error of the run, if there were too many.
    pub(crate) fn end(&self, model: &'static str) -> Option<SyncError> {
        (self.ids.len() >= MOST).then(|| SyncError::NothingTaken {
            model,
            times: self.ids.len(),
            reason: self.reason.clone(),
        })
    }

    /// Returns the objects, and forgets them.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(streak: &mut Streak, code: &str, times: usize) {
        for number in 0..times {
            streak.refused(&number.to_string(), Some(code.to_owned()), "no");
        }
    }

    #[test]
    fn a_row_that_is_written_or_another_code_ends_it() {
        let mut streak = Streak::default();
        refuse(&mut streak, "23505", MOST - 1);
        assert!(streak.end("Customer").is_none());
        streak.done(Outcome::Unchanged);
        streak.refused("last", Some("23505".to_owned()), "no");
        assert!(streak.end("Customer").is_some());
        streak.done(Outcome::Inserted);
        refuse(&mut streak, "23505", MOST - 1);
        refuse(&mut streak, "23514", MOST - 1);
        assert!(streak.end("Customer").is_none());
        streak.refused("mapped", None, "no");
        assert!(streak.end("Customer").is_none());
    }
}
