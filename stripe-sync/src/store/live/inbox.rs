//! Events as they came: `stripe_sync_events`.

use super::due;
use super::outbox;
use super::selection::Selection;
use super::work::{self, Subject};
use super::{StoreError, scope_binds};
use crate::cell::CellType;
use crate::store::connection::{Bind, Rows, Taken};
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store, with_connection};

pub(super) const TABLE: &str = "stripe_sync_events";
const COLUMNS: &str =
    "account, livemode, id, kind, created, received_at, source, state, reason, payload";
const TYPES: [CellType; 10] = [
    CellType::Text,
    CellType::Boolean,
    CellType::Text,
    CellType::Text,
    CellType::Integer,
    CellType::Integer,
    CellType::Integer,
    CellType::Integer,
    CellType::Text,
    CellType::Text,
];

/// How an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// Stripe delivered it.
    Delivered,
    /// It was listed, or asked for by its id.
    Listed,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventState {
    /// It waits, or failed and will be tried again.
    Pending,
    /// It was processed.
    Done,
    /// It failed too often: a dead letter, which can be replayed.
    Dead,
    /// No model and no handler wanted it.
    Ignored,
}

impl EventState {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Done => 1,
            Self::Dead => 2,
            Self::Ignored => 3,
        }
    }

    fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Done,
            2 => Self::Dead,
            3 => Self::Ignored,
            _ => Self::Pending,
        }
    }
}

/// An event to keep.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) scope: Scope,
    pub(crate) id: String,
    pub(crate) kind: String,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) source: Source,
    pub(crate) payload: String,
    /// The object whose turn it is when the event is processed; `None` if nobody wants the event.
    pub(crate) subject: Option<Subject>,
    /// Other objects that it tells of.
    pub(crate) others: Vec<Subject>,
}

/// An event that is kept.
#[derive(Debug, Clone)]
pub(crate) struct StoredEvent {
    pub(crate) scope: Scope,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) created: i64,
    /// By the database's clock, in milliseconds.
    pub(crate) received_at: i64,
    pub(crate) source: Source,
    pub(crate) state: EventState,
    pub(crate) reason: Option<String>,
    pub(crate) payload: String,
}

impl Store {
    /// The events of an object that are not processed yet, in the order in which they came.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn pending_events(
        &self,
        scope: &Scope,
        subject: &Subject,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let events = self.try_pending(scope, subject).await;
        events.map_err(|fault| tries.give_up(fault))
    }

    async fn try_pending(
        &self,
        scope: &Scope,
        subject: &Subject,
    ) -> Result<Vec<StoredEvent>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT {COLUMNS} FROM {TABLE} WHERE account = ? AND livemode = ? AND object = ? AND object_id = ? \
                 AND state = 0 ORDER BY seq, created, id"
            ));
            let mut binds = scope_binds(scope).to_vec();
            binds.extend([Bind::text(&subject.object), Bind::text(&subject.id)]);
            Ok(stored(conn.fetch(sql, &binds, &TYPES).await?))
        })
    }

    /// Events that are kept, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn events(
        &self,
        livemode: bool,
        selection: &Selection,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let events = self.try_events(livemode, selection, most).await;
        events.map_err(|fault| tries.give_up(fault))
    }

    async fn try_events(
        &self,
        livemode: bool,
        selection: &Selection,
        most: usize,
    ) -> Result<Vec<StoredEvent>, Fault> {
        with_connection!(self, |conn| {
            let (condition, mut binds) = selection.condition();
            binds.insert(0, Bind::boolean(livemode));
            let sql = conn.sql(format!(
                "SELECT {COLUMNS} FROM {TABLE} WHERE livemode = ?{condition} ORDER BY seq DESC, created DESC, id LIMIT {most}"
            ));
            Ok(stored(conn.fetch(sql, &binds, &TYPES).await?))
        })
    }

    /// Makes events pending once more, each for the object that it was for.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn replay_events(&self, events: &[NewEvent]) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_replay(events).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_replay(&self, events: &[NewEvent]) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let mut events: Vec<&NewEvent> = events.iter().collect();
        events.sort_by_key(|event| (&event.scope.account, &event.subject));
        for event in events {
            let Some(subject) = &event.subject else {
                continue;
            };
            let sql = conn.sql(format!(
                "UPDATE {TABLE} SET state = 0, done_at = 0, object = ?, object_id = ? \
                 WHERE account = ? AND livemode = ? AND id = ?"
            ));
            let mut binds = vec![Bind::text(&subject.object), Bind::text(&subject.id)];
            binds.extend(scope_binds(&event.scope));
            binds.push(Bind::text(&event.id));
            conn.execute(sql, &binds).await?;
            // One more than events, so that the object is read, and no event's own copy taken.
            for subject in [subject, subject].into_iter().chain(&event.others) {
                due::notice(&mut conn, &event.scope, subject).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// How many events there are in each state, and for how many milliseconds the oldest one waits.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_events(
        &self,
        livemode: bool,
    ) -> Result<(Vec<(EventState, i64)>, i64), StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let counts = self.try_count_events(livemode).await;
        counts.map_err(|fault| tries.give_up(fault))
    }

    async fn try_count_events(
        &self,
        livemode: bool,
    ) -> Result<(Vec<(EventState, i64)>, i64), Fault> {
        let now = self.kind().dialect().now_millis;
        with_connection!(self, |conn| {
            let binds = [Bind::boolean(livemode)];
            let sql = conn.sql(format!(
                "SELECT state, COUNT(*) FROM {TABLE} WHERE livemode = ? GROUP BY state"
            ));
            let columns = [CellType::Integer, CellType::Integer];
            let counts = conn.fetch(sql, &binds, &columns).await?;
            let counts = counts.into_iter().map(|row| {
                let mut row = Taken::new(row);
                (EventState::from_number(row.integer()), row.integer())
            });
            let counts = counts.collect();
            let sql = conn.sql(format!(
                "SELECT {now} - MIN(since) FROM {} WHERE livemode = ? AND notices > 0",
                work::TABLE
            ));
            let lag = conn.fetch(sql, &binds, &[CellType::Integer]).await?;
            let lag = lag.into_iter().next();
            Ok((counts, lag.map_or(0, |row| Taken::new(row).integer())))
        })
    }

    /// Forgets events of a state that were done before so many milliseconds ago; answers how many. One that is still to be
    /// told is kept, since the message has only its id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_events(
        &self,
        livemode: bool,
        state: EventState,
        older_than: i64,
    ) -> Result<u64, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let forgotten = self.try_forget(livemode, state, older_than).await;
        forgotten.map_err(|fault| tries.give_up(fault))
    }

    async fn try_forget(
        &self,
        livemode: bool,
        state: EventState,
        older_than: i64,
    ) -> Result<u64, Fault> {
        let now = self.kind().dialect().now_millis;
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "DELETE FROM {TABLE} WHERE state = ? AND livemode = ? AND done_at < {now} - ? AND received_at < {now} - ? \
                 AND id NOT IN (SELECT object_id FROM {} WHERE livemode = ? AND body = '')",
                outbox::TABLE
            ));
            let binds = [
                Bind::integer(state.number()),
                Bind::boolean(livemode),
                Bind::integer(older_than),
                Bind::integer(older_than),
                Bind::boolean(livemode),
            ];
            Ok(conn.execute(sql, &binds).await?)
        })
    }
}

fn stored(rows: Rows) -> Vec<StoredEvent> {
    let event = |row| {
        let mut row = Taken::new(row);
        StoredEvent {
            scope: Scope {
                account: row.text(),
                livemode: row.boolean(),
            },
            id: row.text(),
            kind: row.text(),
            created: row.integer(),
            received_at: row.integer(),
            source: match row.integer() {
                1 => Source::Listed,
                _ => Source::Delivered,
            },
            state: EventState::from_number(row.integer()),
            reason: row.text_or_null(),
            payload: row.text(),
        }
    };
    rows.into_iter().map(event).collect()
}
