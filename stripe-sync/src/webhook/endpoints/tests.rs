//! The account's endpoints against the fake Stripe.

use super::types::event_types;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::StripeSync;
use crate::client::{Capabilities, Transport, TransportError};
use crate::testing::{
    EndlessList, FakeStripe, FakeStripeExt as _, Faults, Mode, Quirks, RequestRecord,
};
use crate::webhook::endpoints::*;

const URL: &str = "https://example.com/stripe/events";

#[derive(Debug, StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", crate = crate)]
struct Subscription {
    id: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "subscription_item", table = "items", crate = crate)]
struct Item {
    id: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "product", table = "products", crate = crate)]
struct Product {
    id: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers", crate = crate)]
struct Customer {
    id: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "entitlements.active_entitlement", table = "entitlements", crate = crate)]
struct Entitlement {
    id: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "balance_transaction", table = "transactions", crate = crate)]
struct Transaction {
    id: String,
}

async fn start() -> (FakeStripe, WebhookEndpoints) {
    let fake = FakeStripe::builder().seed(7).start().await.unwrap();
    let endpoints = WebhookEndpoints::new(&fake.stripe().unwrap());
    (fake, endpoints)
}

/// Methods of the requests so far.
fn methods(fake: &FakeStripe) -> Vec<String> {
    let methods = fake.requests().into_iter().map(|request| request.method);
    let methods = methods.collect();
    fake.reset_requests();
    methods
}

#[test]
fn models_need_the_events_that_tell_of_them() {
    assert_eq!(
        event_types(&[Product::MODEL, Product::MODEL]),
        ["product.created", "product.deleted", "product.updated"]
    );
    let subscription = event_types(&[Subscription::MODEL]);
    assert!(subscription.contains(&"customer.subscription.deleted"));
    assert!(!subscription.contains(&"customer.updated"));
    assert_eq!(
        event_types(&[Item::MODEL]),
        subscription,
        "an item's changes are its subscription's"
    );
    let customer = event_types(&[Customer::MODEL]);
    assert!(customer.contains(&"customer.discount.created"));
    let summary = "entitlements.active_entitlement_summary.updated";
    assert_eq!(event_types(&[Entitlement::MODEL]), [summary]);
    assert!(event_types(&[Transaction::MODEL]).is_empty());
    let both = event_types(&[Subscription::MODEL, Product::MODEL]);
    assert_eq!(both.len(), subscription.len() + 3);
    assert!(both.is_sorted());
}

#[tokio::test]
async fn an_endpoint_is_created_once_and_its_secret_shown_once() {
    let (fake, endpoints) = start().await;
    let types = event_types(&[Product::MODEL]);
    let created = endpoints.ensure(URL, &types).await.unwrap();
    assert_eq!(created.url, URL);
    assert_eq!(created.enabled_events, types);
    assert_eq!(created.status, EndpointStatus::Enabled);
    assert_eq!(created.api_version.as_deref(), Some(API_VERSION));
    assert!(!created.livemode);
    let secret = created.secret.clone().unwrap();
    assert!(secret.expose().starts_with("whsec_"));
    let shown = format!("{created:?}");
    assert!(
        shown.contains("whsec_…") && !shown.contains(secret.expose()),
        "{shown}"
    );
    // The secret is the one that deliveries are signed with.
    fake.create("product", serde_json::json!({})).unwrap();
    let delivery = fake.take_deliveries().remove(0);
    let signature = crate::testing::webhook_signature(secret.expose(), 5, &delivery.body);
    assert!(delivery.signature(5).contains(&signature));

    fake.reset_requests();
    let again = endpoints
        .ensure(
            URL,
            &["product.updated", "product.deleted", "product.created"],
        )
        .await
        .unwrap();
    assert_eq!(again.id, created.id);
    assert_eq!(again.secret, None);
    assert_eq!(methods(&fake), ["GET"], "nothing to change");
    assert_eq!(fake.count("webhook_endpoint"), 1);
}

#[tokio::test]
async fn a_list_that_does_not_end_is_an_error_by_name() {
    let (fake, endpoints) = start().await;
    endpoints.ensure(URL, &["product.created"]).await.unwrap();
    for how in [
        EndlessList::Empty,
        EndlessList::OnePage,
        EndlessList::Circle,
    ] {
        fake.reset_requests();
        fake.quirks(Quirks::new().endless_list(PATH, how));
        let error = endpoints.list().await.unwrap_err();
        let said = error.to_string();
        assert!(
            matches!(error, EndpointError::List(_)) && said.contains(PATH),
            "{how:?}: {said}"
        );
        assert!(methods(&fake).len() <= 3, "{how:?}");
    }
    fake.quirks(Quirks::new().overlapping_pages(true).short_pages(1.0));
    let other = "https://example.com/other";
    endpoints.ensure(other, &["product.created"]).await.unwrap();
    assert_eq!(endpoints.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_there_is_brought_up_to_date() {
    let (fake, endpoints) = start().await;
    let created = endpoints.ensure(URL, &["product.created"]).await.unwrap();
    fake.disable_endpoint(&created.id).unwrap();
    fake.reset_requests();
    let found = endpoints
        .ensure(URL, &["product.deleted", "product.created"])
        .await
        .unwrap();
    assert_eq!(found.id, created.id);
    assert_eq!(found.status, EndpointStatus::Enabled);
    assert_eq!(found.enabled_events, ["product.created", "product.deleted"]);
    assert_eq!(methods(&fake), ["GET", "POST"]);
    let changed = endpoints
        .update(
            &found.id,
            EndpointUpdate::new()
                .url("https://example.com/b")
                .enabled(false)
                .description("hers"),
        )
        .await
        .unwrap();
    assert_eq!(changed.url, "https://example.com/b");
    assert_eq!(changed.status, EndpointStatus::Disabled);
    assert_eq!(changed.description.as_deref(), Some("hers"));
    assert_eq!(changed.enabled_events, found.enabled_events);
    assert_eq!(endpoints.find(URL).await.unwrap(), None);
    assert_eq!(
        endpoints.find("https://example.com/b").await.unwrap(),
        Some(changed)
    );
}

#[tokio::test]
async fn the_right_one_of_several_with_one_url() {
    let (fake, endpoints) = start().await;
    let old = fake
        .webhook_endpoint(URL)
        .api_version("2024-06-20")
        .create()
        .unwrap();
    let pinned = fake
        .webhook_endpoint(URL)
        .api_version(API_VERSION)
        .create()
        .unwrap();
    let id = |found: Option<WebhookEndpoint>| found.unwrap().id;
    assert_eq!(id(endpoints.find(URL).await.unwrap()), pinned.id);
    fake.remove_endpoint(&pinned.id).unwrap();
    let found = endpoints.ensure(URL, &["product.created"]).await.unwrap();
    assert_eq!(
        (&*found.id, found.api_version.as_deref()),
        (&*old.id, Some("2024-06-20"))
    );

    // One for connected accounts that we made ourselves is never taken for the account's own.
    fake.remove_endpoint(&old.id).unwrap();
    let connect = endpoints.clone().connect();
    let theirs = connect.ensure(URL, &["product.created"]).await.unwrap();
    assert_eq!(endpoints.find(URL).await.unwrap(), None);
    let own = endpoints.ensure(URL, &["product.created"]).await.unwrap();
    assert_ne!(own.id, theirs.id);
    assert_eq!(id(connect.find(URL).await.unwrap()), theirs.id);
    let account = fake.add_connected_account("acct_c").unwrap();
    account.create("product", serde_json::json!({})).unwrap();
    let taken = fake.take_deliveries();
    assert_eq!((taken.len(), &*taken[0].endpoint), (1, &*theirs.id));
    assert_eq!(endpoints.remove(URL).await.unwrap(), [own.id]);
    assert_eq!(fake.ids("webhook_endpoint"), [theirs.id]);
}

#[tokio::test]
async fn all_pages_are_searched() {
    let (fake, endpoints) = start().await;
    // More than the account may have, and more than one page: an account whose limit Stripe raised.
    fake.generate("webhook_endpoint", 250).unwrap();
    let oldest = fake.ids("webhook_endpoint")[0].clone();
    fake.update(&oldest, serde_json::json!({ "url": URL }))
        .unwrap();
    assert_eq!(endpoints.list().await.unwrap().len(), 250);
    assert_eq!(endpoints.find(URL).await.unwrap().unwrap().id, oldest);
}

#[tokio::test]
async fn removed_by_id_and_by_url_and_created_anew() {
    let (fake, endpoints) = start().await;
    let first = endpoints.ensure(URL, &["product.created"]).await.unwrap();
    assert_eq!(endpoints.remove(&first.id).await.unwrap(), [&*first.id]);
    assert!(endpoints.remove(&first.id).await.unwrap().is_empty());
    // Within a day Stripe answers the same key with the endpoint that is gone.
    let second = endpoints.ensure(URL, &["product.created"]).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_ne!(second.secret, first.secret);
    assert_eq!(fake.ids("webhook_endpoint"), [&*second.id]);
    assert_eq!(endpoints.remove(URL).await.unwrap(), [second.id]);
    assert_eq!(fake.count("webhook_endpoint"), 0);
    assert!(endpoints.remove(URL).await.unwrap().is_empty());
}

#[tokio::test]
async fn several_at_once_make_one_endpoint() {
    let (fake, endpoints) = start().await;
    let (one, two) = tokio::join!(
        endpoints.ensure(URL, &["product.created"]),
        endpoints.ensure(URL, &["product.created"])
    );
    assert_eq!(one.unwrap().id, two.unwrap().id);
    assert_eq!(fake.count("webhook_endpoint"), 1);
}

#[tokio::test]
async fn a_cut_answer_does_not_make_a_second_endpoint() {
    for seed in 0..20 {
        let (fake, endpoints) = start().await;
        let faults = Faults::new(seed).cut_body(0.5).at_most(1);
        fake.faults(faults);
        let created = endpoints.ensure(URL, &["product.created"]).await.unwrap();
        assert!(created.secret.is_some());
        assert_eq!(fake.count("webhook_endpoint"), 1);
        let cut = |request: &RequestRecord| request.method == "POST" && request.fault.is_some();
        if fake.requests().iter().any(cut) {
            return;
        }
    }
    panic!("no seed cuts the answer to the POST");
}

#[tokio::test]
async fn refusals_are_typed_and_name_the_request() {
    let (fake, endpoints) = start().await;
    let none: [&str; 0] = [];
    assert!(matches!(
        endpoints.ensure(URL, &none).await,
        Err(EndpointError::NoEventTypes)
    ));
    let error = endpoints.ensure(URL, &["customer.*"]).await.unwrap_err();
    assert!(matches!(&error, EndpointError::Wildcard { event_type } if event_type == "customer.*"));
    assert!(error.to_string().contains("customer.*"));
    assert!(methods(&fake).is_empty(), "refused before it is sent");

    let error = endpoints.ensure(URL, &["no.such.event"]).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("enabled_events[0]"), "{text}");
    assert!(
        text.contains(error.request_id().unwrap()) && text.contains("req_"),
        "{text}"
    );
    let error = endpoints
        .update("we_none", EndpointUpdate::new().enabled(true))
        .await
        .unwrap_err();
    assert!(error.is_missing(), "{error}");

    for nth in 0..16 {
        fake.webhook_endpoint(&format!("https://example.com/{nth}"))
            .create()
            .unwrap();
    }
    let error = endpoints
        .ensure(URL, &["product.created"])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, EndpointError::TooMany { url, limit: 16 } if url == URL),
        "{error}"
    );
    let found = endpoints
        .ensure("https://example.com/3", &["product.created"])
        .await;
    assert!(found.is_ok(), "one that is there needs no room");
}

/// Answers everything with this body.
struct Fixed(Arc<str>);

impl Transport for Fixed {
    fn send<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        let mut response = Response::new(200, self.0.as_bytes().to_vec());
        response.request_id = Some("req_odd".to_owned());
        Box::pin(async move { Ok(response) })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

#[tokio::test]
async fn an_odd_answer_is_an_error_with_its_request_id() {
    let stripe = Stripe::with_transport(Fixed("{\"data\":3}".into()), Some(Mode::Test)).unwrap();
    let error = WebhookEndpoints::new(&stripe).list().await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.request_id(), Some("req_odd"));
    assert!(
        text.contains("GET /v1/webhook_endpoints [req_odd]") && text.contains("10 bytes"),
        "{text}"
    );
    let unknown = r#"{"has_more":false,"data":[{"id":"we_1","url":"u","enabled_events":["*"],"status":"paused","api_version":null}]}"#;
    let stripe = Stripe::with_transport(Fixed(unknown.into()), Some(Mode::Test)).unwrap();
    let list = WebhookEndpoints::new(&stripe).list().await.unwrap();
    assert_eq!(list[0].status, EndpointStatus::Other("paused".to_owned()));
}
