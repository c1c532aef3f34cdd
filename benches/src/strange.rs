//! What the fake Stripe of a benchmark holds besides usual objects.

use stripe_sync::testing::{Nasty, NastyKind};

/// Of the objects that are made up, this share is strange.
const SHARE: f64 = 0.05;

/// Every kind but texts with NUL, which PostgreSQL does not store.
pub fn strange() -> Nasty {
    Nasty::new(SHARE).without([NastyKind::Nul])
}
