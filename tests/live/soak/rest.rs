//! The end of a soak: all comes to rest, however long that takes a slow machine.

use std::time::{Duration, Instant};

use stripe_sync::live::{EventFilter, EventState, Live};

use crate::service::Service;

/// What has not come to rest by then, after the troubles have ended, hangs.
pub(super) const LONGEST: Duration = Duration::from_secs(300);
/// How often pauses after failures are ended, which grow up to half an hour.
const IMPATIENCE: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Events that a message about a hang shows.
const SHOWN: usize = 20;

/// How many objects wait to be read, and messages to be told.
pub(super) async fn waiting(service: &Service) -> i64 {
    let count = async |table: &str| {
        let sql = format!("SELECT COUNT(*) FROM stripe_sync_{table}");
        service.number(&sql).await
    };
    count("work").await + count("outbox").await
}

/// Ends the pauses after failures, as if their time had passed, unless others are in the way. Claims end by themselves.
pub(super) async fn end_pauses(service: &Service) {
    for table in ["work", "outbox"] {
        let end = format!("UPDATE stripe_sync_{table} SET due_at = 0 WHERE due_at > 0");
        service.try_to_run(&end).await;
    }
}

/// Waits until the inbox has so many events, and nothing waits any more. The processes do all of it.
pub(super) async fn come_to_rest(service: &Service, live: &Live, events: usize) {
    let (began, mut looked) = (Instant::now(), Instant::now());
    loop {
        let kept = "SELECT COUNT(*) FROM stripe_sync_inbox";
        let kept = usize::try_from(service.number(kept).await).unwrap();
        let waiting = waiting(service).await;
        if (kept, waiting) == (events, 0) {
            return;
        }
        if began.elapsed() >= LONGEST {
            let pending = EventFilter::new().state(EventState::Pending);
            let pending = live.events(&pending.at_most(SHOWN)).await.unwrap();
            let counts = live.counts().await.unwrap();
            panic!(
                "{kept} of {events} events are kept, {waiting} objects and messages wait: {counts:?} {pending:?}"
            );
        }
        if looked.elapsed() >= IMPATIENCE {
            end_pauses(service).await;
            looked = Instant::now();
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
