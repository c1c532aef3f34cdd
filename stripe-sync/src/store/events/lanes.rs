//! Lanes: what of `work` and `outbox` waits in one line, of one resource or subject and one account.
//!
//! Whoever looks for something to do goes from lane to lane, and takes the first of each: what it costs depends on how many lanes
//! there are, and not on how many rows wait in them, and an account that has one row waits for one round, whatever the others have. In which lane a row
//! waits, and from when on it is free, the database computes: no statement can omit it.

use std::collections::VecDeque;
use std::iter;

use stripe_sync_schema::sql::Database;

use crate::store::db::{Bind, Conn, Store, StoreError, TxError, query};
use crate::store::events::moments;

/// How many lanes are looked at beyond those that are needed, before what is free is taken.
const SPARE: usize = 8;
/// How many lanes are asked when something is free: who waits looks again within a second anyway.
const MOST_ASKED: usize = 64;
/// Rows that one statement changes or removes where there may be any number.
const STEP: usize = 1_000;
/// Longer ago than any moment: the rows of a lane that are free at any time, also later.
pub(crate) const EVER: i64 = i64::MIN;

/// The lane of rows that wait for nothing. Those in which rows wait have names that begin so, with a blank behind it.
pub(crate) fn at_rest(livemode: bool) -> &'static str {
    match livemode {
        true => "live",
        false => "test",
    }
}

/// The lane of rows that are held.
pub(crate) fn held(livemode: bool) -> &'static str {
    match livemode {
        true => "held live",
        false => "held test",
    }
}

/// A table whose rows wait in lanes: as a statement has it, and as messages do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lined {
    pub(crate) place: &'static str,
    pub(crate) table: &'static str,
}

/// Where the next run begins: behind the lane that had its turn last.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub(crate) behind: String,
}

/// A lane with something to do.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) name: String,
    /// Until when, of the database's clock in milliseconds, its rows may be free to be taken.
    pub(crate) until: i64,
}

/// What is taken of each lane: all get the same share, and what one does not need goes to those that have more.
#[derive(Debug, Clone)]
pub(crate) struct Shares {
    lanes: VecDeque<Lane>,
    again: VecDeque<Lane>,
    left: usize,
}

/// What one looks for in a run: until when rows of a lane may be free, at a moment; `None` if the lane is not for this process.
pub(crate) type Search<'s> = dyn Fn(&str, i64) -> Option<i64> + Sync + 's;

impl Shares {
    /// So many rows of these lanes.
    pub(crate) fn new(lanes: VecDeque<Lane>, most: usize) -> Self {
        Self {
            lanes,
            again: VecDeque::new(),
            left: most,
        }
    }

    /// The next lane, and how many rows it may give.
    pub(crate) fn next(&mut self) -> Option<(Lane, usize)> {
        if self.left == 0 {
            return None;
        }
        if self.lanes.is_empty() {
            std::mem::swap(&mut self.lanes, &mut self.again);
        }
        let lane = self.lanes.pop_front()?;
        Some((lane, self.left.div_ceil(self.lanes.len() + 1)))
    }

    /// Says how many of its share a lane gave.
    pub(crate) fn took(&mut self, lane: Lane, share: usize, taken: usize) {
        self.left = self.left.saturating_sub(taken);
        if taken >= share {
            self.again.push_back(lane);
        }
    }
}

impl Store {
    /// The lanes with something to do, the next one first: at least as many as there are, or `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn lanes(
        &self,
        lined: Lined,
        livemode: bool,
        search: &Search<'_>,
        turn: &Turn,
        most: usize,
    ) -> Result<VecDeque<Lane>, StoreError> {
        query!(self, lined.table, async |conn| {
            let mut lanes = VecDeque::new();
            // To the end, and from the beginning to where it began.
            let again = Some(("", &*turn.behind)).filter(|_| !turn.behind.is_empty());
            for (first, last) in iter::once((&*turn.behind, "")).chain(again) {
                let mut behind = first.to_owned();
                while lanes.len() < most + SPARE
                    && let Some(step) = step(conn, lined, livemode, &behind, last).await?
                {
                    let until = search(&step.lane, step.now);
                    let name = step.lane.clone();
                    let free = until.filter(|until| step.first <= *until);
                    lanes.extend(free.map(|until| Lane { name, until }));
                    behind = step.lane;
                }
            }
            Ok(lanes)
        })
    }

    /// How many milliseconds until the first row of the first lanes that are for this process is free, by the database's clock;
    /// `None` if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn free_in(
        &self,
        lined: Lined,
        livemode: bool,
        search: &Search<'_>,
    ) -> Result<Option<i64>, StoreError> {
        query!(self, lined.table, async |conn| {
            let (mut behind, mut first) = (String::new(), None::<i64>);
            for _ in 0..MOST_ASKED {
                let Some(step) = step(conn, lined, livemode, &behind, "").await? else {
                    break;
                };
                if let Some(until) = search(&step.lane, step.now) {
                    let free_in = step.first - until;
                    first = Some(first.map_or(free_in, |first| first.min(free_in)));
                }
                behind = step.lane;
            }
            Ok(first)
        })
    }

    /// Changes or removes the rows of a lane that were free so many milliseconds ago, or [`EVER`], in bounded steps. Returns how
    /// many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn sweep_lane(
        &self,
        lined: Lined,
        change: &str,
        lane: &str,
        ago: i64,
    ) -> Result<u64, StoreError> {
        let (binds, place) = ([Bind::text(lane)], lined.place);
        // A number: PostgreSQL's moment of now is another one in each row, and no index can find it.
        let until = self.now_millis().await?.saturating_sub(ago);
        let wanted = "WHERE lane = ? AND free_at <=";
        let step = format!(
            "SELECT free_at FROM {place} {wanted} {until} ORDER BY free_at LIMIT 1 OFFSET {}",
            STEP - 1
        );
        // MariaDB would rather look at every row of the table than at a fifth of them by the index.
        let in_order = match self.kind().sql() == Database::MySql {
            true => format!(" ORDER BY free_at LIMIT {STEP}"),
            false => String::new(),
        };
        let mut swept = 0;
        loop {
            let (changed, is_last) = query!(self, lined.table, async |conn| {
                let last: Option<i64> = conn.row(&step, &binds).await?;
                let until = last.unwrap_or(until);
                let changed = conn.execute(format!("{change} {wanted} {until}{in_order}"), &binds);
                Ok((changed.await?, last.is_none()))
            })?;
            swept += changed;
            if is_last {
                return Ok(swept);
            }
        }
    }

    /// The database's clock, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn now_millis(&self) -> Result<i64, StoreError> {
        let sql = format!("SELECT {}", self.kind().dialect().now_millis);
        self.one("the clock", &sql, &[]).await
    }
}

/// One step of a run.
struct Step {
    lane: String,
    /// When the first of the lane is free.
    first: i64,
    now: i64,
}

/// The lane behind another one, or the first one; not beyond the last one, if it has a name.
async fn step(
    conn: &mut Conn<'_>,
    lined: Lined,
    livemode: bool,
    behind: &str,
    last: &str,
) -> Result<Option<Step>, TxError> {
    let now = conn.kind().dialect().now_millis;
    let (place, at_rest) = (lined.place, at_rest(livemode));
    let behind = match behind {
        "" => at_rest,
        behind => behind,
    };
    let mut binds = vec![Bind::text(behind)];
    let mut bound = "";
    if !last.is_empty() {
        bound = " AND lane <= ?";
        binds.push(Bind::text(last));
    }
    // One question for each lane: MariaDB has no other way that does not read all rows.
    let sql = format!(
        "SELECT lane, free_at, {now} FROM {place} WHERE lane > ?{bound} ORDER BY lane, free_at LIMIT 1"
    );
    let row: Option<(String, i64, i64)> = conn.row(sql, &binds).await?;
    let of_mode = |lane: &str| {
        lane.strip_prefix(at_rest)
            .is_some_and(|rest| rest.starts_with(' '))
    };
    let Some((lane, mut first, now)) = row.filter(|(lane, ..)| of_mode(lane)) else {
        return Ok(None);
    };
    // What is of another clock stands behind what waits, so it is looked for where nothing is free.
    if first > now {
        let sql =
            format!("SELECT free_at FROM {place} WHERE lane = ? ORDER BY free_at DESC LIMIT 1");
        let last: Option<i64> = conn.row(sql, &[Bind::text(&lane)]).await?;
        if last.is_some_and(|last| moments::is_of_another_clock(last, now)) {
            moments::mend(conn, lined, &lane, now).await?;
            first = now;
        }
    }
    Ok(Some(Step { lane, first, now }))
}
