//! What is to be delivered after a commit, at least once: `outbox`.
//!
//! A message is written in the transaction of the change that it tells of, so it exists if and only if the change does.
//! Messages about one object, of its events and of its rows, are delivered in their order: one that fails holds back those
//! behind it, of this object alone, until it is delivered or given up.
pub(crate) mod deliverable;
pub(crate) mod hold;
#[cfg(feature = "live")]
pub(crate) mod serialized;

use std::time::Duration;

use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TxError};
use crate::store::events::lanes::{EVER, Shares, at_rest, held};
use crate::store::events::{Lined, ObjectRef, Turn};
use deliverable::Deliverable;

use crate::store::db::{query, transaction};

/// The table in messages.
const TABLE: &str = "stripe_sync_outbox";

/// The table, whose rows wait in lanes.
pub(crate) const OUTBOX: Lined = Lined {
    place: "$outbox",
    table: TABLE,
};
const OF_CLAIM: &str = "WHERE seq = ? AND token = ?";
/// How often messages that only wait for others are moved out of the way before it is looked again later.
const ROUNDS: usize = 32;
/// More lanes than there are.
const ALL_LANES: usize = 1 << 20;

/// Something to deliver.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) scope: Scope,
    /// The table that changed, or the type of an event.
    pub(crate) subject: String,
    pub(crate) object_id: String,
    /// JSON of the change; empty if it is about an event, which is in the inbox.
    pub(crate) body: String,
    pub(crate) attempts: i64,
    /// The object whose messages are delivered in their order.
    pub(crate) about: ObjectRef,
    pub(crate) seq: i64,
    token: i64,
}

impl Message {
    /// Its key and the token of its claim.
    fn claimed(&self) -> [Bind<'static>; 2] {
        [self.seq, self.token].map(Bind::integer)
    }
}

/// Writes a message in the transaction of what it tells of.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    scope: &Scope,
    about: &ObjectRef,
    subject: &str,
    object_id: &str,
    body: &str,
) -> Result<(), TxError> {
    let now = conn.kind().dialect().now_millis;
    let sql = format!(
        "INSERT INTO $outbox (account, livemode, subject, object_id, body, about, about_id, due_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, {now})"
    );
    let [account, livemode] = scope.binds();
    let texts = [subject, object_id, body, &about.object, &about.id].map(Bind::text);
    let binds = [&[account, livemode][..], &texts].concat();
    conn.execute(sql, &binds).await.map(drop)
}

impl Store {
    /// Claims messages that are due, that nobody has, and that can be delivered here; of each object only the first.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn claim_messages(
        &self,
        livemode: bool,
        tellable: &Deliverable,
        most: usize,
        lease: Duration,
        turn: &mut Turn,
    ) -> Result<Vec<Message>, StoreError> {
        let skip = self.kind().dialect().skip_locked;
        // What nobody here can deliver holds nothing back: it may be of a version that is gone.
        let (here, of_here) = tellable.condition();
        let update = format!(
            "UPDATE $outbox SET token = ?, expires_at = {} WHERE seq = ?",
            self.kind().in_future(lease)
        );
        let due = |lane: &str, now| tellable.has(lane).then_some(now);
        for _ in 0..ROUNDS {
            let lanes = self.lanes(OUTBOX, livemode, &due, turn, most).await?;
            if lanes.is_empty() {
                break;
            }
            let token = self.next_token().await?;
            let (messages, last, moved) = transaction!(self, TABLE, async |conn| {
                let mut shares = Shares::new(lanes.clone(), most);
                let (mut messages, mut last, mut moved) = (Vec::new(), None, 0);
                while let Some((lane, share)) = shares.next() {
                    let select = format!(
                        "SELECT account, subject, object_id, body, attempts, seq, about, about_id, {} \
                         FROM $outbox AS o WHERE lane = ? AND free_at <= {} \
                         ORDER BY free_at LIMIT {share}{skip}",
                        hold::blocker(&here),
                        lane.until
                    );
                    let binds = [&of_here[..], &[Bind::text(&lane.name)]].concat();
                    let rows = conn.rows(select, &binds).await?;
                    let (taken, mut blocked) = (rows.len(), Vec::new());
                    for row in rows {
                        let (account, subject, object_id, body, attempts, seq, object, id, blocker) =
                            row;
                        let message = Message {
                            scope: Scope { account, livemode },
                            subject,
                            object_id,
                            body,
                            attempts,
                            about: ObjectRef { object, id },
                            seq,
                            token,
                        };
                        // An earlier message that is in its way.
                        if let Some(blocker) = blocker {
                            blocked.push((blocker, message));
                            continue;
                        }
                        let binds = [Bind::integer(token), Bind::integer(seq)];
                        conn.execute(&update, &binds).await?;
                        messages.push(message);
                    }
                    moved += hold::hold(conn, &blocked).await?;
                    last = Some(lane.name.clone());
                    // Where a message was in the way, the lane gives no more in this round.
                    shares.took(lane, share, taken - blocked.len());
                }
                Ok((messages, last, moved))
            })?;
            turn.behind = last.unwrap_or_default();
            if !messages.is_empty() || moved == 0 {
                return Ok(messages);
            }
        }
        Ok(Vec::new())
    }

    /// Keeps a claim of a message for longer; returns `false` if somebody else has it by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_message(
        &self,
        message: &Message,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let until = self.kind().in_future(lease);
        let change = format!("UPDATE $outbox SET expires_at = {until}");
        let renewed = self.change_message(message, &change, &[]);
        Ok(renewed.await? > 0)
    }

    /// Gives a message back that was not delivered, as if it had not been claimed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn release_message(&self, message: &Message) -> Result<(), StoreError> {
        let change = "UPDATE $outbox SET expires_at = 0";
        self.change_message(message, change, &[]).await.map(drop)
    }

    /// Removes a message that was delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn delivered(&self, message: &Message) -> Result<(), StoreError> {
        let alone = format!("DELETE FROM $outbox {OF_CLAIM} AND NOT holds");
        match self.execute(TABLE, &alone, &message.claimed()).await? {
            0 => self.let_go(message, "DELETE FROM $outbox", &[]).await,
            _ => Ok(()),
        }
    }

    /// Removes a message, or gives it up, and lets the next one go that waits for it.
    async fn let_go(
        &self,
        message: &Message,
        change: &str,
        values: &[Bind<'_>],
    ) -> Result<(), StoreError> {
        let sql = format!("{change} {OF_CLAIM}");
        let binds = [values, &message.claimed()].concat();
        transaction!(self, TABLE, async |conn| {
            if conn.execute(&sql, &binds).await? > 0 {
                hold::let_next_go(conn, message).await?;
            }
            Ok(())
        })
    }

    /// Puts off a message that could not be delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn not_delivered(
        &self,
        message: &Message,
        after: Duration,
        reason: &str,
    ) -> Result<(), StoreError> {
        let change = format!(
            "UPDATE $outbox SET attempts = attempts + 1, expires_at = 0, due_at = {}, reason = ?",
            self.kind().in_future(after)
        );
        self.change_message(message, &change, &[Bind::text(reason)])
            .await
            .map(drop)
    }

    /// Gives a message up that could not be delivered: it holds nothing back any more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn dead_letter_message(
        &self,
        message: &Message,
        reason: &str,
    ) -> Result<(), StoreError> {
        let change = format!(
            "UPDATE $outbox SET attempts = attempts + 1, expires_at = 0, dead_at = {}, reason = ?",
            self.kind().dialect().now_millis
        );
        self.let_go(message, &change, &[Bind::text(reason)]).await
    }

    /// Makes messages that were given up due again. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn revive_messages(&self, livemode: bool) -> Result<u64, StoreError> {
        let now = self.kind().dialect().now_millis;
        let sql =
            format!("UPDATE $outbox SET dead_at = 0, attempts = 0, due_at = {now} WHERE lane = ?");
        transaction!(self, TABLE, async |conn| {
            let dead = [Bind::text(at_rest(livemode))];
            conn.execute(&sql, &dead).await
        })
    }

    /// How many messages wait to be delivered, and how many were given up.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_messages(&self, livemode: bool) -> Result<(i64, i64), StoreError> {
        query!(self, TABLE, async |conn| {
            let count = |of: &str| format!("SELECT COUNT(*) FROM $outbox WHERE {of} = ?");
            let all = [Bind::boolean(livemode)];
            let all: i64 = conn.one(count("livemode"), &all).await?;
            let dead = [Bind::text(at_rest(livemode))];
            let dead = conn.one(count("lane"), &dead).await?;
            Ok((all - dead, dead))
        })
    }

    /// Removes messages that were given up so many milliseconds ago, or that cannot be delivered here and that nobody has
    /// delivered or tried to for so long; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn purge_messages(
        &self,
        livemode: bool,
        tellable: &Deliverable,
        older_than: i64,
    ) -> Result<u64, StoreError> {
        let delete = "DELETE FROM $outbox";
        let purge = async |lane: &str| self.sweep_lane(OUTBOX, delete, lane, older_than).await;
        let mut purged = purge(at_rest(livemode)).await?;
        // Whoever tries to deliver a message puts it off, so it has been due for as long as nobody tried.
        let foreign = |lane: &str, _| (!tellable.has(lane)).then_some(i64::MAX);
        let from_first = Turn::default();
        let lanes = self.lanes(OUTBOX, livemode, &foreign, &from_first, ALL_LANES);
        for lane in lanes.await? {
            purged += purge(&lane.name).await?;
        }
        // What waits for one of these, or for what another version of this program has delivered, is looked at again.
        let look_anew = "UPDATE $outbox SET held = FALSE";
        self.sweep_lane(OUTBOX, look_anew, held(livemode), EVER)
            .await?;
        Ok(purged)
    }

    /// Changes or removes a message that is still this process's; returns how many that are.
    async fn change_message(
        &self,
        message: &Message,
        change: &str,
        values: &[Bind<'_>],
    ) -> Result<u64, StoreError> {
        let sql = format!("{change} {OF_CLAIM}");
        let binds = [values, &message.claimed()].concat();
        self.execute(TABLE, &sql, &binds).await
    }
}
