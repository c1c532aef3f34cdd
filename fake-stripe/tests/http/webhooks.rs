//! The API of webhook endpoints.

use std::fmt;

use fake_stripe::{FakeError, FakeStripe};
use form_urlencoded::Serializer;
use hyper::Method;
use serde_json::{Value, json};

use super::{id, ok, refusal, send_body, start};

const URL: &str = "https://example.com/hook";

/// Stripe's error, as a client reads it.
#[derive(Debug)]
struct Refused {
    status: u16,
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.message)
    }
}

/// Sends a form with the fake's key and perhaps an idempotency key.
async fn send(
    fake: &FakeStripe,
    method: Method,
    path: &str,
    form: &[(&str, &str)],
    idempotency_key: Option<&str>,
) -> Result<Value, Refused> {
    let authorization = format!("Bearer {}", fake.secret_key());
    let mut headers = vec![("authorization", &*authorization)];
    headers.extend(idempotency_key.map(|key| ("idempotency-key", key)));
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let reply = send_body(fake, method, path, &headers, body).await.unwrap();
    if reply.status == 200 {
        return Ok(reply.json());
    }
    let error = &reply.json()["error"];
    let text = |name: &str| error[name].as_str().map(str::to_owned);
    Err(Refused {
        status: reply.status,
        kind: text("type"),
        code: text("code"),
        param: text("param"),
        message: text("message").unwrap(),
    })
}

async fn post(fake: &FakeStripe, path: &str, form: &[(&str, &str)]) -> Result<Value, Refused> {
    send(fake, Method::POST, path, form, None).await
}

#[tokio::test]
async fn the_api_of_endpoints() {
    let fake = start().await;
    let path = "/v1/webhook_endpoints";
    let created = post(
        &fake,
        path,
        &[
            ("url", URL),
            ("enabled_events[]", "customer.created"),
            ("enabled_events[]", "customer.deleted"),
            ("api_version", "2024-06-20"),
            ("description", "Mine & yours"),
            ("metadata[team]", "billing"),
            ("metadata[other]", "x"),
        ],
    )
    .await
    .unwrap();
    assert_eq!(
        created["enabled_events"],
        json!(["customer.created", "customer.deleted"])
    );
    assert_eq!(created["description"], "Mine & yours");
    assert_eq!(created["status"], "enabled");
    let secret = created["secret"].as_str().unwrap().to_owned();
    let one = format!("{path}/{}", id(&created));
    let mut shown = created.clone();
    shown.as_object_mut().unwrap().remove("secret");
    assert_eq!(ok(&fake, &one).await, shown, "the secret is shown once");
    assert_eq!(ok(&fake, path).await["data"], json!([shown]));

    let updated = post(
        &fake,
        &one,
        &[
            ("enabled_events[]", "*"),
            ("disabled", "true"),
            ("description", ""),
            ("metadata[team]", ""),
        ],
    )
    .await
    .unwrap();
    assert_eq!(updated["enabled_events"], json!(["*"]));
    assert_eq!(updated["status"], "disabled");
    assert_eq!(updated["description"], Value::Null);
    assert_eq!(updated["metadata"], json!({ "other": "x" }));
    assert_eq!(updated["url"], URL);
    assert_eq!(updated.get("secret"), None);

    let second = post(&fake, path, &[("url", URL), ("enabled_events[]", "*")])
        .await
        .unwrap();
    assert_ne!(second["secret"], secret.as_str());
    assert_eq!(second["api_version"], Value::Null);
    let gone = send(&fake, Method::DELETE, &one, &[], None).await.unwrap();
    assert_eq!(
        gone,
        json!({ "id": created["id"], "object": "webhook_endpoint", "deleted": true })
    );
    assert_eq!(refusal(&fake, &one).await.0, 404);
    assert_eq!(post(&fake, &one, &[]).await.unwrap_err().status, 404);
    assert!(fake.events().is_empty(), "no event tells of endpoints");
}

#[tokio::test]
async fn refusals_of_endpoints() {
    let fake = start().await;
    let path = "/v1/webhook_endpoints";
    let all = ("enabled_events[]", "*");
    let url = ("url", URL);
    for (form, param, words) in [
        (vec![all], "url", "Missing required param"),
        (vec![url], "enabled_events", "Missing required param"),
        (
            vec![url, ("enabled_events", "")],
            "enabled_events",
            "at least one",
        ),
        (
            vec![url, ("enabled_events[]", "customer.*")],
            "enabled_events[0]",
            "must be one of account.",
        ),
        (
            vec![url, all, ("enabled_events[]", "foo.bar.created")],
            "enabled_events[1]",
            "must be one of",
        ),
        (vec![("url", "example.com"), all], "url", "explicit scheme"),
        (
            vec![url, all, ("api_version", "latest")],
            "api_version",
            "Invalid Stripe API version: latest",
        ),
        (vec![url, all, ("connect", "yes")], "connect", "boolean"),
        (vec![url, all, ("disabled", "true")], "disabled", "unknown"),
    ] {
        let error = post(&fake, path, &form).await.unwrap_err();
        assert_eq!(
            (error.status, error.param.as_deref()),
            (400, Some(param)),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(fake.count("webhook_endpoint"), 0);
    fake.webhook_endpoint(URL).thin().create().unwrap();
    for _ in 1..16 {
        post(&fake, path, &[url, all]).await.unwrap();
    }
    let error = post(&fake, path, &[url, all]).await.unwrap_err();
    assert!(error.to_string().contains("maximum of 16"), "{error}");
    let refused = fake.webhook_endpoint(URL).create().unwrap_err();
    assert!(matches!(refused, FakeError::Refused { .. }), "{refused}");
    fake.remove_endpoint(&fake.ids("webhook_endpoint")[0])
        .unwrap();
    post(&fake, path, &[url, all]).await.unwrap();
    let one = format!("{path}/{}", fake.ids("webhook_endpoint")[0]);
    let error = post(&fake, &one, &[("api_version", "2024-06-20")])
        .await
        .unwrap_err();
    assert_eq!(error.code.as_deref(), Some("parameter_unknown"));
    let error = post(&fake, "/v1/customers", &[]).await.unwrap_err();
    assert_eq!(
        error.code.as_deref(),
        Some("not_simulated"),
        "the fake creates nothing else over HTTP"
    );
}

#[tokio::test]
async fn a_key_makes_a_post_happen_once() {
    let fake = start().await;
    let create = async |url: &str, key: &str| {
        let form = [("url", url), ("enabled_events[]", "*")];
        send(
            &fake,
            Method::POST,
            "/v1/webhook_endpoints",
            &form,
            Some(key),
        )
        .await
    };
    let first = create(URL, "k1").await.unwrap();
    assert_eq!(create(URL, "k1").await.unwrap(), first);
    assert_ne!(id(&create(URL, "k2").await.unwrap()), id(&first));
    let error = create("https://example.com/b", "k1").await.unwrap_err();
    assert_eq!(error.kind.as_deref(), Some("idempotency_error"));
    assert_eq!(fake.count("webhook_endpoint"), 2);
}
