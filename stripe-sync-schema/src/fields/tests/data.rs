//! Every line of the data, against what the file says.

use std::collections::HashMap;

use super::*;
use crate::blocks;

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
