//! What a run writes in the transaction of its pages: how far its slices are, the ids that were listed, what failed.

use futures_util::future::BoxFuture;

use crate::store::backfill::{Advance, NOBODY, NewSlice, listed, slices};
use crate::store::db::{Conn, TableContext, TxError};
use crate::store::rows::rider::Done;
use crate::store::rows::{Failure, Rider, remarks};
use crate::store::tables::{LockedTable, RunLease};

/// What a run writes in the transaction of its pages.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct PageState {
    /// Slices that were split off.
    pub(crate) new: Vec<NewSlice>,
    /// Slices that were split off for other processes.
    pub(crate) free: Vec<NewSlice>,
    /// How far slices are.
    pub(crate) advances: Vec<Advance>,
    /// Hashes of the ids that the pages showed.
    pub(crate) seen: Vec<u64>,
    /// Objects of the pages that do not map.
    pub(crate) failures: Vec<Failure>,
}

/// The state of pages, with the run that they belong to.
#[derive(Debug)]
pub(crate) struct PageRider<'a> {
    pub(crate) lease: &'a RunLease,
    pub(crate) state: PageState,
}

impl Rider for PageRider<'_> {
    fn stands_alone(&self) -> bool {
        self.state != PageState::default()
    }

    fn locked<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        _: &'a TableContext<'_>,
        _: &'a mut LockedTable,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            let Self { lease, state } = self;
            for (slices, owner) in [(&state.new, lease.owner), (&state.free, NOBODY)] {
                for slice in slices {
                    slices::insert(conn, lease, slice, owner).await?;
                }
            }
            slices::advance(conn, lease, &state.advances).await
        })
    }

    fn commit<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        done: &'a mut Done<'_>,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            let Self { lease, state } = self;
            if !state.seen.is_empty() {
                let token = done.held.finish(conn).await?;
                listed::insert(conn, lease, token, &state.seen).await?;
            }
            // A run that is killed before they are read again, or reported, leaves them here.
            let failures = [&state.failures[..], &done.failures].concat();
            remarks::record_failed(conn, &done.target.key(), &failures).await
        })
    }
}
