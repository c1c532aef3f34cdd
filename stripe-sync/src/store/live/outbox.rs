//! What is to be told after a commit, at least once: `stripe_sync_outbox`.
//!
//! A message is written in the transaction of the change that it tells of, so it exists if and only if the change does.
//! Messages about one object are told in their order.

use std::time::Duration;

use super::tellable::Tellable;
use super::{StoreError, scope_binds};
use crate::cell::CellType;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store, with_connection};

pub(super) const TABLE: &str = "stripe_sync_outbox";

/// Something to tell.
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
) -> Result<(), sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let sql = conn.sql(format!(
        "INSERT INTO {TABLE} (account, livemode, subject, object_id, body, due_at) VALUES (?, ?, ?, ?, ?, {now})"
    ));
    let mut binds = scope_binds(scope).to_vec();
    binds.extend([Bind::text(subject), Bind::text(object_id), Bind::text(body)]);
    conn.execute(sql, &binds).await.map(drop)
}

impl Store {
    /// Claims messages that are due, that nobody has, and that can be told here; of each object only the first.
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
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            let claimed = self.try_claim_messages(livemode, tellable, most, lease, token);
            match claimed.await {
                Ok(messages) => return Ok(messages),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_claim_messages(
        &self,
        livemode: bool,
        tellable: &Tellable,
        most: usize,
        lease: Duration,
        token: i64,
    ) -> Result<Vec<Message>, Fault> {
        let dialect = self.kind().dialect();
        let (now, skip) = (dialect.now_millis, dialect.skip_locked);
        let (here, of_here) = tellable.condition();
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let sql = conn.sql(format!(
            "SELECT account, subject, object_id, body, attempts, seq FROM {TABLE} AS o \
             WHERE livemode = ? AND due_at <= {now} AND expires_at <= {now} AND {here} AND NOT EXISTS (SELECT 1 FROM {TABLE} AS e \
             WHERE e.account = o.account AND e.livemode = o.livemode AND e.subject = o.subject \
             AND e.object_id = o.object_id AND e.seq < o.seq) ORDER BY seq LIMIT {most}{skip}"
        ));
        let columns = [
            CellType::Text,
            CellType::Text,
            CellType::Text,
            CellType::Text,
            CellType::Integer,
            CellType::Integer,
        ];
        let mut binds = vec![Bind::boolean(livemode)];
        binds.extend(of_here);
        let rows = conn.fetch(sql, &binds, &columns).await?;
        let messages: Vec<Message> = rows
            .into_iter()
            .map(|row| {
                let mut row = Taken::new(row);
                Message {
                    scope: Scope {
                        account: row.text(),
                        livemode,
                    },
                    subject: row.text(),
                    object_id: row.text(),
                    body: row.text(),
                    attempts: row.integer(),
                    seq: row.integer(),
                    token,
                }
            })
            .collect();
        for message in &messages {
            let sql = conn.sql(format!(
                "UPDATE {TABLE} SET token = ?, expires_at = {now} + {} WHERE seq = ?",
                lease.as_millis()
            ));
            let binds = [Bind::integer(token), Bind::integer(message.seq)];
            conn.execute(sql, &binds).await?;
        }
        transaction.commit().await?;
        Ok(messages)
    }

    /// Forgets a message that was told.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn told(&self, message: &Message) -> Result<(), StoreError> {
        let text = format!("DELETE FROM {TABLE} WHERE seq = ? AND token = ?");
        self.change_message(message, &text, &[]).await
    }

    /// Keeps a message that could not be told, to be told after a while.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn not_told(
        &self,
        message: &Message,
        after: Duration,
        reason: &str,
    ) -> Result<(), StoreError> {
        let now = self.kind().dialect().now_millis;
        let text = format!(
            "UPDATE {TABLE} SET attempts = attempts + 1, expires_at = 0, due_at = {now} + {}, reason = ? \
             WHERE seq = ? AND token = ?",
            after.as_millis()
        );
        self.change_message(message, &text, &[Bind::text(reason)])
            .await
    }

    /// How many messages wait to be told.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_messages(&self, livemode: bool) -> Result<i64, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let count = self.try_count_messages(livemode).await;
        count.map_err(|fault| tries.give_up(fault))
    }

    async fn try_count_messages(&self, livemode: bool) -> Result<i64, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!("SELECT COUNT(*) FROM {TABLE} WHERE livemode = ?"));
            let binds = [Bind::boolean(livemode)];
            let rows = conn.fetch(sql, &binds, &[CellType::Integer]).await?;
            let first = rows.into_iter().next();
            Ok(first.map_or(0, |row| Taken::new(row).integer()))
        })
    }

    /// Forgets messages that cannot be told here and that nobody has told or tried to tell for so many milliseconds;
    /// answers how many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_messages(
        &self,
        livemode: bool,
        tellable: &Tellable,
        older_than: i64,
    ) -> Result<u64, StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            let forgotten = self.try_forget_messages(livemode, tellable, older_than);
            match forgotten.await {
                Ok(forgotten) => return Ok(forgotten),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_forget_messages(
        &self,
        livemode: bool,
        tellable: &Tellable,
        older_than: i64,
    ) -> Result<u64, Fault> {
        let now = self.kind().dialect().now_millis;
        let (here, of_here) = tellable.condition();
        let mut transaction = self.begin().await?;
        let forgotten = {
            let mut conn = transaction.conn();
            // Whoever tries to tell a message puts it off, so it has been due for as long as nobody tried.
            let sql = conn.sql(format!(
                "DELETE FROM {TABLE} WHERE livemode = ? AND due_at < {now} - ? AND expires_at <= {now} AND NOT {here}"
            ));
            let mut binds = vec![Bind::boolean(livemode), Bind::integer(older_than)];
            binds.extend(of_here);
            conn.execute(sql, &binds).await?
        };
        transaction.commit().await?;
        Ok(forgotten)
    }

    async fn change_message(
        &self,
        message: &Message,
        text: &str,
        values: &[Bind<'_>],
    ) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_change_message(message, text, values).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_change_message(
        &self,
        message: &Message,
        text: &str,
        values: &[Bind<'_>],
    ) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let sql = conn.sql(text);
        let mut binds = values.to_vec();
        binds.extend([Bind::integer(message.seq), Bind::integer(message.token)]);
        conn.execute(sql, &binds).await?;
        transaction.commit().await?;
        Ok(())
    }
}
