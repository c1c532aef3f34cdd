//! What else is written in the transaction of a write or a deletion: how far a run is, the events that led to it.

pub(crate) mod notify;

use std::fmt;
use std::future::ready;

use futures_util::future::BoxFuture;

use crate::model::hooks::{ChangedCells, Outcome};
use crate::model::words::words;
use crate::store::db::{Conn, TableContext, TxError};
use crate::store::rows::sets::ChildWrites;
use crate::store::rows::{Failure, Written};
use crate::store::tables::LockedTable;

/// The changes of a model with an `after_commit` hook.
pub(crate) type Changes = Vec<(String, ChangedCells)>;

/// Something that rides in the transaction: it commits if and only if the rows do. A transaction that is done again
/// runs it again.
pub(crate) trait Rider: fmt::Debug + Send + Sync {
    /// Whether there is something to keep although no row is written.
    fn stands_alone(&self) -> bool {
        false
    }

    /// Runs at the beginning of the transaction, before the table is locked.
    fn start<'a>(&'a self, _conn: &'a mut Conn<'_>) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(ready(Ok(())))
    }

    /// Runs once the table is locked, before rows are written. Not before a deletion.
    fn locked<'a>(
        &'a self,
        _conn: &'a mut Conn<'_>,
        _target: &'a TableContext<'_>,
        _held: &'a mut LockedTable,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(ready(Ok(())))
    }

    /// Runs behind the rows, before the commit.
    fn commit<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        done: &'a mut Done<'_>,
    ) -> BoxFuture<'a, Result<(), TxError>>;
}

/// What the transaction did with the rows.
#[cfg_attr(
    not(feature = "live"),
    allow(dead_code, reason = "a run looks at the failures only")
)]
pub(crate) struct Done<'d> {
    pub(crate) target: &'d TableContext<'d>,
    pub(crate) held: &'d mut LockedTable,
    /// The objects, in the order of their ids.
    pub(crate) ids: Vec<&'d str>,
    /// The objects that are not in the table as Stripe has them when the transaction commits.
    pub(crate) failures: Vec<Failure>,
    /// The first row that changed, and how.
    pub(crate) changed: Option<(&'d str, ChangeKind)>,
    /// The changes of a model with an `after_commit` hook. A rider that takes them delivers them.
    pub(crate) changes: &'d mut Changes,
    /// The same of the models of children.
    pub(crate) children: &'d mut [ChildWrites],
    /// The rows of other models that changed, by a hook or as children.
    pub(crate) related: &'d [RelatedChange],
    /// Whether the objects were deleted, or left the filter.
    pub(crate) deleted: bool,
    /// Whether each object has a row now.
    pub(crate) has_rows: bool,
}

/// A row of another model that changed.
#[cfg_attr(
    not(feature = "live"),
    allow(dead_code, reason = "only events tell of changes")
)]
#[derive(Debug)]
pub(crate) struct RelatedChange {
    /// The table's name in the bookkeeping.
    pub(crate) table: String,
    /// Stripe's name of the other model's resource.
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) kind: ChangeKind,
}

/// What happened to a row.
#[cfg_attr(
    not(feature = "live"),
    allow(unreachable_pub, reason = "only events tell of changes")
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// There was no row.
    Inserted,
    /// The row was different, or was marked as deleted.
    Updated,
    /// Stripe no longer has the object: its row was marked or removed.
    Deleted,
    /// The object is outside the model's filter by now: its row was marked or removed. Stripe has the object.
    LeftFilter,
}

words! {
    ChangeKind: Inserted "inserted", Updated "updated", Deleted "deleted", LeftFilter "left the filter"
}

impl ChangeKind {
    /// What a write did; `None` if the row is as it was.
    pub(crate) fn of_write(written: &Written) -> Option<Self> {
        match written {
            Written::Done(Outcome::Inserted) => Some(Self::Inserted),
            Written::Done(Outcome::Updated) => Some(Self::Updated),
            _ => None,
        }
    }
}
