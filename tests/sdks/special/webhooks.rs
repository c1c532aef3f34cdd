//! Deliveries, as the packages verify them.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use crate::call::{Call, Expect, Form};
use crate::world::create;

const URL: &str = "https://example.com/hook";
const TOLERANCE: i64 = 300;

pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let snapshot = fake
        .webhook_endpoint(URL)
        .events(["customer.created"])
        .secret("whsec_one");
    let snapshot = snapshot.create().expect("an endpoint");
    let thin = fake
        .webhook_endpoint(URL)
        .events(["v1.customer.created"])
        .thin()
        .secret("whsec_two");
    let thin = thin.create().expect("a destination");
    create(fake, "customer", json!({}));
    let deliveries = fake.take_deliveries();
    let of = |endpoint: &str| {
        let mut deliveries = deliveries.iter();
        let found = deliveries.find(|delivery| delivery.endpoint == endpoint);
        found.unwrap_or_else(|| panic!("nothing for {endpoint}"))
    };
    let (first, second) = (of(&snapshot.id), of(&thin.id));
    // The packages compare with the machine's clock.
    let now = chrono::Utc::now().timestamp();
    let params = |delivery: &stripe_sync::testing::Delivery, secret: &str, at: i64| {
        let body = String::from_utf8_lossy(&delivery.body);
        json!({ "body": body, "header": delivery.signature(at), "secret": secret, "tolerance": TOLERANCE })
    };
    let event = |what: &str, params: Value, expect: Expect| {
        let name = format!("webhook: {what}");
        let call = Call::new(
            name,
            "construct_event",
            "webhooks.constructEvent",
            Form::Webhook,
        );
        call.params(params).expect(expect)
    };
    let right = params(first, &snapshot.secret, now);
    let mut changed = right.clone();
    changed["body"] = json!(
        right["body"]
            .as_str()
            .unwrap_or_default()
            .replace("customer", "charge")
    );
    let refused = Expect::Refused(0, "", "");
    vec![
        event("`construct_event`", right, Expect::Object(first.event())),
        event(
            "`construct_event` with another secret",
            params(first, "whsec_other", now),
            refused.clone(),
        ),
        event(
            "`construct_event` of a signature that is too old",
            params(first, &snapshot.secret, now - 100 * TOLERANCE),
            refused.clone(),
        ),
        event(
            "`construct_event` of a changed body",
            changed,
            refused.clone(),
        ),
        Call::new(
            "webhook: `parse_event_notification`",
            "parse_event_notification",
            "parseEventNotification",
            Form::Webhook,
        )
        .params(params(second, &thin.secret, now))
        .expect(Expect::Members(vec![(
            "/object/type",
            json!("v1.customer.created"),
        )])),
        Call::new(
            "webhook: `parse_event_notification` with another secret",
            "parse_event_notification",
            "parseEventNotification",
            Form::Webhook,
        )
        .params(params(second, "whsec_other", now))
        .expect(refused),
    ]
}
