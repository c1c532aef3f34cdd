//! What goes wrong between Stripe and a table, one test a trap, against the fake Stripe. Each ends with the table compared to
//! the truth.

mod backfill;
mod batches;
mod bottlenecks;
mod budget;
mod endless;
mod expanded;
mod flight;
mod gone;
mod hidden;
mod inline;
mod items;
mod keys;
mod lists;
mod mirror;
mod models;
mod once;
mod parents;
mod refused;
mod resumed;
mod runs;
mod stopping;
mod trouble;
mod vanished;
