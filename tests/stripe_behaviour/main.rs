//! What goes wrong between Stripe and a table, one test a trap, against the fake Stripe. Each ends with the table compared to
//! the truth.

#[macro_use]
#[path = "../databases/each.rs"]
mod each;

mod backfill;
mod batches;
mod bottlenecks;
mod budget;
mod children;
#[path = "../databases/database.rs"]
mod database;
mod endless;
mod expanded;
mod flight;
mod gone;
mod hidden;
mod inline;
mod items;
mod keys;
mod lists;
#[allow(dead_code, reason = "nothing is lost here")]
#[path = "../databases/lost.rs"]
mod lost;
mod mirror;
mod models;
mod once;
mod parents;
mod refused;
mod resumed;
#[path = "../databases/rows.rs"]
mod rows;
mod runs;
mod stopping;
mod trouble;
mod vanished;
