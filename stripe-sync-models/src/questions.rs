//! What programs ask of a row: whether a subscription is active, an invoice overdue, and what a customer may use.
//!
//! The answers are those of the row, which is as old as its last sync. A moment in the past is answered by the times that the row
//! has: what it does not say, such as a month in which a subscription was past due, is not known.

mod entitlement;
mod invoice;
mod subscription;

pub use entitlement::entitled_features;
