use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Reply, get, ids, ok, start, try_get, walk};
use fake_stripe::{Drift, Fault, Faults, Phase, Quirks, RateLimitReason, RateLimits};

#[tokio::test]
async fn rate_limits() {
    let (fake, refused) = loop {
        let fake = start().await;
        fake.limits(
            RateLimits::none()
                .account_per_second(3.0)
                .endpoint_per_second(2.0),
        );
        let began = Instant::now();
        assert_eq!(get(&fake, "/v1/customers").await.status, 200);
        assert_eq!(get(&fake, "/v1/customers").await.status, 200);
        let refused = get(&fake, "/v1/customers").await;
        // On a busy machine the bucket may have filled again meanwhile.
        if began.elapsed() < Duration::from_millis(300) {
            break (fake, refused);
        }
    };
    assert_eq!(
        (refused.status, refused.header("stripe-rate-limited-reason")),
        (429, Some("endpoint-rate"))
    );
    assert_eq!(refused.json()["error"]["code"], "rate_limit");
    assert_eq!(get(&fake, "/v1/products").await.status, 200);
    assert_eq!(
        get(&fake, "/v1/prices")
            .await
            .header("stripe-rate-limited-reason"),
        Some("global-rate")
    );
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(get(&fake, "/v1/customers").await.status, 200);
    assert_eq!(fake.request_counts()["GET /v1/customers"], 4);
}

#[tokio::test]
async fn concurrency_limits_count_held_requests() {
    let fake = start().await;
    fake.limits(RateLimits::none().endpoint_concurrency(2));
    fake.faults(Faults::new(1).latency(Duration::from_millis(200)..Duration::from_millis(201)));
    let (a, b, c) = tokio::join!(
        get(&fake, "/v1/customers"),
        get(&fake, "/v1/customers"),
        get(&fake, "/v1/customers")
    );
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(get(&fake, "/v1/customers").await.status, 200);
}

#[tokio::test]
async fn every_fault_can_be_seen() {
    let fake = start().await;
    fake.generate("customer", 50).unwrap();
    let path = "/v1/customers?limit=50";

    fake.faults(
        Faults::new(1)
            .rate_429(1.0)
            .reasons([Some(RateLimitReason::EndpointConcurrency)]),
    );
    let reply = get(&fake, path).await;
    assert_eq!(
        (reply.status, reply.header("stripe-rate-limited-reason")),
        (429, Some("endpoint-concurrency"))
    );

    fake.faults(Faults::new(1).rate_429(1.0).reasons([None]));
    fake.quirks(Quirks::new().should_retry(false));
    let reply = get(&fake, path).await;
    assert_eq!(
        (
            reply.header("stripe-rate-limited-reason"),
            reply.header("request-id")
        ),
        (None, None)
    );
    assert_eq!(
        (
            reply.json()["error"]["code"].as_str(),
            reply.header("stripe-should-retry")
        ),
        (Some("lock_timeout"), Some("false"))
    );

    fake.faults(Faults::new(1).rate_500(1.0));
    assert_eq!(get(&fake, path).await.json()["error"]["type"], "api_error");
    fake.faults(Faults::new(1).rate_502(1.0));
    let reply = get(&fake, path).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (502, Some("text/html"))
    );

    fake.faults(Faults::new(1).reset(1.0));
    assert!(try_get(&fake, path).await.is_err());
    fake.faults(Faults::new(1).cut_body(1.0));
    assert!(try_get(&fake, path).await.is_err());
    fake.faults(Faults::new(1).hang(1.0));
    assert!(
        tokio::time::timeout(Duration::from_millis(100), try_get(&fake, path))
            .await
            .is_err()
    );

    fake.faults(None);
    assert_eq!(ids(&ok(&fake, path).await).len(), 50);
    let played: Vec<Option<Fault>> = fake
        .requests()
        .into_iter()
        .map(|request| request.fault)
        .collect();
    assert_eq!(
        played[4..],
        [
            Some(Fault::Reset),
            Some(Fault::CutBody),
            Some(Fault::Hang),
            None
        ]
    );
    assert_eq!(fake.requests()[4].status, None);
}

#[tokio::test]
async fn faults_repeat_with_the_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let fake = start().await;
        fake.faults(Faults::new(5).rate_429(0.3).rate_500(0.3));
        for page in 0..20 {
            get(&fake, &format!("/v1/customers?limit={}", page % 7 + 1)).await;
        }
        runs.push(fake.requests());
    }
    assert_eq!(runs[0], runs[1]);
    assert!(
        runs[0].iter().any(|request| request.status == Some(429))
            && runs[0].iter().any(|request| request.status == Some(200))
    );
}

#[tokio::test]
async fn the_log_and_its_reset() {
    let fake = start().await;
    fake.generate("customer", 1).unwrap();
    get(&fake, "/v1/customers?limit=5").await;
    get(&fake, "/v1/customers/cus_none").await;
    get(&fake, "/v1/nothing").await;
    let log = fake.requests();
    assert_eq!(
        (log[0].path.as_str(), log[0].query.as_str(), log[0].status),
        ("/v1/customers", "limit=5", Some(200))
    );
    assert_eq!(
        (log[1].endpoint.as_str(), log[1].status),
        ("/v1/customers/{id}", Some(404))
    );
    assert_eq!(log[2].endpoint, "");
    assert_eq!(fake.request_counts()["GET /v1/customers/{id}"], 1);
    fake.reset_requests();
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn drift() {
    let fake = start().await;
    fake.drift(
        Drift::none()
            .shuffle_keys()
            .unknown_fields(1.0)
            .unknown_values(1.0)
            .nulls(1.0),
    );
    fake.generate("invoice", 30).unwrap();
    let Reply { body, .. } = get(&fake, "/v1/invoices?limit=30").await;
    let page: Value = serde_json::from_slice(&body).unwrap();
    let required = [
        "currency",
        "total",
        "subtotal",
        "lines",
        "amount_due",
        "attempted",
    ];
    let rows = page["data"].as_array().unwrap();
    assert!(rows.iter().all(|row| {
        row.as_object()
            .unwrap()
            .keys()
            .any(|key| key.starts_with("brand_new_field"))
    }));
    assert!(
        rows.iter()
            .all(|row| row.to_string().contains("brand_new_value"))
    );
    assert!(
        rows.iter()
            .any(|row| required.iter().any(|key| row[key].is_null()))
    );
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(
        !text.starts_with("{\"object\":\"list\",\"data\":[{\"id\""),
        "keys are shuffled"
    );
    for row in rows {
        assert_eq!(
            fake.get(row["id"].as_str().unwrap()).as_ref(),
            Some(row),
            "truth is what is answered"
        );
    }
    let given = fake
        .create("invoice", json!({ "status": "paid", "total": 7 }))
        .unwrap();
    assert_eq!(
        (&given["status"], &given["total"]),
        (&json!("paid"), &json!(7))
    );
}

#[tokio::test]
async fn the_server_ends_with_the_fake() {
    let fake = start().await;
    let url = fake.base_url();
    let account = fake.account("acct_1", fake.mode()).unwrap();
    fake.on_request(Phase::Before, move |_| {
        assert_eq!(account.count("customer"), 0)
    });
    get(&fake, "/v1/customers").await;
    drop(fake);
    let address = url.trim_start_matches("http://").to_owned();
    let deadline = Instant::now() + Duration::from_secs(5);
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        assert!(Instant::now() < deadline, "the port is still open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn many_objects_are_served_fast_enough_to_measure_others() {
    let fake = start().await;
    fake.generate("customer", 2_000).unwrap();
    assert_eq!(walk(&fake, "/v1/customers", "").await.len(), 2_000);
    assert_eq!(fake.requests().len(), 20);
}
