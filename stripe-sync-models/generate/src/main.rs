//! Writes the generated files of `stripe-sync-models`: its structs, and the pages that describe them.
//!
//! ```text
//! cargo run -p stripe-sync-models-generate
//! ```
//!
//! Sources: Stripe's schema (`stripe-sync-schema`), and the files in `data`, which hold what the schema does not carry: which
//! group a resource belongs to, which members of large objects are columns, and what each column means.

mod choices;
mod columns;
mod error;
mod files;
mod names;
mod pages;
mod plan;
mod registry;
mod source;
mod sync_engine;
mod words;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    match files::write(folder) {
        Ok(changed) => {
            println!("{changed} files changed");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
