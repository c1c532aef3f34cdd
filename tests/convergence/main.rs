//! A table ends equal to Stripe, whatever happens on the way: objects change while they are read, answers fail, and the
//! process that reads them is killed and started again.

mod account;
mod changes;
mod child;
mod clocks;
#[path = "../databases/database.rs"]
mod database;
mod earlier;
mod elements;
mod histories;
mod leases;
mod lives;
#[path = "../databases/lost.rs"]
mod lost;
mod models;
mod process;
mod processes;
#[path = "../databases/strange.rs"]
mod strange;
mod troubles;
mod truth;
mod verified;
