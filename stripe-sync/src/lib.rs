//! Mirror Stripe into your own tables.

#[cfg(feature = "testing")]
pub mod testing;
