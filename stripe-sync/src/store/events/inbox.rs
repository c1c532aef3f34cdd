//! Events as they came: `inbox`.
//!
//! An event is known by its id and mode: of which account it is depends on the models of the process that received it.
pub(crate) mod purge;
pub(crate) mod receive;
pub(crate) mod selection;

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::model::words::words;
use crate::store::db::row::state::by_number;
use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TxError, query, transaction};
use crate::store::events::queue::debounce;
use crate::store::events::{ObjectRef, queue};
use crate::store::rows::remarks::failed::as_rfc3339;
use crate::stripe_time::utc;
use selection::Selection;

/// The table in messages.
pub(crate) const TABLE: &str = "stripe_sync_inbox";
const COLUMNS: &str =
    "id, kind, account, created, received_at, source, state, reason, payload, seq";
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

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

words! { Source: Delivered "delivered", Listed "listed" }

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

words! { EventState: Pending "pending", Done "done", Dead "dead", Ignored "ignored" }

impl EventState {
    const ALL: [Self; 4] = [Self::Pending, Self::Done, Self::Dead, Self::Ignored];

    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    fn from_number(value: i64) -> Result<Self, StoreError> {
        by_number(&Self::ALL, (TABLE, "state"), value)
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
    /// Whether it came without its object, as a thin event does.
    pub(crate) thin: bool,
    pub(crate) payload: String,
    pub(crate) disposition: Disposition,
}

/// What is to be done about a new event.
#[derive(Debug, Clone)]
pub(crate) enum Disposition {
    /// Objects are to be read: the one with which the event is processed, and others that it names.
    Pending {
        subject: ObjectRef,
        others: Vec<ObjectRef>,
    },
    /// Nothing, with the reason.
    Ignored(String),
    /// It cannot be read, with the reason.
    Dead(String),
}

/// An event in the inbox.
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct InboxEvent {
    /// Stripe's id.
    pub id: String,
    /// Stripe's `type`.
    pub kind: String,
    /// The account whose object it is about. A connected account is itself an object of its platform.
    pub account: String,
    /// When it happened, by Stripe's clock, to the second.
    #[serde(serialize_with = "as_rfc3339")]
    pub created: DateTime<Utc>,
    /// When it was kept, by the database's clock, to the millisecond.
    #[serde(serialize_with = "as_rfc3339")]
    pub received_at: DateTime<Utc>,
    /// How it came.
    pub source: Source,
    /// What became of it.
    pub state: EventState,
    /// Why it failed, if it did.
    pub reason: Option<String>,
    /// The event as it came.
    #[serde(skip)]
    pub payload: Bytes,
    /// A token: the order in which events came.
    #[serde(skip)]
    seq: i64,
}

impl fmt::Display for InboxEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.id, self.kind, self.state)?;
        match &self.reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl NewEvent {
    /// The object with which it is processed, if there is one.
    pub(crate) fn subject(&self) -> Option<&ObjectRef> {
        self.subjects().next()
    }

    /// The objects that are to be read: the one with which it is processed first.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &ObjectRef> {
        let (subject, others) = match &self.disposition {
            Disposition::Pending { subject, others } => (Some(subject), &others[..]),
            Disposition::Ignored(_) | Disposition::Dead(_) => (None, &[][..]),
        };
        subject.into_iter().chain(others)
    }

    /// Changes the event in the inbox, which is for its subject from now on; returns how many rows it changed. `set` and
    /// `condition` have no parameters. An event that nobody here wants stays as it is.
    pub(crate) async fn update(
        &self,
        conn: &mut Conn<'_>,
        set: &str,
        condition: &str,
    ) -> Result<u64, TxError> {
        let Some(subject) = self.subject() else {
            return Ok(0);
        };
        let sql = format!(
            "UPDATE $inbox SET {set}account = ?, object = ?, object_id = ? \
             WHERE livemode = ? AND id = ?{condition}"
        );
        let [account, livemode] = self.scope.binds();
        let (object, id) = (Bind::text(&subject.object), Bind::text(&subject.id));
        let binds = [account, object, id, livemode, Bind::text(&self.id)];
        conn.execute(sql, &binds).await
    }
}

impl Store {
    /// The events of an object that are not processed yet, by their second, and in the order in which they came.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn pending_events(
        &self,
        scope: &Scope,
        subject: &ObjectRef,
    ) -> Result<Vec<InboxEvent>, StoreError> {
        let pending = format!("{} AND state = 0", queue::OF_KEY);
        let key = queue::key(scope, subject);
        let mut pending = self.stored_events(&pending, &key).await?;
        pending.sort_by(|a, b| (a.created, a.seq, &a.id).cmp(&(b.created, b.seq, &b.id)));
        Ok(pending)
    }

    /// Events of the inbox, the newest first; those that are chosen by their ids in the order in which they came, the last first.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn events(
        &self,
        livemode: bool,
        selection: &Selection,
        most: usize,
    ) -> Result<Vec<InboxEvent>, StoreError> {
        if selection.ids.is_some() {
            let (chosen, binds) = selection.condition(livemode);
            let mut chosen = self.stored_events(&chosen, &binds).await?;
            chosen.sort_by(|a, b| (b.seq, b.created, &a.id).cmp(&(a.seq, a.created, &b.id)));
            chosen.truncate(most);
            return Ok(chosen);
        }
        let mut newest = Vec::new();
        // The index has them by their states.
        let is_selected = |state: &EventState| selection.state.is_none_or(|one| one == *state);
        for state in EventState::ALL.into_iter().filter(is_selected) {
            let of_state = Selection {
                state: Some(state),
                ..selection.clone()
            };
            let (selected, binds) = of_state.condition(livemode);
            let selected = format!("{selected} ORDER BY created DESC, id DESC LIMIT {most}");
            newest.extend(self.stored_events(&selected, &binds).await?);
        }
        newest.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        newest.truncate(most);
        Ok(newest)
    }

    async fn stored_events(
        &self,
        selected: &str,
        binds: &[Bind<'_>],
    ) -> Result<Vec<InboxEvent>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM $inbox {selected}");
        let rows = self.rows(TABLE, &sql, binds).await?;
        let sources = [Source::Delivered, Source::Listed];
        let event = |row| {
            let (id, kind, account, created, received_at, source, state, reason, payload, seq) =
                row;
            let payload: String = payload;
            Ok(InboxEvent {
                id,
                kind,
                account,
                created: utc(created),
                received_at: DateTime::from_timestamp_millis(received_at).unwrap_or_default(),
                source: by_number(&sources, (TABLE, "source"), source)?,
                state: EventState::from_number(state)?,
                reason,
                payload: payload.into(),
                seq,
            })
        };
        rows.into_iter().map(event).collect()
    }

    /// Makes events pending once more, each for the object that it was for.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn replay_events(&self, events: &[NewEvent]) -> Result<(), StoreError> {
        let mut events: Vec<&NewEvent> = events.iter().collect();
        events.sort_by_key(|event| (&event.scope.account, event.subject()));
        transaction!(self, TABLE, async |conn| {
            for event in &events {
                event.update(conn, "state = 0, done_at = 0, ", "").await?;
                // One more than events, so that the object is read, and no event's own copy taken.
                for subject in event.subject().into_iter().chain(event.subjects()) {
                    debounce::notice(conn, &event.scope, subject).await?;
                }
            }
            Ok(())
        })
    }

    /// How many events there are in each state, and for how many milliseconds the oldest one waits.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_events(
        &self,
        livemode: bool,
    ) -> Result<(Vec<(EventState, i64)>, i64), StoreError> {
        let (counts, lag) = query!(self, TABLE, async |conn| {
            let sql = "SELECT state, COUNT(*) FROM $inbox WHERE livemode = ? GROUP BY state";
            let counts = conn
                .rows::<(i64, i64)>(sql, &[Bind::boolean(livemode)])
                .await?;
            Ok((counts, lag(conn, livemode).await?))
        })?;
        let counts = counts.into_iter();
        let counts = counts.map(|(state, count)| Ok((EventState::from_number(state)?, count)));
        Ok((counts.collect::<Result<_, StoreError>>()?, lag))
    }

    /// For how many milliseconds the oldest event waits, and how many events there are in one state.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn lag_and_count(
        &self,
        livemode: bool,
        state: EventState,
    ) -> Result<(i64, i64), StoreError> {
        query!(self, TABLE, async |conn| {
            let sql = "SELECT COUNT(*) FROM $inbox WHERE state = ? AND livemode = ?";
            let of_state = [Bind::integer(state.number()), Bind::boolean(livemode)];
            let count = conn.one(sql, &of_state).await?;
            Ok((lag(conn, livemode).await?, count))
        })
    }

    /// How many events of each type were received in the last day.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_kinds(
        &self,
        livemode: bool,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        // No index has them by when they were received: nobody asks often.
        let sql = format!(
            "SELECT kind, COUNT(*) FROM $inbox WHERE livemode = ? AND received_at >= {} - {DAY} GROUP BY kind",
            self.kind().dialect().now_millis
        );
        self.rows(TABLE, &sql, &[Bind::boolean(livemode)]).await
    }
}

/// For how many milliseconds the oldest event waits.
async fn lag(conn: &mut Conn<'_>, livemode: bool) -> Result<i64, TxError> {
    let now = conn.kind().dialect().now_millis;
    let sql = format!("SELECT {now} - MIN(since) FROM $work WHERE livemode = ? AND notices > 0");
    let lag: Option<i64> = conn.one(sql, &[Bind::boolean(livemode)]).await?;
    Ok(lag.unwrap_or_default())
}
