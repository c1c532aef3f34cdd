use std::collections::HashSet;

use serde_json::{Value, json};

use super::{get, id, ids, ok, refusal, start, walk};
use fake_stripe::{Phase, Quirks};

#[tokio::test]
async fn newest_first_and_every_object_once() {
    let fake = start().await;
    let made: HashSet<String> = fake
        .generate("customer", 250)
        .unwrap()
        .into_iter()
        .collect();
    let page = ok(&fake, "/v1/customers").await;
    assert_eq!(ids(&page).len(), 10, "the default limit");
    assert_eq!(page["has_more"], true);
    assert_eq!(page["url"], "/v1/customers");
    let walked = walk(&fake, "/v1/customers", "").await;
    assert_eq!(walked.len(), 250);
    assert_eq!(walked.iter().cloned().collect::<HashSet<_>>(), made);
    let created: Vec<i64> = walked
        .iter()
        .map(|id| fake.get(id).unwrap()["created"].as_i64().unwrap())
        .collect();
    assert!(created.is_sorted_by(|newer, older| newer >= older));
    assert!(
        created.windows(2).any(|pair| pair[0] == pair[1]),
        "some share their second"
    );
}

#[tokio::test]
async fn ties_have_a_stable_order_and_pages_can_end_inside_a_second() {
    let fake = start().await;
    fake.generate_between("customer", 300, 1_700_000_000..=1_700_000_000)
        .unwrap();
    let first = walk(&fake, "/v1/customers", "").await;
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), 300);
    fake.update(&first[7], json!({ "name": "New" })).unwrap();
    assert_eq!(walk(&fake, "/v1/customers", "").await, first);
}

#[tokio::test]
async fn ending_before_answers_the_page_just_before() {
    let fake = start().await;
    fake.generate("product", 30).unwrap();
    let all = walk(&fake, "/v1/products", "").await;
    let page = ok(
        &fake,
        &format!("/v1/products?limit=5&ending_before={}", all[20]),
    )
    .await;
    assert_eq!(ids(&page), all[15..20]);
    assert_eq!(page["has_more"], true);
    let page = ok(
        &fake,
        &format!("/v1/products?limit=5&ending_before={}", all[3]),
    )
    .await;
    assert_eq!(ids(&page), all[..3]);
    assert_eq!(page["has_more"], false);
    let page = ok(
        &fake,
        &format!("/v1/products?limit=5&starting_after={}", all[25]),
    )
    .await;
    assert_eq!(
        (ids(&page), &page["has_more"]),
        (all[26..].to_vec(), &Value::Bool(false))
    );
}

#[tokio::test]
async fn limits_and_cursors_are_checked() {
    let fake = start().await;
    fake.generate("customer", 3).unwrap();
    assert_eq!(
        refusal(&fake, "/v1/customers?limit=101").await,
        (400, "parameter_invalid_integer".into(), "limit".into())
    );
    assert_eq!(refusal(&fake, "/v1/customers?limit=0").await.0, 400);
    assert_eq!(refusal(&fake, "/v1/customers?limit=ten").await.0, 400);
    assert_eq!(
        refusal(&fake, "/v1/customers?lmit=1").await,
        (400, "parameter_unknown".into(), "lmit".into())
    );
    assert_eq!(
        refusal(&fake, "/v1/customers?starting_after=cus_x").await,
        (400, "resource_missing".into(), "starting_after".into())
    );
    assert_eq!(
        refusal(&fake, "/v1/customers?ending_before=cus_x").await,
        (400, "resource_missing".into(), "ending_before".into())
    );
    assert_eq!(
        refusal(&fake, "/v1/customers?ending_before=a&starting_after=b")
            .await
            .0,
        400
    );
    assert_eq!(
        refusal(&fake, "/v1/quotes?created[gte]=1").await.1,
        "parameter_unknown"
    );
    assert_eq!(
        refusal(&fake, "/v1/setup_attempts").await,
        (400, "parameter_missing".into(), "setup_intent".into())
    );
    assert_eq!(
        refusal(&fake, "/v1/invoices?status=pad").await,
        (400, String::new(), "status".into())
    );
}

#[tokio::test]
async fn windows_are_disjoint_and_cover_everything() {
    let fake = start().await;
    fake.generate_between("charge", 200, 1_000..=1_050).unwrap();
    let mut all = Vec::new();
    for start in (1_000..1_060).step_by(10) {
        all.extend(
            walk(
                &fake,
                "/v1/charges",
                &format!("&created[gte]={start}&created[lt]={}", start + 10),
            )
            .await,
        );
    }
    assert_eq!(all.len(), 200);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 200);
    let exact = walk(&fake, "/v1/charges", "&created=1020").await;
    assert_eq!(
        exact,
        walk(&fake, "/v1/charges", "&created[gt]=1019&created[lte]=1020").await
    );
    assert!(
        exact
            .iter()
            .all(|id| fake.get(id).unwrap()["created"] == 1_020)
    );
    assert!(
        walk(&fake, "/v1/charges", "&created[gt]=2000")
            .await
            .is_empty()
    );
    assert!(
        walk(&fake, "/v1/charges", "&created[gte]=1020&created[lt]=1010")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn invoice_items_are_windowed_by_date() {
    let fake = start().await;
    let old = fake.create("invoiceitem", json!({ "date": 500 })).unwrap();
    fake.create("invoiceitem", json!({})).unwrap();
    let page = ok(&fake, "/v1/invoiceitems?created[lt]=1000").await;
    assert_eq!(ids(&page), [id(&old)]);
}

#[tokio::test]
async fn a_deleted_cursor_is_refused() {
    let fake = start().await;
    fake.generate("customer", 20).unwrap();
    let page = ids(&ok(&fake, "/v1/customers").await);
    fake.delete(&page[9]).unwrap();
    let target = format!("/v1/customers?starting_after={}", page[9]);
    assert_eq!(
        refusal(&fake, &target).await,
        (400, "resource_missing".into(), "starting_after".into())
    );
    assert_eq!(
        ids(&ok(&fake, &format!("/v1/customers?starting_after={}", page[8])).await).len(),
        10
    );
}

#[tokio::test]
async fn a_canceled_cursor_is_refused_under_the_default_filter_only() {
    let fake = start().await;
    fake.generate("subscription", 1).unwrap();
    let one = fake
        .create("subscription", json!({ "status": "active" }))
        .unwrap();
    fake.create("subscription", json!({ "status": "trialing" }))
        .unwrap();
    fake.cancel_subscription(id(&one)).unwrap();
    let target = format!("/v1/subscriptions?starting_after={}", id(&one));
    assert_eq!(
        refusal(&fake, &target).await,
        (400, "resource_missing".into(), "starting_after".into())
    );
    ok(&fake, &format!("{target}&status=all")).await;
}

#[tokio::test]
async fn scripts_change_things_between_and_during_requests() {
    let fake = start().await;
    fake.generate_between("customer", 25, 1_000..=2_000)
        .unwrap();
    fake.on_request(Phase::After, |request| {
        if request.endpoint() == "/v1/customers" && request.nth() == 1 {
            request
                .account()
                .delete(request.ids().next_back().unwrap())
                .unwrap();
        }
    });
    fake.on_request(Phase::Before, |request| {
        if request.param("starting_after").is_some() {
            request.account().create("customer", json!({})).unwrap();
        }
    });
    let page = ids(&ok(&fake, "/v1/customers").await);
    assert_eq!(fake.count("customer"), 24);
    assert_eq!(
        get(&fake, &format!("/v1/customers?starting_after={}", page[9]))
            .await
            .status,
        400
    );
    assert_eq!(fake.count("customer"), 25, "the head that the script made");
    let rest = ids(&ok(
        &fake,
        &format!("/v1/customers?limit=100&starting_after={}", page[8]),
    )
    .await);
    assert_eq!(rest.len(), 15, "new heads do not appear below the cursor");
    fake.clear_request_hooks();
    ok(&fake, "/v1/customers").await;
}

#[tokio::test]
async fn a_cursor_of_another_window_can_answer_an_empty_page() {
    let fake = start().await;
    fake.generate_between("customer", 60, 1_000..=2_000)
        .unwrap();
    fake.quirks(Quirks::new().empty_page_for_foreign_cursor(true));
    let wide = "created[gte]=1000&created[lt]=3000";
    let page = ids(&ok(&fake, &format!("/v1/customers?{wide}")).await);
    let own = ok(
        &fake,
        &format!("/v1/customers?{wide}&starting_after={}", page[9]),
    )
    .await;
    assert_eq!(ids(&own).len(), 10);
    let foreign = ok(
        &fake,
        &format!(
            "/v1/customers?created[gte]=1000&created[lt]=2001&starting_after={}",
            page[9]
        ),
    )
    .await;
    assert_eq!(
        (ids(&foreign).len(), &foreign["has_more"]),
        (0, &Value::Bool(false))
    );
}

#[tokio::test]
async fn short_pages_still_say_that_more_follows() {
    let fake = start().await;
    fake.generate("customer", 120).unwrap();
    fake.quirks(Quirks::new().short_pages(1.0));
    let page = ok(&fake, "/v1/customers?limit=100").await;
    assert!(ids(&page).len() < 100 && page["has_more"] == true);
    assert_eq!(walk(&fake, "/v1/customers", "").await.len(), 120);
}
