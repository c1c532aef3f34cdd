//! Writes what a reader gives, in its order.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::Receiver;

use crate::store::{PageState, WalkLease};

use super::SyncError;
use super::order::Order;
use super::page::Mapped;
use super::run::Run;
use super::write::Writer;

/// Pages that may wait for the writer.
pub(crate) const PAGES_AHEAD: usize = 32;
/// Rows after which no more are taken into a transaction: each costs some six round trips, whatever it writes.
const ROWS: usize = 2_500;

/// Writes orders until there are no more; answers how long the database was busy with them. All orders that wait go in
/// one transaction.
pub(crate) async fn write(
    run: &Run<'_>,
    writer: &mut Writer<'_>,
    lease: &WalkLease,
    mut orders: Receiver<Order>,
    busy: &mut Duration,
) -> Result<(), SyncError> {
    while let Some(first) = orders.recv().await {
        let mut batch = Batch::default();
        batch.take(first);
        while batch.mapped.len() < ROWS
            && let Ok(order) = orders.try_recv()
        {
            batch.take(order);
        }
        let began = Instant::now();
        writer
            .pages(batch.mapped, batch.start, lease, batch.state)
            .await?;
        *busy += began.elapsed();
        run.progress(&writer.report, false);
    }
    Ok(())
}

/// Orders that are written together.
#[derive(Default)]
struct Batch {
    mapped: Vec<Mapped>,
    start: i64,
    state: PageState,
    held: Vec<tokio::sync::OwnedSemaphorePermit>,
}

impl Batch {
    fn take(&mut self, order: Order) {
        // The oldest read speaks for all: it can only lose to what a younger one would win against.
        if !order.mapped.is_empty() {
            self.start = match self.mapped.is_empty() {
                true => order.start,
                false => self.start.min(order.start),
            };
        }
        self.mapped.extend(order.mapped);
        self.state.seen.extend(order.seen);
        self.state.new.extend(order.new);
        self.state.free.extend(order.free);
        self.held.extend(order.held);
        let Some(advance) = order.advance else {
            return;
        };
        let known = &mut self.state.advances;
        match known.iter_mut().find(|one| one.number == advance.number) {
            // The last place counts, and what was counted on the way to it.
            Some(one) => {
                let (pages, seen) = (one.pages + advance.pages, one.seen + advance.seen);
                *one = advance;
                (one.pages, one.seen) = (pages, seen);
            }
            None => known.push(advance),
        }
    }
}
