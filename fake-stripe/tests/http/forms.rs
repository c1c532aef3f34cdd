//! The forms of filters: the fake takes what Stripe takes, and refuses the rest.

use serde_json::json;

use super::{get, ids, start};

#[tokio::test]
async fn hashes_bounds_and_arrays_have_their_brackets() {
    let fake = start().await;
    for (id, interval) in [("price_m", "month"), ("price_y", "year")] {
        let price = json!({"id": id, "active": true, "lookup_key": id, "recurring": {"interval": interval}});
        fake.create("price", price).unwrap();
    }
    let shown = get(&fake, "/v1/prices?recurring[interval]=month").await;
    assert_eq!(ids(&shown.json()), ["price_m"]);
    let shown = get(
        &fake,
        "/v1/prices?lookup_keys[]=price_m&lookup_keys[]=price_y",
    )
    .await;
    assert_eq!(ids(&shown.json()).len(), 2);
    for path in [
        "/v1/prices?recurring=month",
        "/v1/prices?recurring[intervall]=month",
        "/v1/prices?recurring[interval]=monthly",
        "/v1/prices?lookup_keys=price_m",
        "/v1/prices?active[gte]=true",
        "/v1/prices?created[after]=1",
        "/v1/subscriptions?status[]=active",
        "/v1/payment_links?created[gte]=1",
        "/v1/apps/secrets",
        "/v1/apps/secrets?scope=account",
        "/v1/apps/secrets?scope[user]=usr_1",
    ] {
        let reply = get(&fake, path).await;
        assert_eq!(reply.status, 400, "{path}");
    }
    let shown = get(&fake, "/v1/apps/secrets?scope[type]=account").await;
    assert_eq!(shown.status, 200);
}

#[tokio::test]
async fn the_case_of_a_code_does_not_matter() {
    let fake = start().await;
    let code = json!({"id": "promo_1", "code": "Summer"});
    fake.create("promotion_code", code).unwrap();
    let shown = get(&fake, "/v1/promotion_codes?code=SUMMER").await;
    assert_eq!(ids(&shown.json()), ["promo_1"]);
}
