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
