//! Requests in flight, against a server of a few lines that counts them.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::task::{JoinSet, yield_now};

use super::super::flight::MOST;
use super::*;

/// A server that refuses what is too many at once, and answers the rest after a time.
#[derive(Default)]
struct Server {
    takes: usize,
    latency: Duration,
    reason: &'static str,
    inside: AtomicUsize,
    most: AtomicUsize,
    answered: AtomicUsize,
    refused: AtomicUsize,
}

impl Server {
    fn new(takes: usize, latency: Duration, reason: &'static str) -> Arc<Self> {
        Arc::new(Self {
            takes,
            latency,
            reason,
            ..Self::default()
        })
    }

    async fn serve(&self) -> Response {
        let inside = self.inside.fetch_add(1, Relaxed) + 1;
        if inside > self.takes {
            self.inside.fetch_sub(1, Relaxed);
            self.refused.fetch_add(1, Relaxed);
            return limited(Some(self.reason), LIMITED);
        }
        self.most.fetch_max(inside, Relaxed);
        tokio::time::sleep(self.latency).await;
        self.inside.fetch_sub(1, Relaxed);
        self.answered.fetch_add(1, Relaxed);
        Response::new(200, "")
    }

    /// Many readers of these paths, for this long; the answers and refusals of that time.
    async fn read(
        self: &Arc<Self>,
        budget: &Arc<AccountBudget>,
        paths: &[&'static str],
        readers: usize,
        seconds: u64,
    ) -> (usize, usize) {
        let before = (self.answered.load(Relaxed), self.refused.load(Relaxed));
        let mut tasks = JoinSet::new();
        for &path in paths {
            for _ in 0..readers {
                let (server, budget) = (Arc::clone(self), Arc::clone(budget));
                tasks.spawn(async move {
                    loop {
                        let permit = budget.acquire(&Request::get(path)).await;
                        let sent = Instant::now();
                        let response = server.serve().await;
                        permit.answered(&response, sent.elapsed());
                        drop(permit);
                        if response.status == 429 {
                            tokio::time::sleep(Duration::from_millis(500)).await;
                        }
                    }
                });
            }
        }
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        tasks.shutdown().await;
        self.inside.store(0, Relaxed);
        (
            self.answered.load(Relaxed) - before.0,
            self.refused.load(Relaxed) - before.1,
        )
    }
}

const PATHS: [&str; 4] = ["/v1/a", "/v1/b", "/v1/c", "/v1/d"];

#[tokio::test(start_paused = true)]
async fn few_are_refused_once_the_limit_is_known() {
    for takes in [1, 2, 4, 9, 30] {
        let latency = Duration::from_millis(500);
        let server = Server::new(takes, latency, "global-concurrency");
        let limits = RateBudget::default().account(1e4).endpoint(1e4);
        let budget = budget(limits, Mode::Live);
        server.read(&budget, &PATHS, 20, 5).await;
        let (answered, refused) = server.read(&budget, &PATHS, 20, 600).await;
        // At most `takes` fit into half a second.
        let most = 600.0 * 2.0 * takes as f64;
        assert!(
            answered as f64 >= most * 0.85,
            "{takes}: {answered} of {most}"
        );
        assert!(
            refused as f64 <= answered as f64 * 0.01,
            "{takes}: {refused} refused, {answered} answered"
        );
        let pressure = budget.pressure(&Request::get("/v1/a"));
        let limit = pressure.account.in_flight_limit;
        assert!(
            (takes * 2 / 3..=takes + 1).contains(&limit),
            "{takes}: {limit}"
        );
        assert_eq!(pressure.account.rate, 8_000.0, "the rate is not to blame");
        assert_eq!(pressure.endpoint.in_flight_limit, MOST);
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_s_limit_is_its_own() {
    let server = Server::new(3, Duration::from_millis(300), "endpoint-concurrency");
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    server.read(&budget, &["/v1/a"], 20, 5).await;
    let of = |path| budget.pressure(&Request::get(path));
    assert!(of("/v1/a").endpoint.in_flight_limit <= 4);
    assert_eq!(of("/v1/b").endpoint.in_flight_limit, MOST);
    assert_eq!(of("/v1/b").account.in_flight_limit, MOST);
    assert!(of("/v1/a").endpoint.rate.is_infinite());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_lifted_is_found_out() {
    let latency = Duration::from_millis(100);
    let server = Server::new(2, latency, "global-concurrency");
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    server.read(&budget, &PATHS, 10, 10).await;
    let limit = || budget.pressure(&customers()).account.in_flight_limit;
    assert!(limit() <= 3, "{}", limit());
    let server = Server::new(1000, latency, "global-concurrency");
    server.read(&budget, &PATHS, 10, 30).await;
    let grown = limit();
    assert!((5..=20).contains(&grown), "{grown}");
    // Only what is used grows: the forty readers never needed more.
    server.read(&budget, &PATHS, 10, 300).await;
    assert!(limit() <= 41, "{}", limit());
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_refusals_is_one_strike() {
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    let mut permits = Vec::new();
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        permits.push(budget.acquire(&customers()).await);
    }
    let refusal = limited(Some("endpoint-concurrency"), LIMITED);
    for permit in permits.iter().rev() {
        permit.answered(&refusal, Duration::ZERO);
    }
    let limit = || budget.pressure(&customers()).endpoint.in_flight_limit;
    assert_eq!(limit(), 6);
    drop(permits);
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let permit = budget.acquire(&customers()).await;
        permit.answered(&refusal, Duration::ZERO);
    }
    assert_eq!(limit(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_burst_that_arrives_in_another_order_is_cut_by_its_size() {
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    let mut permits = Vec::new();
    for _ in 0..8 {
        permits.push(budget.acquire(&customers()).await);
    }
    let refusal = limited(Some("endpoint-concurrency"), LIMITED);
    for permit in permits.drain(..) {
        permit.answered(&refusal, Duration::ZERO);
    }
    let limit = budget.pressure(&customers()).endpoint.in_flight_limit;
    assert_eq!(limit, 6, "the first one sent had none beside it then");
}

#[tokio::test(start_paused = true)]
async fn no_more_are_in_flight_than_the_rate_needs() {
    for (millis, in_flight) in [(0, 2), (100, 5), (1000, 32)] {
        let server = Server::new(1000, Duration::from_millis(millis), "");
        let budget = budget(RateBudget::default(), Mode::Live);
        server.read(&budget, &["/v1/customers"], 60, 10).await;
        let load = budget.pressure(&customers()).endpoint;
        assert_eq!(load.latency, Some(Duration::from_millis(millis)));
        // 20 a second, one and a half times, and two.
        assert_eq!(load.in_flight_limit, in_flight, "{millis} ms");
        // And that is enough for the rate.
        let (answered, _) = server.read(&budget, &["/v1/customers"], 60, 60).await;
        assert!(answered >= 19 * 59, "{millis} ms: {answered}");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_become_slow_do_not_pile_up_and_do_not_stop_the_rest() {
    let budget = budget(RateBudget::default(), Mode::Live);
    let quick = Server::new(1000, Duration::from_millis(100), "");
    quick.read(&budget, &["/v1/customers"], 60, 10).await;
    let slow = Server::new(1000, Duration::from_secs(30), "");
    let (stuck, other) = tokio::join!(
        slow.read(&budget, &["/v1/customers"], 60, 20),
        quick.read(&budget, &["/v1/charges"], 60, 20)
    );
    assert_eq!(stuck, (0, 0));
    assert_eq!(slow.most.load(Relaxed), 5);
    assert!(other.0 >= 19 * 19, "{other:?}");
}

#[tokio::test(start_paused = true)]
async fn who_leaves_gives_the_place_back() {
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    let refusal = limited(Some("endpoint-concurrency"), LIMITED);
    let request = customers();
    answer(&budget, &refusal).await;
    let in_flight = || budget.pressure(&customers()).endpoint.in_flight;
    let running = budget.acquire(&request).await;
    assert_eq!(in_flight(), 1);
    // One gives up at the head of the line, one behind it.
    let limit = Duration::from_secs(1);
    let (first, second) = tokio::join!(
        timeout(limit, budget.acquire(&request)),
        timeout(limit, budget.acquire(&request))
    );
    assert!(first.is_err() && second.is_err());
    assert_eq!(in_flight(), 1);
    let start = Instant::now();
    let (next, ()) = tokio::join!(timeout(limit, budget.acquire(&request)), async {
        yield_now().await;
        drop(running);
    });
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(in_flight(), 1);
    drop(next);
    assert_eq!(in_flight(), 0);
    assert_eq!(budget.pressure(&request).account.in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_without_places_does_not_block_another() {
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    let refusal = limited(Some("endpoint-concurrency"), LIMITED);
    answer(&budget, &refusal).await;
    let _running = budget.acquire(&customers()).await;
    let mut waiting = JoinSet::new();
    for _ in 0..20 {
        let budget = Arc::clone(&budget);
        waiting.spawn(async move { drop(budget.acquire(&customers()).await) });
    }
    yield_now().await;
    let other = Request::get("/v1/charges");
    let limit = Duration::from_secs(1);
    assert!(timeout(limit, budget.acquire(&other)).await.is_ok());
    assert!(waiting.try_join_next().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_pressure_says_whether_one_more_reader_helps() {
    // At 100 ms an answer, 20 a second are two readers.
    for (readers, has_room, waited) in [(1, true, None), (4, false, Some(WaitedFor::Rate))] {
        let budget = budget(RateBudget::default(), Mode::Live);
        let server = Server::new(1000, Duration::from_millis(100), "");
        server.read(&budget, &["/v1/customers"], readers, 30).await;
        let pressure = budget.pressure(&customers());
        assert_eq!(pressure.has_room(), has_room, "{readers}: {pressure:?}");
        assert_eq!(pressure.endpoint.waited, waited, "{readers}");
        assert_eq!(pressure.endpoint.rate_target, 20.0);
        assert_eq!(pressure.account.waited, None);
    }
    // Nor does one more help where Stripe takes no more at once.
    let budget = budget(RateBudget::default(), Mode::Live);
    let server = Server::new(1, Duration::from_millis(100), "endpoint-concurrency");
    server.read(&budget, &["/v1/customers"], 4, 30).await;
    let pressure = budget.pressure(&customers());
    assert!(!pressure.has_room(), "{pressure:?}");
    assert_eq!(pressure.endpoint.waited, Some(WaitedFor::Answers));
}
