//! The lock under which a table is bound and freshness is decided.
//!
//! Each table has one row in `locks` for each account and mode that it holds, and that row is the lock: a list
//! page and a deletion hold it alone, writes of single objects share it. What is decided under the lock stands in the
//! row itself: the token of the newest list page that left unchanged rows alone, whether any tombstone exists, the
//! token of the newest run, and what the table is bound to. So a single write sees every page that compared before it,
//! an insert sees every tombstone, a superseded run cannot write, and nothing is written to a table of another
//! [owner](crate::store::tables::owner). Cost: one query per transaction.

use crate::freshness::{Decision, Known, ReadBy, decide};
use crate::store::db::{Bind, Conn, OF_KEY, TableContext, TxError};
use crate::store::tables::clock::{skip_ahead, taken_or_next};
use crate::store::tables::{RunLease, owner};

/// How a transaction holds its table, account and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// With others that hold it so.
    Shared,
    /// Alone.
    Alone,
    /// Alone, and as a list page that leaves unchanged rows alone: its token becomes the number.
    Page(Option<i64>),
    /// Alone, and for the elements of lists inside objects of another table, with the read's end.
    Set {
        finish: i64,
        /// The run of which the objects' page is. It leaves unchanged rows alone.
        run: Option<i64>,
    },
}

/// What a transaction knows once it holds its table, account and mode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LockedTable {
    /// The token of the newest list page that left unchanged rows alone.
    pub(crate) compared_at: i64,
    /// The token with which the newest run began; 0 if there was none.
    pub(crate) run: i64,
    /// The same of the runs of parents whose pages left unchanged rows alone.
    pub(crate) pages_run: i64,
    /// The token of the newest read of a parent's list.
    pub(crate) sets_at: i64,
    /// The token of this read's end, if it is known already.
    pub(crate) finish: Option<i64>,
    /// Whether any object of the table is known to be deleted without a row.
    pub(crate) tombstones: bool,
    /// The token of the newest read that found an object outside the filter and without a row. What an older read found of
    /// an object without a row may be what left.
    pub(crate) left_at: i64,
    /// The number of what the table was bound to when a transaction last looked, 0 if none did; see [`owner::owner`].
    pub(crate) bound_to: i64,
}

impl LockedTable {
    fn new(
        (compared_at, tombstones, run, left_at, bound_to, pages_run, sets_at): LockRow,
        finish: Option<i64>,
    ) -> Self {
        Self {
            compared_at,
            run,
            pages_run,
            sets_at,
            finish,
            tombstones,
            left_at,
            bound_to,
        }
    }

    /// What to do with what a read that began with a token found of one object.
    pub(crate) fn decide(
        &self,
        target: &TableContext<'_>,
        (observed_at, same): (Option<i64>, bool),
        start: i64,
        by: ReadBy,
    ) -> Decision {
        if !target.versioned() {
            return Decision::Write;
        }
        let known = Known {
            observed_at,
            compared_at: self.compared_at,
            run: self.limit(),
            sets_at: match target.model.parts.declared.parent {
                Some(_) => self.sets_at,
                None => 0,
            },
            same,
        };
        decide(known, start, by)
    }

    /// What is known of a table that nothing is asked about.
    pub(crate) fn unasked(finish: Option<i64>) -> Self {
        Self::new((0, false, 0, 0, 0, 0, 0), finish)
    }

    /// Rows with a larger token are raised by the pages that compare them.
    pub(crate) fn limit(&self) -> i64 {
        self.run.max(self.pages_run)
    }

    /// The token of this read's end.
    pub(crate) async fn finish(&mut self, conn: &mut Conn<'_>) -> Result<i64, TxError> {
        let finish = taken_or_next(conn, self.finish).await?;
        self.finish = Some(finish);
        Ok(finish)
    }
}

/// The columns that [`LockedTable::new`] reads.
const COLUMNS: &str = "compared_at, tombstones, run, left_at, bound_to, pages_run, sets_at";
/// Their values.
type LockRow = (i64, bool, i64, i64, i64, i64, i64);

/// Makes the row of the table, account and mode, if there is none.
pub(crate) async fn ensure_lock(
    conn: &mut Conn<'_>,
    key: &[Bind<'_>; 3],
    (compared_at, tombstones, run): (i64, bool, i64),
) -> Result<(), TxError> {
    let sql = conn.kind().insert_new(
        "$locks (table_name, account, livemode, compared_at, tombstones, run, left_at, pages_run, sets_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    let values = [
        Bind::integer(compared_at),
        Bind::boolean(tombstones),
        Bind::integer(run),
        // Lost with what was compared.
        Bind::integer(compared_at),
        Bind::integer(compared_at),
        Bind::integer(compared_at),
    ];
    let binds = [&key[..], &values].concat();
    conn.execute(sql, &binds).await.map(drop)
}

/// Takes hold of the table, account and mode to write rows. A table that is not bound yet is bound with them.
///
/// # Errors
/// When the table is bound to something else, or the run lost its lease.
pub(crate) async fn hold_to_write(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    how: Hold,
    lease: Option<&RunLease>,
) -> Result<LockedTable, TxError> {
    let held = hold(conn, target, how, lease).await?;
    if held.bound_to == owner::owner(target.model) {
        return Ok(held);
    }
    if how == Hold::Shared {
        // It was bound when this process last wrote. Of several that come here at once all but one are done again.
        locked(conn, target, Hold::Alone).await?;
    }
    owner::bind(conn, target, lease).await?;
    Ok(held)
}

/// Takes hold of the table, account and mode until the transaction ends. Binds nothing.
///
/// # Errors
/// When the run lost its lease.
pub(crate) async fn hold(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    hold: Hold,
    lease: Option<&RunLease>,
) -> Result<LockedTable, TxError> {
    let held = match locked(conn, target, hold).await? {
        Some(held) => held,
        None => {
            make_row(conn, target, hold, lease).await?;
            locked(conn, target, hold)
                .await?
                .ok_or_else(TxError::conflict)?
        }
    };
    match lease {
        Some(lease) if lease.run != held.run => Err(lease.lost().into()),
        _ => Ok(held),
    }
}

/// Makes the row: nothing was ever written, or a crash of the server took it.
async fn make_row(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    hold: Hold,
    lease: Option<&RunLease>,
) -> Result<(), TxError> {
    let run = lease.map(|lease| lease.run);
    if let Some(lease) = lease {
        owner::check_run(conn, target, lease).await?;
    }
    if !owner::is_bound(conn, target).await? {
        let sql = format!("SELECT COUNT(*) FROM $objects {OF_KEY} AND deleted_token IS NOT NULL");
        let tombstones: i64 = conn.one(sql, &target.key()).await?;
        let known = (0, tombstones > 0, run.unwrap_or_default());
        return ensure_lock(conn, &target.key(), known).await;
    }
    // With it went what was compared, by which run, and whether there are tombstones.
    let now = match hold {
        Hold::Page(Some(finish)) | Hold::Set { finish, .. } => finish,
        _ => skip_ahead(conn).await?,
    };
    ensure_lock(conn, &target.key(), (now, true, run.unwrap_or(now))).await
}

/// Locks the row, if there is one; with the token of a page's end.
async fn locked(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    hold: Hold,
) -> Result<Option<LockedTable>, TxError> {
    let dialect = conn.kind().dialect();
    let lock = match hold {
        Hold::Shared => dialect.for_share,
        Hold::Alone => dialect.for_update,
        Hold::Page(finish) => return page(conn, target, finish).await,
        Hold::Set { finish, run } => return set(conn, target, finish, run).await,
    };
    let sql = format!("SELECT {COLUMNS} FROM $locks {OF_KEY}{lock}");
    let row = conn.row(sql, &target.key()).await?;
    Ok(row.map(|row| LockedTable::new(row, None)))
}

/// Sets the number to the token of a page's end, and so holds the row alone.
async fn page(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    finish: Option<i64>,
) -> Result<Option<LockedTable>, TxError> {
    let key = target.key();
    let (kind, dialect) = (conn.kind(), conn.kind().dialect());
    if dialect.sequence && finish.is_none() {
        // The token is taken with the lock: one question less for each page.
        let sql = format!(
            "UPDATE $locks SET compared_at = GREATEST(compared_at, $next_token) {OF_KEY} RETURNING {COLUMNS}"
        );
        let row: Option<LockRow> = conn.row(sql, &key).await?;
        return Ok(row.map(|row| LockedTable::new(row, Some(row.0))));
    }
    let finish = taken_or_next(conn, finish).await?;
    let greatest = kind.sql().greatest();
    // The number is a parameter: a text of its own for each page would never be found prepared.
    let update = format!("UPDATE $locks SET compared_at = {greatest}(compared_at, ?) {OF_KEY}");
    let binds = target.around(&[Bind::integer(finish)], &[]);
    updated(conn, target, update, &binds, finish).await
}

/// Sets what the read of parents' lists says of the table, and so holds the row alone.
async fn set(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    finish: i64,
    run: Option<i64>,
) -> Result<Option<LockedTable>, TxError> {
    let greatest = conn.kind().sql().greatest();
    let mut set = format!("sets_at = {greatest}(sets_at, ?)");
    let mut values = vec![Bind::integer(finish)];
    if let Some(run) = run {
        set += &format!(
            ", compared_at = {greatest}(compared_at, ?), pages_run = {greatest}(pages_run, ?)"
        );
        values.extend([Bind::integer(finish), Bind::integer(run)]);
    }
    let update = format!("UPDATE $locks SET {set} {OF_KEY}");
    let binds = target.around(&values, &[]);
    updated(conn, target, update, &binds, finish).await
}

/// Updates the row, and returns it.
async fn updated(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    update: String,
    binds: &[Bind<'_>],
    finish: i64,
) -> Result<Option<LockedTable>, TxError> {
    let row = if conn.kind().dialect().returning {
        let sql = format!("{update} RETURNING {COLUMNS}");
        conn.row(sql, binds).await?
    } else {
        conn.execute(update, binds).await?;
        let sql = format!("SELECT {COLUMNS} FROM $locks {OF_KEY}");
        conn.row(sql, &target.key()).await?
    };
    Ok(row.map(|row| LockedTable::new(row, Some(finish))))
}

/// Says which run is the newest. The row is held alone.
pub(crate) async fn mark_run(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    run: i64,
) -> Result<(), TxError> {
    let binds = target.around(&[Bind::integer(run)], &[]);
    let sql = format!("UPDATE $locks SET run = ? {OF_KEY}");
    conn.execute(sql, &binds).await.map(drop)
}

/// Says that there are tombstones now. The row is held alone.
pub(crate) async fn mark_tombstones(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<(), TxError> {
    let sql = format!("UPDATE $locks SET tombstones = TRUE {OF_KEY}");
    conn.execute(sql, &target.key()).await.map(drop)
}
