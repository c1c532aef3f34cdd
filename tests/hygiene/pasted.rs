//! The README's Install block compiles when it is pasted into a new crate.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of this project that a new crate gets from the registry once they are there.
const PUBLISHED: [&str; 3] = ["stripe-sync", "stripe-sync-derive", "stripe-sync-schema"];

#[test]
fn the_install_block_compiles_in_a_new_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let (_, install) = readme.split_once("## Install").unwrap();
    let manifest = block(install, "toml");
    let program = block(install, "rust,no_run");

    let pasted = root.join("target/pasted");
    std::fs::create_dir_all(pasted.join("src")).unwrap();
    let patches = PUBLISHED.map(|name| format!("{name} = {{ path = {:?} }}\n", root.join(name)));
    let manifest = format!(
        "[package]\nname = \"pasted\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{manifest}\n[workspace]\n\n\
         [patch.crates-io]\n{}",
        patches.concat()
    );
    std::fs::write(pasted.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(pasted.join("src/main.rs"), program).unwrap();
    // The versions that are tested here.
    std::fs::copy(root.join("Cargo.lock"), pasted.join("Cargo.lock")).unwrap();
    assert_compiles(&pasted);
}

/// Returns the first block of a text in a language.
fn block(text: &str, language: &str) -> String {
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap();
    let (block, _) = rest.split_once("\n```").unwrap();
    format!("{block}\n")
}

fn assert_compiles(folder: &PathBuf) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--target-dir"])
        .arg(folder.join("target"))
        .current_dir(folder)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
}
