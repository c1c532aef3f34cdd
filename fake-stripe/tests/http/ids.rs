//! Ids that the caller chooses: one comes again after its deletion, as another object.

use std::time::Duration;

use serde_json::json;

use super::{id, ids, ok, start};
use fake_stripe::FakeError;

#[tokio::test]
async fn a_chosen_id_comes_again_as_another_object() {
    let fake = start().await;
    for (object, list) in [
        // Before the plans, each of which is of a product.
        ("product", "/v1/products"),
        ("coupon", "/v1/coupons"),
        ("plan", "/v1/plans"),
    ] {
        let path = format!("{list}/chosen");
        let first = fake.create(object, json!({ "id": "chosen" })).unwrap();
        let twice = fake.create(object, json!({ "id": "chosen" }));
        assert!(matches!(twice, Err(FakeError::IdTaken { .. })), "{object}");
        fake.delete("chosen").unwrap();
        assert!(fake.get("chosen").is_none(), "{object}");
        fake.advance(Duration::from_secs(10));
        let other = fake.create(object, json!({})).unwrap();
        fake.advance(Duration::from_secs(10));
        let again = fake
            .create(
                object,
                json!({ "id": "chosen", "metadata": { "life": "2" } }),
            )
            .unwrap();
        assert_ne!(first["created"], again["created"], "{object}");
        assert_eq!(ok(&fake, &path).await, again);
        // It stands where a new object stands, and once.
        assert_eq!(ids(&ok(&fake, list).await), ["chosen", id(&other)]);
        fake.delete("chosen").unwrap();
        assert_eq!(ids(&ok(&fake, list).await), [id(&other)]);
    }
}

#[tokio::test]
async fn an_id_of_stripes_own_comes_once() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    fake.delete(id(&customer)).unwrap();
    let again = fake.create("customer", json!({ "id": customer["id"] }));
    assert!(matches!(again, Err(FakeError::IdTaken { .. })));
}
