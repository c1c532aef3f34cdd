//! Lists whose elements are rows: that of the parent, of its children, and of elements without an id.

use super::snapshot;
use crate::database::Database;

#[test]
fn a_parent() {
    snapshot(
        "../tests/snapshots/parent.rs",
        r#"
#[stripe(object = "customer", table = "customers", after_commit = changed)]
struct Customer {
    id: String,
    #[stripe(children, expand, path = sources)]
    cards: Vec<Card>,
    #[stripe(children, expand, path = sources)]
    bank_accounts: Vec<BankAccount>,
    email: Option<String>,
}
"#,
        &[Database::Sqlite],
    );
}

#[test]
fn a_child() {
    snapshot(
        "../tests/snapshots/child.rs",
        r#"
#[stripe(object = "line_item", table = "lines", index(amount, currency))]
struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    amount: i64,
    currency: String,
}
"#,
        &[Database::Sqlite],
    );
}

#[test]
fn an_element() {
    snapshot(
        "../tests/snapshots/element.rs",
        r#"
#[stripe(object = "price.tiers", table = "price_tiers")]
struct PriceTier {
    #[stripe(livemode)]
    livemode: bool,
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
    up_to: Option<i64>,
}
"#,
        &Database::ALL,
    );
}
