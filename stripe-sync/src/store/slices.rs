//! What of a walk's lists is read, and by whom: `stripe_sync_slices`.
//!
//! A slice is a list with fixed parameters and a place in it. Its place is written in the transaction that writes the
//! rows of the pages before it, so a page is neither lost nor read twice, whatever is killed when.

use super::Store;
use super::binding::{Hold, hold};
use super::bookkeeping::scope_binds;
use super::connection::{Bind, Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::target::Target;
use super::walk::{LEASE, NOBODY, WalkLease, key, lost};
use crate::cell::CellType;
use crate::model::Model;

const MILLIS_PER_SECOND: i64 = 1000;

/// A list to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewSlice {
    /// Its number among the walk's slices.
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
#[derive(Debug, Clone)]
pub(crate) struct Advance {
    pub(crate) number: i64,
    pub(crate) place: String,
    pub(crate) until: Option<i64>,
    pub(crate) stop: Option<i64>,
    pub(crate) position: Option<i64>,
    pub(crate) done: bool,
    /// Pages and objects since the last time.
    pub(crate) pages: i64,
    pub(crate) seen: i64,
}

/// What a process got when it asked for slices.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    pub(crate) slices: Vec<Slice>,
    /// Slices that are not read yet, the claimed ones included.
    pub(crate) undone: i64,
}

/// Counts of a walk's slices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SliceCounts {
    pub(crate) slices: i64,
    pub(crate) done: i64,
    pub(crate) pages: i64,
    pub(crate) seen: i64,
}

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";

impl Store {
    /// Takes slices that nobody reads, or whose reader is silent, of the first list that is not read to its end: two
    /// lists may show the same object, so one follows the other.
    ///
    /// # Errors
    /// When another walk followed, or the database fails.
    pub(crate) async fn claim_slices(
        &self,
        model: &'static Model,
        lease: &WalkLease,
        most: usize,
    ) -> Result<Claimed, StoreError> {
        let target = Target::new(self.kind(), model, &lease.scope)?;
        let mut tries = Tries::new(&target.table, self.kind());
        loop {
            match self.try_claim(&target, lease, most).await {
                Ok(claimed) => return Ok(claimed),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_claim(
        &self,
        target: &Target<'_>,
        lease: &WalkLease,
        most: usize,
    ) -> Result<Claimed, Fault> {
        let now = self.kind().dialect().now_millis;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        hold(&mut conn, target, Hold::Alone, Some(lease)).await?;
        let sql = conn.sql(format!(
            "SELECT slice, list, until, stop, place, position, owner, expires_at - {now} FROM stripe_sync_slices \
             {OF_KEY} AND NOT done ORDER BY list, slice"
        ));
        let columns = [
            CellType::Integer,
            CellType::Integer,
            CellType::Integer,
            CellType::Integer,
            CellType::Text,
            CellType::Integer,
            CellType::Integer,
            CellType::Integer,
        ];
        let mut claimed = Claimed::default();
        let mut first_list = None;
        for row in conn.fetch(sql, &key(lease), &columns).await? {
            let mut row = Taken::new(row);
            let slice = Slice {
                new: NewSlice {
                    number: row.integer(),
                    list: row.integer(),
                    until: row.integer_or_null(),
                    stop: row.integer_or_null(),
                },
                place: row.text(),
                position: row.integer_or_null(),
            };
            let (owner, left) = (row.integer(), row.integer());
            claimed.undone += 1;
            let list = *first_list.get_or_insert(slice.new.list);
            let free = owner == NOBODY || (owner != lease.owner && left <= 0);
            if list == slice.new.list && free && claimed.slices.len() < most {
                claimed.slices.push(slice);
            }
        }
        for slice in &claimed.slices {
            let sql = conn.sql(format!(
                "UPDATE stripe_sync_slices SET owner = ?, holder = ?, expires_at = {now} + {} {OF_KEY} AND slice = ?",
                LEASE.as_millis()
            ));
            let holder = holder();
            let mut binds = vec![Bind::integer(lease.owner), Bind::text(&holder)];
            binds.extend(key(lease));
            binds.push(Bind::integer(slice.new.number));
            conn.execute(sql, &binds).await?;
        }
        transaction.commit().await?;
        Ok(claimed)
    }

    /// How much of a walk is read.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn slice_counts(
        &self,
        model: &'static Model,
        scope: &super::Scope,
    ) -> Result<SliceCounts, StoreError> {
        let table = model.table();
        let tries = Tries::new(&table, self.kind());
        let counts = self.try_counts(&table, scope).await;
        counts.map_err(|fault| tries.give_up(fault))
    }

    async fn try_counts(&self, table: &str, scope: &super::Scope) -> Result<SliceCounts, Fault> {
        super::with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT done, pages, seen FROM stripe_sync_slices {OF_KEY}"
            ));
            let columns = [CellType::Boolean, CellType::Integer, CellType::Integer];
            let binds = scope_binds(table, &scope.account, scope.livemode);
            let mut counts = SliceCounts::default();
            for row in conn.fetch(sql, &binds, &columns).await? {
                let mut row = Taken::new(row);
                counts.slices += 1;
                counts.done += i64::from(row.boolean());
                counts.pages += row.integer();
                counts.seen += row.integer();
            }
            Ok(counts)
        })
    }
}

/// Writes a slice that belongs to `owner` from the beginning.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    lease: &WalkLease,
    slice: &NewSlice,
    owner: i64,
) -> Result<(), sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let sql = conn.sql(format!(
        "INSERT INTO stripe_sync_slices \
         (table_name, account, livemode, slice, list, until, stop, place, owner, holder, expires_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, {now} + {})",
        LEASE.as_millis()
    ));
    let holder = holder();
    let mut binds = key(lease).to_vec();
    binds.extend([
        Bind::integer(slice.number),
        Bind::integer(slice.list),
        Bind::integer_or_null(slice.until),
        Bind::integer_or_null(slice.stop),
        Bind::integer(owner),
        Bind::text(&holder),
    ]);
    conn.execute(sql, &binds).await.map(drop)
}

/// Writes how far slices are; each must be this process's.
pub(super) async fn advance(
    conn: &mut Conn<'_>,
    lease: &WalkLease,
    advances: &[Advance],
) -> Result<(), Fault> {
    let now = conn.kind().dialect().now_millis;
    for advance in advances {
        let sql = conn.sql(format!(
            "UPDATE stripe_sync_slices SET place = ?, until = ?, stop = ?, position = ?, done = ?, pages = pages + ?, \
             seen = seen + ?, expires_at = {now} + {} {OF_KEY} AND slice = ? AND owner = ?",
            LEASE.as_millis()
        ));
        let mut binds = vec![
            Bind::text(&advance.place),
            Bind::integer_or_null(advance.until),
            Bind::integer_or_null(advance.stop),
            Bind::integer_or_null(advance.position),
            Bind::boolean(advance.done),
            Bind::integer(advance.pages),
            Bind::integer(advance.seen),
        ];
        binds.extend(key(lease));
        binds.extend([Bind::integer(advance.number), Bind::integer(lease.owner)]);
        if conn.execute(sql, &binds).await? == 0 {
            return Err(lost(lease).into());
        }
    }
    Ok(())
}

/// How many slices are not read yet.
pub(super) async fn undone(conn: &mut Conn<'_>, lease: &WalkLease) -> Result<i64, sqlx::Error> {
    let sql = conn.sql(format!(
        "SELECT COUNT(*) FROM stripe_sync_slices {OF_KEY} AND NOT done"
    ));
    let rows = conn.fetch(sql, &key(lease), &[CellType::Integer]).await?;
    let count = rows.into_iter().next().map(|row| Taken::new(row).integer());
    Ok(count.unwrap_or_default())
}

/// A process that reads a slice and is not silent, and for how many seconds it may be.
pub(super) async fn somebody(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
) -> Result<Option<(String, i64)>, sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let sql = conn.sql(format!(
        "SELECT holder, expires_at - {now} FROM stripe_sync_slices {OF_KEY} \
         AND NOT done AND owner <> {NOBODY} AND expires_at > {now}"
    ));
    let scope = target.scope;
    let binds = scope_binds(&target.table, &scope.account, scope.livemode);
    let columns = [CellType::Text, CellType::Integer];
    let rows = conn.fetch(sql, &binds, &columns).await?;
    Ok(rows.into_iter().next().map(|row| {
        let mut row = Taken::new(row);
        (row.text(), row.integer() / MILLIS_PER_SECOND + 1)
    }))
}

/// Forgets the slices of a table, account and mode.
pub(super) async fn remove(conn: &mut Conn<'_>, lease: &WalkLease) -> Result<(), sqlx::Error> {
    let sql = conn.sql(format!("DELETE FROM stripe_sync_slices {OF_KEY}"));
    conn.execute(sql, &key(lease)).await.map(drop)
}

/// Which process it is, for the message that another one gets.
fn holder() -> String {
    let process = std::process::id();
    match std::env::var("HOSTNAME") {
        Ok(host) if !host.is_empty() && host.len() < 200 => format!("process {process} on {host}"),
        _ => format!("process {process}"),
    }
}
