//! Writes what a reader gives, in its order.

use std::time::Instant;

use tokio::sync::mpsc::Receiver;

use crate::store::tables::lease::RunLease;

use crate::sync::backfill::page_write::PageWrite;
use crate::sync::error::SyncError;
use crate::sync::object::write::Writer;

/// Pages that may wait for the writer.
pub(crate) const PAGES_AHEAD: usize = 32;
/// Rows after which no more are taken into a transaction: each costs some six round trips, whatever it writes.
const ROWS: usize = 2_500;

/// Writes orders until there are no more, and counts how long the database is busy with them. All orders that wait go in
/// one transaction.
pub(crate) async fn write(
    writer: &mut Writer<'_>,
    lease: &RunLease,
    mut orders: Receiver<PageWrite>,
) -> Result<(), SyncError> {
    while let Some(mut order) = orders.recv().await {
        while order.mapped.len() < ROWS
            && let Ok(later) = orders.try_recv()
        {
            order.take(later);
        }
        let began = Instant::now();
        for object in &order.mapped {
            writer.report.see(object);
        }
        let page = Some((lease, order.state));
        writer.write(order.mapped, order.start, page).await?;
        writer.report.writing += began.elapsed();
        writer.run.progress(&writer.report, false);
    }
    Ok(())
}
