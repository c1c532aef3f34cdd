//! How large files and folders may be.

use std::collections::BTreeMap;

use crate::sources::{root, rust_files, shown};

/// The most lines of a source file.
const LINES: usize = 400;
/// The most source files of a folder, without its subfolders.
const FILES: usize = 15;
/// Files that nobody writes by hand, or of which each is one case: they may be longer.
const EXEMPT: [&str; 4] = [
    // Cases of compile errors.
    "tests/ui/",
    // What the macro expands to.
    "tests/snapshots/",
    // Inputs and outputs of tests.
    "/fixtures/",
    // Written by a generator.
    "/generated/",
];

#[test]
fn no_source_file_is_long() {
    let mut long = Vec::new();
    for file in rust_files(&root()) {
        let path = shown(&file);
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        if lines > LINES && !is_exempt(&path) {
            long.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "more than {LINES} lines: {long:#?}");
}

#[test]
fn no_folder_of_sources_is_full() {
    let mut folders = BTreeMap::<String, usize>::new();
    for file in rust_files(&root()) {
        let path = shown(&file);
        let folder = path.rsplit_once('/').unwrap_or_default().0;
        if folder.split('/').any(|part| part == "src") && !is_exempt(&path) {
            *folders.entry(folder.to_owned()).or_default() += 1;
        }
    }
    assert!(folders.len() > 30, "{folders:?}");
    folders.retain(|_, files| *files > FILES);
    assert!(folders.is_empty(), "more than {FILES} files: {folders:#?}");
}

fn is_exempt(path: &str) -> bool {
    EXEMPT.iter().any(|part| path.contains(part))
}
