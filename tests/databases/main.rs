//! The drivers on SQLite, PostgreSQL and MariaDB. A database that cannot be reached fails its tests: nothing is skipped.

#[macro_use]
mod each;

mod broken;
mod claims;
mod columns;
mod database;
mod deletions;
mod failed;
mod filtered;
mod filters;
mod hooked;
mod interleavings;
mod lost;
mod namespaces;
mod notified;
mod owners;
mod partitions;
mod places;
mod proxy;
mod references;
mod refused;
mod remap;
mod rights;
mod rows;
mod sets;
mod spans;
mod strange;
mod tokens;
mod unchanged;
mod values;
mod verified;
mod verify;
mod versions;
