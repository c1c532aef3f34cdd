//! The drivers on SQLite, PostgreSQL and MariaDB. A database that cannot be reached fails its tests: nothing is skipped.

mod database;
mod interleavings;
mod rows;
mod unchanged;
