//! What paths need of `expand`, and what they may never name.

use super::*;
use crate::fields::on_request::ON_REQUEST;

fn steps(path: &str) -> Vec<Step<'_>> {
    path.split('.')
        .flat_map(|part| {
            let (key, index) = match part.strip_suffix("[0]") {
                Some(key) => (key, true),
                None => (part, false),
            };
            [Some(Step::Key(key)), index.then_some(Step::Index(0))]
        })
        .flatten()
        .collect()
}

fn needs(object: &str, path: &str, whole: bool) -> Vec<(String, Need)> {
    let found = expansions(object, &steps(path), whole).into_iter();
    found.map(|one| (one.path, one.need)).collect()
}

#[test]
fn references_and_members_on_request_are_found_on_the_way() {
    let need = |path: &str, need| (path.to_owned(), need);
    let (reference, request) = (Need::Reference, Need::OnRequest);
    for (object, path, whole, expected) in [
        ("customer", "email", false, vec![]),
        ("charge", "customer", false, vec![]),
        (
            "charge",
            "customer",
            true,
            vec![need("customer", reference)],
        ),
        (
            "charge",
            "customer.email",
            false,
            vec![need("customer", reference)],
        ),
        ("price", "tiers", false, vec![need("tiers", request)]),
        (
            "price",
            "tiers[0].up_to",
            false,
            vec![need("tiers", request)],
        ),
        (
            "invoice",
            "shipping_cost.taxes",
            false,
            vec![need("shipping_cost.taxes", request)],
        ),
        (
            "subscription",
            "items.data[0].price.nickname",
            false,
            vec![],
        ),
        (
            "subscription",
            "items.data[0].price.product.name",
            false,
            vec![need("items.data.price.product", reference)],
        ),
        (
            "subscription",
            "items.data[0].price.tiers",
            false,
            vec![need("items.data.price.tiers", request)],
        ),
        (
            "payment_intent",
            "latest_charge.refunds.data[0].id",
            false,
            vec![
                need("latest_charge", reference),
                need("latest_charge.refunds", request),
            ],
        ),
        (
            "subscription",
            "discounts",
            true,
            vec![need("discounts", reference)],
        ),
        ("subscription", "discounts", false, vec![]),
        (
            "checkout.session",
            "line_items.data[0].taxes",
            false,
            vec![
                need("line_items", request),
                need("line_items.data.taxes", request),
            ],
        ),
    ] {
        assert_eq!(needs(object, path, whole), expected, "{object} {path}");
    }
}

#[test]
fn each_member_on_request_needs_itself() {
    for (object, member) in ON_REQUEST {
        let found = needs(object, member, false);
        assert_eq!(found, [((*member).to_owned(), Need::OnRequest)], "{object}");
    }
}

#[test]
fn an_expanded_path_leads_through_references() {
    let at = |object, path| resolve_expanded(object, &steps(path));
    let email = at("charge", "customer.email").unwrap();
    assert_eq!(email.kind, Kind::Text);
    // The reference may be null, and the customer may be deleted.
    assert!(email.nullable && email.optional);
    let amount = at("payment_intent", "latest_charge.amount").unwrap();
    assert_eq!(amount.kind, Kind::Amount);
    let error = at("charge", "customer.emial").unwrap_err();
    assert!(error.to_string().contains("`email`"), "{error}");
    assert!(matches!(
        resolve("charge", &steps("customer.email")),
        Err(PathError::ThroughReference { at: 0, .. })
    ));
}

#[test]
fn secrets_are_found_wherever_they_stand() {
    let at = |object, path| secret(object, &steps(path)).map(|secret| secret.at);
    for (object, path, expected) in [
        ("payment_intent", "client_secret", Some(0)),
        ("issuing.card", "number", Some(0)),
        ("issuing.card", "pin.status", Some(0)),
        ("issuing.authorization", "card.number", Some(1)),
        ("issuing.authorization", "card.last4", None),
        ("invoice", "number", None),
        ("invoice", "confirmation_secret", None),
        ("invoice", "confirmation_secret.client_secret", Some(1)),
        ("charge", "payment_intent.client_secret", Some(1)),
        (
            "identity.verification_session",
            "verified_outputs.dob",
            Some(0),
        ),
        ("customer", "metadata.client_secret", None),
        ("nothing", "client_secret", Some(0)),
    ] {
        assert_eq!(at(object, path), expected, "{object} {path}");
    }
}

#[test]
fn secrets_are_of_objects_that_there_are() {
    for object in secretive() {
        assert!(tree::name(object).is_some(), "{object}");
    }
    assert!(secrets("issuing.card").count() == 3);
}
