//! Objects that somebody waits for: they are due at once, and the reads that cover them are told apart from others.

use crate::store::db::{Scope, Store, StoreError, transaction};
use crate::store::events::ObjectRef;
use crate::store::events::queue::{OF_KEY, TABLE, debounce, key};

/// What was known of an object when it was asked for: reads that follow from claims before that moment do not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    /// The claim that ended last.
    ended: i64,
    /// The claim that was last: it may not have ended yet.
    token: i64,
}

/// How an object that was asked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitStatus {
    /// It waits, or is being read.
    Waiting,
    /// It failed, and is tried again.
    Failing,
    /// A read that began after it was asked for is in the table.
    Read,
    /// It failed for the last time.
    GivenUp,
    /// Nothing is known of it any more: it was read or given up, a while ago.
    Purged,
}

impl Store {
    /// Says that an object is to be read at once, because somebody waits for it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn ask_for(
        &self,
        scope: &Scope,
        subject: &ObjectRef,
    ) -> Result<Ticket, StoreError> {
        transaction!(self, TABLE, async |conn| {
            // From here to the commit nobody claims it, and no claim ends.
            debounce::notice_at_once(conn, scope, subject).await?;
            let sql = format!("SELECT ended, token FROM $work {OF_KEY}");
            let (ended, token) = conn.one(sql, &key(scope, subject)).await?;
            Ok(Ticket { ended, token })
        })
    }

    /// How an object that was asked for stands by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn asked_for(
        &self,
        scope: &Scope,
        subject: &ObjectRef,
        ticket: Ticket,
    ) -> Result<WaitStatus, StoreError> {
        let sql = format!("SELECT notices, attempts, ended, given_up FROM $work {OF_KEY}");
        let row = self.row(TABLE, &sql, &key(scope, subject)).await?;
        let Some((notices, attempts, ended, given_up)): Option<(i64, i64, i64, bool)> = row else {
            return Ok(WaitStatus::Purged);
        };
        let is_over = notices == 0 || ticket.is_covered_by(ended);
        Ok(match (is_over, attempts) {
            (true, _) if given_up => WaitStatus::GivenUp,
            (true, _) => WaitStatus::Read,
            (false, 1..) => WaitStatus::Failing,
            (false, _) => WaitStatus::Waiting,
        })
    }
}

impl Ticket {
    /// Whether the claim that ended last began after the object was asked for. One claim at a time has an object, so
    /// before that moment there are none but the last one, and the last one that ended.
    fn is_covered_by(self, ended: i64) -> bool {
        ended != 0 && ended != self.ended && ended != self.token
    }
}
