//! The drivers on SQLite, PostgreSQL and MariaDB. A database that cannot be reached fails its tests: nothing is skipped.

mod broken;
mod database;
mod filtered;
mod filters;
mod interleavings;
mod places;
mod proxy;
mod rights;
mod rows;
mod spans;
mod unchanged;
mod versions;
