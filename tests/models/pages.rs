//! `docs/models` describes the tables: each has its section, and each column its line.

use std::collections::BTreeMap;
use std::path::Path;

use stripe_sync::DatabaseKind;

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
