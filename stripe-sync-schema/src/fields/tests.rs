use std::collections::HashMap;

use super::*;
use crate::blocks;
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

/// A line of the data with the way to it: what the file says, read here a second time in the plainest way.
struct Row {
    object: &'static str,
    path: Vec<&'static str>,
    /// The lines on the way, the last one its own: the words after the segment.
    words: Vec<Vec<&'static str>>,
}

fn rows() -> Vec<Row> {
    fn add(
        object: &'static str,
        name: &'static str,
        path: &[&'static str],
        words: &[Vec<&'static str>],
        texts: &HashMap<&'static str, &'static str>,
        out: &mut Vec<Row>,
    ) {
        let (mut path, mut words) = (path.to_vec(), words.to_vec());
        let top = path.len();
        for line in texts[name].lines() {
            let content = line.trim_start();
            let depth = top + line.len() - content.len();
            path.truncate(depth);
            words.truncate(depth);
            let mut parts = content.split(' ');
            path.push(parts.next().unwrap());
            words.push(parts.collect());
            out.push(Row {
                object,
                path: path.clone(),
                words: words.clone(),
            });
            if let Some(shape) = words
                .last()
                .unwrap()
                .iter()
                .find(|word| word.starts_with('&'))
            {
                add(object, shape, &path, &words, texts, out);
            }
        }
    }
    let texts: HashMap<_, _> = blocks::split(DATA)
        .into_iter()
        .map(|block| (block.name, block.text))
        .collect();
    let mut out = Vec::new();
    for name in texts.keys().filter(|name| !name.starts_with(['&', '%'])) {
        add(name, name, &[], &[], &texts, &mut out);
    }
    out
}

#[test]
fn every_line_of_the_table_is_found_with_what_it_says() {
    let codes = [
        ("s", Kind::Text),
        ("cur", Kind::Currency),
        ("dec", Kind::Decimal),
        ("i64", Kind::IntegerText),
        ("date", Kind::Date),
        ("time", Kind::Timestamp),
        ("b", Kind::Boolean),
        ("i", Kind::Integer),
        ("ts", Kind::UnixTime),
        ("amt", Kind::Amount),
        ("n", Kind::Number),
        ("o", Kind::Object),
        ("a", Kind::Array),
        ("m", Kind::Map),
        ("l", Kind::List),
        ("r", Kind::Resource),
        ("x", Kind::Reference),
        ("j", Kind::Json),
    ];
    let codes: HashMap<_, _> = codes.into_iter().collect();
    let (mut found, mut refused) = (0, 0);
    let rows = rows();
    for row in rows.iter().filter(|row| row.path != ["@"]) {
        let path: Vec<Step<'_>> = row
            .path
            .iter()
            .map(|segment| match *segment {
                "[]" => Index(0),
                "*" => Key("any_key"),
                name => Key(name),
            })
            .collect();
        let about = format!("{} {}", row.object, row.path.join("."));
        let above = &row.words[..row.words.len() - 1];
        let value = row.path.iter().position(|segment| *segment == "*");
        let result = resolve(row.object, &path);
        if let Some(reference) = above.iter().position(|words| words[0] == "x") {
            assert!(
                matches!(result, Err(PathError::ThroughReference { at, .. }) if at == reference),
                "{about}"
            );
            refused += 1;
            continue;
        }
        if let Some(value) = value.filter(|value| value + 1 < path.len()) {
            assert_eq!(
                result,
                Err(PathError::ThroughMap { at: value - 1 }),
                "{about}"
            );
            refused += 1;
            continue;
        }
        let resolved = result.unwrap_or_else(|error| panic!("{about}: {error}"));
        let own = row.words.last().unwrap();
        let flag = |words: &Vec<&str>, letter| {
            words[1..].iter().any(|word| {
                word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(letter)
            })
        };
        assert_eq!(resolved.kind, codes[own[0]], "{about}");
        assert_eq!(
            resolved.nullable,
            row.words.iter().any(|words| flag(words, 'N'))
                || row.path.iter().any(|segment| ["[]", "*"].contains(segment)),
            "{about}"
        );
        assert_eq!(
            resolved.optional,
            row.words.iter().any(|words| flag(words, 'O')),
            "{about}"
        );
        let targets = own
            .iter()
            .find_map(|word| word.strip_prefix('>'))
            .unwrap_or("");
        assert_eq!(resolved.targets.join("|"), targets, "{about}");
        let values = own
            .iter()
            .find_map(|word| word.strip_prefix('='))
            .unwrap_or("");
        assert_eq!(resolved.values.is_empty(), values.is_empty(), "{about}");
        if !values.is_empty() && !values.starts_with('%') {
            let open = if resolved.values_open { "|*" } else { "" };
            assert_eq!(resolved.values.join("|") + open, values, "{about}");
        }
        found += 1;
    }
    // 11,907 lines in the table that the data was made from, three of them unions; 49 are below a map's key or a reference.
    assert_eq!((rows.len(), found, refused), (11_907, 11_855, 49));
}

#[test]
fn every_object_has_children_that_resolve() {
    let blocks: Vec<_> = blocks::split(DATA)
        .into_iter()
        .map(|block| block.name)
        .filter(|name| !name.starts_with(['&', '%']))
        .collect();
    assert_eq!(blocks.len(), 207);
    for object in blocks {
        let members = children(object, &[]);
        assert!(!members.is_empty(), "{object}");
        for member in members {
            let resolved = resolve(object, &[Key(member.name)]).unwrap();
            assert_eq!(
                (resolved.kind, resolved.nullable),
                (member.kind, member.nullable),
                "{object} {}",
                member.name
            );
        }
    }
}

#[test]
fn every_target_is_an_object_and_every_resource_has_fields() {
    for row in rows() {
        for target in row
            .words
            .last()
            .unwrap()
            .iter()
            .filter_map(|word| word.strip_prefix('>'))
        {
            for object in target.split('|') {
                assert!(
                    resolve(object, &[]).is_ok(),
                    "{} {:?}: {object}",
                    row.object,
                    row.path
                );
            }
        }
    }
    for each in crate::catalogue::resources() {
        assert!(!children(each.object, &[]).is_empty(), "{}", each.object);
        if let Some(created) = each.created {
            assert_eq!(at(each.object, created).kind, Kind::UnixTime);
        }
        for embedded in &each.embedded {
            assert_eq!(
                at(each.object, embedded.field).kind,
                Kind::List,
                "{}",
                each.object
            );
        }
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
