//! How many pages are asked for at once, counted by a Stripe that answers when it is told to.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use stripe_sync::client::{
    Capabilities, Mode, RateBudget, Request, Response, StripeBuilder, Transport, TransportError,
};
use stripe_sync::reexport::sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::{Report, SyncError, Syncer};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::models::Customer;

const CUSTOMERS: &str = "/v1/customers";
const PAGE: usize = 100;
const NOW: usize = 1_790_000_000;
/// Seconds between two customers.
const APART: usize = 60;
/// Nothing here takes as long, on any machine: the test would hang.
const FOREVER: Duration = Duration::from_secs(120);

/// Customers that were created at regular intervals.
struct Gated {
    customers: usize,
    /// Whether the account is told only when a page was asked for.
    account_is_late: bool,
    /// A permit for each page that may be answered.
    open: Semaphore,
    asked: AtomicUsize,
    waiting: AtomicUsize,
    most: AtomicUsize,
    changed: Notify,
}

struct Road(Arc<Gated>);

impl Gated {
    fn new(customers: usize) -> Self {
        Self {
            customers,
            account_is_late: false,
            open: Semaphore::new(0),
            asked: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    fn created(number: usize) -> usize {
        NOW - number * APART
    }

    /// The page that a query asks for; customers are numbered from the newest.
    fn page(&self, request: &Request) -> String {
        let mut from = 0;
        for (name, value) in &request.query {
            match name.as_str() {
                "starting_after" => {
                    let number: usize = value.trim_start_matches("cus_").parse().unwrap();
                    from = from.max(number + 1);
                }
                "created[lt]" => {
                    let second: usize = value.parse().unwrap();
                    from = from.max((NOW + APART).saturating_sub(second) / APART);
                }
                "limit" => assert_eq!(value, "100"),
                _ => panic!("an unknown parameter: {name}"),
            }
        }
        let to = (from + PAGE).min(self.customers).max(from);
        let customer = |number: usize| {
            let created = Self::created(number);
            format!(
                r#"{{"id":"cus_{number}","object":"customer","livemode":true,"created":{created},"email":null,"address":null}}"#
            )
        };
        let data: Vec<String> = (from..to).map(customer).collect();
        list(&data.join(","), to < self.customers)
    }

    async fn answer(&self, request: &Request) -> Response {
        let body = match request.path.as_str() {
            "/v1/account" => {
                if self.account_is_late {
                    self.wait_for(1).await;
                }
                let created = Self::created(self.customers);
                format!(r#"{{"id":"acct_1","object":"account","created":{created}}}"#)
            }
            CUSTOMERS => {
                let waiting = self.waiting.fetch_add(1, SeqCst) + 1;
                self.most.fetch_max(waiting, SeqCst);
                self.asked.fetch_add(1, SeqCst);
                self.changed.notify_one();
                self.open.acquire().await.unwrap().forget();
                self.waiting.fetch_sub(1, SeqCst);
                self.page(request)
            }
            _ => list("", false),
        };
        Response::new(200, body)
    }

    /// Answers one page, and waits until another one is asked for because of it.
    async fn answer_one(&self) {
        let asked = self.asked.load(SeqCst);
        self.open.add_permits(1);
        self.wait_for(asked + 1).await;
    }

    /// Waits until so many pages have been asked for.
    async fn wait_for(&self, pages: usize) {
        let enough = async {
            while self.asked.load(SeqCst) < pages {
                self.changed.notified().await;
            }
        };
        let asked = timeout(FOREVER, enough).await;
        assert!(asked.is_ok(), "page {pages} was not asked for");
    }
}

fn list(data: &str, has_more: bool) -> String {
    format!(r#"{{"object":"list","data":[{data}],"has_more":{has_more},"url":"{CUSTOMERS}"}}"#)
}

impl Transport for Road {
    fn send<'a>(
        &'a self,
        request: &'a Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async { Ok(self.0.answer(request).await) })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

/// Begins a run into a database in memory.
async fn begin(stripe: &Arc<Gated>, budget: RateBudget) -> JoinHandle<Result<Report, SyncError>> {
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect("sqlite::memory:").await.unwrap();
    let stripe = StripeBuilder::over(Road(Arc::clone(stripe)), Some(Mode::Live));
    let syncer = Syncer::new(stripe.budget(budget).build().unwrap(), pool);
    syncer.ensure_table::<Customer>().await.unwrap();
    tokio::spawn(async move { syncer.sync_all::<Customer>().await })
}

/// Where nothing limits the rate, as many pages are asked for at once as the list is worth.
#[tokio::test]
async fn a_long_list_without_limits_is_read_by_many() {
    const PAGES: usize = 2_000;
    let stripe = Arc::new(Gated::new(PAGES * PAGE));
    let run = begin(&stripe, RateBudget::unlimited()).await;
    stripe.wait_for(1).await;
    assert_eq!(stripe.most.load(SeqCst), 1, "nothing is known of the list");
    for _ in 0..200 {
        stripe.answer_one().await;
    }
    let most = stripe.most.load(SeqCst);
    assert!((48..=64).contains(&most), "{most} at once");
    run.abort();
}

/// Parts of a list cost a page each at the most, and a short list has few.
#[tokio::test]
async fn a_short_list_has_few_parts() {
    for (pages, most) in [(1, 1), (3, 3), (100, 108)] {
        let stripe = Arc::new(Gated::new(pages * PAGE));
        let run = begin(&stripe, RateBudget::unlimited()).await;
        stripe.open.add_permits(10 * pages);
        let report = timeout(FOREVER, run).await.unwrap().unwrap().unwrap();
        assert_eq!(report.inserted, (pages * PAGE) as u64, "{report}");
        let asked = stripe.asked.load(SeqCst);
        assert!((pages..=most).contains(&asked), "{asked} of {pages} pages");
    }
}

/// A run that begins asks for its first page while the account is asked for, and counts it.
#[tokio::test]
async fn the_first_page_does_not_wait_for_the_account() {
    let stripe = Arc::new(Gated {
        account_is_late: true,
        ..Gated::new(PAGE)
    });
    let run = begin(&stripe, RateBudget::default()).await;
    stripe.open.add_permits(1);
    let report = timeout(FOREVER, run).await.unwrap().unwrap().unwrap();
    assert_eq!(report.inserted, PAGE as u64, "{report}");
    assert_eq!(stripe.asked.load(SeqCst), 1);
    // The page, and the events.
    assert_eq!(report.requests, 2, "{report}");
}
