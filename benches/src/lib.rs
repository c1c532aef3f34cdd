//! What the benchmarks of stripe-sync share: the objects, the structs that mirror them, and the timing.
//!
//! Each benchmark prints ratios of contestants that took turns in one run, because only those carry over to another
//! machine. `docs/benchmarks.md` says how to run them and what they showed.

pub mod against;
pub mod backfill;
pub mod children;
pub mod customers;
pub mod database;
pub mod generated;
pub mod inbox;
pub mod list;
pub mod live;
pub mod models;
pub mod objects;
pub mod process;
pub mod resources;
pub mod rounds;
pub mod strange;

/// Whether `cargo bench` runs this, and not `cargo test --all-targets`, which runs benchmarks too.
pub fn asked_for() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}
