//! From a reader to the writer: what is handed over, how much of it may wait, and the lease that is renewed meanwhile.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::store::{Advance, NewSlice};

use super::SyncError;
use super::lease::RENEW_EVERY;
use super::page::Mapped;
use super::reading::Reading;

/// Bytes of pages that may wait for the writer; one page more may come when they are not used up.
pub(crate) const BYTES_AHEAD: usize = 16 << 20;
/// The unit of the semaphore that bounds them.
pub(super) const KILOBYTE: usize = 1024;

/// Something for the writer, in the order in which it was read.
#[derive(Debug, Default)]
pub(crate) struct Order {
    pub(crate) mapped: Vec<Mapped>,
    /// Hashes of the ids that the page showed.
    pub(crate) seen: Vec<u64>,
    /// The token before which the page was not asked for.
    pub(crate) start: i64,
    pub(crate) advance: Option<Advance>,
    /// A slice that was split off, for this process.
    pub(crate) new: Option<NewSlice>,
    /// A slice that was split off, for another one.
    pub(crate) free: Option<NewSlice>,
    /// The bytes that it takes of [`BYTES_AHEAD`] until it is written.
    pub(crate) held: Option<OwnedSemaphorePermit>,
}

impl Reading<'_> {
    /// Keeps the moment before which nothing was read, once, and before anything is written.
    pub(super) async fn watermark(&mut self, date: Option<i64>) -> Result<(), SyncError> {
        if self.walking.watermark.is_none() {
            let watermark = date.unwrap_or_else(|| chrono::Utc::now().timestamp());
            self.walking.set_watermark(watermark).await?;
        }
        Ok(())
    }

    /// Waits until there is room for a page of so many bytes; the lease is renewed meanwhile.
    pub(super) async fn hold(
        &mut self,
        bytes: usize,
    ) -> Result<Option<OwnedSemaphorePermit>, SyncError> {
        let wanted = (bytes / KILOBYTE).clamp(1, BYTES_AHEAD / KILOBYTE);
        let wanted = u32::try_from(wanted).unwrap_or(1);
        loop {
            let room = Arc::clone(&self.ahead).acquire_many_owned(wanted);
            tokio::select! {
                room = room => return Ok(room.ok()),
                // The writer has failed, and frees nothing any more.
                () = self.orders.closed() => return Ok(None),
                () = tokio::time::sleep(RENEW_EVERY) => {}
            }
            self.walking.renew().await?;
        }
    }

    /// Gives an order to the writer; the lease is renewed while the writer is busy. Answers `false` when it has failed.
    pub(super) async fn send(&mut self, order: Order) -> Result<bool, SyncError> {
        loop {
            match tokio::time::timeout(RENEW_EVERY, self.orders.reserve()).await {
                Ok(Ok(place)) => {
                    place.send(order);
                    return Ok(true);
                }
                Ok(Err(_)) => return Ok(false),
                Err(_) => {}
            }
            self.walking.renew().await?;
        }
    }
}
