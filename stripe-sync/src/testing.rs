//! The fake Stripe of the crate [`fake_stripe`], and clients of it.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
//!
//! let fake = FakeStripe::builder().seed(42).start().await?;
//! fake.generate("customer", 250)?;
//! let stripe = fake.stripe()?;
//! # Ok(())
//! # }
//! ```

#[doc(inline)]
pub use fake_stripe::*;

use crate::client::{ConfigError, RateBudget, Stripe, StripeBuilder};

/// Clients of a [`FakeStripe`].
pub trait FakeStripeExt {
    /// A client with the first account's key and without a rate budget, for a syncer.
    ///
    /// # Errors
    /// None: the key and the address are in order.
    fn stripe(&self) -> Result<Stripe, ConfigError> {
        self.stripe_builder().build()
    }

    /// The builder of such a client, for further settings.
    fn stripe_builder(&self) -> StripeBuilder;
}

impl FakeStripeExt for FakeStripe {
    fn stripe_builder(&self) -> StripeBuilder {
        Stripe::builder(self.secret_key())
            .base_url(self.base_url())
            .budget(RateBudget::unlimited())
    }
}
