//! Every mistake and its message: one file a mistake in a folder of its kind, its message beside it.
//!
//! `TRYBUILD=overwrite cargo test -p stripe-sync-tests --test ui` writes the messages anew. Read them before they are
//! committed: one mistake is one error, at the user's token, and says what to write instead.

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/*.rs");
    if !cfg!(feature = "mysql") {
        cases.compile_fail("ui/*/feature_off/*.rs");
    }
}

/// The case that shows that one mistake does not hide the others.
const SEVERAL: &str = "several_mistakes_at_once.stderr";

#[test]
fn one_mistake_is_one_error() {
    let mut cases = 0;
    let mut folders = vec![std::path::PathBuf::from("ui")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "stderr")
                && !path.ends_with(SEVERAL)
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let errors = text.lines().filter(|line| line.starts_with("error"));
                assert_eq!(errors.count(), 1, "{}", path.display());
                cases += 1;
            }
        }
    }
    assert!(cases >= 200, "{cases}");
}
