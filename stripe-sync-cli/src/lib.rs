//! Commands over your own [`stripe-sync`](stripe_sync) models: what a service's tables need besides the service.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use stripe_sync::{Registry, StripeSync};
//!
//! #[derive(StripeSync)]
//! #[stripe(object = "customer", table = "customers")]
//! struct Customer {
//!     id: String,
//!     email: Option<String>,
//! }
//!
//! fn main() -> ExitCode {
//!     stripe_sync_cli::run(Registry::new().model::<Customer>())
//! }
//! ```
//!
//! | command | what it does |
//! |---|---|
//! | `sync` | mirrors resources, or single objects by their ids |
//! | `events` | lists, shows, fetches and replays events |
//! | `listen` | forwards the account's events to a local service, without a tunnel |
//! | `webhook` | lists, creates, rotates and deletes webhook endpoints |
//! | `status` | shows how far each table is behind Stripe, and what failed |
//! | `migrate` | prints, runs and checks the statements of the tables |
//! | `config` | prints the settings in effect, and where each comes from |
//! | `completions`, `man` | print a shell's completions, and the manual |
//!
//! Standard output has the data, standard error what is said besides. The exit code is one of [`Exit`]'s.
//!
//! # Features
//!
//! `sqlite` (the default), `postgres` and `mysql`: the databases that `--database` may name.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("stripe-sync-cli needs one of its features `sqlite`, `postgres` and `mysql`");

mod arguments;
mod commands;
mod connect;
mod exit;
mod failure;
mod key;
mod logging;
mod models;
mod moment;
mod output;
mod program;
mod settings;
mod signals;

pub use exit::Exit;
pub use program::{Program, run};
