//! From a reader to the writer: what is handed over, how much of it may wait, and how it is written.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TrySendError;

use crate::store::backfill::rider::PageRider;
use crate::store::backfill::{Advance, PageState};
use crate::store::tables::RunLease;

use crate::sync::backfill::reader::Reading;
use crate::sync::error::SyncError;
use crate::sync::list::newest_event::watermark;
use crate::sync::object::{Mapped, ObjectWriter};

/// Bytes of pages that may wait for the writer; one page more may come when they are not used up.
pub(crate) const BYTES_AHEAD: usize = 16 << 20;
/// The unit of the semaphore that bounds them.
pub(crate) const KILOBYTE: usize = 1024;

/// Pages that may wait for the writer.
pub(crate) const PAGES_AHEAD: usize = 32;
/// Rows after which no more are taken into a transaction: each costs some six round trips, whatever it writes.
const ROWS: usize = 2_500;

/// Something for the writer, in the order in which it was read.
#[derive(Debug, Default)]
pub(crate) struct PageWrite {
    pub(crate) mapped: Vec<Mapped>,
    /// The token before which the page was not asked for.
    pub(crate) start: i64,
    /// What the run keeps in the transaction of the page.
    pub(crate) state: PageState,
    /// The bytes that it takes of [`BYTES_AHEAD`] until it is written.
    pub(crate) held: Vec<OwnedSemaphorePermit>,
}

impl PageWrite {
    /// Says how far a slice is.
    pub(crate) fn of(advance: Advance) -> Self {
        let mut write = Self::default();
        write.state.advances.push(advance);
        write
    }

    /// Takes in what is written in the same transaction.
    pub(crate) fn take(&mut self, later: Self) {
        // The oldest read speaks for all: it can only lose to what a younger one would win against.
        if self.mapped.is_empty() {
            self.start = later.start;
        } else if !later.mapped.is_empty() {
            self.start = self.start.min(later.start);
        }
        self.mapped.extend(later.mapped);
        self.held.extend(later.held);
        let (state, later) = (&mut self.state, later.state);
        state.seen.extend(later.seen);
        state.new.extend(later.new);
        state.free.extend(later.free);
        for mut advance in later.advances {
            let number = advance.slice.new.number;
            let mut known = state.advances.iter_mut();
            match known.find(|one| one.slice.new.number == number) {
                // The last place counts, and what was counted on the way to it.
                Some(one) => {
                    advance.pages += one.pages;
                    advance.seen += one.seen;
                    *one = advance;
                }
                None => state.advances.push(advance),
            }
        }
    }
}

impl Reading<'_, '_> {
    /// Keeps the moment before which nothing was read, once, and before anything is written.
    pub(crate) async fn watermark(&mut self, date: Option<i64>) -> Result<(), SyncError> {
        if self.backfill.guard.watermark.is_none() {
            let run = self.backfill.run;
            let watermark = run.waited(watermark(&run.reader, date)).await?;
            self.backfill.guard.set_watermark(watermark).await?;
        }
        Ok(())
    }

    /// Waits until there is room for a page of so many bytes.
    pub(crate) async fn hold(&mut self, bytes: usize) -> Vec<OwnedSemaphorePermit> {
        let wanted = (bytes / KILOBYTE).clamp(1, BYTES_AHEAD / KILOBYTE);
        let wanted = u32::try_from(wanted).unwrap_or(1);
        if let Ok(room) = Arc::clone(&self.ahead).try_acquire_many_owned(wanted) {
            return vec![room];
        }
        self.backfill.concurrency.is_behind();
        let room = Arc::clone(&self.ahead).acquire_many_owned(wanted);
        tokio::select! {
            room = room => room.into_iter().collect(),
            // The writer has failed, and frees nothing any more.
            () = self.writes.closed() => Vec::new(),
        }
    }

    /// Gives an order to the writer. Returns `false` when it has failed.
    pub(crate) async fn send(&mut self, write: PageWrite) -> bool {
        match self.writes.try_send(write) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(write)) => {
                self.backfill.concurrency.is_behind();
                self.writes.send(write).await.is_ok()
            }
        }
    }
}

/// Writes orders until there are no more, and counts how long the database is busy with them. All orders that wait go in
/// one transaction.
pub(crate) async fn write_pages(
    writer: &mut ObjectWriter<'_>,
    lease: &RunLease,
    mut writes: Receiver<PageWrite>,
) -> Result<(), SyncError> {
    while let Some(mut write) = writes.recv().await {
        while write.mapped.len() < ROWS
            && let Ok(later) = writes.try_recv()
        {
            write.take(later);
        }
        let began = Instant::now();
        let shown = write.mapped.iter().filter(|object| object.is_of_model());
        writer.report.seen += shown.count() as u64;
        let state = write.state;
        let page = Some(PageRider { lease, state });
        writer.write(write.mapped, write.start, page).await?;
        writer.report.writing += began.elapsed();
        writer.run.progress(&writer.report, false);
    }
    Ok(())
}
