//! The width against a server that counts what it is asked at once, on a paused clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;

use crate::client::{
    Capabilities, Meter, Mode, RateBudget, Request, Response, Stripe, StripeBuilder, Transport,
    TransportError,
};
use crate::sync::backfill::concurrency::*;

const LATENCY: Duration = Duration::from_millis(100);
const TOO_MANY: &str = "endpoint-concurrency";
const TOO_FAST: &str = "endpoint-rate";
/// As many answers as a small account has pages.
const FEW: usize = 100;

/// Answers after a time what it has room for, and refuses the rest.
#[derive(Default)]
struct Server {
    takes: AtomicUsize,
    /// So many milliseconds later than others some answers come.
    spread: AtomicUsize,
    asked: AtomicUsize,
    inside: AtomicUsize,
    most: AtomicUsize,
    refused: AtomicUsize,
    /// Requests that are refused for the rate, one after the other.
    too_fast: AtomicUsize,
}

impl Server {
    fn taking(takes: usize) -> Arc<Self> {
        let server = Arc::new(Self::default());
        server.takes.store(takes, Relaxed);
        server
    }

    fn refuse(&self, reason: &str) -> Response {
        self.refused.fetch_add(1, Relaxed);
        let mut response = Response::new(429, r#"{"error":{"code":"rate_limit"}}"#);
        response.rate_limited = Some(reason.into());
        response
    }

    async fn answer(&self) -> Response {
        let left = |left: usize| left.checked_sub(1);
        if self.too_fast.fetch_update(Relaxed, Relaxed, left).is_ok() {
            return self.refuse(TOO_FAST);
        }
        let inside = self.inside.fetch_add(1, Relaxed) + 1;
        let is_refused = inside > self.takes.load(Relaxed);
        if !is_refused {
            self.most.fetch_max(inside, Relaxed);
            let asked = self.asked.fetch_add(1, Relaxed);
            let later = asked % (self.spread.load(Relaxed) + 1);
            tokio::time::sleep(LATENCY + Duration::from_millis(later as u64)).await;
        }
        self.inside.fetch_sub(1, Relaxed);
        match is_refused {
            true => self.refuse(TOO_MANY),
            false => Response::new(200, ""),
        }
    }
}

struct Road(Arc<Server>);

impl Transport for Road {
    fn send<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        Box::pin(async { Ok(self.0.answer().await) })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

/// A reader that has always more to ask for.
struct Reader {
    stripe: Stripe,
    concurrency: Concurrency,
    asking: JoinSet<()>,
    /// So long after an answer it is at hand: the machine is busy.
    lag: Duration,
}

impl Reader {
    fn new(server: &Arc<Server>, budget: RateBudget) -> Self {
        let stripe = StripeBuilder::over(Road(Arc::clone(server)), Some(Mode::Live));
        let stripe = stripe.budget(budget).build().unwrap();
        Self {
            concurrency: Concurrency::begin(Some(stripe.pressure(&customers()))),
            stripe,
            asking: JoinSet::new(),
            lag: Duration::ZERO,
        }
    }

    /// Reads so many answers; the widths after each.
    async fn read(&mut self, answers: usize) -> Vec<usize> {
        let mut limits = Vec::with_capacity(answers);
        for _ in 0..answers {
            while self.asking.len() < self.concurrency.limit() {
                let (stripe, lag) = (self.stripe.clone(), self.lag);
                self.asking.spawn(async move {
                    stripe.get(customers(), &Meter::new()).await.unwrap();
                    tokio::time::sleep(lag).await;
                });
            }
            if self.asking.try_join_next().is_none() {
                self.concurrency.starves();
                self.asking.join_next().await.unwrap().unwrap();
            }
            let pressure = self.stripe.pressure(&customers());
            self.concurrency.answered(&pressure, self.asking.len() + 1);
            limits.push(self.concurrency.limit());
        }
        limits
    }
}

fn customers() -> Request {
    Request::get("/v1/customers")
}

fn most(limits: &[usize]) -> usize {
    limits.iter().copied().max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_it_doubles_to_the_widest() {
    let server = Server::taking(usize::MAX);
    let mut reader = Reader::new(&server, RateBudget::unlimited());
    assert_eq!(reader.concurrency.limit(), FIRST_LIMIT);
    let limits = reader.read(FEW).await;
    assert!(limits[FEW - 1] >= 48, "{limits:?}");
    // Each round twice as many: 4, 8, 16, 32.
    assert!(limits[FIRST_LIMIT - 1] <= 2 * FIRST_LIMIT, "{limits:?}");
    let limits = reader.read(10 * FEW).await;
    assert_eq!(most(&limits), MOST_AT_ONCE);
    assert_eq!(server.most.load(Relaxed), MOST_AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn at_a_live_account_s_limits_it_is_what_the_rate_needs() {
    let server = Server::taking(usize::MAX);
    let mut reader = Reader::new(&server, RateBudget::default().headroom(0.0));
    let limits = reader.read(10 * FEW).await;
    // 25 a second at 100 ms are two and a half; a quarter more, and one.
    assert_eq!(most(&limits), 4);
    assert_eq!(limits[10 * FEW - 1], 4);
}

#[tokio::test(start_paused = true)]
async fn a_reader_on_a_busy_machine_asks_for_more_at_once() {
    let server = Server::taking(usize::MAX);
    let mut reader = Reader::new(&server, RateBudget::default().headroom(0.0));
    reader.lag = Duration::from_millis(120);
    let limits = reader.read(10 * FEW).await;
    // 25 a second at 220 ms are five and a half, which is less than the budget lets through.
    assert_eq!(most(&limits), 6);
    // Where the machine is idle again, fewer are enough.
    reader.lag = Duration::ZERO;
    let limits = reader.read(10 * FEW).await;
    assert_eq!(limits[10 * FEW - 1], 4);
}

#[tokio::test(start_paused = true)]
async fn a_raised_rate_is_followed() {
    let server = Server::taking(usize::MAX);
    let raised = RateBudget::default().account(500.0).endpoint(500.0);
    let mut reader = Reader::new(&server, raised);
    let began = tokio::time::Instant::now();
    let limits = reader.read(20 * FEW).await;
    // 400 a second at 100 ms are 40; a quarter more, and one. While the headroom that was saved up is spent nothing waits.
    let widest = most(&limits);
    assert!((40..=55).contains(&widest), "{widest}");
    assert!(limits[20 * FEW - 1] <= 51, "{limits:?}");
    let rate = 20.0 * FEW as f64 / began.elapsed().as_secs_f64();
    assert!(rate > 350.0, "{rate} a second");
    assert_eq!(server.refused.load(Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_an_endpoint_is_where_it_begins() {
    let server = Server::taking(usize::MAX);
    let raised = RateBudget::default().account(200.0).endpoint(200.0);
    let mut reader = Reader::new(&server, raised);
    reader.read(10 * FEW).await;
    let known = reader.stripe.pressure(&customers());
    // 160 a second at 100 ms are 16; a quarter more, and one.
    assert_eq!(Concurrency::begin(Some(known)).limit(), 21);
    let other = reader.stripe.pressure(&Request::get("/v1/charges"));
    assert_eq!(Concurrency::begin(Some(other)).limit(), FIRST_LIMIT);
}

#[tokio::test(start_paused = true)]
async fn it_falls_where_stripe_refuses_what_is_too_many() {
    let server = Server::taking(usize::MAX);
    let mut reader = Reader::new(&server, RateBudget::unlimited());
    let limits = reader.read(2 * FEW).await;
    assert!(limits[2 * FEW - 1] >= 48, "{limits:?}");
    server.takes.store(20, Relaxed);
    reader.read(2 * FEW).await;
    let refused = server.refused.load(Relaxed);
    let limits = reader.read(10 * FEW).await;
    assert!(most(&limits) <= 21, "{}", most(&limits));
    assert!(limits[10 * FEW - 1] >= 13, "{}", limits[10 * FEW - 1]);
    let refused = server.refused.load(Relaxed) - refused;
    assert!(refused <= FEW / 10, "{refused} of {}", 10 * FEW);
}

#[tokio::test(start_paused = true)]
async fn it_falls_with_the_rate() {
    let server = Server::taking(usize::MAX);
    let raised = RateBudget::default().account(500.0).endpoint(500.0);
    let mut reader = Reader::new(&server, raised);
    reader.read(10 * FEW).await;
    let before = reader.concurrency.limit();
    server.too_fast.store(1, Relaxed);
    let limits = reader.read(FEW).await;
    let least = limits.iter().copied().min().unwrap_or_default();
    assert!(least <= before * 2 / 3, "{before} became {least}");
}

#[tokio::test(start_paused = true)]
async fn large_pages_are_fewer_at_once() {
    let server = Server::taking(usize::MAX);
    let mut reader = Reader::new(&server, RateBudget::unlimited());
    reader.read(2 * FEW).await;
    for (bytes, limit) in [(BYTES_IN_FLIGHT / 16, 16), (BYTES_IN_FLIGHT, FIRST_LIMIT)] {
        (0..FEW).for_each(|_| reader.concurrency.weigh(bytes));
        let limits = reader.read(FEW).await;
        assert_eq!(limits[FEW - 1], limit, "{bytes} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_is_behind_gets_no_more() {
    let server = Server::taking(usize::MAX);
    let mut reader = Reader::new(&server, RateBudget::unlimited());
    for _ in 0..FEW {
        reader.concurrency.is_behind();
        reader
            .concurrency
            .answered(&reader.stripe.pressure(&customers()), FIRST_LIMIT);
    }
    assert_eq!(reader.concurrency.limit(), FIRST_LIMIT);
    // Nor does a list that has no more to ask for.
    for _ in 0..FEW {
        reader.concurrency.starves();
        reader
            .concurrency
            .answered(&reader.stripe.pressure(&customers()), 1);
    }
    assert_eq!(reader.concurrency.limit(), FIRST_LIMIT);
}

#[tokio::test(start_paused = true)]
async fn runs_that_wait_for_each_other_s_answers_divide_the_places() {
    let server = Server::taking(usize::MAX);
    // Places become free one by one.
    server.spread.store(FEW, Relaxed);
    let mut reader = Reader::new(&server, RateBudget::unlimited());
    reader.read(2 * FEW).await;
    let before = reader.concurrency.limit();
    // Another reader of the client holds all places but ten.
    let mut others = Vec::new();
    for _ in 0..90 {
        let stripe = reader.stripe.clone();
        others.push(tokio::spawn(async move {
            loop {
                stripe.get(customers(), &Meter::new()).await.unwrap();
            }
        }));
    }
    reader.read(10 * FEW).await;
    let after = reader.concurrency.limit();
    others.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(after < before, "{before} became {after}");
}
