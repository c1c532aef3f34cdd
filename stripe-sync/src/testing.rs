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

use serde_json::Value;

use crate::client::{ConfigError, RateBudget, Stripe, StripeBuilder};
use crate::object::secret;

/// An object of the fake as a `raw` column keeps it: without client secrets, numbers of cards, and what else no table holds.
///
/// ```
/// use serde_json::json;
/// use stripe_sync::testing::without_secrets;
///
/// let intent = json!({"object": "payment_intent", "client_secret": "pi_1_secret_2", "amount": 500});
/// assert_eq!(without_secrets(intent), json!({"object": "payment_intent", "amount": 500}));
/// ```
pub fn without_secrets(object: Value) -> Value {
    let json = secret::without_secrets(object.to_string().into());
    // What was JSON still is.
    serde_json::from_slice(&json).unwrap_or(object)
}

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
