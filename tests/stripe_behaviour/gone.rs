//! What counts as gone: Stripe's answer to the read of the object itself, and nothing else.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::hooks::SyncContext;
use stripe_sync::testing::{CannedAnswer, FakeStripe};
use stripe_sync::{
    HookError, IdOutcome, Json, Outcome, StripeObject, StripeSync, SyncAllOptions, SyncError,
    reexport::sqlx,
};

use super::mirror::{Mirror, syncer};
use super::models::Customer;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "payment_intents")]
struct PaymentIntent {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Only customers with an e-mail address have rows.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "reachable", sync = if_reachable)]
struct Reachable {
    id: String,
    email: Option<String>,
}

async fn if_reachable(
    object: &StripeObject,
    cx: &mut SyncContext<'_>,
) -> Result<Outcome, HookError> {
    match object.value().unwrap()["email"].is_string() {
        true => cx.sync_default().await,
        false => Ok(Outcome::Skipped),
    }
}

fn refusal(status: u16, code: &str, param: &str) -> CannedAnswer {
    let error = json!({"type": "invalid_request_error", "code": code, "param": param});
    CannedAnswer::new(status, json!({ "error": error }).to_string())
}

fn path(id: &str) -> String {
    format!("/v1/customers/{id}")
}

/// Three customers in the table.
async fn three(seed: u64) -> (Mirror, Vec<String>) {
    let mirror = Mirror::start(seed).await;
    let ids = mirror.fake.generate("customer", 3).unwrap();
    mirror.sync_all::<Customer>().await;
    (mirror, ids)
}

async fn outcomes(mirror: &Mirror, ids: &[String]) -> BTreeMap<String, IdOutcome> {
    let report = mirror.syncer.sync_by_ids::<Customer>(ids.to_vec()).await;
    report.unwrap().outcomes.into_iter().collect()
}

#[tokio::test]
async fn only_stripes_404_about_the_object_is_a_deletion() {
    let (mirror, ids) = three(120).await;
    let html = CannedAnswer::new(404, "<h1>404 Not Found</h1>").content_type("text/html");
    let empty = CannedAnswer::new(404, "");
    for answer in [
        refusal(400, "resource_missing", "id"),
        refusal(400, "resource_missing", "customer"),
        refusal(404, "not_found", "id"),
        refusal(404, "url_not_found", "id"),
        refusal(410, "resource_missing", "id"),
        html,
        empty,
    ] {
        let what = format!("{answer:?}");
        mirror.fake.answer_with(path(&ids[0]), 1, answer);
        let outcomes = outcomes(&mirror, &ids).await;
        let failed = matches!(outcomes[&ids[0]], IdOutcome::Failed(_));
        assert!(failed, "{what}: {:?}", outcomes[&ids[0]]);
        assert_eq!(outcomes[&ids[1]], IdOutcome::Unchanged, "{what}");
        assert_eq!(mirror.rows("customers").await.len(), 3, "{what}");
    }
    // Whatever the parameter is called.
    let answer = refusal(404, "resource_missing", "customer_id");
    mirror.fake.answer_with(path(&ids[0]), 1, answer);
    assert_eq!(outcomes(&mirror, &ids).await[&ids[0]], IdOutcome::Deleted);
}

#[tokio::test]
async fn a_payment_intent_is_missed_as_intent() {
    let mirror = Mirror::start(121).await;
    let ids = mirror.fake.generate("payment_intent", 1).unwrap();
    mirror.sync_all::<PaymentIntent>().await;
    let path = format!("/v1/payment_intents/{}", ids[0]);
    let answer = refusal(404, "resource_missing", "intent");
    mirror.fake.answer_with(path, 1, answer);
    let report = mirror.syncer.sync_by_ids::<PaymentIntent>(ids).await;
    assert_eq!(report.unwrap().report.deleted, 1);
}

#[tokio::test]
async fn an_answer_about_another_object_is_an_error() {
    let (mirror, ids) = three(122).await;
    let other = mirror.fake.get(&ids[1]).unwrap();
    let changed = json!({"id": ids[1], "object": "customer", "livemode": false, "email": "x@x"});
    let stub = json!({"id": ids[1], "object": "customer", "deleted": true});
    let product = json!({"id": ids[0], "object": "product", "deleted": true});
    let nothing = json!({"object": "customer"});
    for answer in [changed, stub, product, nothing] {
        let canned = CannedAnswer::new(200, answer.to_string());
        mirror.fake.answer_with(path(&ids[0]), 1, canned);
        let outcomes = outcomes(&mirror, &ids[..1]).await;
        assert!(
            matches!(outcomes[&ids[0]], IdOutcome::Failed(_)),
            "{answer}: {outcomes:?}"
        );
        let rows = mirror.rows("customers").await;
        assert_eq!(rows.len(), 3, "{answer}");
        assert_eq!(rows[&ids[1]], other, "{answer}");
    }
}

#[tokio::test]
async fn a_stub_in_a_list_is_read_before_it_is_believed() {
    let (mirror, ids) = three(123).await;
    let mut list = json!({"object": "list", "url": "/v1/customers", "has_more": false});
    let alive = |id: &String| mirror.fake.get(id).unwrap();
    let stub = json!({"id": ids[0], "object": "customer", "deleted": true});
    list["data"] = json!([alive(&ids[2]), alive(&ids[1]), stub]);
    let list = CannedAnswer::new(200, list.to_string());
    mirror.fake.answer_with("/v1/customers", 1, list);
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.deleted, 0, "{report}");
    mirror.assert_truth::<Customer>().await;
}

#[tokio::test]
async fn one_refusal_among_many_is_one_failure() {
    let mirror = Mirror::start(124).await;
    let ids = mirror.fake.generate("customer", 40).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let refused = || {
        let message = "The provided key does not have the required permissions";
        let error = json!({"type": "invalid_request_error", "message": message});
        CannedAnswer::new(403, json!({ "error": error }).to_string())
    };
    mirror.fake.answer_with(path(&ids[0]), 1, refused());
    let outcomes = outcomes(&mirror, &ids[..5]).await;
    assert!(
        matches!(outcomes[&ids[0]], IdOutcome::Failed(_)),
        "{outcomes:?}"
    );
    assert_eq!(mirror.rows("customers").await.len(), 4);
    // All of a few, and the first of many.
    for (asked, sent) in [(&ids[..3], 3..=3), (&ids[..], 10..=30)] {
        for id in asked {
            mirror.fake.answer_with(path(id), 1, refused());
        }
        mirror.fake.reset_requests();
        let result = mirror.syncer.sync_by_ids::<Customer>(asked.to_vec()).await;
        let error = result.unwrap_err();
        let SyncError::Stripe(error) = error.root() else {
            panic!("expected a refusal, got {error:?}");
        };
        assert!(error.is_permission(), "{error}");
        let requests = mirror.requests("/v1/customers/{id}");
        assert!(sent.contains(&requests), "{requests} of {}", asked.len());
    }
}

/// What a key of another account sees: objects of its own, and none of those that are there.
#[tokio::test]
async fn rows_that_stripe_does_not_know_at_all_stay() {
    let mirror = Mirror::start(125).await;
    mirror.fake.generate("customer", 30).unwrap();
    mirror.sync_all::<Customer>().await;
    // The same account, as far as anybody can tell: its data was deleted, and others made.
    let other = FakeStripe::builder().seed(126).start().await.unwrap();
    let key = other.secret_key().to_owned();
    other.generate("customer", 20).unwrap();
    let wiped = syncer(&other, &key, &mirror.pool);
    let report = wiped.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.deleted), (20, 0), "{report}");
    assert_eq!(report.unconfirmed, 30, "{report}");
    let warned = report
        .warnings
        .iter()
        .any(|text| text.contains("after_wipe"));
    assert!(warned, "{report}");
    let reads = other.request_counts();
    assert_eq!(reads["GET /v1/customers/{id}"], 3);
    assert_eq!(mirror.rows("customers").await.len(), 50);
    let sure = SyncAllOptions::default().after_wipe(true);
    let report = wiped.sync_all_with::<Customer>(sure).await.unwrap();
    assert_eq!(report.deleted, 30, "{report}");
    assert_eq!(mirror.rows("customers").await.len(), 20);
}

/// Nobody is left of those that were there, but Stripe remembers them.
#[tokio::test]
async fn rows_that_stripe_remembers_go() {
    let mirror = Mirror::start(127).await;
    let ids = mirror.fake.generate("customer", 30).unwrap();
    mirror.sync_all::<Customer>().await;
    for id in &ids {
        mirror.fake.delete(id).unwrap();
    }
    mirror.fake.generate("customer", 5).unwrap();
    mirror
        .fake
        .advance(std::time::Duration::from_secs(40 * 86_400));
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!((report.inserted, report.deleted), (5, 30), "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// Rows with tokens of another counter are raised by the pages that show them: those that are gone are not all that were there.
#[tokio::test]
async fn rows_of_a_dump_are_no_other_account_s() {
    let mirror = Mirror::start(129).await;
    // Of a deleted product Stripe remembers nothing.
    let ids = mirror.fake.generate("product", 30).unwrap();
    mirror.sync_all::<Product>().await;
    for id in &ids[..5] {
        mirror.fake.delete(id).unwrap();
    }
    mirror
        .fake
        .advance(std::time::Duration::from_secs(40 * 86_400));
    sqlx::query("UPDATE products SET stripe_observed_at = 5000000")
        .execute(&mirror.pool)
        .await
        .unwrap();
    let report = mirror.sync_all::<Product>().await;
    assert_eq!((report.unchanged, report.deleted), (25, 5), "{report}");
}

#[tokio::test]
async fn objects_without_rows_hide_no_deletion() {
    let mirror = Mirror::start(128).await;
    let customer = |email: Value| {
        let new = mirror.fake.create("customer", json!({ "email": email }));
        new.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let ids: Vec<String> = (0..5).map(|_| customer("a@b.c".into())).collect();
    assert_eq!(mirror.sync_all::<Reachable>().await.inserted, 5);
    for id in &ids[..2] {
        mirror.fake.delete(id).unwrap();
        customer(Value::Null);
    }
    let away = std::time::Duration::from_secs(40 * 86_400);
    mirror.fake.advance(away);
    let report = mirror.sync_all::<Reachable>().await;
    assert_eq!((report.deleted, report.skipped), (2, 2), "{report}");
}
