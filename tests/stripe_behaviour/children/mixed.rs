//! Lists that Stripe sends on request, and lists of several kinds of objects.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stripe_sync::{Json, StripeSync};

use super::stage::{DAY, Stage, child};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(children, expand, path = sources)]
    cards: Vec<Card>,
    #[stripe(children, expand, path = sources)]
    bank_accounts: Vec<BankAccount>,
}

#[derive(StripeSync)]
#[stripe(object = "card", table = "cards")]
struct Card {
    id: String,
    #[stripe(parent)]
    customer: Option<String>,
    last4: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The rows of what is gone are gone.
#[derive(StripeSync)]
#[stripe(object = "bank_account", table = "bank_accounts", on_delete = hard)]
struct BankAccount {
    id: String,
    #[stripe(parent)]
    customer: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "charge", table = "charges")]
struct Charge {
    id: String,
    amount_refunded: i64,
    #[stripe(children, expand)]
    refunds: Vec<Refund>,
}

#[derive(StripeSync)]
#[stripe(object = "refund", table = "refunds")]
struct Refund {
    id: String,
    #[stripe(parent)]
    charge: Option<String>,
    amount: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

on_each_database! {
    Stage, start, end:
    sources_go_to_the_tables_of_their_kinds
    refunds_come_with_their_charges
}

/// Customers with sources of both kinds, and one of the kind that has no table.
fn customers(stage: &Stage) -> Vec<String> {
    let mut ids = Vec::new();
    for count in [1, 10, 11, 130] {
        let sources: Vec<Value> = (0..count)
            .map(|nth| json!({"object": if nth % 3 == 1 { "bank_account" } else { "card" }}))
            .collect();
        let customer = json!({"sources": sources});
        let customer = stage.fake.create("customer", customer).unwrap();
        ids.push(customer["id"].as_str().unwrap().to_owned());
    }
    let source = json!({"object": "source"});
    stage.fake.create_child(&ids[0], "source", source).unwrap();
    stage.fake.advance(DAY);
    ids
}

fn of_kind(stage: &Stage, customer: &str, object: &str) -> Vec<String> {
    let rows = stage.fake.children(customer, object);
    let ids = rows
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned());
    ids.collect()
}

async fn sources_go_to_the_tables_of_their_kinds(stage: &Stage) {
    stage.syncer.ensure_table::<Customer>().await.unwrap();
    let customers = customers(stage);
    stage.fake.reset_requests();
    let report = stage.sync_all::<Customer>().await;
    stage.assert_truth::<Card>().await;
    stage.assert_truth::<BankAccount>().await;
    // One for the list of 11 and two for that of 130: both kinds come from the same.
    assert_eq!(stage.requests("/v1/customers/{id}/sources"), 3, "{report}");

    // One of each goes, and what comes is of the other.
    let fake = &stage.fake;
    for object in ["card", "bank_account"] {
        fake.delete(&of_kind(stage, &customers[3], object)[2])
            .unwrap();
    }
    fake.create_child(&customers[0], "bank_account", json!({}))
        .unwrap();
    let report = stage.sync_by_ids::<Customer>(&customers).await.report;
    stage.assert_truth::<Card>().await;
    stage.assert_truth::<BankAccount>().await;
    let (cards, banks) = (child::<Card>(&report), child::<BankAccount>(&report));
    let did = (cards.inserted, cards.deleted, banks.inserted, banks.deleted);
    assert_eq!(did, (0, 1, 1, 1), "{report}");

    // The rows of a customer's sources go with it, each in its table's way.
    let (cards, banks) = (fake.count("card"), fake.count("bank_account"));
    fake.delete(&customers[3]).unwrap();
    let gone = (
        cards - fake.count("card"),
        banks - fake.count("bank_account"),
    );
    let report = stage.sync_by_ids::<Customer>(&customers[3..]).await.report;
    assert_eq!(report.deleted, 1, "{report}");
    let did = (
        child::<Card>(&report).deleted,
        child::<BankAccount>(&report).deleted,
    );
    assert_eq!(did, (gone.0 as u64, gone.1 as u64), "{report}");
    stage.assert_truth::<Card>().await;
    stage.assert_truth::<BankAccount>().await;
    let marked = "SELECT COUNT(*) FROM cards WHERE stripe_deleted_at IS NOT NULL";
    assert_eq!(stage.number(marked).await, 1 + gone.0 as i64);
    let rows = stage.number("SELECT COUNT(*) FROM bank_accounts").await;
    assert_eq!(rows, fake.count("bank_account") as i64);
}

async fn refunds_come_with_their_charges(stage: &Stage) {
    stage.syncer.ensure_table::<Charge>().await.unwrap();
    let given = json!({
        "amount": 100_000, "status": "succeeded", "captured": true, "refunds": [{"amount": 1}],
    });
    let charges = stage.copies("charge", given, "refunds", [1, 10, 11, 250]);
    stage.fake.reset_requests();
    let report = stage.sync_all::<Charge>().await;
    stage.assert_truth::<Refund>().await;
    assert_eq!(child::<Refund>(&report).inserted, 1 + 272, "{report}");
    assert_eq!(stage.requests("/v1/refunds"), 1 + 3, "{report}");
    let parents: BTreeSet<Option<String>> = stage
        .database
        .texts("SELECT DISTINCT charge FROM refunds")
        .await
        .into_iter()
        .collect();
    assert!(charges.iter().all(|id| parents.contains(&Some(id.clone()))));

    let refund = json!({"amount": 1});
    stage
        .fake
        .create_child(&charges[0], "refund", refund)
        .unwrap();
    let report = stage.sync_by_ids::<Charge>(&charges).await.report;
    stage.assert_truth::<Refund>().await;
    let refunds = child::<Refund>(&report);
    assert_eq!((refunds.inserted, refunds.deleted), (1, 0), "{report}");
}
