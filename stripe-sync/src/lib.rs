//! Mirror Stripe into your own tables.
