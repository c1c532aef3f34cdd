//! The drivers on SQLite, PostgreSQL and MariaDB. A database that cannot be reached fails its tests: nothing is skipped.
#![cfg(all(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "testing"
))]

#[path = "databases/database.rs"]
mod database;
#[path = "databases/interleavings.rs"]
mod interleavings;
#[path = "databases/rows.rs"]
mod rows;
#[path = "databases/unchanged.rs"]
mod unchanged;
