//! Parents whose lists are tables: items of subscriptions, lines of invoices, cards of customers. They come, change and go, and
//! their tables equal Stripe's lists.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::live::{EventPolicy, LiveBuilder};
use stripe_sync::testing::{FakeError, without_secrets};
use stripe_sync::{Json, StripeSync, SyncError, Syncer};

use super::changes::KEPT;
use crate::service::Service;

/// No subscription gets more items: beside this one there is a table of whole subscriptions, as Stripe shows them.
const MOST_ITEMS: usize = 9;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "parents_of_items")]
pub(crate) struct Subscribed {
    id: String,
    status: String,
    #[stripe(children)]
    items: Vec<Item>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items_of_parents")]
pub(crate) struct Item {
    id: String,
    #[stripe(parent)]
    subscription: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "parents_of_lines")]
pub(crate) struct Billed {
    id: String,
    status: Option<String>,
    #[stripe(children)]
    lines: Vec<Line>,
}

#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lines_of_parents")]
pub(crate) struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "parents_of_cards")]
pub(crate) struct Wallet {
    id: String,
    #[stripe(children, expand, path = sources)]
    cards: Vec<Card>,
}

#[derive(StripeSync)]
#[stripe(object = "card", table = "cards_of_parents")]
pub(crate) struct Card {
    id: String,
    #[stripe(parent)]
    customer: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Each table of elements, with the names of what stands in it and in what that stands.
const TABLES: [(&str, &str, &str); 3] = [
    ("items_of_parents", "subscription_item", "subscription"),
    ("lines_of_parents", "line_item", "invoice"),
    ("cards_of_parents", "card", "customer"),
];

pub(crate) async fn make_tables(service: &Service) {
    service.syncer.ensure_table::<Subscribed>().await.unwrap();
    service.syncer.ensure_table::<Billed>().await.unwrap();
    service.syncer.ensure_table::<Wallet>().await.unwrap();
}

pub(crate) fn models(builder: LiveBuilder, policy: EventPolicy) -> LiveBuilder {
    builder
        .model_with::<Subscribed>(policy)
        .model_with::<Billed>(policy)
        .model_with::<Wallet>(policy)
}

pub(crate) async fn sync_all(syncer: &Syncer) -> Result<(), SyncError> {
    syncer.sync_all::<Subscribed>().await?;
    syncer.sync_all::<Billed>().await?;
    syncer.sync_all::<Wallet>().await?;
    Ok(())
}

/// One change of an element of one of the lists, or of a draft.
pub(crate) fn change(service: &Service, rng: &mut Rng) {
    let fake = &service.fake;
    let (_, object, parent_object) = TABLES[rng.usize(0..TABLES.len())];
    let mut parents = fake.ids(parent_object);
    if object == "line_item" {
        if rng.u8(0..3) == 0 {
            return drafts(service, rng);
        }
        // Others are not changed any more.
        parents.retain(|id| {
            let invoice = fake.get(id);
            invoice.is_some_and(|invoice| invoice["status"] == "draft")
        });
    }
    let Some(parent) = rng.choice(&parents) else {
        return;
    };
    let elements = fake.children(parent, object);
    let chosen = rng.choice(&elements).and_then(|one| one["id"].as_str());
    let word = rng.choice(["a", "b"]);
    let metadata = json!({"metadata": {"word": word}});
    let may_grow = object != "subscription_item" || elements.len() < MOST_ITEMS;
    let changed = match (rng.u8(0..4), chosen) {
        (0 | 1, _) | (_, None) if may_grow => {
            let made = match object {
                "subscription_item" => json!({"price": KEPT}),
                // A strange one would be an account's too, and read there.
                "card" => json!({"account": null}),
                _ => metadata,
            };
            fake.create_child(parent, object, made)
        }
        (2, Some(element)) => fake.update(element, metadata),
        (_, Some(element)) => fake.delete(element),
        (_, None) => return,
    };
    unless_refused(changed);
}

/// A draft is made, with more lines than Stripe shows inside or with fewer, or goes with its lines.
fn drafts(service: &Service, rng: &mut Rng) {
    let fake = &service.fake;
    let drafts = fake.truth("invoice").into_iter();
    let mut drafts = drafts.filter(|invoice| invoice["status"] == "draft");
    match drafts.next() {
        Some(draft) if rng.bool() => {
            unless_refused(fake.delete(draft["id"].as_str().unwrap_or_default()));
        }
        _ => {
            let customers = fake.ids("customer");
            let Some(customer) = rng.choice(&customers) else {
                return;
            };
            let lines = vec![json!({"amount": 100}); [1, 9, 12][rng.usize(0..3)]];
            let draft = json!({"customer": customer, "status": "draft", "lines": lines});
            unless_refused(fake.create("invoice", draft));
        }
    }
}

/// Stripe keeps the last item of a subscription, and the lines of what is finalized.
fn unless_refused(changed: Result<Value, FakeError>) {
    match changed {
        Ok(_) | Err(FakeError::Refused { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Each table has the elements of the parents that are there, as they are, and nothing else.
pub(crate) async fn check(service: &Service) {
    for (table, object, parent_object) in TABLES {
        let mut truth = BTreeMap::new();
        for parent in service.fake.ids(parent_object) {
            for element in service.fake.children(&parent, object) {
                let id = element["id"].as_str().unwrap_or_default().to_owned();
                truth.insert(id, without_secrets(element));
            }
        }
        let rows = service.rows(table).await;
        println!("{} rows in {table}", rows.len());
        assert_eq!(rows, truth, "{table}");
    }
}
