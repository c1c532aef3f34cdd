//! A service that is stopped or dropped gives back what it was at: the next one need not wait until claims end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{HandlerError, Live};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Context, StripeObject, StripeSync, Syncer};
use tokio::sync::{Notify, Semaphore};

use super::service::{Service, deliver_all, process};

/// Longer than any of these tests takes.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// The object that is held up at a gate.
const HELD_UP: &str = "co_1";
/// More than are worked on at once, several times.
const OTHERS: usize = 40;

/// Where calls of the application's about one object wait.
pub(crate) struct Gate {
    entered: Notify,
    open: Semaphore,
}

impl Gate {
    fn closed() -> Arc<Self> {
        Arc::new(Self {
            entered: Notify::new(),
            open: Semaphore::new(0),
        })
    }

    async fn pass(&self, id: &str) {
        if id == HELD_UP {
            self.entered.notify_one();
            drop(self.open.acquire().await.unwrap());
        }
    }
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "gated", pre_set_default = pass)]
struct Gated {
    id: String,
}

async fn pass(object: &mut StripeObject, context: &Context) -> Result<(), HandlerError> {
    let gate = context.state::<Arc<Gate>>().ok_or("no gate")?;
    gate.pass(object.id()).await;
    Ok(())
}

/// A service whose hook waits at one gate, and whose handler at another one.
fn live(service: &Service, hook: &Arc<Gate>, handler: &Arc<Gate>, stop_within: Duration) -> Live {
    let syncer = Syncer::builder(service.syncer.stripe().clone(), service.database.store())
        .state(Arc::clone(hook))
        .hook_timeout(FOR_EVER)
        .build();
    let handler = Arc::clone(handler);
    Live::builder(syncer)
        .model::<Gated>()
        .on("*", move |event| {
            let handler = Arc::clone(&handler);
            async move {
                handler.pass(event.object_id().unwrap_or_default()).await;
                Ok(())
            }
        })
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .catch_up_every(None)
        .stop_within(stop_within)
        .build()
        .unwrap()
}

fn open() -> Arc<Gate> {
    let gate = Gate::closed();
    gate.open.add_permits(1_000);
    gate
}

/// How many objects and messages somebody claims.
async fn claimed(service: &Service) -> i64 {
    let mut claimed = 0;
    for table in ["work", "outbox"] {
        let count = format!("SELECT COUNT(*) FROM stripe_sync_{table} WHERE expires_at > 0");
        claimed += service.number(&count).await;
    }
    claimed
}

/// An object is read, and waits at the hook; or its message waits at the handler.
async fn begin(service: &Service, live: &Live, waiting: &Gate) {
    service.syncer.ensure_table::<Gated>().await.unwrap();
    service
        .fake
        .create("coupon", json!({"id": HELD_UP}))
        .unwrap();
    deliver_all(service, live).await;
    waiting.entered.notified().await;
    assert_eq!(claimed(service).await, 1);
}

/// Another service does what was given back.
async fn take_over(service: &Service) {
    let next = live(service, &open(), &open(), FOR_EVER);
    process(&next).await;
    assert_eq!(service.number("SELECT COUNT(*) FROM gated").await, 1);
    let left = "SELECT COUNT(*) FROM stripe_sync_outbox";
    assert_eq!(service.number(left).await, 0);
}

pub(crate) async fn what_a_dropped_service_was_at_is_given_back(service: &Service) {
    for at_the_hook in [true, false] {
        let (closed, open) = (Gate::closed(), open());
        let live = match at_the_hook {
            true => live(service, &closed, &open, FOR_EVER),
            false => live(service, &open, &closed, FOR_EVER),
        };
        let running = tokio::spawn(live.clone().run());
        begin(service, &live, &closed).await;
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        // A claim that ends by itself still says when it did.
        while claimed(service).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        take_over(service).await;
        service.fake.delete(HELD_UP).unwrap();
        service.run("DELETE FROM gated").await;
        drop(service.fake.take_deliveries());
    }
}

pub(crate) async fn a_service_that_is_told_to_stop_finishes_what_it_is_at(service: &Service) {
    let closed = Gate::closed();
    let live = live(service, &closed, &open(), FOR_EVER);
    let stop = Arc::new(Notify::new());
    let signal = Arc::clone(&stop);
    let running = live
        .clone()
        .run_until(async move { signal.notified().await });
    let running = tokio::spawn(running);
    begin(service, &live, &closed).await;
    stop.notify_one();
    // What comes now is for the next one.
    service
        .fake
        .create("coupon", json!({"id": "co_2"}))
        .unwrap();
    deliver_all(service, &live).await;
    closed.open.add_permits(1);
    running.await.unwrap();
    assert_eq!(service.number("SELECT COUNT(*) FROM gated").await, 1);
    assert_eq!(claimed(service).await, 0);
}

pub(crate) async fn what_takes_too_long_to_finish_is_given_back(service: &Service) {
    let closed = Gate::closed();
    let live = live(service, &closed, &open(), Duration::ZERO);
    let stop = Arc::new(Notify::new());
    let signal = Arc::clone(&stop);
    let running = live
        .clone()
        .run_until(async move { signal.notified().await });
    let running = tokio::spawn(running);
    begin(service, &live, &closed).await;
    stop.notify_one();
    running.await.unwrap();
    assert_eq!(claimed(service).await, 0);
    assert_eq!(service.number("SELECT COUNT(*) FROM gated").await, 0);
    take_over(service).await;
}

/// Objects and messages behind a slow one do not wait for it.
pub(crate) async fn what_is_slow_holds_nothing_else_up(service: &Service) {
    for at_the_hook in [true, false] {
        let (closed, open) = (Gate::closed(), open());
        let live = match at_the_hook {
            true => live(service, &closed, &open, FOR_EVER),
            false => live(service, &open, &closed, FOR_EVER),
        };
        let running = tokio::spawn(live.clone().run());
        begin(service, &live, &closed).await;
        for number in 0..OTHERS {
            let other = json!({"id": format!("other_{number}")});
            service.fake.create("coupon", other).unwrap();
        }
        deliver_all(service, &live).await;
        let others = OTHERS as u64 + u64::from(!at_the_hook);
        while live.totals().objects < others || live.totals().delivered < OTHERS as u64 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(claimed(service).await, 1);
        running.abort();
        service.fake.delete(HELD_UP).unwrap();
        for number in 0..OTHERS {
            service.fake.delete(&format!("other_{number}")).unwrap();
        }
        drop(service.fake.take_deliveries());
        for table in ["gated", "stripe_sync_work", "stripe_sync_outbox"] {
            service.run(&format!("DELETE FROM {table}")).await;
        }
    }
}

/// What takes longer than a claim lasts is not begun by another process meanwhile.
pub(crate) async fn a_claim_is_renewed_while_it_is_worked_on(service: &Service) {
    for (at_the_hook, table) in [(true, "work"), (false, "outbox")] {
        let (closed, open) = (Gate::closed(), open());
        let live = match at_the_hook {
            true => live(service, &closed, &open, FOR_EVER),
            false => live(service, &open, &closed, FOR_EVER),
        };
        let running = tokio::spawn(live.clone().run());
        begin(service, &live, &closed).await;
        let until = format!("SELECT MAX(expires_at) FROM stripe_sync_{table}");
        let first = service.number(&until).await;
        while service.number(&until).await <= first {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        closed.open.add_permits(1);
        let left = format!("SELECT COUNT(*) FROM stripe_sync_{table} WHERE expires_at > 0");
        while service.number(&left).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        running.abort();
        service.fake.delete(HELD_UP).unwrap();
        drop(service.fake.take_deliveries());
        for table in ["gated", "stripe_sync_work", "stripe_sync_outbox"] {
            service.run(&format!("DELETE FROM {table}")).await;
        }
    }
}
