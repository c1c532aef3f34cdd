//! Column types of your own, from the most work to the least.
//!
//! | type | how it becomes a column |
//! |---|---|
//! | [`Status`](status::Status) | an enum that implements `ColumnType` and `FromEnum` |
//! | [`ProductId`](product_id::ProductId) | a newtype that implements `ColumnType`, `FromText` and `FromReference` |
//! | [`Currency`](currency::Currency) | `#[stripe(parse)]`: it has `FromStr` and `Display` |
//! | [`Recurring`](models::Recurring) | `#[stripe(json)]`: it has serde's traits |
//! | a number in the metadata | `#[stripe(with = function)]` |
//! | `rust_decimal::Decimal` | nothing to do |

pub mod currency;
pub mod models;
pub mod product_id;
pub mod status;
