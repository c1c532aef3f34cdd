//! An error says its cause in its message or returns it as its source, and never both: a log that prints the chain of
//! sources would say it twice.

use crate::sources::{is_test, root, rust_files, shown};

const CRATES: [&str; 4] = [
    "stripe-sync/src",
    "stripe-sync-schema/src",
    "stripe-sync-cli/src",
    "fake-stripe/src",
];
const ATTRIBUTE: &str = "#[error(";

/// The text of each attribute, and what follows it.
fn errors(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(ATTRIBUTE)
        .skip(1)
        .filter_map(|part| part.split_once(")]"))
}

fn says_and_returns(attribute: &str, item: &str) -> bool {
    let unnamed = item.lines().nth(1).unwrap_or_default();
    let returned = ["#[source]", "#[from]"];
    attribute.contains("{source")
        || attribute.contains("{0") && returned.iter().any(|mark| unnamed.contains(mark))
}

#[test]
fn an_error_prints_no_source_that_it_returns() {
    let (mut found, mut faults) = (0, Vec::new());
    for file in CRATES
        .iter()
        .flat_map(|source| rust_files(&root().join(source)))
    {
        let path = shown(&file);
        if is_test(&path) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for (attribute, item) in errors(&text) {
            found += 1;
            if says_and_returns(attribute, item) {
                faults.push(format!("{path}: {attribute}"));
            }
        }
    }
    assert!(found > 100, "{found} errors");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn such_an_error_would_be_seen() {
    let named = "#[error(\"{table}: {source}\")]\nDatabase { source: E },";
    let unnamed = "#[error(\"bytes: {0}\")]\nJson(#[source] E),";
    let fine = "#[error(\"bytes: {0}\")]\nJson(E),\n#[error(\"refused\")]\nHttp(#[source] E),";
    let faults = |text| {
        errors(text)
            .filter(|(text, item)| says_and_returns(text, item))
            .count()
    };
    assert_eq!([named, unnamed, fine].map(faults), [1, 1, 0]);
}
