//! Commands over six models, for SQLite, PostgreSQL, MySQL and MariaDB.
//!
//! ```text
//! export STRIPE_SECRET_KEY=sk_test_...
//! cargo run -p commands -- sync                       # into stripe.db
//! cargo run -p commands -- status
//! cargo run -p commands -- listen --forward-to localhost:3000/stripe/webhook
//! cargo run -p commands -- --help
//! ```

mod models;

use std::process::ExitCode;

fn main() -> ExitCode {
    stripe_sync_cli::run(models::all())
}
