//! What the property tests are about: an account with a share of strange objects.

use stripe_sync::testing::{Nasty, NastyKind};

/// Of the objects that are made up, this share is strange.
const SHARE: f64 = 0.2;

/// Every kind but texts with NUL: PostgreSQL stores none, so a table with one cannot equal Stripe. `values.rs` has them.
pub(crate) fn strange() -> Nasty {
    Nasty::new(SHARE).without([NastyKind::Nul])
}
