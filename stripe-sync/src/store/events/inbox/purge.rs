//! Events of the inbox that are old enough are removed, in bounded steps.

use crate::store::db::statement::FULL;
use crate::store::db::{Bind, Conn, Store, StoreError, TxError, query};
use crate::store::events::EventState;
use crate::store::events::inbox::TABLE;

/// Events that are looked at in one step.
const STEP: usize = 500;
/// How far the clocks of Stripe and of the database may differ, in seconds.
const SKEW: i64 = 60;

/// When an event happened, in unix seconds, its id, and when it was done and received.
type Row = (i64, String, i64, i64);

impl Store {
    /// Removes events of a state that were done and received before so many milliseconds ago; returns how many. One that is
    /// still to be delivered stays, since the message has only its id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn purge_events(
        &self,
        livemode: bool,
        state: EventState,
        older_than: i64,
    ) -> Result<u64, StoreError> {
        let now = self.now_millis().await?;
        let until = now.saturating_sub(older_than) / 1_000 + SKEW;
        // Behind the last one that was looked at: those that stay are not looked at again.
        let select = format!(
            "SELECT created, id, done_at, received_at FROM $inbox \
             WHERE livemode = ? AND state = ? AND created >= ? AND created <= {until} \
             AND (created > ? OR id > ?) ORDER BY created, id LIMIT {STEP}"
        );
        let (mut behind, mut purged) = ((i64::MIN, String::new()), 0);
        loop {
            let of_state = [Bind::boolean(livemode), Bind::integer(state.number())];
            let first = Bind::integer(behind.0);
            let behind_it = [first.clone(), first, Bind::text(&behind.1)];
            let binds = [&of_state[..], &behind_it].concat();
            let (last, removed) = query!(self, TABLE, async |conn| {
                let rows: Vec<Row> = conn.rows(&select, &binds).await?;
                let is_old = |row: &&Row| row.2.max(row.3) < now.saturating_sub(older_than);
                let ids: Vec<&str> = rows.iter().filter(is_old).map(|row| &*row.1).collect();
                let mut removed = 0;
                for ids in ids.chunks(FULL) {
                    removed += remove(conn, &of_state, ids).await?;
                }
                let last = rows.into_iter().nth(STEP - 1);
                Ok((last.map(|(created, id, ..)| (created, id)), removed))
            })?;
            purged += removed;
            match last {
                Some(last) => behind = last,
                None => return Ok(purged),
            }
        }
    }
}

/// Removes those events of a mode and a state that are not still to be delivered.
async fn remove(
    conn: &mut Conn<'_>,
    of_state: &[Bind<'_>; 2],
    ids: &[&str],
) -> Result<u64, TxError> {
    let marks = vec!["?"; ids.len()].join(", ");
    let sql = format!(
        "SELECT object_id FROM $outbox WHERE object_id IN ({marks}) AND livemode = ? AND body = ''"
    );
    let texts = ids.iter().copied().map(Bind::text);
    let binds: Vec<Bind<'_>> = texts.chain([of_state[0].clone()]).collect();
    let undelivered: Vec<String> = conn.rows(sql, &binds).await?;
    let delivered = ids.iter().copied();
    let delivered = delivered.filter(|id| !undelivered.iter().any(|one| one == id));
    let delivered: Vec<&str> = delivered.collect();
    // Not `state = ?`: SQLite would look through all events of that state.
    let head = "DELETE FROM $inbox WHERE livemode = ? AND state + 0 = ?";
    conn.execute_in_list(head, of_state, &delivered).await
}
