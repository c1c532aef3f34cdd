//! What of a run's lists is read, and by whom: `slices`.
//!
//! A slice is a list with fixed parameters and a place in it. Its place is written in the transaction that writes the
//! rows of the pages before it, so a page is neither lost nor read twice, whatever is killed when.

use crate::model::Model;
use crate::store::backfill::NOBODY;
use crate::store::backfill::run::LEASE;
use crate::store::db::scope::scope_binds;
use crate::store::db::{
    Bind, Conn, OF_KEY, Scope, Store, StoreError, TableContext, TxError, transaction,
};
use crate::store::tables::lock::hold;
use crate::store::tables::{Hold, RunLease};

const MILLIS_PER_SECOND: i64 = 1000;

/// A list to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewSlice {
    /// Its number among the run's slices.
    pub(crate) number: i64,
    /// Which of the model's lists it is.
    pub(crate) list: i64,
    /// The `created[lt]` that its cursors are born with, in unix seconds.
    pub(crate) until: Option<i64>,
    /// Objects that are older, in unix seconds, belong to another slice.
    pub(crate) stop: Option<i64>,
}

/// How far a slice is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) new: NewSlice,
    /// The cursors, as JSON, the newest last.
    pub(crate) place: String,
    /// `created` of the oldest object that was read.
    pub(crate) position: Option<i64>,
}

/// How far a slice is once a transaction commits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Advance {
    pub(crate) slice: Slice,
    pub(crate) done: bool,
    /// Pages and objects since the last time.
    pub(crate) pages: i64,
    pub(crate) seen: i64,
}

/// Counts of a run's slices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SliceCounts {
    pub(crate) slices: i64,
    pub(crate) done: i64,
    pub(crate) pages: i64,
    pub(crate) seen: i64,
}

impl Store {
    /// Takes slices that nobody reads, or whose reader is silent, of the first list that is not read to its end: two
    /// lists may show the same object, so one follows the other.
    ///
    /// # Errors
    /// When another run followed, or the database fails.
    pub(crate) async fn claim_slices(
        &self,
        model: &'static Model,
        lease: &RunLease,
        most: usize,
    ) -> Result<Vec<Slice>, StoreError> {
        let target = self.target(model, &lease.scope)?;
        let now = self.kind().dialect().now_millis;
        let ask = format!(
            "SELECT slice, list, until, stop, cursors, position, owner, expires_at - {now} FROM $slices {OF_KEY} \
             AND NOT done ORDER BY list, slice"
        );
        let take = format!(
            "UPDATE $slices SET owner = ?, holder = ?, expires_at = {} {OF_KEY} AND slice = ?",
            self.kind().in_future(LEASE)
        );
        let holder = holder();
        // What a first try took whose answer to the COMMIT was lost: it may be this process's already.
        let mut tried: Vec<i64> = Vec::new();
        transaction!(self, target.table(), async |conn| {
            hold(conn, &target, Hold::Alone, Some(lease)).await?;
            let mut claimed = Vec::new();
            let mut first_list = None;
            for row in conn.rows(&ask, &lease.key()).await? {
                let (number, list, until, stop, place, position, owner, left) = row;
                // Milliseconds until the lease of its reader ends.
                let left: i64 = left;
                let free = match owner {
                    NOBODY => true,
                    owner if owner == lease.owner => tried.contains(&number),
                    _ => left <= 0,
                };
                let list_is_next = *first_list.get_or_insert(list) == list;
                if list_is_next && free && claimed.len() < most {
                    let new = NewSlice {
                        number,
                        list,
                        until,
                        stop,
                    };
                    claimed.push(Slice {
                        new,
                        place,
                        position,
                    });
                }
            }
            tried = claimed.iter().map(|slice| slice.new.number).collect();
            let owner = [Bind::integer(lease.owner), Bind::text(&holder)];
            for number in &tried {
                let binds = lease.around(&owner, &[Bind::integer(*number)]);
                conn.execute(&take, &binds).await?;
            }
            Ok(claimed)
        })
    }

    /// Returns how much of a run is read.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn slice_counts(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<SliceCounts, StoreError> {
        let place = self.place(model);
        let sql = format!("SELECT done, pages, seen FROM $slices {OF_KEY}");
        let key = scope_binds(&place.name, scope);
        let mut counts = SliceCounts::default();
        for (done, pages, seen) in self
            .rows::<(bool, i64, i64)>(&place.name, &sql, &key)
            .await?
        {
            counts.slices += 1;
            counts.done += i64::from(done);
            counts.pages += pages;
            counts.seen += seen;
        }
        Ok(counts)
    }
}

/// Writes a slice that belongs to `owner` from the beginning; one that is there already stays as it is, because the
/// transaction is done again whose answer to the COMMIT was lost.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    lease: &RunLease,
    slice: &NewSlice,
    owner: i64,
) -> Result<(), TxError> {
    let sql = conn.kind().insert_new(&format!(
        "$slices (table_name, account, livemode, slice, list, until, stop, cursors, owner, holder, expires_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, {})",
        conn.kind().in_future(LEASE)
    ));
    let holder = holder();
    let values = [
        Bind::integer(slice.number),
        Bind::integer(slice.list),
        Bind::integer_or_null(slice.until),
        Bind::integer_or_null(slice.stop),
        Bind::integer(owner),
        Bind::text(&holder),
    ];
    let binds = lease.around(&[], &values);
    conn.execute(sql, &binds).await.map(drop)
}

/// Writes how far slices are; each must be this process's. What is counted counts twice when the transaction is done
/// again whose answer to the COMMIT was lost: pages are a figure for people, and the hashes that `seen` is compared with
/// are stored twice as well.
pub(crate) async fn advance(
    conn: &mut Conn<'_>,
    lease: &RunLease,
    advances: &[Advance],
) -> Result<(), TxError> {
    let sql = format!(
        "UPDATE $slices SET cursors = ?, until = ?, stop = ?, position = ?, done = ?, pages = pages + ?, \
         seen = seen + ?, expires_at = {} {OF_KEY} AND slice = ? AND owner = ?",
        conn.kind().in_future(LEASE)
    );
    for advance in advances {
        let slice = &advance.slice;
        let values = [
            Bind::text(&slice.place),
            Bind::integer_or_null(slice.new.until),
            Bind::integer_or_null(slice.new.stop),
            Bind::integer_or_null(slice.position),
            Bind::boolean(advance.done),
            Bind::integer(advance.pages),
            Bind::integer(advance.seen),
        ];
        let own = [slice.new.number, lease.owner].map(Bind::integer);
        let binds = lease.around(&values, &own);
        if conn.execute(&sql, &binds).await? == 0 {
            return Err(lease.lost().into());
        }
    }
    Ok(())
}

/// Returns how many slices are not read yet.
pub(crate) async fn undone(conn: &mut Conn<'_>, lease: &RunLease) -> Result<i64, TxError> {
    let sql = format!("SELECT COUNT(*) FROM $slices {OF_KEY} AND NOT done");
    conn.one(sql, &lease.key()).await
}

/// Returns a process that reads a slice and is not silent, and for how many seconds it may be.
pub(crate) async fn somebody(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<Option<(String, i64)>, TxError> {
    let now = conn.kind().dialect().now_millis;
    let sql = format!(
        "SELECT holder, expires_at - {now} FROM $slices {OF_KEY} AND NOT done AND owner <> {NOBODY} \
         AND expires_at > {now}"
    );
    let found = conn.row::<(String, i64)>(sql, &target.key()).await?;
    Ok(found.map(|(holder, left)| (holder, left / MILLIS_PER_SECOND + 1)))
}

/// Removes the slices of a table, account and mode, and what was listed. What was [followed](crate::store::backfill::followed_events) stays.
pub(crate) async fn forget(conn: &mut Conn<'_>, lease: &RunLease) -> Result<(), TxError> {
    let slices = format!("DELETE FROM $slices {OF_KEY}");
    conn.execute(slices, &lease.key()).await?;
    let listed = format!("DELETE FROM $listed {OF_KEY} AND batch >= 0");
    conn.execute(listed, &lease.key()).await.map(drop)
}

/// Which process it is, for the message that another one gets.
fn holder() -> String {
    let process = std::process::id();
    match std::env::var("HOSTNAME") {
        Ok(host) if !host.is_empty() && host.len() < 200 => format!("process {process} on {host}"),
        _ => format!("process {process}"),
    }
}
