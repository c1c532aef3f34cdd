//! Arrays inside objects: their elements are nowhere else, or are what their own addresses show.

use serde_json::{Value, json};

use super::{id, ok, start};

/// Lists without ids: whole, in the order in which they were given.
#[tokio::test]
async fn arrays_have_as_many_elements_as_they_are_given() {
    let fake = start().await;
    for count in [1, 10, 11, 250] {
        let tiers: Vec<Value> = (1..=count).map(|n| json!({
            "flat_amount": null, "flat_amount_decimal": null, "unit_amount": n, "unit_amount_decimal": n.to_string(),
            "up_to": (n < count).then_some(10 * n),
        })).collect();
        let price = fake.create(
            "price",
            json!({ "tiers_mode": "graduated", "tiers": tiers }),
        );
        let price = price.unwrap();
        let path = format!("/v1/prices/{}", id(&price));
        assert_eq!(ok(&fake, &path).await.get("tiers"), None);
        let whole = ok(&fake, &format!("{path}?expand[]=tiers")).await;
        assert_eq!(whole["tiers"], json!(tiers));
        let page = ok(&fake, "/v1/prices?expand[]=data.tiers&limit=100").await;
        let in_list = page["data"].as_array().unwrap();
        let in_list = in_list.iter().find(|of| of["id"] == price["id"]);
        assert_eq!(in_list.unwrap()["tiers"], json!(tiers));
        let fewer = json!({ "tiers": tiers[..count / 2], "nickname": "fewer" });
        fake.update(id(&price), fewer).unwrap();
        let whole = ok(&fake, &format!("{path}?expand[]=tiers")).await;
        assert_eq!(whole["tiers"], json!(tiers[..count / 2]));
    }
    let taxes = |count: i64| -> Vec<Value> {
        let tax = |amount: i64| {
            json!({
                "amount": amount, "tax_behavior": "exclusive", "tax_rate_details": null, "taxability_reason": "standard_rated",
                "taxable_amount": 100, "type": "tax_rate_details",
            })
        };
        (1..=count).map(tax).collect()
    };
    let given = json!({ "status": "draft", "total_taxes": taxes(12) });
    let invoice = fake.create("invoice", given).unwrap();
    assert_eq!(invoice["total_taxes"], json!(taxes(12)));
    let fewer = json!({ "total_taxes": taxes(3) });
    fake.update(id(&invoice), fewer).unwrap();
    let invoice = ok(&fake, &format!("/v1/invoices/{}", id(&invoice))).await;
    assert_eq!(invoice["total_taxes"], json!(taxes(3)));
}

/// A dispute that is won has one movement more; each is what its own address shows.
#[tokio::test]
async fn movements_of_a_dispute_are_those_of_the_balance() {
    let fake = start().await;
    let dispute = fake.create("dispute", json!({ "status": "needs_response" }));
    let dispute = dispute.unwrap();
    for (count, status) in [(1, "under_review"), (2, "won")] {
        fake.update(id(&dispute), json!({ "status": status }))
            .unwrap();
        let dispute = ok(&fake, &format!("/v1/disputes/{}", id(&dispute))).await;
        let movements = dispute["balance_transactions"].as_array().unwrap();
        assert_eq!(movements.len(), count);
        for movement in movements {
            let path = format!("/v1/balance_transactions/{}", id(movement));
            assert_eq!(ok(&fake, &path).await, *movement);
        }
    }
}
