//! The search endpoints.

use serde_json::{Value, json};

use super::{id, ok, refusal, start};
use fake_stripe::FakeStripe;

async fn find(fake: &FakeStripe, resource: &str, query: &str) -> Vec<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("query", query);
    let target = format!("/v1/{resource}/search?{}", form.finish());
    let found = ok(fake, &target).await;
    assert_eq!(found["object"], "search_result");
    assert_eq!(found["url"], format!("/v1/{resource}/search"));
    let data = found["data"].as_array().unwrap();
    let mut ids: Vec<String> = data.iter().map(|one| id(one).to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn the_query_language() {
    let fake = start().await;
    for one in [
        json!({ "id": "cus_a", "email": "Amy@rocketrides.io", "name": "Amy", "metadata": { "tier": "gold" }, "created": 100 }),
        json!({ "id": "cus_b", "email": "bob@example.com", "name": null, "metadata": { "tier": "silver" }, "created": 200 }),
        json!({ "id": "cus_c", "email": "eve@example.com", "name": "Eve", "metadata": {}, "created": 300 }),
    ] {
        fake.create("customer", one).unwrap();
    }
    for (query, wanted) in [
        ("email:'amy@ROCKETRIDES.io'", &["cus_a"][..]),
        ("email:'rocketrides'", &[]),
        ("email~'EXAMPLE'", &["cus_b", "cus_c"]),
        ("-email~'example'", &["cus_a"]),
        (r#"metadata["tier"]:"gold""#, &["cus_a"]),
        ("-metadata['tier']:'gold'", &["cus_b", "cus_c"]),
        ("metadata['tier']:null", &["cus_c"]),
        ("-name:null", &["cus_a", "cus_c"]),
        ("created>100", &["cus_b", "cus_c"]),
        ("created>=100 created<300", &["cus_a", "cus_b"]),
        ("created:200", &["cus_b"]),
        ("email~'example' AND name:'eve'", &["cus_c"]),
        ("name:'amy' OR created<=200", &["cus_a", "cus_b"]),
    ] {
        assert_eq!(find(&fake, "customers", query).await, wanted, "{query}");
    }
    let customer = json!({ "customer": "cus_a", "amount": 500, "currency": "eur" });
    let intent = fake.create("payment_intent", customer).unwrap();
    let query = "customer:'cus_a' AND amount>499 AND currency:'EUR'";
    assert_eq!(find(&fake, "payment_intents", query).await, [id(&intent)]);
    let price = json!({ "active": false, "lookup_key": "standard" });
    let price = fake.create("price", price).unwrap();
    let query = "active:'false' AND lookup_key~'stand'";
    assert_eq!(find(&fake, "prices", query).await, [id(&price)]);
    for resource in ["charges", "invoices", "products", "subscriptions"] {
        find(&fake, resource, "metadata['a']:'b'").await;
    }
}

#[tokio::test]
async fn pages_and_counts() {
    let fake = start().await;
    for nth in 0..25 {
        let one = json!({ "name": format!("Rider {nth}"), "created": 1_000_000 + nth / 3 });
        fake.create("customer", one).unwrap();
    }
    let path = "/v1/customers/search?query=name~%27rider%27";
    let first = ok(&fake, path).await;
    assert_eq!(first["data"].as_array().unwrap().len(), 10);
    assert_eq!(first.get("total_count"), None);
    let (mut seen, mut page) = (Vec::new(), String::new());
    loop {
        let target = format!("{path}&limit=7&expand[]=total_count{page}");
        let found = ok(&fake, &target).await;
        assert_eq!(found["total_count"], 25);
        let data = found["data"].as_array().unwrap();
        seen.extend(data.iter().map(|one| id(one).to_owned()));
        let Some(next) = found["next_page"].as_str() else {
            assert_eq!(found["has_more"], false);
            break;
        };
        assert_eq!(found["has_more"], true);
        page = format!("&page={next}");
    }
    let mut ids = seen.clone();
    ids.sort();
    ids.dedup();
    assert_eq!((seen.len(), ids.len()), (25, 25));
    let created = |id: &String| fake.get(id).unwrap()["created"].as_i64();
    assert!(seen.is_sorted_by(|a, b| created(a) >= created(b)));
}

#[tokio::test]
async fn results_are_expanded() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let charge = json!({ "customer": customer["id"], "status": "succeeded" });
    fake.create("charge", charge).unwrap();
    let path = "/v1/charges/search?query=status%3A%27succeeded%27&expand[]=data.customer";
    let found = ok(&fake, path).await;
    assert_eq!(found["data"][0]["customer"], customer);
}

#[tokio::test]
async fn bad_queries() {
    let fake = start().await;
    for (path, param) in [
        ("customers/search", "query"),
        ("customers/search?query=", "query"),
        ("customers/search?query=asdf", "query"),
        ("customers/search?query=foo:%27bar%27", "query"),
        ("customers/search?query=email~%27ab%27", "query"),
        ("customers/search?query=created~%27100%27", "query"),
        (
            "customers/search?query=name:%27a%27%20OR%20name:%27b%27%20AND%20name:%27c%27",
            "query",
        ),
        ("customers/search?query=created%3E1&page=what", "page"),
        ("customers/search?query=created%3E1&limit=101", "limit"),
        (
            "customers/search?query=created%3E1&starting_after=cus_1",
            "starting_after",
        ),
        (
            "customers/search?query=created%3E1&expand[]=data.email",
            "expand",
        ),
    ] {
        let (status, _, at) = refusal(&fake, &format!("/v1/{path}")).await;
        assert_eq!((status, &*at), (400, param), "{path}");
    }
    let (status, _, _) = refusal(&fake, "/v1/coupons/search").await;
    assert_eq!(status, 404, "coupons are not searched, so this is an id");
    let body: Value = super::get(&fake, "/v1/prices/search?query=foo:%27bar%27")
        .await
        .json();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Field `foo` is an unsupported search field for resource `prices`."),
        "{message}"
    );
}
