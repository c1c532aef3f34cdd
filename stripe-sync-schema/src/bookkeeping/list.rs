//! The list of bookkeeping tables.
//!
//! The only place that names their columns and types: the statements that create them on each database follow from it.
//! Moments are milliseconds of the database's clock where nothing else is said. A token is a number of the clock: of two
//! tokens the larger one was taken later, in whatever process.
//!
//! A change of this list is a new [`VERSION`] and a step in [`migration`](super::migration). A table, an index or a column
//! that is added needs neither, where who does not know it need not write it: a program that knows it creates it, and one that does not leaves
//! it alone.

mod live;
mod mirror;

use super::table::{Column, Table, Type};

/// The version of this list, as the table `version` keeps it. Version 0 had no such table; version 1 had the inbox as
/// `events`, keyed by the account too.
pub(super) const VERSION: i64 = 2;

/// Indexes that tables of this version had once, each with its table.
pub(super) const OLD_INDEXES: &[(&str, &str)] = &[
    ("inbox", "inbox_of"),
    ("inbox", "inbox_done"),
    ("work", "work_due"),
    ("changes", "changes_at"),
];

/// The table that is a sequence on PostgreSQL.
pub(super) const CLOCK: &str = "clock";
/// The table whose row says which version the tables have.
pub(super) const VERSION_TABLE: &str = "version";
/// PostgreSQL's function that takes the next token.
pub(super) const NEXT_TOKEN: &str = "next_token";
/// PostgreSQL's function that leaps over tokens.
pub(super) const SKIP_TOKENS: &str = "skip_tokens";

const ACCOUNT: Column = Column::given("account", Type::Key);
const LIVEMODE: Column = Column::given("livemode", Type::Boolean);
const TABLE_NAME: Column = Column::given("table_name", Type::TableName);
const ID: Column = Column::given("id", Type::Key);
const OBJECT: Column = Column::given("object", Type::Object);
const OBJECT_ID: Column = Column::given("object_id", Type::Key);
const SEQ: Column = Column::given("seq", Type::Sequence);

/// The key of one object of a mirrored table.
const OBJECT_OF_TABLE: &[&str] = &["table_name", "account", "livemode", "id"];

/// Returns all bookkeeping tables, in the order in which they are created.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    mirror::TABLES.iter().chain(live::TABLES)
}
