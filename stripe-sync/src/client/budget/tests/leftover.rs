//! Requests that take what others leave.

use futures_util::FutureExt as _;

use super::*;

/// A list that is read page by page, and an object of it.
const LIST: &str = "/v1/customers";
const OBJECT: &str = "/v1/customers/cus_1";

/// Sends so many requests to a path, one behind the other, that take what is left.
fn send_leftover(
    budget: &Arc<AccountBudget>,
    path: &'static str,
    requests: usize,
) -> tokio::task::JoinHandle<Vec<Duration>> {
    let (budget, start) = (Arc::clone(budget), Instant::now());
    tokio::spawn(async move {
        let mut at = Vec::new();
        for _ in 0..requests {
            budget.acquire_leftover(&Request::get(path)).await;
            at.push(start.elapsed());
        }
        at
    })
}

#[tokio::test(start_paused = true)]
async fn alone_they_have_the_whole_rate() {
    let budget = budget(RateBudget::default(), Mode::Live);
    let at = send_leftover(&budget, LIST, 250).await.unwrap();
    // They spend no burst.
    assert_takes(&at, 249.0 / 20.0);
    // Without a reserve the bucket holds one token.
    let budget = super::budget(RateBudget::default().headroom(0.0), Mode::Live);
    let at = send_leftover(&budget, LIST, 250).await.unwrap();
    assert_takes(&at, 249.0 / 25.0);
}

/// When each of several bursts of ordinary requests is let through, of two endpoints, while others take what is left.
async fn bursts(leftover_at: &[&'static str]) -> Vec<Vec<Duration>> {
    let budget = budget(RateBudget::default(), Mode::Live);
    let others: Vec<_> = leftover_at
        .iter()
        .map(|path| send_leftover(&budget, path, 10_000))
        .collect();
    let paths = [OBJECT, "/v1/invoices/in_1"];
    let at = paths.map(|path| {
        let budget = &budget;
        let bursts = [
            (5_000, 1),
            (5_730, 12),
            (6_400, 12),
            (12_000, 100),
            (18_010, 3),
        ];
        let bursts = bursts.map(|(came, requests)| async move {
            let came = Duration::from_millis(came);
            tokio::time::sleep(came).await;
            let waited = flood(budget, &[path], requests).await;
            waited
                .into_iter()
                .map(move |waited| came + waited)
                .collect::<Vec<_>>()
        });
        async { futures_util::future::join_all(bursts).await.concat() }
    });
    let at = futures_util::future::join_all(at).await;
    others.iter().for_each(tokio::task::JoinHandle::abort);
    at
}

#[tokio::test(start_paused = true)]
async fn ordinary_requests_are_put_off_by_one_at_the_most() {
    // A timer is exact to a millisecond.
    let timer = Duration::from_millis(2);
    let alone = bursts(&[]).await;
    for others in [
        // Of the same endpoint, of another one, and of so many that they want the account's whole rate.
        &[OBJECT][..],
        &[LIST],
        &[
            OBJECT, LIST, "/v1/a", "/v1/b", "/v1/c", "/v1/d", "/v1/e", "/v1/f",
        ],
    ] {
        let beside = bursts(others).await;
        for (alone, beside) in alone.iter().zip(&beside) {
            assert_eq!(beside.len(), alone.len());
            // When any number of them would be through, all but one are.
            for (number, (at, next)) in beside.iter().zip(&alone[1..]).enumerate() {
                assert!(
                    *at <= *next + timer,
                    "{number}: {at:?}, not by {next:?}, beside {others:?}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn none_is_sent_while_others_want_the_whole_rate() {
    let budget = budget(RateBudget::default(), Mode::Live);
    let ordinary = flood(&budget, &[OBJECT], 200);
    let (ordinary, leftover) = tokio::join!(ordinary, async {
        tokio::task::yield_now().await;
        send_leftover(&budget, OBJECT, 1).await.unwrap()
    });
    assert!(
        leftover[0] >= *ordinary.last().unwrap(),
        "{leftover:?} before {:?}",
        ordinary.last()
    );
    // Another endpoint's are sent meanwhile: of the account's rate something is left.
    let ordinary = flood(&budget, &[OBJECT], 200);
    let (ordinary, leftover) = tokio::join!(ordinary, send_leftover(&budget, LIST, 10));
    assert!(leftover.unwrap()[9] < *ordinary.last().unwrap());
}

#[tokio::test(start_paused = true)]
async fn half_of_the_places_are_left_free() {
    let budget = budget(RateBudget::unlimited(), Mode::Live);
    let (list, object) = (Request::get(LIST), Request::get(OBJECT));
    let mut held = Vec::new();
    for _ in 0..50 {
        held.push(budget.acquire_leftover(&list).await);
    }
    let hour = Duration::from_secs(3600);
    assert!(timeout(hour, budget.acquire_leftover(&list)).await.is_err());
    // Whoever comes in the ordinary way finds the rest at once.
    for _ in 0..50 {
        held.push(budget.acquire(&object).now_or_never().unwrap());
    }
    assert!(timeout(hour, budget.acquire(&object)).await.is_err());
    held.clear();
    assert!(timeout(hour, budget.acquire_leftover(&list)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_what_is_left_hides_nothing_from_the_pressure() {
    let budget = budget(RateBudget::default(), Mode::Live);
    flood(&budget, &[LIST], 100).await;
    let before = budget.pressure(&customers()).endpoint.waited_share;
    assert!(before > 0.9, "{before}");
    send_leftover(&budget, LIST, 50).await.unwrap();
    let after = budget.pressure(&customers()).endpoint.waited_share;
    assert!((after - before).abs() < f64::EPSILON, "{after}");
}
