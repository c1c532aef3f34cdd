//! Paths through references: null, deleted, another object by now, beyond the ten elements that Stripe shows. And secrets, which
//! an expanded object has too, and no table.

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::live::{EventPolicy, Live};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::{IdOutcome, Json, StripeObject, StripeSync};

use super::super::mirror::Mirror;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "charges", expand(customer, payment_intent))]
struct Charge {
    id: String,
    customer: Option<String>,
    #[stripe(path = customer.email)]
    email: Option<String>,
    #[stripe(path = customer.metadata.tenant)]
    tenant: Option<String>,
    #[stripe(path = refunds.data[11].balance_transaction.amount, expand)]
    last_refund: Option<i64>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "payment_intents")]
struct PaymentIntent {
    id: String,
    amount: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

/// What a table was filled by, before it was to have the payer's address.
#[derive(StripeSync)]
#[stripe(object = "charge", table = "payers")]
struct Unexpanded {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "charge", table = "payers")]
struct Payer {
    id: String,
    #[stripe(path = customer.email, expand)]
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// What a row has.
#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Row {
    customer: Option<String>,
    email: Option<String>,
    tenant: Option<String>,
    last_refund: Option<i64>,
}

async fn row(mirror: &Mirror, id: &str) -> Row {
    sqlx::query_as("SELECT customer, email, tenant, last_refund FROM charges WHERE id = ?")
        .bind(id)
        .fetch_one(&mirror.pool)
        .await
        .unwrap()
}

async fn text(mirror: &Mirror, select: &str) -> String {
    let select = sqlx::query_scalar(AssertSqlSafe(select));
    let texts: Vec<String> = select.fetch_all(&mirror.pool).await.unwrap();
    texts.join("\n")
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// A charge of a customer with this e-mail address.
fn charge(mirror: &Mirror, email: &str) -> (String, String) {
    let customer = json!({"email": email, "metadata": {"tenant": email}});
    let customer = id(&mirror.fake.create("customer", customer).unwrap());
    let charge =
        json!({"customer": customer, "amount": 5_000, "status": "succeeded", "amount_refunded": 0});
    (id(&mirror.fake.create("charge", charge).unwrap()), customer)
}

#[tokio::test]
async fn members_of_what_is_referred_to_are_those_of_today() {
    let mirror = Mirror::start(3).await;
    let (of_a, a) = charge(&mirror, "a@example.com");
    let (of_b, b) = charge(&mirror, "b@example.com");
    let nobody = id(&mirror
        .fake
        .create("charge", json!({"customer": null}))
        .unwrap());
    mirror.sync_all::<Charge>().await;
    let of = |customer: &String, email: Option<&str>| Row {
        customer: Some(customer.clone()),
        email: email.map(str::to_owned),
        tenant: email.map(str::to_owned),
        last_refund: None,
    };
    assert_eq!(row(&mirror, &of_a).await, of(&a, Some("a@example.com")));
    let none = Row {
        customer: None,
        email: None,
        tenant: None,
        last_refund: None,
    };
    assert_eq!(row(&mirror, &nobody).await, none);

    // The stub of a deleted customer has nothing of it any more, and what another one lacks is not that of the first.
    mirror.fake.delete(&a).unwrap();
    let bare = id(&mirror
        .fake
        .create("customer", json!({"email": null}))
        .unwrap());
    let moved = json!({"customer": bare});
    mirror.fake.unchecked().update(&of_b, moved).unwrap();
    let ids = [of_a.clone(), of_b.clone()];
    mirror.syncer.sync_by_ids::<Charge>(ids).await.unwrap();
    assert_eq!(row(&mirror, &of_a).await, of(&a, None));
    assert_eq!(row(&mirror, &of_b).await, of(&bare, None));
    drop(b);
}

#[tokio::test]
async fn the_rest_of_a_list_is_expanded_too() {
    let mirror = Mirror::start(4).await;
    let (charge, _) = charge(&mirror, "a@example.com");
    for _ in 0..12 {
        let refund = json!({"charge": charge, "amount": 7});
        mirror.fake.create("refund", refund).unwrap();
    }
    mirror.sync_all::<Charge>().await;
    assert_eq!(row(&mirror, &charge).await.last_refund, Some(-7));
}

#[tokio::test]
async fn an_object_at_hand_is_read_again() {
    let mirror = Mirror::start(5).await;
    let (charge, _) = charge(&mirror, "a@example.com");
    mirror.syncer.ensure_table::<Charge>().await.unwrap();
    let token = mirror.syncer.start_read().await.unwrap();
    let json = mirror.fake.get(&charge).unwrap().to_string();
    let object = StripeObject::from_json(json).unwrap().read_since(token);
    let outcome = mirror.syncer.sync::<Charge>(object).await.unwrap();
    assert_eq!(outcome, IdOutcome::Inserted);
    let email = row(&mirror, &charge).await.email;
    assert_eq!(email.as_deref(), Some("a@example.com"));
}

#[tokio::test]
async fn no_snapshot_is_taken() {
    let mirror = Mirror::start(8).await;
    let (charge, _) = charge(&mirror, "a@example.com");
    mirror.syncer.ensure_table::<Charge>().await.unwrap();
    let live = Live::builder(mirror.syncer.clone()).model_with::<Charge>(EventPolicy::Snapshot);
    let live = live.build().unwrap();
    live.catch_up().await.unwrap();
    mirror
        .fake
        .update(&charge, json!({"description": "new"}))
        .unwrap();
    mirror.fake.advance(Duration::from_secs(61));
    live.catch_up().await.unwrap();
    let processed = live.drain().await.unwrap();
    assert_eq!(processed.copied, 0, "{processed:?}");
    let email = row(&mirror, &charge).await.email;
    assert_eq!(email.as_deref(), Some("a@example.com"));
}

#[tokio::test]
async fn no_secret_is_kept_of_events() {
    let mirror = Mirror::start(9).await;
    let intent = mirror.fake.generate("payment_intent", 1).unwrap().remove(0);
    let syncer = &mirror.syncer;
    syncer.ensure_table::<PaymentIntent>().await.unwrap();
    let live = Live::builder(syncer.clone()).model_with::<PaymentIntent>(EventPolicy::Snapshot);
    let live = live.build().unwrap();
    live.catch_up().await.unwrap();
    mirror
        .fake
        .update(&intent, json!({"description": "new"}))
        .unwrap();
    let object = mirror.fake.get(&intent).unwrap();
    mirror
        .fake
        .record_event("payment_intent.created", &object)
        .unwrap();
    mirror.fake.advance(Duration::from_secs(61));
    live.catch_up().await.unwrap();
    live.drain().await.unwrap();
    for select in [
        "SELECT payload FROM stripe_sync_inbox",
        "SELECT object FROM payment_intents",
    ] {
        let stored = text(&mirror, select).await;
        assert!(stored.contains(&intent), "{select}: {stored}");
        assert!(!stored.contains("client_secret"), "{select}: {stored}");
    }
}

#[tokio::test]
async fn no_secret_is_kept() {
    let mirror = Mirror::start(6).await;
    mirror.fake.generate("payment_intent", 5).unwrap();
    let secret = |id: &str| {
        let intent = mirror.fake.get(id).unwrap();
        intent["client_secret"].as_str().unwrap().to_owned()
    };
    let secrets: Vec<String> = mirror
        .fake
        .ids("payment_intent")
        .iter()
        .map(|id| secret(id))
        .collect();
    assert!(!secrets.is_empty());
    mirror.sync_all::<Charge>().await;
    let stored = text(&mirror, "SELECT object FROM charges").await;
    // The intents are there as whole objects.
    assert!(
        stored.contains(r#""object":"payment_intent""#)
            || stored.contains(r#""object": "payment_intent""#)
    );
    assert!(!stored.contains("client_secret"), "{stored}");
    assert!(secrets.iter().all(|secret| !stored.contains(secret)));
}

#[tokio::test]
async fn what_was_not_asked_for_is_read_after_a_remap() {
    let mirror = Mirror::start(10).await;
    let (of_a, _) = charge(&mirror, "a@example.com");
    let nobody = json!({"customer": null});
    let nobody = id(&mirror.fake.create("charge", nobody).unwrap());
    mirror.sync_all::<Unexpanded>().await;
    let syncer = &mirror.syncer;
    syncer.ensure_table::<Payer>().await.unwrap();
    let report = syncer.remap::<Payer>().await.unwrap();
    assert_eq!(report.unread_ids, [of_a.as_str()], "{report}");
    assert_eq!(report.updated, 1, "{report}");
    let unread = report.unread_ids.clone();
    syncer.sync_by_ids::<Payer>(unread).await.unwrap();
    let emails = "SELECT id || ' ' || COALESCE(email, 'none') FROM payers";
    let emails = text(&mirror, emails).await;
    assert!(
        emails.contains(&format!("{of_a} a@example.com")),
        "{emails}"
    );
    assert!(emails.contains(&format!("{nobody} none")), "{emails}");
    // What was read is there for the next mapping.
    let report = syncer.remap::<Payer>().await.unwrap();
    assert_eq!((report.unchanged, report.unread), (2, 0), "{report}");
}
