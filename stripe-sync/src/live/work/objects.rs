//! Objects that events told of, as work: each is claimed, read and written.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use futures_util::future::BoxFuture;

use crate::calls::lock;
use crate::live::claims::{CLAIM, HeldClaim};
use crate::live::service::{Live, ProcessStats};
use crate::live::worker::{Backlog, Work};
use crate::store::events::queue::debounce::Debounce;
use crate::store::events::{Claim, ObjectRef, Turn};
use crate::sync::error::SyncError;

/// How long a worker waits at the most before it asks the queue for what another process received.
const POLL_QUEUE: Duration = Duration::from_secs(1);
/// The shortest wait for what is due soon.
const SHORTEST: Duration = Duration::from_millis(10);

/// An account, and an object of it that events are about and nobody mirrors.
pub(crate) type Unmirrored = (String, ObjectRef);
type Queues = HashMap<Unmirrored, VecDeque<HeldClaim<Claim>>>;

/// The objects that are due.
pub(crate) struct Objects {
    live: Live,
    due: Debounce,
    turn: Turn,
    /// Events about objects that nobody mirrors. Each is a claim of its own, and those about one object are worked on one
    /// after another, so that their handlers are called in the order in which they happened.
    queues: Arc<Mutex<Queues>>,
}

impl Objects {
    pub(crate) fn new(live: &Live, due: Debounce) -> Self {
        Self {
            live: live.clone(),
            due,
            turn: Turn::default(),
            queues: Arc::default(),
        }
    }
}

impl Backlog for Objects {
    fn claim(&mut self, most: usize) -> BoxFuture<'_, Result<Vec<Work>, SyncError>> {
        Box::pin(async move {
            let live = &self.live;
            let own = live.prepare().await?;
            let (store, known) = (live.store(), &live.shared.known);
            let (due, turn) = ((known, self.due), &mut self.turn);
            let claims = store
                .claim_work(own.livemode, due, most, CLAIM, turn)
                .await?;
            let claims = claims.into_iter().map(|claim| HeldClaim::new(live, claim));
            let mut work: Vec<Work> = Vec::new();
            for (unmirrored, claims) in live.in_order(claims.collect()).await? {
                let Some(unmirrored) = unmirrored else {
                    work.extend(claims.into_iter().map(|claim| {
                        let (live, own) = (live.clone(), own.clone());
                        Box::pin(async move { live.claimed(claim, &own).await }) as Work
                    }));
                    continue;
                };
                let mut queues = lock(&self.queues);
                if let Some(queue) = queues.get_mut(&unmirrored) {
                    queue.extend(claims);
                    continue;
                }
                queues.insert(unmirrored.clone(), claims.into());
                let mut queue = Queue {
                    queues: Arc::clone(&self.queues),
                    unmirrored,
                    is_over: false,
                };
                let (live, own) = (live.clone(), own.clone());
                work.push(Box::pin(async move {
                    let mut processed = ProcessStats::default();
                    while let Some(claim) = queue.next() {
                        processed.add(&live.claimed(claim, &own).await?);
                    }
                    Ok(processed)
                }));
            }
            Ok(work)
        })
    }

    fn signal(&self) -> &Notify {
        &self.live.shared.wake
    }

    fn due_in(&self) -> BoxFuture<'_, Duration> {
        Box::pin(async move {
            let live = &self.live;
            let (store, known) = (live.store(), &live.shared.known);
            let due = match live.prepare().await {
                Ok(own) => store.work_due_in(own.livemode, known).await.ok().flatten(),
                Err(_) => None,
            };
            let due = due.map(|millis| Duration::from_millis(millis.max(0).cast_unsigned()));
            due.unwrap_or(POLL_QUEUE).clamp(SHORTEST, POLL_QUEUE)
        })
    }
}

/// The events about one object, while they are worked on.
struct Queue {
    queues: Arc<Mutex<Queues>>,
    unmirrored: Unmirrored,
    /// Whether the last was returned, so that another queue may have the place.
    is_over: bool,
}

impl Queue {
    /// Returns the next one; after the last the queue is gone.
    fn next(&mut self) -> Option<HeldClaim<Claim>> {
        let mut queues = lock(&self.queues);
        let next = queues.get_mut(&self.unmirrored)?.pop_front();
        if next.is_none() {
            queues.remove(&self.unmirrored);
            self.is_over = true;
        }
        next
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // What is left, after an error or because the work was dropped, is given back.
        if !self.is_over {
            let left = lock(&self.queues).remove(&self.unmirrored);
            drop(left);
        }
    }
}
