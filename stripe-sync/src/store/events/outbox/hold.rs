//! Messages of `outbox` that wait for an earlier one about their object: they are held, out of the way of those who look for
//! something to deliver, until the earlier one is delivered or given up.
//!
//! A message is held by who finds it due behind another one, under a lock on that one, which says from then on that it holds some.
//! Whoever removes such a message lets the next one go in the same transaction; so none is held by a message that is gone.

use crate::store::db::statement::FULL;
use crate::store::db::{Bind, Conn, TxError};
use crate::store::events::Message;

/// Messages behind one that is held which are held with it.
const TOGETHER: usize = 500;

/// The number of the first message about the object of a message `o` that comes before it, where there is one; `here` is the condition that
/// it can be delivered. Messages of version 0 name no object: of these one comes before another that is about the same.
pub(crate) fn blocker(here: &str) -> String {
    format!(
        "(SELECT e.seq FROM $outbox AS e WHERE e.livemode = o.livemode AND e.about_id = o.about_id AND e.about = o.about \
         AND e.dead_at = 0 AND e.seq < o.seq AND e.account = o.account \
         AND (o.about <> '' OR (e.subject = o.subject AND e.object_id = o.object_id)) AND {here} ORDER BY e.seq LIMIT 1)"
    )
}

/// Holds messages, each for the one that is named with it, and those behind it. Returns how many are held: none for a message that
/// somebody else is at.
pub(crate) async fn hold(
    conn: &mut Conn<'_>,
    blocked: &[(i64, Message)],
) -> Result<usize, TxError> {
    let skip = conn.kind().dialect().skip_locked;
    let mut blockers: Vec<i64> = blocked.iter().map(|(blocker, _)| *blocker).collect();
    blockers.sort_unstable();
    blockers.dedup();
    let mut held = 0;
    for blocker in blockers {
        let still_there = format!("SELECT seq FROM $outbox WHERE seq = ? AND dead_at = 0{skip}");
        let key = [Bind::integer(blocker)];
        if conn.row::<i64>(still_there, &key).await?.is_none() {
            continue;
        }
        let sql = "UPDATE $outbox SET holds = TRUE WHERE seq = ?";
        conn.execute(sql, &key).await?;
        let behind = blocked.iter().filter(|(by, _)| *by == blocker);
        let behind: Vec<&Message> = behind.map(|(_, message)| message).collect();
        let mut numbers: Vec<i64> = behind.iter().map(|message| message.seq).collect();
        if let Some(last) = behind.iter().max_by_key(|message| message.seq) {
            numbers.extend(more_behind(conn, last).await?);
        }
        for numbers in numbers.chunks(FULL) {
            let numbers: Vec<Bind<'_>> = numbers.iter().copied().map(Bind::integer).collect();
            let marks = vec!["?"; numbers.len()].join(", ");
            let sql = format!("UPDATE $outbox SET held = TRUE WHERE seq IN ({marks})");
            conn.execute(sql, &numbers).await?;
        }
        held += numbers.len();
    }
    Ok(held)
}

/// The next messages about the same object, as far as nobody is at them.
async fn more_behind(conn: &mut Conn<'_>, message: &Message) -> Result<Vec<i64>, TxError> {
    if message.about.object.is_empty() {
        return Ok(Vec::new());
    }
    let skip = conn.kind().dialect().skip_locked;
    // SQLite would look through all messages behind this one.
    let seq = match conn.kind().dialect().locks_by_asking {
        true => "+seq",
        false => "seq",
    };
    let sql = format!(
        "SELECT seq FROM $outbox {OF_OBJECT} AND {seq} > ? AND held = FALSE AND account = ? ORDER BY seq LIMIT {TOGETHER}{skip}"
    );
    let account = Bind::text(&message.scope.account);
    let behind = [Bind::integer(message.seq), account];
    let binds = [&of_object(message)[..], &behind].concat();
    conn.rows(sql, &binds).await
}

/// Lets the next message about an object go that is held. It holds those behind it.
pub(crate) async fn let_next_go(conn: &mut Conn<'_>, message: &Message) -> Result<(), TxError> {
    let lock = conn.kind().dialect().for_update;
    let sql = format!(
        "SELECT seq FROM $outbox {OF_OBJECT} AND held = TRUE AND account = ? ORDER BY seq LIMIT 1{lock}"
    );
    let account = Bind::text(&message.scope.account);
    let binds = [&of_object(message)[..], &[account]].concat();
    if let Some(next) = conn.row(sql, &binds).await? {
        let sql = "UPDATE $outbox SET held = FALSE, holds = TRUE WHERE seq = ?";
        conn.execute(sql, &[Bind::integer(next)]).await?;
    }
    Ok(())
}

const OF_OBJECT: &str = "WHERE livemode = ? AND about_id = ? AND about = ? AND dead_at = 0";

fn of_object(message: &Message) -> [Bind<'_>; 3] {
    let [_, livemode] = message.scope.binds();
    let (object, id) = (&message.about.object, &message.about.id);
    [livemode, Bind::text(id), Bind::text(object)]
}
