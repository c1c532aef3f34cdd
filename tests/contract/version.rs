//! A macro and a runtime of two versions do not compile together: the module that generated code names carries the version.

use crate::private;

/// The macro builds the name from its own version; that it finds the module is what every other test here shows.
#[test]
fn the_private_module_carries_the_version_of_the_crates() {
    let version = env!("CARGO_PKG_VERSION").replace('.', "_");
    assert_eq!(private::PATH, format!("stripe_sync::__private_{version}"));
}

/// Each of the three is used by the others in one version exactly.
#[test]
fn the_crates_name_each_other_in_one_version() {
    let manifest = include_str!("../../Cargo.toml");
    let pin = format!("version = \"={}\"", env!("CARGO_PKG_VERSION"));
    for name in ["stripe-sync", "stripe-sync-derive", "stripe-sync-schema"] {
        let line = manifest
            .lines()
            .find(|line| line.starts_with(&format!("{name} = ")));
        let line = line.unwrap_or_else(|| panic!("the workspace has no dependency {name}"));
        assert!(line.contains(&pin), "expected {pin}, got {line}");
    }
}
