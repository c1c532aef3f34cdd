//! Copies of an object, with other numbers of elements in it.

use std::time::Duration;

use serde_json::{Value, json};

use super::inside::{told, with_twelve};
use super::{id, start};
use fake_stripe::FakeError;

const LENGTHS: [usize; 5] = [0, 1, 10, 11, 250];

/// What copies have in common.
fn common(mut object: Value, member: &str) -> Value {
    let members = object.as_object_mut().unwrap();
    for own in ["id", "created", member] {
        assert!(members.remove(own).is_some(), "{own}");
    }
    object
}

#[tokio::test]
async fn copies_differ_in_what_is_in_them_and_in_when_they_were_made() {
    let fake = start().await;
    for member in ["items", "lines", "sources", "external_accounts"] {
        let (list, original) = with_twelve(&fake, member).await;
        fake.advance(Duration::from_secs(1_000));
        let copies = fake.copies(&original, member, LENGTHS).unwrap();
        let original = list.parent(&fake, &original).await;
        let mut before = original["created"].as_i64();
        let original = common(original, member);
        for (copy, length) in copies.iter().zip(LENGTHS) {
            assert_eq!(list.agrees(&fake, copy).await.len(), length, "{member}");
            let copy = list.parent(&fake, copy).await;
            let created = copy["created"].as_i64();
            assert!(created > before && created < Some(fake.now()), "{member}");
            before = created;
            assert_eq!(common(copy, member), original);
        }
        assert_eq!(told(&fake), [""; 0]);
    }
}

/// A copy changes as other objects do, and the original stays as it is.
#[tokio::test]
async fn a_copy_lives_for_itself() {
    let fake = start().await;
    let (list, original) = with_twelve(&fake, "items").await;
    let before = list.parent(&fake, &original).await;
    let copy = fake.copies(&original, "items", [11]).unwrap().remove(0);
    let items = list.agrees(&fake, &copy).await;
    fake.delete(&items[4]).unwrap();
    assert_eq!(told(&fake), ["customer.subscription.updated"]);
    assert_eq!(list.agrees(&fake, &copy).await.len(), 10);
    assert_eq!(list.parent(&fake, &original).await, before);
}

#[tokio::test]
async fn there_is_an_element_to_copy() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    for member in ["sources", "items"] {
        let error = fake.copies(id(&customer), member, [1]).unwrap_err();
        assert!(matches!(error, FakeError::NoSuchList { .. }), "{error}");
    }
}
