//! Objects about which there is something to do: `stripe_sync_work`.
//!
//! One row for each object that an event told of and that was not read since. A worker claims it for a time, with a token
//! that the next claim replaces, so that one who was silent too long cannot complete it. `notices` counts what was told
//! and is not covered by a read: what is told after a claim costs one more.

use std::time::Duration;

use super::due::{AT_ONCE, Due, leave, unless_at_once};
use super::known::Known;
use super::scope_binds;
use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::error::StoreError;
use crate::store::fault::{Fault, Tries};
use crate::store::pieces::{self, Pieces};
use crate::store::{Scope, Store};

pub(super) const OF_KEY: &str =
    "WHERE account = ? AND livemode = ? AND object = ? AND object_id = ?";
/// The resource of an event that is about no mirrored object; its id stands for the object's.
pub(crate) const EVENT: &str = "event";
/// The table in messages.
pub(super) const TABLE: &str = "stripe_sync_work";

/// An object of an account and a mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Subject {
    /// Stripe's name of the resource, for example `customer`; for an event about nothing that is known, the event's type.
    pub(crate) object: String,
    pub(crate) id: String,
}

/// An object that this process has to itself for a time.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) scope: Scope,
    pub(crate) subject: Subject,
    /// How often it failed before.
    pub(crate) attempts: i64,
    token: i64,
    pub(super) notices: i64,
}

impl Claim {
    pub(super) fn key(&self) -> Vec<Bind<'_>> {
        key(&self.scope, &self.subject)
    }
}

pub(super) fn key<'b>(scope: &'b Scope, subject: &'b Subject) -> Vec<Bind<'b>> {
    let mut binds = scope_binds(scope).to_vec();
    binds.extend([Bind::text(&subject.object), Bind::text(&subject.id)]);
    binds
}

impl Store {
    /// Claims objects that are due and that nobody has, of one mode, the longest due first: those that are known here, and
    /// those that no other process has claimed for long.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn claim_work(
        &self,
        livemode: bool,
        known: &Known,
        due: Due,
        most: usize,
        lease: Duration,
    ) -> Result<Vec<Claim>, StoreError> {
        let token = self.tick().await?;
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            let claimed = self.try_claim_work(livemode, known, due, most, lease, token);
            match claimed.await {
                Ok(claims) => return Ok(claims),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_claim_work(
        &self,
        livemode: bool,
        known: &Known,
        due: Due,
        most: usize,
        lease: Duration,
        token: i64,
    ) -> Result<Vec<Claim>, Fault> {
        let dialect = self.kind().dialect();
        let (now, skip, greatest) = (dialect.now_millis, dialect.skip_locked, dialect.greatest);
        let due = match due {
            Due::Steady => format!("due_at <= {now}"),
            // What waits without a failure waits for quiet only.
            Due::AtOnce => format!("(due_at <= {now} OR attempts = 0)"),
        };
        let (known, of_known) = known.condition(now);
        let mut binds = vec![Bind::boolean(livemode)];
        binds.extend(of_known);
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let sql = conn.sql(format!(
            "SELECT account, object, object_id, attempts, notices FROM {TABLE} \
             WHERE livemode = ? AND notices > 0 AND {due} AND expires_at <= {now} AND {known} ORDER BY due_at LIMIT {most}{skip}"
        ));
        let columns = [
            CellType::Text,
            CellType::Text,
            CellType::Text,
            CellType::Integer,
            CellType::Integer,
        ];
        let rows = conn.fetch(sql, &binds, &columns).await?;
        let claims: Vec<Claim> = rows
            .into_iter()
            .map(|row| {
                let mut row = Taken::new(row);
                Claim {
                    scope: Scope {
                        account: row.text(),
                        livemode,
                    },
                    subject: Subject {
                        object: row.text(),
                        id: row.text(),
                    },
                    attempts: row.integer(),
                    token,
                    notices: row.integer(),
                }
            })
            .collect();
        for claim in &claims {
            let sql = conn.sql(format!(
                "UPDATE {TABLE} SET token = ?, expires_at = {now} + {}, due_at = {greatest}(due_at, {AT_ONCE} + 1) {OF_KEY}",
                lease.as_millis()
            ));
            let mut binds = vec![Bind::integer(token)];
            binds.extend(claim.key());
            conn.execute(sql, &binds).await?;
        }
        transaction.commit().await?;
        Ok(claims)
    }

    /// How many notices of a claimed object no read has covered: one for each of its pending events, and one for each time
    /// that somebody else asked for a read. With it the database's time, in milliseconds.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn notices(&self, claim: &Claim) -> Result<(usize, i64), StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let notices = self.try_notices(claim).await;
        notices.map_err(|fault| tries.give_up(fault))
    }

    async fn try_notices(&self, claim: &Claim) -> Result<(usize, i64), Fault> {
        let now = self.kind().dialect().now_millis;
        crate::store::with_connection!(self, |conn| {
            let sql = conn.sql(format!("SELECT notices, {now} FROM {TABLE} {OF_KEY}"));
            let columns = [CellType::Integer, CellType::Integer];
            let rows = conn.fetch(sql, &claim.key(), &columns).await?;
            let Some(row) = rows.into_iter().next() else {
                return Ok((0, 0));
            };
            let mut row = Taken::new(row);
            let (notices, now) = (row.integer(), row.integer());
            Ok((usize::try_from(notices).unwrap_or_default(), now))
        })
    }

    /// Keeps a claim for longer; answers `false` if somebody else has the object by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_claim(
        &self,
        claim: &Claim,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let renewed = self.try_renew_claim(claim, lease).await;
        renewed.map_err(|fault| tries.give_up(fault))
    }

    async fn try_renew_claim(&self, claim: &Claim, lease: Duration) -> Result<bool, Fault> {
        let now = self.kind().dialect().now_millis;
        crate::store::with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "UPDATE {TABLE} SET expires_at = {now} + {} {OF_KEY} AND token = ?",
                lease.as_millis()
            ));
            let mut binds = claim.key();
            binds.push(Bind::integer(claim.token));
            Ok(conn.execute(sql, &binds).await? > 0)
        })
    }

    /// Gives an object back, to be tried again after a while, and says at its events why.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn retry_work(
        &self,
        claim: &Claim,
        events: &[String],
        after: Duration,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_retry(claim, events, after, reason).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_retry(
        &self,
        claim: &Claim,
        events: &[String],
        after: Duration,
        reason: &str,
    ) -> Result<(), Fault> {
        let now = self.kind().dialect().now_millis;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let sql = conn.sql(format!(
            "UPDATE {TABLE} SET expires_at = 0, attempts = attempts + 1, due_at = {} {OF_KEY} AND token = ?",
            unless_at_once(&format!("{now} + {}", after.as_millis()))
        ));
        let mut binds = claim.key();
        binds.push(Bind::integer(claim.token));
        if conn.execute(sql, &binds).await? > 0 {
            mark(
                &mut conn,
                &claim.scope,
                events,
                "reason = ?",
                &[Bind::text(reason)],
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Gives an object up: its events are dead letters.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn bury_work(
        &self,
        claim: &Claim,
        events: &[String],
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_bury(claim, events, reason).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_bury(&self, claim: &Claim, events: &[String], reason: &str) -> Result<(), Fault> {
        let now = self.kind().dialect().now_millis;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        check(&mut conn, claim).await?;
        let dead = format!("state = 2, done_at = {now}, reason = ?");
        mark(
            &mut conn,
            &claim.scope,
            events,
            &dead,
            &[Bind::text(reason)],
        )
        .await?;
        leave(&mut conn, claim, true).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Holds a claimed object until the transaction ends.
///
/// # Errors
/// When somebody else has it by now.
pub(super) async fn check(conn: &mut Conn<'_>, claim: &Claim) -> Result<(), Fault> {
    let lock = conn.kind().dialect().for_update;
    let sql = conn.sql(format!("SELECT token FROM {TABLE} {OF_KEY}{lock}"));
    let rows = conn.fetch(sql, &claim.key(), &[CellType::Integer]).await?;
    let token = rows.into_iter().next().map(|row| Taken::new(row).integer());
    if token == Some(claim.token) {
        return Ok(());
    }
    Err(StoreError::ClaimLost {
        object: claim.subject.object.clone(),
        id: claim.subject.id.clone(),
    }
    .into())
}

/// Completes events of an object that is held, and leaves it.
pub(super) async fn complete(
    conn: &mut Conn<'_>,
    claim: &Claim,
    events: &[String],
) -> Result<(), sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let done = format!("state = 1, done_at = {now}, reason = NULL");
    mark(conn, &claim.scope, events, &done, &[]).await?;
    leave(conn, claim, false).await
}

/// Changes pending events of an account and a mode.
async fn mark(
    conn: &mut Conn<'_>,
    scope: &Scope,
    events: &[String],
    set: &str,
    values: &[Bind<'_>],
) -> Result<(), sqlx::Error> {
    for ids in events.chunks(pieces::FULL) {
        let head = format!(
            "UPDATE stripe_sync_events SET {set} WHERE account = ? AND livemode = ? AND state = 0 AND id IN ("
        );
        let list = Pieces {
            head: &head,
            row: "?",
            tail: ")",
        };
        let length = pieces::padded(ids.len());
        let last = ids.last().map(String::as_str).unwrap_or_default();
        let padding = std::iter::repeat_n(last, length - ids.len());
        let mut binds = values.to_vec();
        binds.extend(scope_binds(scope));
        binds.extend(
            ids.iter()
                .map(String::as_str)
                .chain(padding)
                .map(Bind::text),
        );
        let sql = conn.sql(list.assemble(length));
        conn.execute(sql, &binds).await?;
    }
    Ok(())
}
