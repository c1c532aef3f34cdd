//! The drivers on SQLite, PostgreSQL and MariaDB. A database that cannot be reached fails its tests: nothing is skipped.

mod broken;
mod claims;
mod database;
mod interleavings;
mod lost;
mod owners;
mod places;
mod proxy;
mod rights;
mod rows;
mod spans;
mod tokens;
mod unchanged;
mod versions;
