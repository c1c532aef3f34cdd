//! Limits that are divided among processes.

use super::*;

#[tokio::test(start_paused = true)]
async fn two_processes_send_half_each_and_burst_half() {
    let budgets = [(); 2].map(|()| budget(RateBudget::default(), Mode::Live));
    budgets.iter().for_each(|budget| budget.share(2));
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let [one, other] = &budgets;
    let paths = ["/v1/a", "/v1/b", "/v1/c", "/v1/d", "/v1/e", "/v1/f"];
    let (mut at, late) = tokio::join!(flood(one, &paths, 40), flood(other, &paths, 40));
    at.extend(late);
    at.sort();
    // 480 requests less what both bursts hold, at the account's 80 a second.
    assert_takes(&at, (480.0 - 10.0) / 80.0);
    assert!(busiest_second(&at) <= 100, "{}", busiest_second(&at));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_met_later_is_divided_too() {
    let budget = budget(RateBudget::default().headroom(0.0), Mode::Live);
    let known = budget.pressure(&customers()).endpoint.rate_target;
    budget.share(5);
    let of = |path: &str| budget.pressure(&Request::get(path)).endpoint.rate_target;
    assert_eq!(
        (known, of("/v1/customers"), of("/v1/charges")),
        (25.0, 5.0, 5.0)
    );
    assert_eq!(budget.pressure(&customers()).account.rate_target, 20.0);
    // Nobody is left: the whole again.
    budget.share(1);
    assert_eq!(rates(&budget), (100.0, 25.0));
    assert_eq!(of("/v1/charges"), 25.0);
}

#[tokio::test(start_paused = true)]
async fn what_a_429_took_off_stays_off() {
    let budget = budget(RateBudget::default().headroom(0.0), Mode::Live);
    answer(&budget, &limited(Some("global-rate"), LIMITED)).await;
    budget.share(2);
    assert_eq!(rates(&budget), (25.0, 12.5));
    budget.share(1);
    assert_eq!(rates(&budget), (50.0, 25.0));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_does_not_sleep_through_a_larger_share() {
    let limits = RateBudget::default().account(1.0).headroom(0.0);
    let budget = budget(limits, Mode::Live);
    budget.share(1000);
    drop(budget.acquire(&customers()).await);
    let (start, request) = (Instant::now(), customers());
    let ((), _permit) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            budget.share(1);
        },
        budget.acquire(&request)
    );
    // At a thousandth of 1 a second it would have been a quarter of an hour.
    assert!(start.elapsed() <= Duration::from_millis(2_010));
}

#[tokio::test(start_paused = true)]
async fn no_limit_cannot_be_divided() {
    let unlimited = Budgets::new(RateBudget::unlimited(), None);
    assert!(!unlimited.are_limited());
    unlimited.of(None).share(2);
    assert!(rates(&unlimited.of(None)).0.is_infinite());
    assert!(Budgets::new(RateBudget::default(), None).are_limited());
    assert_ne!(
        unlimited.id(),
        Budgets::new(RateBudget::default(), None).id()
    );
}
