//! When an object of `work` is due.
//!
//! The first notice of an object is due at once. Its row stays for a while after the read, and what is announced meanwhile
//! waits until nothing was announced for [`QUIET`]: a burst of events about one object, while workers run, is two reads.
//!
//! An object that somebody waits for is due [`AT_ONCE`], before all others, until it is claimed: neither what is announced
//! meanwhile nor the end of a claim from before puts that off.

use std::time::Duration;

use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TxError, transaction};
use crate::store::events::lanes::at_rest;
use crate::store::events::queue::{OF_KEY, TABLE, WORK, key};
use crate::store::events::{Claim, EVENT, HandledResources, ObjectRef};

/// How long nothing must be announced of an object that was read a moment ago before it is read again. With the read itself,
/// a change is in its table within a second.
const QUIET: Duration = Duration::from_millis(500);
/// The longest time between two reads of an object that is never quiet.
const NEVER_QUIET: Duration = Duration::from_secs(5);

/// The moment that objects are due at that somebody waits for. No clock says it, and a claim ends it.
pub(crate) const AT_ONCE: i64 = 0;

/// Which objects that were read a moment ago are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Debounce {
    /// Those that are quiet by now: for a service that runs all the time.
    Steady,
    /// All: for one who processes what there is and goes.
    AtOnce,
}

impl Store {
    /// Says that there is something to do about objects, without an event that is about them. They must be in order, so
    /// that two who notice the same ones do not wait for each other.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn enqueue_objects(
        &self,
        scope: &Scope,
        subjects: &[ObjectRef],
    ) -> Result<(), StoreError> {
        transaction!(self, TABLE, async |conn| {
            for subject in subjects {
                notice(conn, scope, subject).await?;
            }
            Ok(())
        })
    }

    /// Removes the objects of which nothing was announced since their last read.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn purge_quiet(&self, livemode: bool) -> Result<(), StoreError> {
        let delete = "DELETE FROM $work";
        let swept = self.sweep_lane(WORK, delete, at_rest(livemode), 0);
        swept.await.map(drop)
    }

    /// How many milliseconds until something is due that this process may claim, by the database's clock; `None` if there is nothing to do.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn work_due_in(
        &self,
        livemode: bool,
        known: &HandledResources,
    ) -> Result<Option<i64>, StoreError> {
        let due = |lane: &str, now| Some(known.until(lane, now));
        self.free_in(WORK, livemode, &due).await
    }
}

impl Debounce {
    /// How many milliseconds before they are free objects are taken.
    pub(crate) fn ahead(self) -> i64 {
        match self {
            Self::Steady => 0,
            Self::AtOnce => i64::try_from(NEVER_QUIET.as_millis()).unwrap_or_default(),
        }
    }
}

/// Says that there is something to do about an object.
pub(crate) async fn notice(
    conn: &mut Conn<'_>,
    scope: &Scope,
    subject: &ObjectRef,
) -> Result<(), TxError> {
    let now = conn.kind().dialect().now_millis;
    let least = conn.kind().dialect().least;
    let (quiet, never_quiet) = (conn.kind().in_future(QUIET), NEVER_QUIET.as_millis());
    // A failure's pause ends when something new is announced.
    let again = format!(
        "CASE WHEN $work.due_at > {AT_ONCE} AND $work.attempts = 0 AND $work.read_at > 0 \
         THEN {least}({quiet}, $work.read_at + {never_quiet}) \
         ELSE {least}($work.due_at, {now}) END"
    );
    count(conn, scope, subject, now, &again).await
}

/// Says that somebody waits for an object.
pub(crate) async fn notice_at_once(
    conn: &mut Conn<'_>,
    scope: &Scope,
    subject: &ObjectRef,
) -> Result<(), TxError> {
    let at_once = AT_ONCE.to_string();
    count(conn, scope, subject, &at_once, &at_once).await
}

/// Counts a notice of an object that is due `first` if nothing was announced of it, and otherwise `again`.
async fn count(
    conn: &mut Conn<'_>,
    scope: &Scope,
    subject: &ObjectRef,
    first: &str,
    again: &str,
) -> Result<(), TxError> {
    let now = conn.kind().dialect().now_millis;
    let key_columns = "account, livemode, object, object_id";
    let update = conn.kind().sql().on_conflict(key_columns);
    // `notices` comes last: MySQL assigns from left to right.
    let sql = format!(
        "INSERT INTO $work ({key_columns}, notices, since, due_at) \
         VALUES (?, ?, ?, ?, 1, {now}, {first}) {update} \
         since = CASE WHEN $work.notices = 0 THEN {now} ELSE $work.since END, due_at = {again}, \
         notices = $work.notices + 1"
    );
    conn.execute(sql, &key(scope, subject)).await.map(drop)
}

/// Leaves an object that is held and was read, or given up. Its row stays until it is quiet, so that what is announced
/// meanwhile waits for more; an event that stands for itself is delivered once.
pub(crate) async fn leave(
    conn: &mut Conn<'_>,
    claim: &Claim,
    given_up: bool,
) -> Result<(), TxError> {
    let (key, notices) = (claim.key(), Bind::integer(claim.notices));
    if claim.subject.object == EVENT {
        let sql = format!("DELETE FROM $work {OF_KEY} AND notices = ?");
        let binds = [&key[..], std::slice::from_ref(&notices)].concat();
        if conn.execute(sql, &binds).await? > 0 {
            return Ok(());
        }
    }
    let now = conn.kind().dialect().now_millis;
    let sql = format!(
        "UPDATE $work SET notices = notices - ?, since = {now}, read_at = {now}, due_at = {}, \
         expires_at = 0, attempts = 0, ended = token, given_up = ? {OF_KEY}",
        unless_at_once(&conn.kind().in_future(QUIET))
    );
    let binds = [&[notices, Bind::boolean(given_up)], &key[..]].concat();
    conn.execute(sql, &binds).await.map(drop)
}

/// When an object is due after a claim, unless somebody has asked for it since the claim began.
pub(crate) fn unless_at_once(due: &str) -> String {
    format!("CASE WHEN due_at = {AT_ONCE} THEN {AT_ONCE} ELSE {due} END")
}
