//! When an object of `stripe_sync_work` is due.
//!
//! The first notice of an object is due at once. Its row stays for a while after the read, and what is told meanwhile
//! waits until nothing was told for [`QUIET`]: a burst of events about one object, while workers run, is two reads.
//!
//! An object that somebody waits for is due [`AT_ONCE`], before all others, until it is claimed: neither what is told
//! meanwhile nor the end of a claim from before puts that off.

use std::time::Duration;

use super::known::Known;
use super::work::{Claim, EVENT, OF_KEY, Subject, TABLE, key};
use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::error::StoreError;
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store};

/// How long nothing must be told of an object that was read a moment ago before it is read again. With the read itself,
/// a change is in its table within a second.
const QUIET: Duration = Duration::from_millis(500);
/// The longest time between two reads of an object that is never quiet.
const NEVER_QUIET: Duration = Duration::from_secs(5);

/// The moment that objects are due at that somebody waits for. No clock says it, and a claim ends it.
pub(super) const AT_ONCE: i64 = 0;

/// Which objects that were read a moment ago are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Those that are quiet by now: for a service that runs all the time.
    Steady,
    /// All: for one who processes what there is and goes.
    AtOnce,
}

impl Store {
    /// Forgets the objects of which nothing was told since their last read.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_quiet(&self, livemode: bool) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_forget_quiet(livemode).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_forget_quiet(&self, livemode: bool) -> Result<(), Fault> {
        let now = self.kind().dialect().now_millis;
        crate::store::with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "DELETE FROM {TABLE} WHERE livemode = ? AND notices = 0 AND due_at <= {now} AND expires_at <= {now}"
            ));
            conn.execute(sql, &[Bind::boolean(livemode)]).await?;
            Ok(())
        })
    }

    /// How many milliseconds until something is due that this process may claim, by the database's clock; `None` if there is nothing to do.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn work_due_in(
        &self,
        livemode: bool,
        known: &Known,
    ) -> Result<Option<i64>, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let due = self.try_due_in(livemode, known).await;
        due.map_err(|fault| tries.give_up(fault))
    }

    async fn try_due_in(&self, livemode: bool, known: &Known) -> Result<Option<i64>, Fault> {
        let dialect = self.kind().dialect();
        let (now, greatest) = (dialect.now_millis, dialect.greatest);
        let (known, of_known) = known.condition(now);
        crate::store::with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT MIN({greatest}(due_at, expires_at)) - {now} FROM {TABLE} WHERE livemode = ? AND notices > 0 AND {known}"
            ));
            let mut binds = vec![Bind::boolean(livemode)];
            binds.extend(of_known);
            let rows = conn.fetch(sql, &binds, &[CellType::Integer]).await?;
            let first = rows.into_iter().next();
            Ok(first.and_then(|row| Taken::new(row).integer_or_null()))
        })
    }
}

/// Says that there is something to do about an object.
pub(super) async fn notice(
    conn: &mut Conn<'_>,
    scope: &Scope,
    subject: &Subject,
) -> Result<(), sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let least = conn.kind().dialect().least;
    let (quiet, never_quiet) = (QUIET.as_millis(), NEVER_QUIET.as_millis());
    // A failure's pause ends when something new is told.
    let again = format!(
        "CASE WHEN {TABLE}.due_at > {AT_ONCE} AND {TABLE}.attempts = 0 AND {TABLE}.read_at > 0 \
         THEN {least}({now} + {quiet}, {TABLE}.read_at + {never_quiet}) \
         ELSE {least}({TABLE}.due_at, {now}) END"
    );
    tell(conn, scope, subject, now, &again).await
}

/// Says that somebody waits for an object.
pub(super) async fn notice_at_once(
    conn: &mut Conn<'_>,
    scope: &Scope,
    subject: &Subject,
) -> Result<(), sqlx::Error> {
    let at_once = AT_ONCE.to_string();
    tell(conn, scope, subject, &at_once, &at_once).await
}

/// Counts a notice of an object that is due `first` if nothing was told of it, and otherwise `again`.
async fn tell(
    conn: &mut Conn<'_>,
    scope: &Scope,
    subject: &Subject,
    first: &str,
    again: &str,
) -> Result<(), sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let update = if conn.kind().is_mysql() {
        "ON DUPLICATE KEY UPDATE"
    } else {
        "ON CONFLICT (account, livemode, object, object_id) DO UPDATE SET"
    };
    // `notices` comes last: MySQL assigns from left to right.
    let update = format!(
        "{update} since = CASE WHEN {TABLE}.notices = 0 THEN {now} ELSE {TABLE}.since END, due_at = {again}, \
         notices = {TABLE}.notices + 1"
    );
    let sql = conn.sql(format!(
        "INSERT INTO {TABLE} (account, livemode, object, object_id, notices, since, due_at) \
         VALUES (?, ?, ?, ?, 1, {now}, {first}) {update}"
    ));
    conn.execute(sql, &key(scope, subject)).await.map(drop)
}

/// Leaves an object that is held and was read, or given up. Its row stays until it is quiet, so that what is told
/// meanwhile waits for more; an event that stands for itself is told once.
pub(super) async fn leave(
    conn: &mut Conn<'_>,
    claim: &Claim,
    given_up: bool,
) -> Result<(), sqlx::Error> {
    if claim.subject.object == EVENT {
        let sql = conn.sql(format!("DELETE FROM {TABLE} {OF_KEY} AND notices = ?"));
        let mut binds = claim.key();
        binds.push(Bind::integer(claim.notices));
        if conn.execute(sql, &binds).await? > 0 {
            return Ok(());
        }
    }
    let now = conn.kind().dialect().now_millis;
    let sql = conn.sql(format!(
        "UPDATE {TABLE} SET notices = notices - ?, since = {now}, read_at = {now}, due_at = {}, \
         expires_at = 0, attempts = 0, ended = token, given_up = ? {OF_KEY}",
        unless_at_once(&format!("{now} + {}", QUIET.as_millis()))
    ));
    let mut binds = vec![Bind::integer(claim.notices), Bind::boolean(given_up)];
    binds.extend(claim.key());
    conn.execute(sql, &binds).await.map(drop)
}

/// When an object is due after a claim, unless somebody has asked for it since the claim began.
pub(super) fn unless_at_once(due: &str) -> String {
    format!("CASE WHEN due_at = {AT_ONCE} THEN {AT_ONCE} ELSE {due} END")
}
