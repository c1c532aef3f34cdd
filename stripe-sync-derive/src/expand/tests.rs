//! Whole expansions, compared with the small one in the docs and the others in the workspace's `tests/snapshots`.
//! `SNAPSHOTS=overwrite` writes them again.

mod children;
mod places;

use std::path::Path;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::database::Database;

fn expand(source: &str, enabled: &[Database]) -> TokenStream {
    let input: DeriveInput = syn::parse_str(source).unwrap();
    crate::expansion(&input, enabled)
}

fn snapshot(name: &str, source: &str, enabled: &[Database]) {
    let tokens = expand(source, enabled);
    let file: syn::File = syn::parse2(tokens).unwrap();
    let text = format!(
        "// What the derive makes of:\n//\n{}\n{}",
        source
            .trim()
            .lines()
            .map(|line| format!("//     {line}\n"))
            .collect::<String>(),
        prettyplease::unparse(&file)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{} is not what the derive emits; if that is meant, run the tests with SNAPSHOTS=overwrite and read the change:\n{text}",
        path.display()
    );
}

#[test]
fn a_small_struct() {
    snapshot(
        "src/docs/small.rs",
        r#"
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    created: DateTime<Utc>,
}
"#,
        &[Database::Sqlite],
    );
}

#[test]
fn paths_and_attributes() {
    snapshot(
        "../tests/snapshots/attributes.rs",
        r#"
#[stripe(object = "subscription", table = "billing.subscriptions", rename_all = "camelCase", filter(status = "active", price = "price_1"), on_delete = hard)]
struct Subscription {
    #[stripe(id, parse)]
    stripe_id: SubscriptionId,
    customer: String,
    #[stripe(path = items.data[0].price.id)]
    price: Option<String>,
    #[stripe(path = items.data[0].quantity, default = 1)]
    quantity: i64,
    #[stripe(path = metadata."tenant-id")]
    tenant: Option<String>,
    #[stripe(path = items, with = count)]
    item_count: i64,
    #[stripe(raw, sql_type = "jsonb")]
    whole: Json<Value>,
    #[stripe(account)]
    account: String,
    #[stripe(livemode)]
    livemode: bool,
    #[stripe(synced_at)]
    synced_at: Option<DateTime<Utc>>,
    #[stripe(local)]
    notes: Option<String>,
}
"#,
        &[Database::Postgres],
    );
}

#[test]
fn references_indexes_comments_and_members() {
    snapshot(
        "../tests/snapshots/columns.rs",
        r#"
/// What was billed.
///
/// More than one paragraph.
#[stripe(object = "invoice", table = "invoices", index(customer, total), unique(number))]
struct Invoice {
    id: String,
    #[stripe(references = Customer)]
    customer: Option<String>,
    /// The number that the customer sees.
    number: Option<String>,
    #[stripe(index)]
    total: i64,
    #[stripe(with(currency, total) = money)]
    money: String,
    discounts: Vec<String>,
}
"#,
        &[Database::Sqlite],
    );
}

#[test]
fn hooks() {
    snapshot(
        "../tests/snapshots/hooks.rs",
        r#"
#[stripe(
    object = "product",
    table = "products",
    database = mysql,
    crate = mirror,
    pre_set_default = clean,
    set_default = make,
    post_set_default = complete,
    sync = write,
    after_commit = changed
)]
struct Product {
    id: String,
}
"#,
        &Database::ALL,
    );
}

#[test]
fn a_renamed_runtime_is_named_nowhere() {
    let source = r#"
#[stripe(object = "product", table = "products", database = sqlite, crate = mirror, sync = write, after_commit = changed)]
struct Product {
    id: String,
    #[stripe(local, sql_type = "citext")]
    notes: Notes,
}
"#;
    let text = expand(source, &Database::ALL).to_string();
    assert!(text.contains("mirror :: __private_"));
    assert!(!text.contains("stripe_sync ::"), "{text}");
}

/// What it is called with is the runtime's, whichever databases are enabled, if any is.
#[test]
fn a_sync_hook_without_a_database_serves_all() {
    let source = r#"
#[stripe(object = "product", table = "products", sync = write)]
struct Product { id: String }
"#;
    for enabled in [&[][..], &[Database::MySql], &Database::ALL] {
        let text = expand(source, enabled).to_string();
        assert!(text.contains("SyncHook :: Any"), "{text}");
    }
}

#[test]
fn statements_are_written_for_the_enabled_databases_only() {
    let source = r#"
#[stripe(object = "product", table = "products")]
struct Product { id: String }
"#;
    let text = |enabled: &[Database]| expand(source, enabled).to_string();
    let none = ": :: core :: option :: Option :: None";
    let all = text(&Database::ALL);
    let one = text(&[Database::MySql]);
    for name in ["sqlite", "postgres"] {
        assert!(!all.contains(&format!("{name} {none}")));
        assert!(one.contains(&format!("{name} {none}")));
    }
    assert!(!one.contains(&format!("mysql {none}")));
}
