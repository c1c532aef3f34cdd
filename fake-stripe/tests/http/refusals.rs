use hyper::Method;
use serde_json::json;

use super::{get, id, ids, ok, refusal, send, start};
use fake_stripe::{FakeError, Mode};

#[tokio::test]
async fn keys() {
    let fake = start().await;
    let reply = send(&fake, Method::GET, "/v1/customers", &[])
        .await
        .unwrap();
    assert_eq!(reply.status, 401);
    let reply = send(
        &fake,
        Method::GET,
        "/v1/customers",
        &[("authorization", "Bearer sk_test_wrongwrongwrong")],
    )
    .await
    .unwrap();
    assert_eq!(reply.status, 401);
    let message = reply.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.starts_with("Invalid API Key") && !message.contains("wrongwrong"),
        "{message}"
    );
    assert_eq!(
        fake.requests()
            .iter()
            .map(|request| request.status)
            .collect::<Vec<_>>(),
        [Some(401), Some(401)]
    );
    assert!(!format!("{fake:?} {:?}", fake.requests()).contains(fake.secret_key()));
}

#[tokio::test]
async fn restricted_keys_see_what_they_may() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    fake.create("coupon", json!({})).unwrap();
    let key = fake.add_restricted_key(["customer", "event"]).unwrap();
    let bearer = format!("Bearer {key}");
    let auth: &[(&str, &str)] = &[("authorization", &bearer)];
    assert_eq!(
        send(&fake, Method::GET, "/v1/customers", auth)
            .await
            .unwrap()
            .status,
        200
    );
    let reply = send(&fake, Method::GET, "/v1/coupons", auth).await.unwrap();
    assert_eq!(
        (reply.status, reply.json()["error"]["code"].as_str()),
        (403, Some("more_permissions_required"))
    );
    assert_eq!(
        send(&fake, Method::GET, "/v1/account", auth)
            .await
            .unwrap()
            .status,
        403
    );
    let events = send(&fake, Method::GET, "/v1/events", auth)
        .await
        .unwrap()
        .json();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
    assert_eq!(events["data"][0]["data"]["object"]["id"], customer["id"]);
    assert!(matches!(
        fake.add_restricted_key(["custmer"]),
        Err(FakeError::UnknownObject { .. })
    ));
}

#[tokio::test]
async fn accounts_and_modes_are_separate() {
    let fake = start().await;
    let live = fake.add_account("acct_1", Mode::Live);
    let other = fake.add_account("acct_2", Mode::Test);
    let ours = fake.create("coupon", json!({ "id": "SAVE" })).unwrap();
    let theirs = fake
        .account("acct_2", Mode::Test)
        .unwrap()
        .create("coupon", json!({ "id": "SAVE" }))
        .unwrap();
    let real = fake
        .account("acct_1", Mode::Live)
        .unwrap()
        .create("coupon", json!({ "id": "SAVE" }))
        .unwrap();
    assert_eq!(
        (ours["livemode"].as_bool(), real["livemode"].as_bool()),
        (Some(false), Some(true))
    );
    for (key, wanted) in [
        (fake.secret_key(), &ours),
        (&other, &theirs),
        (&live, &real),
    ] {
        let bearer = format!("Bearer {key}");
        let reply = send(
            &fake,
            Method::GET,
            "/v1/coupons/SAVE",
            &[("authorization", &bearer)],
        )
        .await
        .unwrap();
        assert_eq!(&reply.json(), wanted);
    }
    assert!(other.starts_with("sk_test_") && live.starts_with("sk_live_"));
    let account = ok(&fake, "/v1/account").await;
    assert_eq!(
        (account["id"].as_str(), account.get("livemode")),
        (Some("acct_1"), None)
    );
    assert_eq!(account["created"], fake.now() - 3 * 365 * 86_400);
    let one = fake.create("customer", json!({})).unwrap();
    let bearer = format!("Bearer {live}");
    let reply = send(
        &fake,
        Method::GET,
        &format!("/v1/customers/{}", id(&one)),
        &[("authorization", &bearer)],
    )
    .await
    .unwrap();
    assert_eq!(reply.status, 404);
    assert!(
        reply.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("similar object exists in test mode")
    );
    assert!(matches!(
        fake.account("acct_9", Mode::Test),
        Err(FakeError::UnknownAccount { .. })
    ));
}

#[tokio::test]
async fn connected_accounts_are_reached_through_the_platform() {
    let fake = start().await;
    let connected = fake.add_connected_account("acct_c").unwrap();
    let customer = connected.create("customer", json!({})).unwrap();
    assert_eq!(ids(&ok(&fake, "/v1/accounts").await), ["acct_c"]);
    assert_eq!(ids(&ok(&fake, "/v1/customers").await), Vec::<String>::new());
    let bearer = format!("Bearer {}", fake.secret_key());
    let reply = send(
        &fake,
        Method::GET,
        "/v1/customers",
        &[("authorization", &bearer), ("stripe-account", "acct_c")],
    )
    .await
    .unwrap();
    assert_eq!(ids(&reply.json()), [id(&customer)]);
    assert_eq!(reply.header("stripe-account"), Some("acct_c"));
    let own = send(
        &fake,
        Method::GET,
        "/v1/account",
        &[("authorization", &bearer), ("stripe-account", "acct_c")],
    )
    .await
    .unwrap();
    assert_eq!(own.json()["id"], "acct_c");
    let stranger = send(
        &fake,
        Method::GET,
        "/v1/customers",
        &[("authorization", &bearer), ("stripe-account", "acct_x")],
    )
    .await
    .unwrap();
    assert_eq!(
        (stranger.status, stranger.json()["error"]["code"].as_str()),
        (403, Some("account_invalid"))
    );
    assert_eq!(fake.requests()[2].account, "acct_c");
    let count = |kind: &str| {
        let of_kind = connected.events();
        of_kind.iter().filter(|event| event["type"] == kind).count()
    };
    assert_eq!(count("account.application.deauthorized"), 0);
    fake.disconnect_account("acct_c").unwrap();
    assert_eq!(count("account.application.deauthorized"), 1);
    assert_eq!(ids(&ok(&fake, "/v1/accounts").await), Vec::<String>::new());
    let headers = [("authorization", &*bearer), ("stripe-account", "acct_c")];
    let gone = send(&fake, Method::GET, "/v1/customers", &headers).await;
    assert_eq!(gone.unwrap().status, 403);
    assert!(matches!(
        fake.disconnect_account("acct_c"),
        Err(FakeError::UnknownAccount { .. })
    ));
}

#[tokio::test]
async fn unknown_paths_and_ids() {
    let fake = start().await;
    assert_eq!(refusal(&fake, "/v1/custmers").await.0, 404);
    assert_eq!(
        refusal(&fake, "/v1/customers/cus_1").await,
        (404, "resource_missing".into(), "id".into())
    );
    let one = fake.create("customer", json!({ "id": "cus_AbC" })).unwrap();
    fake.create("customer", json!({ "id": "cus_aBc" })).unwrap();
    assert_eq!(
        ok(&fake, "/v1/customers/cus_AbC").await,
        one,
        "ids are case-sensitive"
    );
    assert_eq!(get(&fake, "/v1/customers/cus_abc").await.status, 404);
    assert_eq!(refusal(&fake, "/v1/customers/cus_9/tax_ids").await.0, 404);
    assert_eq!(
        refusal(&fake, "/v1/subscriptions?customer=cus_9").await,
        (400, "resource_missing".into(), "customer".into())
    );
}

#[tokio::test]
async fn deleted_objects() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let product = fake.create("product", json!({})).unwrap();
    fake.delete(id(&customer)).unwrap();
    fake.delete(id(&product)).unwrap();
    let stub = ok(&fake, &format!("/v1/customers/{}", id(&customer))).await;
    assert_eq!(
        stub,
        json!({ "id": customer["id"], "object": "customer", "deleted": true })
    );
    assert_eq!(
        refusal(&fake, &format!("/v1/products/{}", id(&product)))
            .await
            .0,
        404
    );
    assert!(ids(&ok(&fake, "/v1/customers").await).is_empty());
    assert!(matches!(
        fake.delete(id(&customer)),
        Err(FakeError::NoSuchId { .. })
    ));
    assert!(matches!(
        fake.create("customer", json!({ "id": customer["id"] })),
        Err(FakeError::IdTaken { .. })
    ));
    let charge = fake.create("charge", json!({})).unwrap();
    assert!(matches!(
        fake.delete(id(&charge)),
        Err(FakeError::NotDeletable { .. })
    ));
    assert!(matches!(
        fake.create("charge", json!([1])),
        Err(FakeError::NotAnObject { .. })
    ));
    assert!(
        matches!(fake.create("charg", json!({})), Err(FakeError::UnknownObject { suggestions, .. }) if suggestions == ["charge"])
    );
}

#[tokio::test]
async fn delete_over_http() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let bearer = format!("Bearer {}", fake.secret_key());
    let target = format!("/v1/customers/{}", id(&customer));
    let reply = send(
        &fake,
        Method::DELETE,
        &target,
        &[("authorization", &bearer)],
    )
    .await
    .unwrap();
    assert_eq!(
        (reply.status, reply.json()["deleted"].as_bool()),
        (200, Some(true))
    );
    assert_eq!(
        send(
            &fake,
            Method::DELETE,
            &target,
            &[("authorization", &bearer)]
        )
        .await
        .unwrap()
        .status,
        404
    );
}

#[tokio::test]
async fn headers() {
    let fake = start().await;
    let reply = get(&fake, "/v1/customers").await;
    assert!(reply.header("request-id").unwrap().starts_with("req_"));
    assert_eq!(reply.header("date"), Some("Sun, 01 Nov 2026 00:00:00 GMT"));
    assert_eq!(
        reply.header("stripe-version"),
        Some(stripe_sync_schema::api_version())
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn parameters_are_looked_at_before_objects() {
    let fake = start().await;
    let unknown = (400, "parameter_unknown".to_owned(), "nothing".to_owned());
    for path in ["/v1/customers/cus_none", "/v1/account"] {
        assert_eq!(refusal(&fake, &format!("{path}?nothing=1")).await, unknown);
    }
    let empty = (
        400,
        "parameter_invalid_empty".to_owned(),
        "email".to_owned(),
    );
    assert_eq!(refusal(&fake, "/v1/customers?email=").await, empty);
}

#[tokio::test]
async fn a_filter_that_is_not_simulated_says_so() {
    let fake = start().await;
    let meter = fake.create("billing.meter", json!({})).unwrap();
    let path = format!("/v1/billing/meters/{}/event_summaries", id(&meter));
    let refused = refusal(
        &fake,
        &format!("{path}?customer=cus_1&start_time=0&end_time=60"),
    )
    .await;
    assert_eq!((refused.0, &*refused.1), (400, "not_simulated"));
}
