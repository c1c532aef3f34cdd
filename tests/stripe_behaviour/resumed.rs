//! Cursors that are no place in their list any more: Stripe refuses them, or answers an empty page. Each test ends with every
//! object that is alive in its table.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stripe_sync::reexport::sqlx;
use stripe_sync::testing::{Phase, Quirks};
use stripe_sync::{Json, StripeSync};

use super::mirror::Mirror;
use super::models::Customer;
use super::runs::stopped;

/// Its list takes no `created`.
#[derive(StripeSync)]
#[stripe(object = "payment_method", table = "payment_methods")]
pub(crate) struct PaymentMethod {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

const CUSTOMERS: &str = "/v1/customers";
const PAYMENT_METHODS: &str = "/v1/payment_methods";

/// A run that was stopped in the middle; then the objects at the cursors of its slices are deleted.
async fn stopped_and_deleted(seed: u64, quirks: Quirks) -> Mirror {
    let mirror = stopped(seed).await;
    mirror.fake.quirks(quirks);
    let places = "SELECT cursors FROM stripe_sync_slices WHERE NOT done AND cursors <> '[]'";
    let places: Vec<String> = sqlx::query_scalar(places)
        .fetch_all(&mirror.pool)
        .await
        .unwrap();
    assert!(!places.is_empty(), "no slice was in the middle");
    for place in places {
        let ids: Vec<String> = serde_json::from_str(&place).unwrap();
        mirror.fake.delete(ids.last().unwrap()).unwrap();
    }
    mirror
}

/// An id that stood inside a page is no cursor of its window, so the slices do not go on from one.
#[tokio::test]
async fn a_slice_whose_cursor_is_gone_begins_a_window_of_its_own() {
    let quirks = Quirks::new().empty_page_for_inner_cursor(true);
    let mirror = stopped_and_deleted(110, quirks).await;
    let report = mirror.sync_all::<Customer>().await;
    assert!(report.resumed, "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// The same where Stripe does not say that the cursor is gone.
#[tokio::test]
async fn a_slice_that_ends_where_more_was_promised_is_asked_again() {
    let quirks = Quirks::new()
        .empty_page_for_inner_cursor(true)
        .empty_page_for_vanished_cursor(true);
    let mirror = stopped_and_deleted(111, quirks).await;
    let report = mirror.sync_all::<Customer>().await;
    assert!(report.resumed, "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// Deletes what a page of a list ended with, or all of it, before the next one is asked for.
fn delete_behind(mirror: &Mirror, endpoint: &'static str, whole: bool) {
    mirror.fake.on_request(Phase::After, move |view| {
        if view.endpoint() == endpoint && view.nth() == 2 {
            let most = if whole { usize::MAX } else { 1 };
            for id in view.ids().rev().take(most) {
                view.account().delete(id).unwrap();
            }
        }
    });
}

async fn assert_all_listed<M: StripeSync>(mirror: &Mirror) {
    let rows = mirror.rows(&M::MODEL.table()).await;
    let listed = mirror.fake.listable(M::MODEL.object());
    let ids = listed
        .iter()
        .map(|object| object["id"].as_str().unwrap().to_owned());
    let missing: BTreeSet<String> = ids.filter(|id| !rows.contains_key(id)).collect();
    assert!(missing.is_empty(), "{} of {}", missing.len(), listed.len());
}

/// A vanished cursor that gets an empty page is found out during a run, too, also where a whole page is gone.
#[tokio::test]
async fn an_empty_page_for_a_vanished_cursor_ends_no_list() {
    for (seed, whole) in [(112, false), (113, true)] {
        let quirks = Quirks::new().empty_page_for_vanished_cursor(true);
        let mirror = Mirror::start(seed).await;
        mirror.fake.quirks(quirks.clone());
        mirror.fake.generate("customer", 550).unwrap();
        delete_behind(&mirror, CUSTOMERS, whole);
        mirror.sync_all::<Customer>().await;
        mirror.assert_truth::<Customer>().await;

        let mirror = Mirror::start(seed).await;
        mirror.fake.quirks(quirks);
        mirror
            .fake
            .create("customer", json!({"id": "cus_1"}))
            .unwrap();
        for _ in 0..550 {
            let of_customer = json!({"customer": "cus_1"});
            mirror.fake.create("payment_method", of_customer).unwrap();
        }
        delete_behind(&mirror, PAYMENT_METHODS, whole);
        mirror.sync_all::<PaymentMethod>().await;
        assert_eq!(
            mirror.fake.listable("payment_method").len(),
            if whole { 450 } else { 549 }
        );
        assert_all_listed::<PaymentMethod>(&mirror).await;
    }
}

/// What was promised may be gone by the time that it is asked for: the list says so twice, and the run ends.
#[tokio::test]
async fn an_empty_page_is_believed_the_second_time() {
    for (seed, objects) in [(114, 200), (115, 300)] {
        let mirror = Mirror::start(seed).await;
        let ids = mirror.fake.generate("customer", objects).unwrap();
        mirror.fake.advance(std::time::Duration::from_secs(86_400));
        let listed = mirror.fake.listable("customer");
        let order: Vec<String> = listed
            .iter()
            .map(|object| object["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(order.len(), ids.len());
        mirror.fake.on_request(Phase::After, move |view| {
            if view.endpoint() == CUSTOMERS && view.nth() == 1 {
                let shown: BTreeSet<&str> = view.ids().collect();
                for id in order.iter().filter(|id| !shown.contains(id.as_str())) {
                    view.account().delete(id).unwrap();
                }
            }
        });
        let report = mirror.sync_all::<Customer>().await;
        assert_eq!(report.inserted, 100, "{report}");
        assert!(mirror.requests(CUSTOMERS) <= 4, "{report}");
        mirror.assert_truth::<Customer>().await;
    }
}

/// Each page's last object is gone before the next page is asked for: the run gets to its end.
#[tokio::test]
async fn a_list_whose_cursors_all_vanish_is_read_to_its_end() {
    let mirror = Mirror::start(116).await;
    mirror.fake.generate("customer", 3_950).unwrap();
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS
            && let Some(last) = view.ids().next_back()
        {
            view.account().delete(last).unwrap();
        }
    });
    mirror.sync_all::<Customer>().await;
    assert_all_listed::<Customer>(&mirror).await;
}
