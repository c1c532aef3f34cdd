//! Rules that depend on the enabled databases. Every other rule has a file in the
//! workspace's `tests/ui`, with the place of its message.

mod expand;

use crate::database::Database;

/// The messages for a struct with these attributes and fields.
fn messages(attributes: &str, fields: &str, enabled: &[Database]) -> Vec<String> {
    let source = format!(
        "#[stripe(object = \"customer\", table = \"customers\", {attributes})] struct Customer {{ id: String, {fields} }}"
    );
    let input: syn::DeriveInput = syn::parse_str(&source).unwrap();
    let text = crate::expansion(&input, enabled).to_string();
    text.split("compile_error ! {")
        .skip(1)
        .filter_map(|error| error.split('"').nth(1).map(str::to_owned))
        .collect()
}

fn long_column(letters: usize) -> String {
    format!(
        "#[stripe(path = name)] {}: Option<String>",
        "n".repeat(letters)
    )
}

#[test]
fn a_name_fits_the_databases_of_its_struct() {
    let all = &Database::ALL;
    assert_eq!(messages("", &long_column(63), all), [""; 0]);
    let message = messages("", &long_column(64), all).join("");
    assert!(
        message.contains("has 64 bytes, and PostgreSQL keeps 63"),
        "{message}"
    );
    assert_eq!(messages("database = mysql", &long_column(64), all), [""; 0]);
    let message = messages("database = mysql", &long_column(65), all).join("");
    assert!(
        message.contains("has 65 letters, and MySQL takes 64"),
        "{message}"
    );
    assert_eq!(
        messages("database = sqlite", &long_column(200), all),
        [""; 0]
    );
}

#[test]
fn a_database_needs_its_feature() {
    for database in Database::ALL {
        let attributes = format!("database = {}", database.word());
        assert_eq!(messages(&attributes, "", &[database]), [""; 0]);
        let message = messages(&attributes, "", &[]).join("");
        let expected = format!("the feature `{}` of `stripe-sync` is off", database.word());
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn a_sync_hook_needs_no_database() {
    for enabled in [&[][..], &[Database::MySql], &Database::ALL] {
        assert_eq!(messages("sync = write", "", enabled), [""; 0]);
    }
}

#[test]
fn names_of_the_bookkeeping_are_free_without_it() {
    let fields = "#[stripe(local)] stripe_hash: i64";
    assert_eq!(messages("", fields, &Database::ALL).len(), 1);
    assert_eq!(messages("unversioned", fields, &Database::ALL), [""; 0]);
    let own = "#[stripe(deleted_at)] stripe_deleted_at: Option<DateTime<Utc>>";
    assert_eq!(messages("", own, &Database::ALL), [""; 0]);
}
