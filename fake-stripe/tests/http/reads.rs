//! Objects that no list shows, and what Stripe computes.

use hyper::Method;
use serde_json::{Value, json};
use stripe_sync_schema::fields;

use super::{get, id, ids, ok, refusal, send, start};

#[tokio::test]
async fn objects_that_are_only_retrieved() {
    let fake = start().await;
    for (object, path) in [
        ("confirmation_token", "/v1/confirmation_tokens"),
        (
            "financial_connections.session",
            "/v1/financial_connections/sessions",
        ),
        ("mandate", "/v1/mandates"),
        ("source", "/v1/sources"),
        ("tax.calculation", "/v1/tax/calculations"),
        ("tax.transaction", "/v1/tax/transactions"),
        ("token", "/v1/tokens"),
    ] {
        let made = fake.create(object, json!({})).unwrap();
        assert_eq!(made["object"], object);
        assert_eq!(ok(&fake, &format!("{path}/{}", id(&made))).await, made);
        let missing = refusal(&fake, &format!("{path}/nothing")).await;
        assert_eq!(
            (missing.0, &*missing.1),
            (404, "resource_missing"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_balance_is_the_sum_of_its_transactions() {
    let fake = start().await;
    let empty = ok(&fake, "/v1/balance").await;
    let none = json!([{ "amount": 0, "currency": "usd", "source_types": { "card": 0 } }]);
    assert_eq!((&empty["available"], &empty["pending"]), (&none, &none));
    for (net, currency, status) in [
        (900, "usd", "available"),
        (-400, "usd", "available"),
        (50, "usd", "pending"),
        (7, "eur", "pending"),
    ] {
        let one =
            json!({ "net": net, "amount": net, "fee": 0, "currency": currency, "status": status });
        fake.create("balance_transaction", one).unwrap();
    }
    let balance = ok(&fake, "/v1/balance").await;
    let amounts = |member: &str| -> Vec<(String, i64)> {
        let each = balance[member].as_array().unwrap().iter();
        let each = each.map(|one| {
            (
                one["currency"].as_str().unwrap().to_owned(),
                one["amount"].as_i64().unwrap(),
            )
        });
        each.collect()
    };
    assert_eq!(
        amounts("available"),
        [("eur".to_owned(), 0), ("usd".to_owned(), 500)]
    );
    assert_eq!(
        amounts("pending"),
        [("eur".to_owned(), 7), ("usd".to_owned(), 50)]
    );
    assert_eq!(balance["livemode"], false);
}

#[tokio::test]
async fn cash_balances_and_tax_settings() {
    let fake = start().await;
    let plain = fake.create("customer", json!({})).unwrap();
    let cash = json!({ "object": "cash_balance", "available": { "eur": 5 } });
    let rich = fake
        .create("customer", json!({ "cash_balance": cash }))
        .unwrap();
    let path = |customer: &Value| format!("/v1/customers/{}/cash_balance", id(customer));
    let balance = ok(&fake, &path(&plain)).await;
    assert_eq!(
        (&balance["customer"], &balance["available"]),
        (&plain["id"], &json!(null))
    );
    assert_eq!(ok(&fake, &path(&rich)).await["available"]["eur"], 5);
    assert_eq!(
        refusal(&fake, "/v1/customers/cus_9/cash_balance").await.0,
        404
    );
    let settings = ok(&fake, "/v1/tax/settings").await;
    assert_eq!(settings["object"], "tax.settings");
    for (object, value) in [("cash_balance", &balance), ("tax.settings", &settings)] {
        for field in fields::children(object, &[]) {
            assert!(value.get(field.name).is_some(), "{object}.{}", field.name);
        }
    }
}

#[tokio::test]
async fn refunds_below_their_charge() {
    let fake = start().await;
    let charge = fake.create("charge", json!({})).unwrap();
    let other = fake.create("charge", json!({})).unwrap();
    let refund = fake.create("refund", json!({ "charge": charge["id"] }));
    let refund = refund.unwrap();
    fake.create("refund", json!({ "charge": other["id"] }))
        .unwrap();
    let path = format!("/v1/charges/{}/refunds", id(&charge));
    assert_eq!(ids(&ok(&fake, &path).await), [id(&refund)]);
    let one = ok(&fake, &format!("{path}/{}", id(&refund))).await;
    assert_eq!(one, refund);
    let wrong = format!("/v1/charges/{}/refunds/{}", id(&other), id(&refund));
    assert_eq!(refusal(&fake, &wrong).await.0, 404);
}

#[tokio::test]
async fn the_contents_of_a_file() {
    let fake = start().await;
    let file = fake.create("file", json!({ "size": 5000, "type": "pdf" }));
    let path = format!("/v1/files/{}/contents", id(&file.unwrap()));
    let reply = get(&fake, &path).await;
    assert_eq!((reply.status, reply.body.len()), (200, 5000));
    assert_eq!(reply.header("content-type"), Some("application/pdf"));
    assert_eq!(get(&fake, &path).await.body, reply.body);
    assert_eq!(refusal(&fake, "/v1/files/file_9/contents").await.0, 404);
}

#[tokio::test]
async fn an_account_is_whole() {
    for seed in 0..20 {
        let builder = fake_stripe::FakeStripe::builder().seed(seed);
        let fake = builder.start().await.unwrap();
        fake.add_connected_account("acct_c").unwrap();
        let connected = ok(&fake, "/v1/accounts/acct_c").await;
        assert_eq!(connected["type"], "express");
        for account in [&ok(&fake, "/v1/account").await, &connected] {
            for member in ["country", "email", "default_currency", "type"] {
                assert!(account[member].is_string(), "{member} of seed {seed}");
            }
            let settings = &account["settings"];
            assert!(settings["dashboard"]["display_name"].is_string());
            assert_eq!(settings["branding"]["icon"], json!(null));
        }
    }
}

#[tokio::test]
async fn a_listed_account_may_be_named_by_a_header() {
    let fake = start().await;
    let made = fake.create("account", json!({})).unwrap();
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer), ("stripe-account", id(&made))];
    let reply = send(&fake, Method::GET, "/v1/customers", &headers).await;
    assert_eq!(reply.unwrap().status, 200);
}

#[tokio::test]
async fn what_is_computed_can_be_allowed() {
    let fake = start().await;
    let key = fake.add_restricted_key(["balance", "mandate"]).unwrap();
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", &*bearer)];
    for (path, status) in [
        ("/v1/balance", 200),
        ("/v1/mandates/m_1", 404),
        ("/v1/tax/settings", 403),
    ] {
        let reply = send(&fake, Method::GET, path, &headers).await.unwrap();
        assert_eq!(reply.status, status, "{path}");
    }
}
