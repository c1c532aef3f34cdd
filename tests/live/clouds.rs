//! Deliveries of a cloud's event service, which carry no signature of Stripe.

use http::request::Parts;
use serde_json::json;
use stripe_sync::live::EventFilter;
use stripe_sync::webhook::TrustedSender;

use super::service::{Customer, Service, process};

const SECRET: &str = "a long random text of a test";

type Headers<'h> = &'h [(&'h str, &'h str)];

fn request(method: &str, headers: Headers<'_>) -> Parts {
    let mut request = http::Request::builder().method(method).uri("/cloud");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn cloud_event(service: &Service) -> String {
    service.fake.create("customer", json!({})).unwrap();
    let event = service.fake.take_deliveries().remove(0).event();
    json!([{
        "specversion": "1.0", "id": "1", "source": "/subscriptions/1", "type": event["type"], "data": event,
    }])
    .to_string()
}

pub(crate) async fn a_trusted_sender_delivers_and_nobody_else(service: &Service) {
    let live = service.live();
    let sender = TrustedSender::bearer(SECRET).unwrap();
    let asks = request(
        "OPTIONS",
        &[("WebHook-Request-Origin", "eventgrid.azure.net")],
    );
    let response = live.receive_from(&sender, &asks, "").await;
    assert_eq!(response.status(), 200);
    let allowed = &response.headers()["webhook-allowed-origin"];
    assert_eq!(allowed, "eventgrid.azure.net");

    let body = cloud_event(service);
    let bearer = format!("Bearer {SECRET}");
    let wrong = bearer.to_uppercase();
    let refused: [(&str, Headers<'_>, u16); 4] = [
        ("POST", &[], 401),
        ("POST", &[("authorization", &wrong)], 401),
        // The origin is no proof, and a handshake is no delivery.
        (
            "POST",
            &[("webhook-request-origin", "eventgrid.azure.net")],
            401,
        ),
        ("PUT", &[("authorization", &bearer)], 405),
    ];
    for (method, headers, status) in refused {
        let request = request(method, headers);
        let response = live.receive_from(&sender, &request, body.clone()).await;
        assert_eq!(response.status().as_u16(), status, "{method} {headers:?}");
    }
    let kept = live.events(&EventFilter::new()).await.unwrap();
    assert!(kept.is_empty(), "{kept:?}");

    let right = request("POST", &[("authorization", &bearer)]);
    let response = live.receive_from(&sender, &right, body).await;
    assert_eq!(response.status().as_u16(), 200, "{}", response.body());
    process(&live).await;
    service.assert_truth::<Customer>().await;
}

/// The same over HTTP.
#[tokio::test]
async fn the_route_for_a_cloud_is_for_its_sender() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let service = Service::start(stripe_sync::DatabaseKind::Sqlite).await;
    let live = service.live();
    let sender = TrustedSender::header(http::HeaderName::from_static("x-grid"), SECRET).unwrap();
    let router = live.trusted_router("/cloud", sender);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let send = async |head: &str, body: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{head}\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.to_lowercase()
    };
    let origin = "webhook-request-origin: eventgrid.azure.net";
    let answer = send(&format!("OPTIONS /cloud HTTP/1.1\r\n{origin}"), "").await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(
        answer.contains("webhook-allowed-origin: eventgrid.azure.net"),
        "{answer}"
    );

    let body = cloud_event(&service);
    let answer = send("POST /cloud HTTP/1.1", &body).await;
    assert!(answer.starts_with("http/1.1 401"), "{answer}");
    let answer = send("GET /cloud HTTP/1.1", "").await;
    assert!(answer.starts_with("http/1.1 405"), "{answer}");
    let head = format!("POST /cloud HTTP/1.1\r\nx-grid: {SECRET}");
    let answer = send(&head, &" ".repeat((4 << 20) + 1)).await;
    assert!(answer.starts_with("http/1.1 413"), "{answer}");
    assert!(live.events(&EventFilter::new()).await.unwrap().is_empty());
    let answer = send(&head, &body).await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    process(&live).await;
    service.assert_truth::<Customer>().await;
    server.abort();
    service.end().await;
}
