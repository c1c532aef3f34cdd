//! Lists whose elements are rows: that of the parent, of its children, and of elements without an id.

use std::collections::HashSet;

use super::{expand, snapshot};
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

/// What follows `fingerprint :` in the expansion.
fn fingerprint(source: &str) -> String {
    let text = expand(source, &[Database::Sqlite]).to_string();
    let (_, after) = text.split_once("fingerprint : ").unwrap();
    let (number, _) = after.split_once(',').unwrap();
    number.to_owned()
}

#[test]
fn lists_and_parents_are_part_of_the_fingerprint() {
    let parent = |children: &str| {
        fingerprint(&format!(
            r#"#[stripe(object = "subscription", table = "rows")] struct Row {{ id: String, {children} }}"#
        ))
    };
    let child = |attribute: &str| {
        fingerprint(&format!(
            r#"#[stripe(object = "item", table = "rows")] struct Row {{ id: String, #[stripe({attribute})] of: String }}"#
        ))
    };
    let all = [
        parent(""),
        parent("#[stripe(children)] items: Vec<Item>"),
        parent("#[stripe(children, path = items)] rows: Vec<Item>"),
        parent("#[stripe(children, path = billing_schedules)] items: Vec<Item>"),
        child(r#"parent = "quote""#),
        child(r#"parent = "payment_link""#),
        child("path = object"),
    ];
    let different: HashSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "{all:?}");
}
