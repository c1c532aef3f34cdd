//! The account that the calls are made against.

use serde_json::{Value, json};
use stripe_sync::testing::{FakeError, FakeStripe};
use stripe_sync_schema::catalogue::{self, Recipe};

/// Objects that no list shows.
const UNLISTED: [&str; 7] = [
    "confirmation_token",
    "financial_connections.session",
    "mandate",
    "source",
    "tax.calculation",
    "tax.transaction",
    "token",
];

/// The connected account.
pub(crate) const CONNECTED: &str = "acct_1Connected";

/// How many objects of each name are made up.
const EACH: usize = 12;

/// A fake with objects of every resource, the same each time.
pub(crate) async fn open() -> FakeStripe {
    let fake = FakeStripe::builder()
        .seed(17)
        .start()
        .await
        .expect("a port");
    let connected = fake
        .add_connected_account(CONNECTED)
        .expect("a connected account");
    for _ in 0..2 {
        create(&fake, "test_helpers.test_clock", json!({}));
    }
    let clock = fake.ids("test_helpers.test_clock")[0].clone();
    create(&fake, "customer", json!({ "test_clock": clock }));
    for resource in catalogue::resources() {
        if resource.object != "event" {
            generate(&fake, resource.object);
        }
    }
    // Once more now that all parents are there, so that references hit.
    for resource in catalogue::resources() {
        let is_child = |recipe: &Recipe| matches!(recipe, Recipe::PerParent { .. });
        if resource.recipes.iter().any(is_child) {
            generate(&fake, resource.object);
        }
    }
    for object in UNLISTED {
        create(&fake, object, json!({}));
    }
    fake.create_child(CONNECTED, "bank_account", json!({}))
        .expect("a child");
    connected.generate("customer", 3).expect("objects");
    fake
}

/// One by one: there are fewer countries than ids, and one that is taken is no failure.
fn generate(fake: &FakeStripe, object: &str) {
    for _ in 0..EACH {
        match fake.generate(object, 1) {
            Ok(_) | Err(FakeError::IdTaken { .. }) => {}
            Err(error) => panic!("{object}: {error}"),
        }
    }
}

pub(crate) fn create(fake: &FakeStripe, object: &str, with: Value) -> Value {
    fake.create(object, with)
        .unwrap_or_else(|error| panic!("{object}: {error}"))
}

pub(crate) fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_default().to_owned()
}
