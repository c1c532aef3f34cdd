//! `docs/architecture.md` draws the rooms and walks two roads: each file and item that it names is there, and its figures are
//! those of its own tables.

use std::collections::BTreeSet;

use crate::sources::root;

/// The headings of the roads, each followed by a table of calls: number, item, file.
const ROADS: [&str; 2] = ["## A page of objects", "## A webhook"];

#[test]
fn what_the_document_names_is_there() {
    let text = text();
    let mut files = 0;
    for line in text.lines() {
        let mut parts = line.split('`');
        let spans: Vec<&str> = std::iter::from_fn(|| {
            parts.next()?;
            parts.next()
        })
        .collect();
        for file in spans.iter().filter(|span| span.ends_with(".rs")) {
            files += 1;
            assert!(root().join(file).is_file(), "there is no {file}: {line}");
        }
        // In a row of a road, the item that comes first is in the file that comes last; elsewhere it is "`item` in `file`".
        let (in_row, pairs) = (is_step(line), spans.windows(2));
        let pairs = pairs.filter(|pair| line.contains(&format!("`{}` in `{}`", pair[0], pair[1])));
        let row = in_row.then(|| [spans[0], spans[spans.len() - 1]]);
        for [item, file] in pairs.map(|pair| [pair[0], pair[1]]).chain(row) {
            let source = std::fs::read_to_string(root().join(file)).unwrap();
            let name = item.rsplit("::").next().unwrap().trim_end_matches('!');
            assert!(defines(&source, name), "{file} does not define {item}");
        }
    }
    assert!(files > 30, "{files} files");
}

#[test]
fn the_figures_are_those_of_the_tables() {
    let text = text();
    for road in ROADS {
        let (_, rest) = text.split_once(road).unwrap();
        let rest = rest.split("\n## ").next().unwrap();
        let rows: Vec<&str> = rest.lines().filter(|line| is_step(line)).collect();
        let file = |row: &&str| row.rsplit('`').nth(1).unwrap().to_owned();
        let files: BTreeSet<String> = rows.iter().map(file).collect();
        let figures = format!("{} calls in {} files", rows.len(), files.len());
        assert!(rest.contains(&figures), "{road}: expected \"{figures}\"");
    }
}

/// Steps that no earlier step calls: what the step before them has written wakes them.
const WOKEN: [&str; 1] = ["Live::work_on"];

#[test]
fn each_step_is_named_by_an_earlier_one() {
    let text = text();
    for road in ROADS {
        let (_, rest) = text.split_once(road).unwrap();
        let rest = rest.split("\n## ").next().unwrap();
        let mut earlier = String::new();
        for row in rest.lines().filter(|line| is_step(line)) {
            let (item, file) = (
                row.split('`').nth(1).unwrap(),
                row.rsplit('`').nth(1).unwrap(),
            );
            let name = item.rsplit("::").next().unwrap();
            let calls = ["(", "::<"].map(|end| format!("{name}{end}"));
            let is_called = |line: &str| {
                !line.contains(&format!("fn {name}"))
                    && calls.iter().any(|call| has_word(line, call))
            };
            assert!(
                earlier.is_empty() || WOKEN.contains(&item) || earlier.lines().any(is_called),
                "{road}: no file of the steps before {item} calls it"
            );
            earlier.push_str(&std::fs::read_to_string(root().join(file)).unwrap());
        }
    }
}

/// Returns whether a line has a word that is not the end of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
    })
}

/// Returns whether a line is a step of a road: a row of a table that begins with a number.
fn is_step(line: &str) -> bool {
    let cell = line.strip_prefix("| ");
    cell.is_some_and(|cell| cell.starts_with(|first: char| first.is_ascii_digit()))
}

fn text() -> String {
    std::fs::read_to_string(root().join("docs/architecture.md")).unwrap()
}

/// Returns whether a source defines an item of a name.
fn defines(source: &str, name: &str) -> bool {
    const ITEMS: [&str; 8] = [
        "fn",
        "struct",
        "enum",
        "trait",
        "const",
        "type",
        "mod",
        "macro_rules!",
    ];
    ITEMS.iter().any(|item| {
        let start = format!("{item} {name}");
        source.match_indices(&start).any(|(at, _)| {
            let next = source[at + start.len()..].chars().next();
            !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
        })
    })
}
