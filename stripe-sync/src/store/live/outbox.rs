//! What is to be delivered after a commit, at least once: `outbox`.
//!
//! A message is written in the transaction of the change that it tells of, so it exists if and only if the change does.
//! Messages about one object, of its events and of its rows, are delivered in their order: one that fails holds back those
//! behind it, of this object alone, until it is told or given up.

use std::time::Duration;

use super::moments;
use super::tellable::Tellable;
use super::work::Subject;
use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::door::{query, transaction};
use crate::store::db::error::StoreError;
use crate::store::db::retry::TxError;
use crate::store::{Scope, Store};

/// The table in messages.
const TABLE: &str = "stripe_sync_outbox";

/// A message but for its mode, and whether it is due though its moment has not come.
type Row = (String, String, String, String, i64, i64, i64);

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
    seq: i64,
    token: i64,
}

/// Writes a message in the transaction of what it tells of.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    scope: &Scope,
    about: &Subject,
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
        tellable: &Tellable,
        most: usize,
        lease: Duration,
    ) -> Result<Vec<Message>, StoreError> {
        let token = self.tick().await?;
        let dialect = self.kind().dialect();
        let (now, skip) = (dialect.now_millis, dialect.skip_locked);
        let (here, of_here) = tellable.condition();
        let select = format!(
            "SELECT account, subject, object_id, body, attempts, seq, {} FROM $outbox AS o \
             WHERE livemode = ? AND dead_at = 0 AND {} AND {here} AND NOT EXISTS (SELECT 1 FROM $outbox AS e \
             WHERE e.account = o.account AND e.livemode = o.livemode AND e.about = o.about AND e.about_id = o.about_id \
             AND (o.about <> '' OR (e.subject = o.subject AND e.object_id = o.object_id)) \
             AND e.seq < o.seq AND e.dead_at = 0 AND {here}) ORDER BY seq LIMIT {most}{skip}",
            moments::is_ahead(now),
            moments::is_free(now)
        );
        let update = format!(
            "UPDATE $outbox SET token = ?, expires_at = {now} + {} WHERE seq = ?",
            lease.as_millis()
        );
        // What nobody here can deliver holds nothing back: it may be of a version that is gone.
        let binds = [&[Bind::boolean(livemode)], &of_here[..], &of_here[..]].concat();
        let (messages, ahead) = transaction!(self, TABLE, async |conn| {
            let rows = conn.rows(&select, &binds).await?.into_iter();
            let mut all_ahead = 0;
            let message = |(account, subject, object_id, body, attempts, seq, ahead): Row| {
                all_ahead += usize::from(ahead > 0);
                Message {
                    scope: Scope { account, livemode },
                    subject,
                    object_id,
                    body,
                    attempts,
                    seq,
                    token,
                }
            };
            let messages: Vec<Message> = rows.map(message).collect();
            for message in &messages {
                let binds = [Bind::integer(token), Bind::integer(message.seq)];
                conn.execute(&update, &binds).await?;
            }
            Ok((messages, all_ahead))
        })?;
        moments::warn(TABLE, ahead);
        Ok(messages)
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
        let (now, lease) = (self.kind().dialect().now_millis, lease.as_millis());
        let change = format!("UPDATE $outbox SET expires_at = {now} + {lease}");
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
        let deleted = self.change_message(message, "DELETE FROM $outbox", &[]);
        deleted.await.map(drop)
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
            "UPDATE $outbox SET attempts = attempts + 1, expires_at = 0, due_at = {} + {}, reason = ?",
            self.kind().dialect().now_millis,
            after.as_millis()
        );
        self.change_message(message, &change, &[Bind::text(reason)])
            .await
            .map(drop)
    }

    /// Gives a message up that could not be delivered: it holds nothing back any more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn bury_message(
        &self,
        message: &Message,
        reason: &str,
    ) -> Result<(), StoreError> {
        let change = format!(
            "UPDATE $outbox SET attempts = attempts + 1, expires_at = 0, dead_at = {}, reason = ?",
            self.kind().dialect().now_millis
        );
        self.change_message(message, &change, &[Bind::text(reason)])
            .await
            .map(drop)
    }

    /// Says of messages that were given up that they are to be delivered; answers how many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn revive_messages(&self, livemode: bool) -> Result<u64, StoreError> {
        let now = self.kind().dialect().now_millis;
        let sql = format!(
            "UPDATE $outbox SET dead_at = 0, attempts = 0, due_at = {now} WHERE livemode = ? AND dead_at > 0"
        );
        transaction!(self, TABLE, async |conn| {
            conn.execute(&sql, &[Bind::boolean(livemode)]).await
        })
    }

    /// How many messages wait to be delivered, and how many were given up.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_messages(&self, livemode: bool) -> Result<(i64, i64), StoreError> {
        query!(self, TABLE, async |conn| {
            let count = |dead: &str| {
                format!("SELECT COUNT(*) FROM $outbox WHERE livemode = ? AND dead_at {dead} 0")
            };
            let binds = [Bind::boolean(livemode)];
            let (waiting,) = conn.one::<(i64,)>(count("="), &binds).await?;
            let (dead,) = conn.one::<(i64,)>(count(">"), &binds).await?;
            Ok((waiting, dead))
        })
    }

    /// Removes messages that were given up so many milliseconds ago, or that cannot be delivered here and that nobody has
    /// delivered or tried to for so long; answers how many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn purge_messages(
        &self,
        livemode: bool,
        tellable: &Tellable,
        older_than: i64,
    ) -> Result<u64, StoreError> {
        let now = self.kind().dialect().now_millis;
        let (here, of_here) = tellable.condition();
        let binds = [Bind::boolean(livemode), Bind::integer(older_than)];
        let binds = [&binds, &of_here[..]].concat();
        // Whoever tries to deliver a message puts it off, so it has been due for as long as nobody tried.
        let sql = format!(
            "DELETE FROM $outbox WHERE livemode = ? AND due_at < {now} - ? AND expires_at <= {now} \
             AND (dead_at > 0 OR NOT {here})"
        );
        transaction!(self, TABLE, async |conn| {
            conn.execute(&sql, &binds).await
        })
    }

    /// Changes or removes a message that is still this process's; returns how many that are.
    async fn change_message(
        &self,
        message: &Message,
        change: &str,
        values: &[Bind<'_>],
    ) -> Result<u64, StoreError> {
        let sql = format!("{change} WHERE seq = ? AND token = ?");
        let of = [message.seq, message.token].map(Bind::integer);
        let binds = [values, &of].concat();
        query!(self, TABLE, async |conn| {
            conn.execute(&sql, &binds).await
        })
    }
}
