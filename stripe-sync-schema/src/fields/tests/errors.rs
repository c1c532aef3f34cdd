//! Paths that do not resolve: which step is named, what is suggested, and in which words.

use super::*;

#[test]
fn each_error_names_its_step() {
    assert_eq!(
        error("custmer", "email"),
        PathError::UnknownObject {
            object: "custmer".into(),
            suggestions: vec!["customer".into()]
        }
    );
    assert_eq!(
        error("subscription", "customer.email"),
        PathError::ThroughReference {
            at: 0,
            targets: vec!["customer"]
        }
    );
    assert_eq!(
        error("charge", "outcome.rule.predicate"),
        PathError::ThroughReference {
            at: 1,
            targets: vec![]
        }
    );
    assert_eq!(
        error("customer", "invoice_settings.custom_fields.name"),
        PathError::ThroughArray { at: 1 }
    );
    assert_eq!(
        error("subscription", "items.price"),
        PathError::ThroughList { at: 0 }
    );
    assert_eq!(
        error("subscription", "items[0]"),
        PathError::ThroughList { at: 0 }
    );
    assert_eq!(
        error("customer", "metadata.a.b"),
        PathError::ThroughMap { at: 0 }
    );
    assert_eq!(
        error("customer", "metadata.a[0]"),
        PathError::ThroughMap { at: 0 }
    );
    assert_eq!(
        error("customer", "email.domain"),
        PathError::NotAnObject {
            at: 0,
            kind: Kind::Text
        }
    );
    assert_eq!(
        error("customer", "email[0]"),
        PathError::IndexWithoutArray {
            at: 1,
            kind: Kind::Text
        }
    );
    assert_eq!(
        error("customer", "address[0]"),
        PathError::IndexWithoutArray {
            at: 1,
            kind: Kind::Object
        }
    );
    assert_eq!(
        error("customer", "[0]"),
        PathError::IndexWithoutArray {
            at: 0,
            kind: Kind::Object
        }
    );
    for hidden in ["&1", "%", "deleted"] {
        assert!(
            matches!(error(hidden, "id"), PathError::UnknownObject { .. }),
            "{hidden}"
        );
    }
}

#[test]
fn an_unknown_key_says_where_and_what_was_meant() {
    let PathError::UnknownKey {
        at,
        parent,
        suggestions,
        siblings,
        ..
    } = error("customer", "address.contry")
    else {
        panic!("not an unknown key");
    };
    assert_eq!((at, parent.as_str()), (1, "address"));
    assert_eq!(suggestions, ["country"]);
    assert_eq!(
        siblings,
        ["city", "country", "line1", "line2", "postal_code", "state"]
    );
    let PathError::UnknownKey {
        at,
        parent,
        suggestions,
        ..
    } = error("subscription", "items.data[0].prise.id")
    else {
        panic!("not an unknown key");
    };
    assert_eq!((at, parent.as_str()), (3, "items.data[0]"));
    assert_eq!(suggestions, ["price"]);
}

#[test]
fn did_you_mean() {
    assert_eq!(suggestions("customer", "emial"), ["email"]);
    assert_eq!(
        suggestions("customer", "country")[..2],
        ["address.country", "shipping.address.country"]
    );
    assert_eq!(
        suggestions("customer", "address_city").first().unwrap(),
        "address.city"
    );
    assert_eq!(
        suggestions("subscription", "current_period_end")[0],
        "items.data[0].current_period_end"
    );
    // Where older versions of the API had it at the top.
    assert!(
        suggestions("invoice", "subscription")
            .contains(&"parent.subscription_details.subscription".to_owned())
    );
    assert!(suggestions("customer", "elephants").is_empty());
}

#[test]
fn messages_are_sentences() {
    assert_eq!(
        error("customer", "address.contry").to_string(),
        "there is no such field in `address`; did you mean `country`?"
    );
    assert_eq!(
        error("custmer", "id").to_string(),
        "Stripe has no object `custmer`; did you mean `customer`?"
    );
    assert_eq!(
        error("customer", "elephants").to_string(),
        "there is no such field at the top of the object"
    );
}
