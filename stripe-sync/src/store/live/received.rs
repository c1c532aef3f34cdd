//! Events as they come: kept, and what there is to do about them.

use super::due;
use super::inbox::{EventState, NewEvent, Source, TABLE};
use super::{StoreError, scope_binds};
use crate::store::Store;
use crate::store::bookkeeping::tick;
use crate::store::connection::{Bind, Conn};
use crate::store::fault::{Fault, Tries};

impl Store {
    /// Keeps events, and says which objects there is something to do about; answers for each whether it is new.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn receive(&self, events: &[NewEvent]) -> Result<Vec<bool>, StoreError> {
        let seq = match self.kind().is_mysql() {
            true => Some(self.tick().await?),
            false => None,
        };
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_receive(events, seq).await {
                Ok(new) => return Ok(new),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_receive(&self, events: &[NewEvent], seq: Option<i64>) -> Result<Vec<bool>, Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let seq = match seq {
            Some(seq) => seq,
            None => tick(&mut conn).await?,
        };
        let mut new = Vec::with_capacity(events.len());
        let mut notices = Vec::new();
        for event in events {
            let is_new = insert(&mut conn, event, seq).await?;
            new.push(is_new);
            if is_new || wake(&mut conn, event).await? {
                let subjects = event.subject.iter().chain(&event.others);
                notices.extend(subjects.map(|subject| (&event.scope, subject)));
            }
        }
        // In one order, so that two deliveries do not wait for each other.
        notices.sort_unstable_by_key(|(scope, subject)| (&scope.account, *subject));
        for (scope, subject) in notices {
            due::notice(&mut conn, scope, subject).await?;
        }
        transaction.commit().await?;
        Ok(new)
    }
}

/// Makes an event pending that another process kept and had no model or handler for; answers whether it did.
async fn wake(conn: &mut Conn<'_>, event: &NewEvent) -> Result<bool, sqlx::Error> {
    let Some(subject) = &event.subject else {
        return Ok(false);
    };
    let (pending, ignored) = (EventState::Pending.number(), EventState::Ignored.number());
    let sql = conn.sql(format!(
        "UPDATE {TABLE} SET state = {pending}, object = ?, object_id = ? \
         WHERE account = ? AND livemode = ? AND id = ? AND state = {ignored}"
    ));
    let mut binds = vec![Bind::text(&subject.object), Bind::text(&subject.id)];
    binds.extend(scope_binds(&event.scope));
    binds.push(Bind::text(&event.id));
    Ok(conn.execute(sql, &binds).await? > 0)
}

/// Keeps an event, unless it is kept already; answers whether it was not.
async fn insert(conn: &mut Conn<'_>, event: &NewEvent, seq: i64) -> Result<bool, sqlx::Error> {
    let dialect = conn.kind().dialect();
    let (now, (insert, or_ignore)) = (dialect.now_millis, dialect.or_ignore);
    let sql = conn.sql(format!(
        "{insert} INTO {TABLE} (account, livemode, id, seq, kind, object, object_id, created, received_at, source, state, \
         payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {now}, ?, ?, ?){or_ignore}"
    ));
    let state = match event.subject {
        Some(_) => EventState::Pending,
        None => EventState::Ignored,
    };
    let subject = event.subject.as_ref();
    let source = match event.source {
        Source::Delivered => 0,
        Source::Listed => 1,
    };
    let mut binds = scope_binds(&event.scope).to_vec();
    binds.extend([
        Bind::text(&event.id),
        Bind::integer(seq),
        Bind::text(&event.kind),
        Bind::text(subject.map_or("", |subject| &subject.object)),
        Bind::text(subject.map_or("", |subject| &subject.id)),
        Bind::integer(event.created),
        Bind::integer(source),
        Bind::integer(state.number()),
        Bind::text(&event.payload),
    ]);
    Ok(conn.execute(sql, &binds).await? > 0)
}
