//! What is to be delivered after a commit, at least once: `outbox`.
//!
//! A message is written in the transaction of the change that it tells of, so it exists if and only if the change does.
//! Messages about one object are delivered in their order.

use std::time::Duration;

use super::tellable::Tellable;
use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::door::{query, transaction};
use crate::store::db::error::StoreError;
use crate::store::db::retry::TxError;
use crate::store::{Scope, Store};

/// The table in messages.
const TABLE: &str = "stripe_sync_outbox";

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
    subject: &str,
    object_id: &str,
    body: &str,
) -> Result<(), TxError> {
    let now = conn.kind().dialect().now_millis;
    let sql = format!(
        "INSERT INTO $outbox (account, livemode, subject, object_id, body, due_at) VALUES (?, ?, ?, ?, ?, {now})"
    );
    let [account, livemode] = scope.binds();
    let [subject, object_id, body] = [subject, object_id, body].map(Bind::text);
    let binds = [account, livemode, subject, object_id, body];
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
            "SELECT account, subject, object_id, body, attempts, seq FROM $outbox AS o \
             WHERE livemode = ? AND due_at <= {now} AND expires_at <= {now} AND {here} AND NOT EXISTS (SELECT 1 FROM $outbox AS e \
             WHERE e.account = o.account AND e.livemode = o.livemode AND e.subject = o.subject \
             AND e.object_id = o.object_id AND e.seq < o.seq) ORDER BY seq LIMIT {most}{skip}"
        );
        let update = format!(
            "UPDATE $outbox SET token = ?, expires_at = {now} + {} WHERE seq = ?",
            lease.as_millis()
        );
        let binds = [&[Bind::boolean(livemode)], &of_here[..]].concat();
        transaction!(self, TABLE, async |conn| {
            let rows = conn.rows(&select, &binds).await?.into_iter();
            let message = |(account, subject, object_id, body, attempts, seq)| Message {
                scope: Scope { account, livemode },
                subject,
                object_id,
                body,
                attempts,
                seq,
                token,
            };
            let messages: Vec<Message> = rows.map(message).collect();
            for message in &messages {
                let binds = [Bind::integer(token), Bind::integer(message.seq)];
                conn.execute(&update, &binds).await?;
            }
            Ok(messages)
        })
    }

    /// Removes a message that was delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn delivered(&self, message: &Message) -> Result<(), StoreError> {
        self.change_message(message, "DELETE FROM $outbox", &[])
            .await
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
    }

    /// How many messages wait to be delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_messages(&self, livemode: bool) -> Result<i64, StoreError> {
        query!(self, TABLE, async |conn| {
            let sql = "SELECT COUNT(*) FROM $outbox WHERE livemode = ?";
            let (count,) = conn.one(sql, &[Bind::boolean(livemode)]).await?;
            Ok(count)
        })
    }

    /// Removes messages that cannot be delivered here and that nobody has delivered or tried to for so many milliseconds;
    /// answers how many.
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
            "DELETE FROM $outbox WHERE livemode = ? AND due_at < {now} - ? AND expires_at <= {now} AND NOT {here}"
        );
        transaction!(self, TABLE, async |conn| {
            conn.execute(&sql, &binds).await
        })
    }

    /// Changes or removes a message that is still this process's.
    async fn change_message(
        &self,
        message: &Message,
        change: &str,
        values: &[Bind<'_>],
    ) -> Result<(), StoreError> {
        let sql = format!("{change} WHERE seq = ? AND token = ?");
        let of = [message.seq, message.token].map(Bind::integer);
        let binds = [values, &of].concat();
        query!(self, TABLE, async |conn| {
            conn.execute(&sql, &binds).await.map(drop)
        })
    }
}
