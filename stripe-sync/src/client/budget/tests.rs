mod flight;
mod leftover;
mod share;

use tokio::time::{Instant, timeout};

use super::rate::{CUT_INTERVAL, FLOOR};
use super::*;

const LIMITED: &str = r#"{"error":{"code":"rate_limit"}}"#;

fn budget(limits: RateBudget, mode: Mode) -> Arc<AccountBudget> {
    Budgets::new(limits, Some(mode)).of(None)
}

fn customers() -> Request {
    Request::get("/v1/customers")
}

/// What the account and the endpoint of customers send a second.
fn rates(budget: &AccountBudget) -> (f64, f64) {
    let pressure = budget.pressure(&customers());
    (pressure.account.rate, pressure.endpoint.rate)
}

/// A request of customers that is answered at once.
async fn answer(budget: &AccountBudget, response: &Response) {
    let permit = budget.acquire(&customers()).await;
    permit.answered(response, Duration::ZERO);
}

fn limited(reason: Option<&str>, body: &'static str) -> Response {
    let mut response = Response::new(429, body);
    response.rate_limited = reason.map(Into::into);
    response
}

/// Sends `each` requests to every path at once; the instants at which they were let through.
async fn flood(budget: &Arc<AccountBudget>, paths: &[&str], each: usize) -> Vec<Duration> {
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for path in paths {
        for _ in 0..each {
            let (budget, request) = (Arc::clone(budget), Request::get(*path));
            tasks.spawn(async move {
                budget.acquire(&request).await;
                start.elapsed()
            });
        }
    }
    let mut at = tasks.join_all().await;
    at.sort();
    at
}

/// The most requests in any half-open second.
fn busiest_second(at: &[Duration]) -> usize {
    at.iter()
        .map(|from| {
            at.iter()
                .filter(|t| (*from..*from + Duration::from_secs(1)).contains(*t))
                .count()
        })
        .max()
        .unwrap_or(0)
}

fn assert_takes(at: &[Duration], seconds: f64) {
    let took = at.last().map_or(0.0, Duration::as_secs_f64);
    assert!(
        (took - seconds).abs() < seconds * 0.03,
        "took {took} s, not {seconds} s"
    );
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_gets_25_a_second() {
    let budget = budget(RateBudget::default().headroom(0.0), Mode::Live);
    let at = flood(&budget, &["/v1/customers"], 250).await;
    assert_takes(&at, 249.0 / 25.0);
    assert!(busiest_second(&at) <= 26, "{}", busiest_second(&at));
}

#[tokio::test(start_paused = true)]
async fn an_account_gets_100_a_second_live_and_25_in_a_sandbox() {
    let paths = [
        "/v1/customers",
        "/v1/charges",
        "/v1/refunds",
        "/v1/prices",
        "/v1/products",
    ];
    for (mode, rate) in [(Mode::Live, 100.0), (Mode::Test, 25.0)] {
        let budget = budget(RateBudget::default().headroom(0.0), mode);
        let at = flood(&budget, &paths, 100).await;
        assert_takes(&at, 499.0 / rate);
        assert!(
            busiest_second(&at) as f64 <= rate + 1.0,
            "{}",
            busiest_second(&at)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn headroom_is_left_even_after_a_pause() {
    let budget = budget(RateBudget::default(), Mode::Live);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let at = flood(&budget, &["/v1/customers"], 200).await;
    assert_takes(&at, (200.0 - 2.5) / 20.0);
    assert!(busiest_second(&at) <= 25, "{}", busiest_second(&at));
}

#[tokio::test(start_paused = true)]
async fn search_is_slower_and_accounts_are_apart() {
    let budgets = Budgets::new(RateBudget::default().headroom(0.0), Some(Mode::Live));
    let at = flood(&budgets.of(None), &["/v1/customers/search"], 100).await;
    assert_takes(&at, 99.0 / 20.0);
    let (one, other) = (budgets.of(Some("acct_1")), budgets.of(Some("acct_2")));
    let (a, b) = tokio::join!(flood(&one, &["/v1/a"], 50), flood(&other, &["/v1/a"], 50));
    assert_takes(&a, 49.0 / 25.0);
    assert_takes(&b, 49.0 / 25.0);
    assert!(Arc::ptr_eq(&one, &budgets.of(Some("acct_1"))));
}

#[tokio::test(start_paused = true)]
async fn no_limit_waits_for_nothing() {
    let budget = budget(RateBudget::unlimited(), Mode::Test);
    let at = flood(&budget, &["/v1/customers"], 1000).await;
    assert_eq!(at.last(), Some(&Duration::ZERO));
    answer(&budget, &limited(Some("global-rate"), LIMITED)).await;
    assert!(rates(&budget).0.is_infinite());
}

#[tokio::test(start_paused = true)]
async fn a_429_halves_the_rate_that_its_reason_names() {
    for (reason, body, whole, endpoint) in [
        (Some("global-rate"), LIMITED, 50.0, 25.0),
        (Some("global-concurrency"), LIMITED, 100.0, 25.0),
        (Some("endpoint-rate"), LIMITED, 100.0, 12.5),
        (Some("endpoint-concurrency"), LIMITED, 100.0, 25.0),
        (Some("resource-specific"), LIMITED, 100.0, 25.0),
        (Some("a-new-reason"), LIMITED, 100.0, 25.0),
        (None, r#"{"error":{"code":"lock_timeout"}}"#, 100.0, 25.0),
        (None, LIMITED, 100.0, 12.5),
    ] {
        let budget = budget(RateBudget::default().headroom(0.0), Mode::Live);
        let permit = budget.acquire(&customers()).await;
        // Two at once are one strike.
        permit.answered(&limited(reason, body), Duration::ZERO);
        permit.answered(&limited(reason, body), Duration::ZERO);
        assert_eq!(rates(&budget), (whole, endpoint), "{reason:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_rate_falls_to_its_floor_and_grows_back() {
    let budget = budget(RateBudget::default().headroom(0.0), Mode::Live);
    for _ in 0..20 {
        answer(&budget, &limited(Some("endpoint-rate"), LIMITED)).await;
        tokio::time::sleep(CUT_INTERVAL).await;
    }
    assert_eq!(rates(&budget).1, 25.0 * FLOOR);
    answer(&budget, &Response::new(500, "")).await;
    assert_eq!(rates(&budget).1, 25.0 * FLOOR);
    for _ in 0..250 {
        answer(&budget, &Response::new(200, "")).await;
    }
    let half_way = rates(&budget).1;
    assert!((13.0..15.0).contains(&half_way), "{half_way}");
    for _ in 0..1000 {
        answer(&budget, &Response::new(200, "")).await;
    }
    assert_eq!(rates(&budget).1, 25.0);
}

#[tokio::test(start_paused = true)]
async fn a_shrunk_endpoint_sends_at_its_new_rate() {
    let budget = budget(RateBudget::default().headroom(0.0), Mode::Live);
    answer(&budget, &limited(Some("endpoint-rate"), LIMITED)).await;
    let at = flood(&budget, &["/v1/customers"], 50).await;
    assert_takes(&at, 50.0 / 12.5);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_leaves_takes_nothing_along() {
    let budget = budget(
        RateBudget::default().endpoint(1.0).headroom(0.0),
        Mode::Live,
    );
    let request = Request::get("/v1/customers");
    budget.acquire(&request).await;
    let start = Instant::now();
    // One gives up at the head of the line, one behind it, and one while the next is served.
    for limit in [300, 100] {
        let limit = Duration::from_millis(limit);
        let (first, second) = tokio::join!(
            timeout(limit, budget.acquire(&request)),
            timeout(limit, budget.acquire(&request))
        );
        assert!(first.is_err() && second.is_err());
    }
    budget.acquire(&request).await;
    let took = start.elapsed().as_secs_f64();
    assert!((0.99..1.01).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn waiters_are_served_in_order_and_endpoints_in_turn() {
    let budget = budget(
        RateBudget::default().account(10.0).headroom(0.0),
        Mode::Live,
    );
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (budget, order) = (Arc::clone(&budget), Arc::clone(&order));
        tasks.spawn(async move {
            budget.acquire(&Request::get("/v1/customers")).await;
            lock(&order).push(number);
        });
    }
    tokio::task::yield_now().await;
    budget.acquire(&Request::get("/v1/charges")).await;
    let served = lock(&order).len();
    assert!(
        served <= 4,
        "the second endpoint waited for {served} of the first"
    );
    tasks.join_all().await;
    assert_eq!(*lock(&order), (0..20).collect::<Vec<_>>());
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    assert!(RateBudget::default().validate().is_ok());
    assert!(RateBudget::default().headroom(0.0).validate().is_ok());
    for wrong in [
        RateBudget::default().headroom(1.0),
        RateBudget::default().headroom(-0.1),
        RateBudget::default().headroom(f64::NAN),
        RateBudget::default().endpoint(0.0),
        RateBudget::default().account(f64::NAN),
    ] {
        assert!(wrong.validate().is_err(), "{wrong:?}");
    }
}
