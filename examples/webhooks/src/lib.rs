//! An axum service whose tables follow Stripe's webhooks.
//!
//! | module | what it does |
//! |---|---|
//! | [`models`] | the structs that are mirrored |
//! | [`audit`] | a handler inside the transaction: a row for each event |
//! | [`endpoint`] | makes the endpoint at Stripe that posts to this service |
//! | [`routes`] | the webhook's route, a customer, the metrics |
//! | [`service`] | puts these together |

pub mod audit;
pub mod endpoint;
pub mod models;
pub mod routes;
pub mod service;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
