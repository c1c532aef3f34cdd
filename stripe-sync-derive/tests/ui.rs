//! Every mistake and its message: one file a mistake under `tests/ui`, its message beside it.
//!
//! `TRYBUILD=overwrite cargo test -p stripe-sync-derive --test ui` writes the messages anew. Read them before they are
//! committed: one mistake is one error, at the user's token, and says what to write instead.

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/*.rs");
    if !cfg!(feature = "mysql") {
        cases.compile_fail("tests/ui/*/feature_off/*.rs");
    }
}
