//! Accounts take turns: what one of them floods the service with is passed by another's single event.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::platform::{AccountCustomer, Platform};
use super::service::{Service, process};

/// Objects that are worked on at once. Of several, the last one that was begun may be read first.
const WINDOW: usize = 1;
/// Objects of the account that floods.
const FLOOD: usize = 100;

pub(crate) async fn a_flood_of_one_account_is_passed_by_anothers_event(service: &Service) {
    let platform = Platform::start(service).await;
    let told = Arc::<Mutex<Vec<String>>>::default();
    let tell = Arc::clone(&told);
    let live = platform
        .builder()
        .concurrency(WINDOW)
        .on("customer.*", move |event| {
            let account = event.account().unwrap_or_default().to_owned();
            tell.lock().unwrap().push(account);
            async { Ok(()) }
        })
        .build()
        .unwrap();
    for number in 0..FLOOD {
        let made = json!({"id": format!("cus_{number}")});
        platform.a.create("customer", made).unwrap();
    }
    platform.deliver(&live).await;
    platform
        .b
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    platform.deliver(&live).await;

    service.fake.reset_requests();
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;
    let asked = platform.asked_as("/v1/customers/{id}");
    assert_eq!(asked.len(), FLOOD + 1);
    let before = asked.iter().position(|account| account == "acct_b");
    assert!(before.unwrap() <= WINDOW, "read behind {before:?} others");
    // Its row is written in the first window, and its handler called in the one that follows.
    let told = told.lock().unwrap();
    assert_eq!(told.len(), FLOOD + 1);
    let before = told.iter().position(|account| account == "acct_b");
    assert!(
        before.unwrap() <= 2 * WINDOW,
        "told behind {before:?} others"
    );
}
