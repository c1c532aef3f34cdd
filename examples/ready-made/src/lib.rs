//! A service on three ready-made models: prices and subscriptions as they come, and customers as the service's own users.

pub mod service;
pub mod user;

/// What a start or a request fails with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
