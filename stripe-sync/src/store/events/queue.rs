//! Objects about which there is something to do: `work`.
//!
//! One row for each object that an event announced and that was not read since. A worker claims it for a time, with a token
//! that the next claim replaces, so that one who was silent too long cannot complete it. `notices` counts what was announced
//! and is not covered by a read: what is announced after a claim costs one more.
pub(crate) mod debounce;
pub(crate) mod handled;
pub(crate) mod wait;

use std::time::Duration;

use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TxError, transaction};
use crate::store::events::lanes::Shares;
use crate::store::events::{Lined, Turn};
use debounce::{AT_ONCE, Debounce, leave, unless_at_once};
use handled::HandledResources;

pub(crate) const OF_KEY: &str =
    "WHERE account = ? AND livemode = ? AND object = ? AND object_id = ?";
/// Whether the last claim on an object has ended with its events done or given up. `$work.token` is that claim's until the next.
const HAS_ENDED: &str = "(ended = token)";
/// The resource of an event that is about no mirrored object; its id stands for the object's.
pub(crate) const EVENT: &str = "event";
/// The table in messages.
pub(crate) const TABLE: &str = "stripe_sync_work";

/// The table, whose rows wait in lanes.
pub(crate) const WORK: Lined = Lined {
    place: "$work",
    table: TABLE,
};

/// An object of an account and a mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectRef {
    /// Stripe's name of the resource, for example `customer`; for an event about nothing that is known, the event's type.
    pub(crate) object: String,
    pub(crate) id: String,
}

impl ObjectRef {
    pub(crate) fn new(object: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            id: id.into(),
        }
    }
}

/// An object that this process has to itself for a time.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) scope: Scope,
    pub(crate) subject: ObjectRef,
    /// How often it failed before.
    pub(crate) attempts: i64,
    token: i64,
    pub(crate) notices: i64,
}

/// After which pause an object is tried again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Again {
    /// It failed.
    Failed(Duration),
    /// It did not fail, however often: it counts as tried, so that its pause is kept.
    PutOff(Duration),
}

impl Claim {
    pub(crate) fn key(&self) -> [Bind<'_>; 4] {
        key(&self.scope, &self.subject)
    }

    /// The key and the token.
    fn held(&self) -> Vec<Bind<'_>> {
        [&self.key()[..], &[Bind::integer(self.token)]].concat()
    }
}

pub(crate) fn key<'b>(scope: &'b Scope, subject: &'b ObjectRef) -> [Bind<'b>; 4] {
    let [account, livemode] = scope.binds();
    let (object, id) = (Bind::text(&subject.object), Bind::text(&subject.id));
    [account, livemode, object, id]
}

impl Store {
    /// Claims objects that are due and that nobody has, of one mode, as many of each lane, the longest due first: those that are known
    /// here, and those that no other process has claimed for long.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn claim_work(
        &self,
        livemode: bool,
        wanted: (&HandledResources, Debounce),
        most: usize,
        lease: Duration,
        turn: &mut Turn,
    ) -> Result<Vec<Claim>, StoreError> {
        let (known, due) = wanted;
        let search = |lane: &str, now| Some(known.until(lane, now) + due.ahead());
        let lanes = self.lanes(WORK, livemode, &search, turn, most).await?;
        if lanes.is_empty() {
            return Ok(Vec::new());
        }
        let token = self.next_token().await?;
        let dialect = self.kind().dialect();
        let (now, skip, greatest) = (
            dialect.now_millis,
            dialect.skip_locked,
            dialect.sql.greatest(),
        );
        let condition = match due {
            Debounce::Steady => String::new(),
            // What waits without a failure waits for quiet only.
            Debounce::AtOnce => {
                format!(" AND expires_at <= {now} AND (due_at <= {now} OR attempts = 0)")
            }
        };
        let update = format!(
            "UPDATE $work SET token = ?, expires_at = {}, due_at = {greatest}(due_at, {AT_ONCE} + 1) {OF_KEY}",
            self.kind().in_future(lease)
        );
        let (claims, last) = transaction!(self, TABLE, async |conn| {
            let mut shares = Shares::new(lanes.clone(), most);
            let (mut claims, mut last) = (Vec::new(), None);
            while let Some((lane, share)) = shares.next() {
                let until = lane.until;
                // Of a resource that is not known here it counts for how long it has waited, too.
                let adopted = match known.knows(&lane.name) {
                    true => String::new(),
                    false => format!(" AND since <= {until}"),
                };
                let select = format!(
                    "SELECT account, object, object_id, attempts, notices FROM $work \
                     WHERE lane = ? AND free_at <= {until}{adopted}{condition} \
                     ORDER BY free_at LIMIT {share}{skip}"
                );
                let rows = conn.rows(select, &[Bind::text(&lane.name)]).await?;
                let taken = rows.len();
                for (account, object, id, attempts, notices) in rows {
                    let claim = Claim {
                        scope: Scope { account, livemode },
                        subject: ObjectRef { object, id },
                        attempts,
                        token,
                        notices,
                    };
                    let binds = [&[Bind::integer(token)], &claim.key()[..]].concat();
                    conn.execute(&update, &binds).await?;
                    claims.push(claim);
                }
                last = Some(lane.name.clone());
                shares.took(lane, share, taken);
            }
            Ok((claims, last))
        })?;
        turn.behind = last.unwrap_or_default();
        Ok(claims)
    }

    /// How many notices of a claimed object no read has covered: one for each of its pending events, and one for each time
    /// that somebody else asked for a read. With it the database's time, in milliseconds.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn notices(&self, claim: &Claim) -> Result<(usize, i64), StoreError> {
        let now = self.kind().dialect().now_millis;
        let sql = format!("SELECT notices, {now} FROM $work {OF_KEY}");
        let row: Option<(i64, i64)> = self.row(TABLE, &sql, &claim.key()).await?;
        let (notices, now) = row.unwrap_or_default();
        Ok((usize::try_from(notices).unwrap_or_default(), now))
    }

    /// Keeps a claim for longer; returns `false` if somebody else has the object by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_claim(
        &self,
        claim: &Claim,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        // It may have waited for the transaction that ended the claim: nobody has the object then.
        let sql = format!(
            "UPDATE $work SET expires_at = CASE WHEN {HAS_ENDED} THEN 0 ELSE {} END {OF_KEY} AND token = ?",
            self.kind().in_future(lease)
        );
        Ok(self.execute(TABLE, &sql, &claim.held()).await? > 0)
    }

    /// Gives an object back that nothing was done about, as if it had not been claimed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn release_claim(&self, claim: &Claim) -> Result<(), StoreError> {
        let sql = format!("UPDATE $work SET expires_at = 0 {OF_KEY} AND token = ?");
        self.execute(TABLE, &sql, &claim.held()).await.map(drop)
    }

    /// Gives an object back, to be tried again, and says at its events why.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn retry_work(
        &self,
        claim: &Claim,
        events: &[&str],
        again: Again,
        reason: &str,
    ) -> Result<(), StoreError> {
        let (attempts, due) = match again {
            Again::Failed(after) => (
                "attempts + 1",
                unless_at_once(&self.kind().in_future(after)),
            ),
            Again::PutOff(after) => (
                "CASE WHEN attempts = 0 THEN 1 ELSE attempts END",
                self.kind().in_future(after),
            ),
        };
        let sql = format!(
            "UPDATE $work SET expires_at = 0, attempts = {attempts}, due_at = {due} \
             {OF_KEY} AND token = ? AND NOT {HAS_ENDED}"
        );
        transaction!(self, TABLE, async |conn| {
            if conn.execute(&sql, &claim.held()).await? > 0 {
                let reason = [Bind::text(reason)];
                mark(conn, claim.scope.livemode, events, "reason = ?", &reason).await?;
            }
            Ok(())
        })
    }

    /// Gives an object up: its events are dead letters.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn dead_letter_work(
        &self,
        claim: &Claim,
        events: &[&str],
        reason: &str,
    ) -> Result<(), StoreError> {
        let now = self.kind().dialect().now_millis;
        let dead = format!("state = 2, done_at = {now}, reason = ?");
        transaction!(self, TABLE, async |conn| {
            check(conn, claim).await?;
            let reason = [Bind::text(reason)];
            mark(conn, claim.scope.livemode, events, &dead, &reason).await?;
            leave(conn, claim, true).await
        })
    }
}

/// Holds a claimed object until the transaction ends.
///
/// # Errors
/// When somebody else has it by now, or the claim has ended: a transaction that is done again because nobody answered its commit
/// may have been committed, and neither handlers nor notices are to count twice.
pub(crate) async fn check(conn: &mut Conn<'_>, claim: &Claim) -> Result<(), TxError> {
    let lock = conn.kind().dialect().for_update;
    let sql = format!("SELECT token FROM $work {OF_KEY} AND NOT {HAS_ENDED}{lock}");
    if conn.row(sql, &claim.key()).await? == Some(claim.token) {
        return Ok(());
    }
    Err(StoreError::ClaimLost {
        object: claim.subject.object.clone(),
        id: claim.subject.id.clone(),
    }
    .into())
}

/// Completes events of an object that is held, and leaves it.
pub(crate) async fn complete(
    conn: &mut Conn<'_>,
    claim: &Claim,
    events: &[&str],
) -> Result<(), TxError> {
    let now = conn.kind().dialect().now_millis;
    let done = format!("state = 1, done_at = {now}, reason = NULL");
    mark(conn, claim.scope.livemode, events, &done, &[]).await?;
    leave(conn, claim, false).await
}

/// Changes pending events of a mode.
async fn mark(
    conn: &mut Conn<'_>,
    livemode: bool,
    events: &[&str],
    set: &str,
    values: &[Bind<'_>],
) -> Result<(), TxError> {
    // Not `state = 0`: SQLite would look through all events of that state.
    let head = format!("UPDATE $inbox SET {set} WHERE livemode = ? AND state + 0 = 0");
    let before = [values, &[Bind::boolean(livemode)]].concat();
    let marked = conn.execute_in_list(&head, &before, events);
    marked.await.map(drop)
}
