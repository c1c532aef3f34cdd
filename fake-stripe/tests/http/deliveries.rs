//! What is due at webhook endpoints, when, and in which form.

use std::time::Duration;

use serde_json::{Value, json};

use super::{id, ids, ok, start};
use fake_stripe::{Delivery, FakeStripe, Mode, Quirks, webhook_signature};

const URL: &str = "https://example.com/hook";

fn kinds(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|delivery| delivery.kind.as_str())
        .collect()
}

#[tokio::test]
async fn events_go_to_the_endpoints_that_name_them() {
    let fake = start().await;
    let all = fake.webhook_endpoint(URL).create().unwrap();
    let few = fake
        .webhook_endpoint("https://example.com/few")
        .events(["customer.created", "customer.deleted"])
        .create()
        .unwrap();
    let customer = fake.create("customer", json!({})).unwrap();
    fake.update(id(&customer), json!({ "name": "x" })).unwrap();
    fake.generate("customer", 5).unwrap();
    let taken = fake.take_deliveries();
    let wanted = [
        (&*all.id, "customer.created"),
        (&*few.id, "customer.created"),
        (&*all.id, "customer.updated"),
    ];
    let mut got: Vec<(&str, &str)> = taken
        .iter()
        .map(|one| (one.endpoint.as_str(), one.kind.as_str()))
        .collect();
    got.sort_unstable_by_key(|one| (one.1, one.0 != all.id));
    assert_eq!(got, wanted);
    let first = &taken[0];
    let event = first.event();
    assert_eq!(event["id"], first.event_id.as_str());
    assert_eq!(event["pending_webhooks"], 2);
    assert_eq!(event["data"]["object"], customer);
    assert_eq!(event.get("account"), None);
    assert!(fake.take_deliveries().is_empty(), "they are under way");
    // The listed event says how many endpoints have not got it.
    let stored = ok(&fake, &format!("/v1/events/{}", first.event_id)).await;
    assert_eq!(stored, event);
    first.succeeded();
    first.succeeded();
    let stored = ok(&fake, &format!("/v1/events/{}", first.event_id)).await;
    assert_eq!(stored["pending_webhooks"], 1);

    let pending = ids(&ok(&fake, "/v1/events?delivery_success=false").await);
    assert_eq!(pending.len(), 2);
    for delivery in &taken {
        fake.mark_delivered(delivery);
    }
    assert!(ids(&ok(&fake, "/v1/events?delivery_success=false").await).is_empty());
    assert_eq!(
        ids(&ok(&fake, "/v1/events?delivery_success=true").await).len(),
        2
    );
}

#[tokio::test]
async fn odd_events_are_delivered_too() {
    let fake = start().await;
    fake.webhook_endpoint(URL).create().unwrap();
    fake.record_event(
        "foo.bar.created",
        &json!({ "id": "foo_1", "object": "foo.bar" }),
    )
    .unwrap();
    let sold = fake.create("product", json!({})).unwrap();
    let hidden = fake
        .create_unlisted("price", json!({ "product": sold["id"] }))
        .unwrap();
    fake.quirks(Quirks::new().duplicate_events(1.0));
    let product = fake.create("product", json!({})).unwrap();
    let taken = fake.take_deliveries();
    assert_eq!(
        kinds(&taken),
        [
            "foo.bar.created",
            "product.created",
            "price.created",
            "product.created",
            "product.created"
        ]
    );
    assert_eq!(taken[2].event()["data"]["object"], hidden);
    assert_ne!(taken[3].event_id, taken[4].event_id);
    assert_eq!(taken[3].event()["data"], taken[4].event()["data"]);
    // However late it comes, it is what it was.
    fake.update(id(&product), json!({ "name": "newer" }))
        .unwrap();
    fake.advance(Duration::from_secs(3 * 86_400));
    assert_eq!(taken[3].event()["data"]["object"], product);
}

#[tokio::test]
async fn deliveries_are_signed_when_they_are_sent() {
    let fake = start().await;
    let endpoint = fake.webhook_endpoint(URL).create().unwrap();
    let other = fake.webhook_endpoint(URL).create().unwrap();
    assert_ne!(endpoint.secret, other.secret);
    fake.create("customer", json!({ "name": "Jürgen" }))
        .unwrap();
    let mut delivery = fake
        .take_deliveries()
        .into_iter()
        .find(|one| one.endpoint == endpoint.id)
        .unwrap();
    assert!(delivery.body.contains(&b'\n'), "Stripe indents");
    let v1 = |header: &str| -> Vec<String> {
        let fields = header.split(',').filter_map(|part| part.split_once('='));
        fields
            .filter(|(name, _)| *name == "v1")
            .map(|(_, value)| value.to_owned())
            .collect()
    };
    let headers = delivery.headers(1_000);
    let (_, header) = headers
        .iter()
        .find(|(name, _)| *name == "stripe-signature")
        .unwrap();
    assert!(header.starts_with("t=1000,v1="), "{header}");
    assert!(header.contains(",v0="), "test mode has a v0: {header}");
    assert_eq!(
        v1(header),
        [webhook_signature(&endpoint.secret, 1_000, &delivery.body)]
    );
    assert_ne!(v1(&delivery.signature(1_001)), v1(header), "a fresh t");

    let hour = Duration::from_secs(3_600);
    let new = fake.roll_secret(&endpoint.id, hour).unwrap();
    delivery.body = "{}".into();
    let both = [&endpoint.secret, &new].map(|secret| webhook_signature(secret, 7, b"{}"));
    assert_eq!(v1(&delivery.signature(7)), both);
    fake.advance(hour);
    assert_eq!(v1(&delivery.signature(7)), both[1..]);
    assert!(fake.roll_secret("we_none", hour).is_err());

    let live = FakeStripe::builder()
        .mode(Mode::Live)
        .start()
        .await
        .unwrap();
    live.webhook_endpoint(URL).create().unwrap();
    live.create("customer", json!({})).unwrap();
    let header = live.take_deliveries()[0].signature(5);
    assert!(!header.contains("v0="), "{header}");
}

#[tokio::test]
async fn each_endpoint_has_its_version() {
    let fake = start().await;
    let old = fake
        .webhook_endpoint(URL)
        .api_version("2024-06-20")
        .create()
        .unwrap();
    fake.webhook_endpoint(URL).create().unwrap();
    let items: Vec<Value> = (0..15)
        .map(|_| json!({ "current_period_end": 1_800_000_000 }))
        .collect();
    let one = fake
        .create(
            "subscription",
            json!({ "status": "active", "items": items }),
        )
        .unwrap();
    let taken = fake.take_deliveries();
    // The invoice of the subscription and what belongs to it come before.
    let (old, new): (Vec<&Delivery>, Vec<&Delivery>) = taken
        .iter()
        .filter(|delivery| delivery.kind == "customer.subscription.created")
        .partition(|delivery| delivery.endpoint == old.id);
    let (old, new) = (old[0].event(), new[0].event());
    assert_eq!(old["id"], new["id"]);
    assert_eq!(old["api_version"], "2024-06-20");
    assert_eq!(new["api_version"], stripe_sync_schema::api_version());
    let (old, new) = (&old["data"]["object"], &new["data"]["object"]);
    assert_eq!(old["current_period_end"], 1_800_000_000);
    assert_eq!(old["items"]["data"][0].get("current_period_end"), None);
    assert_eq!(new.get("current_period_end"), None);
    assert_eq!(new["items"]["data"][0]["current_period_end"], 1_800_000_000);
    assert_eq!(*new, one);
    for shape in [old, new] {
        assert_eq!(shape["items"]["data"].as_array().unwrap().len(), 10);
        assert_eq!(shape["items"]["has_more"], true);
    }

    // An account whose default version is old lists its events in the old shape.
    let fake = FakeStripe::builder()
        .api_version("2024-06-20")
        .start()
        .await
        .unwrap();
    fake.create(
        "subscription",
        json!({ "status": "active", "items": items }),
    )
    .unwrap();
    let listed = ok(&fake, "/v1/events?type=customer.subscription.created").await["data"][0].take();
    assert_eq!(listed["api_version"], "2024-06-20");
    assert_eq!(
        listed["data"]["object"]["current_period_end"],
        1_800_000_000
    );
}

#[tokio::test]
async fn failures_are_tried_again_until_stripe_gives_up() {
    let fake = start().await;
    fake.webhook_endpoint(URL).create().unwrap();
    fake.create("customer", json!({})).unwrap();
    let first = fake.take_deliveries().remove(0);
    let mut attempts = 1;
    for _ in 0..48 {
        fake.advance(Duration::from_secs(600));
        for again in fake.take_deliveries() {
            attempts += 1;
            assert_eq!((again.attempt, &again.body), (attempts, &first.body));
            assert_eq!(again.event_id, first.event_id);
        }
    }
    assert_eq!(attempts, 4, "a sandbox tries three times more");
    assert_eq!(
        ids(&ok(&fake, "/v1/events?delivery_success=false").await),
        [first.event_id.as_str()]
    );
    // By hand, as long as one likes.
    fake.redeliver(&first);
    let by_hand = fake.take_deliveries().remove(0);
    assert_eq!((by_hand.attempt, &by_hand.body), (1, &first.body));
    by_hand.succeeded();
    assert!(ids(&ok(&fake, "/v1/events?delivery_success=false").await).is_empty());
    fake.advance(Duration::from_secs(86_400));
    assert!(fake.take_deliveries().is_empty());
}

#[tokio::test]
async fn a_disabled_endpoint_loses_what_is_due_and_a_deleted_one_everything() {
    let fake = start().await;
    let endpoint = fake.webhook_endpoint(URL).create().unwrap();
    let make = |fake: &FakeStripe| {
        fake.create("customer", json!({})).unwrap();
    };
    make(&fake);
    assert_eq!(fake.take_deliveries().len(), 1);
    // Disabled and enabled again before the retry: it goes on.
    fake.disable_endpoint(&endpoint.id).unwrap();
    make(&fake);
    assert!(fake.take_deliveries().is_empty());
    fake.enable_endpoint(&endpoint.id).unwrap();
    assert!(fake.take_deliveries().is_empty(), "nothing is back-filled");
    fake.advance(Duration::from_secs(600));
    assert_eq!(fake.take_deliveries().len(), 1);
    // Disabled at the time of the retry: it ends.
    fake.disable_endpoint(&endpoint.id).unwrap();
    fake.advance(Duration::from_secs(2 * 3_600));
    fake.enable_endpoint(&endpoint.id).unwrap();
    fake.advance(Duration::from_secs(86_400));
    assert!(fake.take_deliveries().is_empty());
    make(&fake);
    assert_eq!(fake.take_deliveries().len(), 1);
    fake.delete(&endpoint.id).unwrap();
    fake.advance(Duration::from_secs(86_400));
    make(&fake);
    assert!(fake.take_deliveries().is_empty());
}

#[tokio::test]
async fn connect_endpoints_get_the_events_of_connected_accounts() {
    let fake = start().await;
    let own = fake.webhook_endpoint(URL).create().unwrap();
    let connect = fake.webhook_endpoint(URL).connect().create().unwrap();
    let live = fake.account("acct_1", Mode::Live).unwrap();
    let live_connect = live.webhook_endpoint(URL).connect().create().unwrap();
    let theirs = fake.add_connected_account("acct_c").unwrap();
    fake.take_deliveries();
    theirs.create("customer", json!({})).unwrap();
    fake.account("acct_c", Mode::Live)
        .unwrap()
        .create("customer", json!({}))
        .unwrap();
    fake.create("customer", json!({})).unwrap();
    fake.add_account("acct_stranger", Mode::Test);
    fake.account("acct_stranger", Mode::Test)
        .unwrap()
        .create("customer", json!({}))
        .unwrap();
    let taken = fake.take_deliveries();
    let mut got: Vec<(&str, Value, Value)> = taken
        .iter()
        .map(|one| {
            let event = one.event();
            let endpoint = one.endpoint.as_str();
            (
                endpoint,
                event["account"].clone(),
                event["livemode"].clone(),
            )
        })
        .collect();
    let mut wanted = vec![
        (&*connect.id, json!("acct_c"), json!(false)),
        (&*live_connect.id, json!("acct_c"), json!(false)),
        (&*live_connect.id, json!("acct_c"), json!(true)),
        (&*own.id, Value::Null, json!(false)),
    ];
    let order = |one: &(&str, Value, Value)| format!("{one:?}");
    got.sort_by_key(order);
    wanted.sort_by_key(order);
    assert_eq!(got, wanted);
}
