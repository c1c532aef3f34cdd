//! `docs/models` describes the tables: each has its section, and each column its line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use stripe_sync::DatabaseKind;
use stripe_sync_schema::catalogue;

/// The columns of each section, in order, and the line about its table.
fn sections() -> BTreeMap<String, (Vec<String>, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/models");
    let mut sections = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with("sync-engine.md") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for section in text.split("\n## ").skip(1) {
            let (name, section) = section.split_once('\n').unwrap();
            let lines = section
                .lines()
                .skip_while(|line| !line.starts_with("| column |"));
            let columns = lines.skip(2).filter_map(|line| line.split('`').nth(1));
            let columns = columns.map(str::to_owned).collect();
            let table = section.lines().find(|line| line.starts_with("| table |"));
            sections.insert(name.to_owned(), (columns, table.unwrap().to_owned()));
        }
    }
    sections
}

#[test]
fn every_column_has_its_line() {
    let sections = sections();
    let models = stripe_sync_models::all();
    assert_eq!(sections.len(), models.models().len());
    for model in models.models() {
        let (columns, table) = &sections[model.name()];
        let expected: Vec<&str> = model.columns().iter().map(|column| column.name).collect();
        assert_eq!(*columns, expected, "{}", model.name());
        let places = [DatabaseKind::Postgres, DatabaseKind::Sqlite].map(|kind| {
            let alone = models.only(&[model]).on(kind);
            format!("`{}`", alone.tables()[0])
        });
        for place in places {
            assert!(table.contains(&place), "{place}: {table}");
        }
    }
}

#[test]
fn every_resource_has_a_table_or_a_reason() {
    let index = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/models.md");
    let index = std::fs::read_to_string(index).unwrap();
    let (_, reasons) = index.split_once("## Resources without a model").unwrap();
    let (reasons, _) = reasons.split_once("\n## ").unwrap();
    let reasons = reasons.lines().filter_map(|line| line.strip_prefix("- `"));
    let reasons: BTreeMap<&str, &str> = reasons
        .map(|line| line.split_once("`: ").unwrap())
        .collect();
    assert!(reasons.values().all(|reason| reason.split(' ').count() > 3));
    let models = stripe_sync_models::all();
    let mirrored: BTreeSet<&str> = models.models().map(|model| model.object()).collect();
    for resource in catalogue::resources() {
        let object = resource.object;
        let has_reason = reasons.contains_key(object);
        assert_ne!(mirrored.contains(object), has_reason, "{object}");
    }
}
