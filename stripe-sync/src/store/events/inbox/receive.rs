//! Events as they come: written to the inbox, and what there is to do about them.

use crate::store::db::{Bind, Conn, Store, StoreError, TxError, transaction};
use crate::store::events::inbox::TABLE;
use crate::store::events::queue::debounce;
use crate::store::events::{Disposition, EVENT, EventState, NewEvent};
use crate::store::tables::clock::taken_or_next;

impl Store {
    /// Writes events to the inbox, and says which objects there is something to do about; returns for each whether it is
    /// new.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn receive(&self, events: &[NewEvent]) -> Result<Vec<bool>, StoreError> {
        let seq = self.token_before().await?;
        transaction!(self, TABLE, async |conn| {
            let seq = taken_or_next(conn, seq).await?;
            let mut new = Vec::with_capacity(events.len());
            let mut notices = Vec::new();
            for event in events {
                let is_new = insert(conn, event, seq).await?;
                new.push(is_new);
                if is_new || wake(conn, event).await? {
                    let subjects = event.subjects();
                    notices.extend(subjects.map(|subject| (&event.scope, subject)));
                }
            }
            // In one order, so that two deliveries do not wait for each other.
            notices.sort_unstable_by_key(|(scope, subject)| (&scope.account, *subject));
            for (scope, subject) in notices {
                debounce::notice(conn, scope, subject).await?;
            }
            Ok(new)
        })
    }
}

/// Looks at an event that is there already, as another process received it; returns whether there is something to do
/// about its objects that this process mirrors and that one does not.
async fn wake(conn: &mut Conn<'_>, event: &NewEvent) -> Result<bool, TxError> {
    let Some(subject) = event.subject() else {
        return Ok(false);
    };
    let sql = "SELECT state, object FROM $inbox WHERE livemode = ? AND id = ?";
    let [_, livemode] = event.scope.binds();
    let stored = conn.row(sql, &[livemode, Bind::text(&event.id)]).await?;
    let Some((state, object)): Option<(i64, String)> = stored else {
        return Ok(false);
    };
    let (pending, ignored) = (EventState::Pending.number(), EventState::Ignored.number());
    if state == ignored {
        let (set, condition) = (
            format!("state = {pending}, reason = NULL, "),
            format!(" AND state = {ignored}"),
        );
        return Ok(event.update(conn, &set, &condition).await? > 0);
    }
    if object != EVENT || subject.object == EVENT {
        return Ok(false);
    }
    // It is for handlers alone there. They are called once, by whoever has it; here its object is read too. One that is
    // pending may be claimed as what it is, and stays so.
    let condition = format!(" AND state <> {pending} AND object = '{EVENT}'");
    Ok(state == pending || event.update(conn, "", &condition).await? > 0)
}

/// Writes an event, unless it is there already; returns whether it was not.
async fn insert(conn: &mut Conn<'_>, event: &NewEvent, seq: i64) -> Result<bool, TxError> {
    let now = conn.kind().dialect().now_millis;
    let sql = conn.kind().insert_new(&format!(
        "$inbox (account, livemode, id, seq, kind, object, object_id, created, received_at, source, form, \
         state, reason, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {now}, ?, ?, ?, ?, ?)"
    ));
    let (state, object, id, reason) = match &event.disposition {
        Disposition::Pending { subject, .. } => {
            (EventState::Pending, &*subject.object, &*subject.id, None)
        }
        Disposition::Ignored(reason) => (EventState::Ignored, "", "", Some(&**reason)),
        Disposition::Dead(reason) => (EventState::Dead, "", "", Some(&**reason)),
    };
    let [account, livemode] = event.scope.binds();
    let binds = [
        account,
        livemode,
        Bind::text(&event.id),
        Bind::integer(seq),
        Bind::text(&event.kind),
        Bind::text(object),
        Bind::text(id),
        Bind::integer(event.created),
        Bind::integer(event.source as i64),
        Bind::integer(event.thin.into()),
        Bind::integer(state.number()),
        Bind::text_or_null(reason),
        Bind::text(&event.payload),
    ];
    Ok(conn.execute(sql, &binds).await? > 0)
}
