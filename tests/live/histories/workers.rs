//! Worker processes: started, killed, and replaced by those of another version.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::child::Order;
use crate::process::{End, Process};
use crate::service::Service;

/// A worker process, and how to kill it.
pub(crate) struct Worker {
    kill: oneshot::Sender<()>,
    end: JoinHandle<End>,
}

impl Worker {
    pub(crate) fn start(order: &Order) -> Self {
        let (kill, killed) = oneshot::channel::<()>();
        let killed = async { drop(killed.await) };
        let end = tokio::spawn(Process::start(order).end(killed));
        Self { kill, end }
    }

    /// One that may run for so long.
    pub(crate) fn start_for(longest: Duration, order: &Order) -> Self {
        let (kill, killed) = oneshot::channel::<()>();
        let killed = async { drop(killed.await) };
        let end = tokio::spawn(Process::start(order).end_within(longest, killed));
        Self { kill, end }
    }

    pub(crate) async fn kill(self) {
        // A worker that ended by itself is told of below.
        let _ = self.kill.send(());
        match self.end.await.unwrap() {
            End::Killed => {}
            End::Success(output) | End::Failed(output) => {
                panic!("a worker ended by itself: {output}")
            }
        }
    }
}

/// Lets the claims of killed workers end, as if their time had passed.
pub(crate) async fn let_claims_end(service: &Service) {
    for table in ["stripe_sync_work", "stripe_sync_outbox"] {
        let sql = format!("UPDATE {table} SET expires_at = 0, due_at = 0");
        service.run(&sql).await;
    }
}

/// Lets the walks of a killed worker end, which mirrored anew after a gap.
pub(crate) async fn let_walks_end(service: &Service) {
    for table in ["stripe_sync_tables", "stripe_sync_slices"] {
        service
            .run(&format!("UPDATE {table} SET expires_at = 0"))
            .await;
    }
}

/// An order for a worker of this version, or of the one before.
pub(crate) fn of_version(order: &Order, is_old: bool) -> Order {
    Order {
        is_old,
        ..order.clone()
    }
}
