//! A table ends equal to Stripe, whatever happens on the way: objects change while they are read, answers fail, and the
//! process that reads them is killed and started again.
#![cfg(all(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "testing"
))]

#[path = "convergence/account.rs"]
mod account;
#[path = "convergence/changes.rs"]
mod changes;
#[path = "convergence/child.rs"]
mod child;
#[path = "databases/database.rs"]
mod database;
#[path = "convergence/histories.rs"]
mod histories;
#[path = "convergence/leases.rs"]
mod leases;
#[path = "convergence/models.rs"]
mod models;
#[path = "convergence/process.rs"]
mod process;
#[path = "convergence/processes.rs"]
mod processes;
#[path = "convergence/truth.rs"]
mod truth;
