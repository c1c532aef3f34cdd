//! What goes wrong between Stripe and a table, one test a trap, against the fake Stripe. Each ends with the table compared to
//! the truth.
#![cfg(all(feature = "sqlite", feature = "testing"))]

#[path = "traps/backfill.rs"]
mod backfill;
#[path = "traps/batches.rs"]
mod batches;
#[path = "traps/hidden.rs"]
mod hidden;
#[path = "traps/inline.rs"]
mod inline;
#[path = "traps/items.rs"]
mod items;
#[path = "traps/keys.rs"]
mod keys;
#[path = "traps/lists.rs"]
mod lists;
#[path = "traps/mirror.rs"]
mod mirror;
#[path = "traps/models.rs"]
mod models;
#[path = "traps/parents.rs"]
mod parents;
#[path = "traps/refused.rs"]
mod refused;
#[path = "traps/runs.rs"]
mod runs;
#[path = "traps/trouble.rs"]
mod trouble;
#[path = "traps/vanished.rs"]
mod vanished;
