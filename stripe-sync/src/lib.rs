//! Mirror Stripe into your own tables.

pub mod client;
