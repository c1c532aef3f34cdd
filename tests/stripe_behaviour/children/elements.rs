//! Arrays whose elements have no ids: their rows are known by the parent and the place.

use serde_json::{Value, json};
use stripe_sync::StripeSync;

use super::stage::{DAY, Stage, child};
use crate::database::Pool;

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    nickname: Option<String>,
    #[stripe(children, expand)]
    tiers: Vec<Tier>,
}

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "tiers")]
struct Tier {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    place: i64,
    up_to: Option<i64>,
    unit_amount: Option<i64>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "taxed_invoices")]
struct Taxed {
    id: String,
    #[stripe(children, path = total_taxes)]
    taxes: Vec<Tax>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice.total_taxes", table = "taxes")]
struct Tax {
    #[stripe(parent)]
    invoice: String,
    #[stripe(position)]
    position: i64,
    amount: i64,
}

on_each_database! {
    Stage, start, end:
    tiers_are_those_of_their_price
    taxes_change_with_their_invoice
}

/// Rows of three columns, in the order of their key: `"price_1 0 10"`.
async fn rows(stage: &Stage, table: &str, [parent, place, value]: [&str; 3]) -> Vec<String> {
    let (text, joined) = match stage.database.pool {
        Pool::MySql(_) => ("CHAR", "CONCAT(a, ' ', b, ' ', c)"),
        _ => ("TEXT", "a || ' ' || b || ' ' || c"),
    };
    let sql = format!(
        "SELECT {joined} FROM (SELECT {parent} AS a, CAST({place} AS {text}) AS b, \
         CAST({value} AS {text}) AS c FROM {table}) AS of_all"
    );
    let mut rows: Vec<String> = stage
        .database
        .texts(&sql)
        .await
        .into_iter()
        .flatten()
        .collect();
    rows.sort_unstable();
    rows
}

/// What the rows of an array have to be.
fn expected(objects: &[Value], member: &str, value: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for object in objects {
        let elements = object[member].as_array().into_iter().flatten();
        for (place, element) in elements.enumerate() {
            let id = object["id"].as_str().unwrap();
            rows.push(format!("{id} {place} {}", element[value]));
        }
    }
    rows.sort_unstable();
    rows
}

fn tiers(amounts: &[i64]) -> Value {
    let last = amounts.len() - 1;
    let tier = |(nth, amount): (usize, &i64)| {
        json!({
            "flat_amount": null, "flat_amount_decimal": null, "unit_amount": amount,
            "unit_amount_decimal": amount.to_string(), "up_to": (nth < last).then_some(10 * (nth + 1)),
        })
    };
    amounts.iter().enumerate().map(tier).collect()
}

async fn tiers_are_those_of_their_price(stage: &Stage) {
    stage.syncer.ensure_table::<Price>().await.unwrap();
    let long: Vec<i64> = (1..=120).collect();
    // What Stripe does not send by itself, the fake does not show: what is given is kept here.
    let mut truth = Vec::new();
    for (id, amounts) in [
        ("price_a", &long[..]),
        ("price_b", &[7, 5]),
        ("price_c", &[1]),
    ] {
        let price = json!({"id": id, "tiers_mode": "graduated", "tiers": tiers(amounts)});
        stage.fake.create("price", price.clone()).unwrap();
        truth.push(price);
    }
    stage
        .fake
        .create("price", json!({"billing_scheme": "per_unit"}))
        .unwrap();
    stage.fake.advance(DAY);
    let stored = async || rows(stage, "tiers", ["price", "place", "unit_amount"]).await;
    let report = stage.sync_all::<Price>().await;
    assert_eq!(stored().await, expected(&truth, "tiers", "unit_amount"));
    assert_eq!(child::<Tier>(&report).inserted, 123, "{report}");
    let report = stage.sync_all::<Price>().await;
    assert_eq!(stored().await, expected(&truth, "tiers", "unit_amount"));
    assert_eq!(child::<Tier>(&report).written(), 0, "{report}");

    // One at the beginning less, one more, and another order.
    for (price, amounts) in truth.iter_mut().zip([&long[1..], &[7, 6, 5], &[2]]) {
        let id = price["id"].as_str().unwrap().to_owned();
        price["tiers"] = tiers(amounts);
        let changes = json!({"tiers": price["tiers"], "nickname": "new"});
        stage.fake.update(&id, changes).unwrap();
    }
    stage.fake.advance(DAY * 40);
    stage.sync_all::<Price>().await;
    assert_eq!(stored().await, expected(&truth, "tiers", "unit_amount"));
}

async fn taxes_change_with_their_invoice(stage: &Stage) {
    stage.syncer.ensure_table::<Taxed>().await.unwrap();
    let taxes = |amounts: &[i64]| -> Value {
        let tax = |amount: &i64| {
            json!({
                "amount": amount, "tax_behavior": "exclusive", "tax_rate_details": null,
                "taxability_reason": "standard_rated", "taxable_amount": 100, "type": "tax_rate_details",
            })
        };
        amounts.iter().map(tax).collect()
    };
    for (id, amounts) in [("in_1", &[3, 2, 1][..]), ("in_2", &[]), ("in_3", &[9])] {
        let draft = json!({"id": id, "status": "draft", "total_taxes": taxes(amounts)});
        stage.fake.create("invoice", draft).unwrap();
    }
    stage.fake.advance(DAY);
    let stored = async || rows(stage, "taxes", ["invoice", "position", "amount"]).await;
    let truth = || expected(&stage.fake.truth("invoice"), "total_taxes", "amount");
    stage.sync_all::<Taxed>().await;
    assert_eq!(stored().await, truth());
    assert_eq!(truth().len(), 4);

    let ids = ["in_1", "in_2", "in_3"].map(str::to_owned);
    for (id, amounts) in ids.iter().zip([&[3, 1][..], &[4, 4], &[]]) {
        let changes = json!({"total_taxes": taxes(amounts)});
        stage.fake.update(id, changes).unwrap();
    }
    stage.sync_by_ids::<Taxed>(&ids).await;
    assert_eq!(stored().await, truth());

    stage.fake.delete("in_2").unwrap();
    let report = stage.sync_by_ids::<Taxed>(&ids).await.report;
    assert_eq!(stored().await, truth());
    assert_eq!(child::<Tax>(&report).deleted, 2, "{report}");
}
