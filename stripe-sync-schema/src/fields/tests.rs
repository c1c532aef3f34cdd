mod data;
mod errors;
mod expand;
mod suggested;

use super::*;
use Step::{Index, Key};

/// `data[0].id` as steps.
fn steps(path: &str) -> Vec<Step<'_>> {
    path.split(['.', '['])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.strip_suffix(']')
                .map_or(Key(part), |index| Index(index.parse().unwrap()))
        })
        .collect()
}

fn at(object: &str, path: &str) -> Resolved {
    resolve(object, &steps(path)).unwrap_or_else(|error| panic!("{object} {path}: {error}"))
}

fn error(object: &str, path: &str) -> PathError {
    resolve(object, &steps(path)).unwrap_err()
}

fn suggestions(object: &str, path: &str) -> Vec<String> {
    match error(object, path) {
        PathError::UnknownKey { suggestions, .. } => suggestions,
        other => panic!("{other:?}"),
    }
}

#[test]
fn null_and_absent_are_those_of_the_whole_path() {
    let country = at("customer", "address.country");
    assert_eq!(
        (country.kind, country.nullable, country.optional),
        (Kind::Text, true, true)
    );
    let id = at("customer", "id");
    assert_eq!((id.nullable, id.optional), (false, false));
    let item = at("subscription", "items.data[0].current_period_end");
    assert_eq!(
        (item.kind, item.nullable, item.optional),
        (Kind::UnixTime, true, false)
    );
    let note = at("customer", "metadata.note");
    assert_eq!(
        (note.kind, note.nullable, note.optional),
        (Kind::Text, true, true)
    );
    assert_eq!(at("customer", "").kind, Kind::Object);
}

#[test]
fn values_are_read_inline_and_from_the_pool() {
    let status = at("subscription", "status");
    assert!(status.values.contains(&"past_due") && status.values_open);
    let exempt = at("customer", "tax_exempt");
    assert_eq!(
        (exempt.values.as_slice(), exempt.values_open),
        (&["exempt", "none", "reverse"][..], true)
    );
    let object = at("customer", "object");
    assert_eq!(
        (object.values.as_slice(), object.values_open),
        (&["customer"][..], false)
    );
}

#[test]
fn a_path_goes_through_embedded_resources() {
    assert_eq!(
        at("subscription", "items.data[0].price.unit_amount").kind,
        Kind::Amount
    );
    assert_eq!(at("customer", "discount.start").kind, Kind::UnixTime);
    assert_eq!(at("customer", "discount").kind, Kind::Resource);
}

#[test]
fn of_several_resources_all_must_agree() {
    let id = at("customer", "sources.data[0].id");
    assert_eq!((id.kind, id.nullable), (Kind::Text, true));
    let object = at("customer", "sources.data[0].object");
    assert_eq!(object.values, ["account", "bank_account", "card", "source"]);
    let PathError::UnknownKey {
        at: step, siblings, ..
    } = error("customer", "sources.data[0].last4")
    else {
        panic!("an account has no last4");
    };
    assert_eq!(step, 3);
    assert!(siblings.contains(&"id") && !siblings.contains(&"last4"));
    assert_eq!(at("external_account", "last4").kind, Kind::Text, "a union");
    assert!(
        children("external_account", &[])
            .iter()
            .any(|field| field.name == "last4")
    );
}

#[test]
fn open_objects_accept_any_path() {
    let any = at("event", "data.object.items.data[0].id");
    assert_eq!(
        (any.kind, any.nullable, any.optional),
        (Kind::Json, true, true)
    );
    assert!(
        children("event", &steps("data"))
            .iter()
            .any(|field| field.name == "object" && field.open)
    );
}

#[test]
fn children_and_elements() {
    let names = |object, path: &str| -> Vec<&str> {
        children(object, &steps(path))
            .into_iter()
            .map(|field| field.name)
            .collect()
    };
    assert_eq!(
        names("customer", "address"),
        ["city", "country", "line1", "line2", "postal_code", "state"]
    );
    assert_eq!(
        names("customer", "invoice_settings.custom_fields[0]"),
        ["name", "value"]
    );
    assert_eq!(
        names("customer", "sources"),
        ["data", "has_more", "object", "url"]
    );
    assert!(names("subscription", "items.data[0]").contains(&"price"));
    for nothing in [
        "metadata",
        "email",
        "default_source",
        "invoice_settings.custom_fields",
        "nothing",
    ] {
        assert!(names("customer", nothing).is_empty(), "{nothing}");
    }
    let kind =
        |object, path: &str| element(object, &steps(path)).map(|field| (field.name, field.kind));
    assert_eq!(kind("customer", "metadata"), Some(("*", Kind::Text)));
    assert_eq!(
        kind("customer", "preferred_locales"),
        Some(("[]", Kind::Text))
    );
    assert_eq!(
        kind("subscription", "items.data"),
        Some(("[]", Kind::Resource))
    );
    assert_eq!(kind("customer", "email"), None);
    assert_eq!(kind("custmer", "metadata"), None);
    let default = children("customer", &[])
        .into_iter()
        .find(|field| field.name == "default_source")
        .unwrap();
    assert_eq!(
        default.targets,
        ["account", "bank_account", "card", "source"]
    );
}
