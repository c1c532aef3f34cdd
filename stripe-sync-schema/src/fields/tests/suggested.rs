//! Names that people write wrong: the right one is suggested, first.

use super::*;
use crate::catalogue;
use crate::fields::moved::all as moves;
use crate::fields::on_request::ON_REQUEST;

/// The share of wrong names whose first suggestion has to be the right one.
const RIGHT: f64 = 0.97;

/// One letter less, one twice, two swapped, one replaced: at a place that depends on the name, so that each run is the same.
fn misspelt(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let at = letters.len() / 2;
    let with = |change: &dyn Fn(&mut Vec<char>)| {
        let mut letters = letters.clone();
        change(&mut letters);
        letters.into_iter().collect::<String>()
    };
    vec![
        with(&|letters| {
            letters.remove(at);
        }),
        with(&|letters| letters.insert(at, letters[at])),
        with(&|letters| letters.swap(at - 1, at)),
        with(&|letters| letters[at] = if letters[at] == 'k' { 'j' } else { 'k' }),
    ]
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with(['s', 'x']) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// Every wrong name of every resource: the object, what is written, what is meant.
fn wrong_names() -> Vec<(&'static str, String, &'static str)> {
    let mut wrong = Vec::new();
    for resource in catalogue::resources() {
        let fields = children(resource.object, &[]);
        let is_there = |name: &str| fields.iter().any(|field| field.name == name);
        // A name of one or two letters is no word any more when one of them is wrong.
        for field in fields.iter().filter(|field| field.name.len() > 2) {
            let mut written = misspelt(field.name);
            written.push(plural(field.name));
            written.push(format!("{}_id", field.name));
            written.sort_unstable();
            written.dedup();
            let written = written.into_iter().filter(|written| !is_there(written));
            // What Stripe moved is suggested from the table.
            let written = written.filter(|written| moved::find(resource.object, written).is_none());
            wrong.extend(written.map(|written| (resource.object, written, field.name)));
        }
    }
    wrong
}

#[test]
fn the_first_suggestion_is_what_was_meant() {
    let wrong = wrong_names();
    let mut missed = Vec::new();
    for (object, written, meant) in &wrong {
        let suggestions = suggestions(object, written);
        if suggestions.first().map(String::as_str) != Some(*meant) {
            missed.push(format!("{object}.{written}: {suggestions:?}, not {meant}"));
        }
    }
    for missed in &missed {
        println!("{missed}");
    }
    let right = 1.0 - missed.len() as f64 / wrong.len() as f64;
    println!("{} names, {:.2} % right", wrong.len(), right * 100.0);
    assert!(wrong.len() > 5_000 && right >= RIGHT, "{right}");
}

#[test]
fn what_stripe_moved_leads_to_where_it_is() {
    for moved in moves() {
        assert!(
            resolve(moved.object, &[Key(moved.member)]).is_err(),
            "{moved:?} is there"
        );
        let PathError::UnknownKey {
            moved: found,
            suggestions,
            ..
        } = error(moved.object, moved.member)
        else {
            panic!("{moved:?}");
        };
        assert_eq!(found, Some(moved));
        match moved.now {
            Now::Path(path) => {
                resolve(moved.object, &steps(path))
                    .unwrap_or_else(|error| panic!("{moved:?}: {error}"));
                assert_eq!(suggestions, [path]);
            }
            Now::Words(_) => assert!(suggestions.is_empty()),
        }
    }
}

#[test]
fn what_is_sent_on_request_is_there() {
    for (object, path) in ON_REQUEST {
        let found = resolve(object, &steps(path));
        let found = found.unwrap_or_else(|error| panic!("{object}.{path}: {error}"));
        assert!(found.optional || found.nullable, "{object}.{path}");
    }
}
