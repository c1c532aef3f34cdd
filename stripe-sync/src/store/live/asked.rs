//! Objects that somebody waits for: they are due at once, and the reads that cover them are told apart from others.

use super::due::{self, Due};
use super::work::{OF_KEY, Subject, TABLE, key};
use super::{StoreError, scope_binds};
use crate::cell::CellType;
use crate::store::connection::{Conn, Taken};
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store, with_connection};

/// What was known of an object when it was asked for: reads that follow from claims before that moment do not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    /// The claim that ended last.
    ended: i64,
    /// The claim that was last: it may not have ended yet.
    token: i64,
}

/// What became of an object that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It waits, or is being read.
    Waiting,
    /// It failed, and is tried again.
    Failing,
    /// A read that began after it was asked for is in the table.
    Read,
    /// It failed for the last time.
    GivenUp,
    /// Nothing is known of it any more: it was read or given up, a while ago.
    Forgotten,
}
