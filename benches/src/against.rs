//! Whether this tree is worse than a revision of it: `scripts/bench-against` builds the same contestants, in
//! `benches/against`, with the library of each, and the referee has them take turns.

pub mod comparison;
pub mod contestant;
pub mod first_build;
pub mod progress;
pub mod task;
